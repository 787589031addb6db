"""Parts that are not of the run in which they stand are refused, by part and field, by whoever reads them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from calibration import Item, extract, import_log, merge_runs, read_run
from calibration.files.atomic import read_table, write_parquet
from calibration.models.local.transformers_model import LocalModel
from calibration.runs.folder import Run
from calibration.runs.manifests import write_manifest
from calibration.runs.run_writer import RunWriter
from factuality import Question, ask, read_multiple_choice, read_responses, truthfulqa_mc
from factuality.answers.responses import RESPONSES
from tests import tiny
from tests.conftest import KEPT

ITEMS = tiny.items(8)
PART = "parts/part-000000.parquet"
QUESTIONS = [
    Question(f"q/{number}", "law", f"What is true of {number}?", (f"one {number}",), ("two", "three")[: 1 + number % 2])
    for number in range(4)
]


@pytest.fixture(scope="module")
def model() -> LocalModel:
    return tiny.model()


@pytest.fixture(scope="module")
def runs(model: LocalModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of one model, and others whose parts may come among theirs."""
    folder = tmp_path_factory.mktemp("runs")
    extract(model, ITEMS, out=folder / "run")
    extract(tiny.model("gpt2"), ITEMS, out=folder / "model")
    extract(model, tiny.items(2, subjects=("lakes", "seas")), out=folder / "items")
    extract(model, ITEMS, style="chat", out=folder / "style")
    changed = [Item(item.id, item.subject, item.question, ("other", *item.options[1:]), item.answer) for item in ITEMS]
    extract(model, changed, out=folder / "text")
    extract(model, ITEMS, permutations="cyclic", out=folder / "rotated")
    for number in (1, 2):
        extract(model, ITEMS, shard=(number, 2), out=folder / f"shard-{number}")
    for name, asked in (("answers", QUESTIONS), ("other answers", QUESTIONS[:2])):
        ask(model, asked, samples=2, temperature=1.0, max_new_tokens=3, out=folder / name)
    ask(model, QUESTIONS, samples=3, temperature=1.0, max_new_tokens=3, out=folder / "more answers")
    truthfulqa_mc(model, QUESTIONS, out=folder / "choices")
    truthfulqa_mc(model, QUESTIONS, primer="qa-6", out=folder / "other choices")
    return folder


@pytest.fixture
def copied(runs: Path, tmp_path: Path) -> Callable[[str], Path]:
    return lambda name: Path(shutil.copytree(runs / name, tmp_path / name))


def change(run: Path, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
    """Other rows in the part of a run, as if the run had written them."""
    stored = read_table(run / PART)
    write_parquet(change(stored.frame), run / PART, mark=stored.mark)


Read = Callable[[Path], object]
READERS: dict[str, Read] = {
    "run": read_run,
    "rotated": read_run,
    "answers": read_responses,
    "choices": read_multiple_choice,
}


@pytest.mark.parametrize(
    ("name", "foreign", "message"),
    [
        ("run", "model", r"item 'history/0': the model must be that of run\.json, 'tiny-llama'; got model 'tiny-gpt2'"),
        ("run", "items", r"item 'lakes/0': the item must be one that the run asks; got item 'lakes/0'"),
        ("run", "style", r"item 'history/0': its part must be written with the settings of run\.json, and was written"),
        (
            "run",
            "text",
            r"item 'history/0': the content must be the hash .*; got content '\w+', content asked '\w+'",
        ),
        ("run", "rotated", r"item 'history/0': the options must be in their own order; got order \[1, 2, 3, 0\]"),
        ("run", "answers", r"a part of a run of predictions must have the columns item, subject, .*, and lacks them"),
        ("answers", "run", r"a part of a run of responses must have the columns question, sample, .*, and lacks them"),
        ("answers", "more answers", r"question 'q/\d': the sample must be from 0 to 1; got sample 2"),
        ("answers", "other answers", r"question 'q/0': its part must be written with the settings of run\.json"),
        ("choices", "other choices", r"question 'q/0': its part must be written with the settings of run\.json"),
    ],
)
@pytest.mark.parametrize("beside", [True, False])
def test_a_part_of_another_run(
    name: str, foreign: str, message: str, *, beside: bool, runs: Path, copied: Callable[[str], Path]
) -> None:
    """In place of the run's own part, or beside it."""
    run = copied(name)
    part = run / (PART.replace("0.parquet", "1.parquet") if beside else PART)
    shutil.copy(runs / foreign / PART, part)
    with pytest.raises(ValueError, match=rf"{part.name}(: |, ){message}"):
        READERS[name](run)


def test_a_foreign_part_is_refused_when_the_run_is_continued(
    model: LocalModel, runs: Path, copied: Callable[[str], Path], tmp_path: Path
) -> None:
    run = copied("run")
    shutil.copy(runs / "items" / PART, run / "parts" / "part-000001.parquet")
    message = r"part-000001\.parquet, item 'lakes/0': the item must be one that the run asks; .*take the part away"
    with pytest.raises(ValueError, match=message):
        extract(model, ITEMS, out=run)
    shard = copied("shard-1")
    shutil.copy(runs / "items" / PART, shard / "parts" / "part-000001.parquet")
    with pytest.raises(ValueError, match=message):
        merge_runs([shard, runs / "shard-2"], out=tmp_path / "merged")
    assert not (tmp_path / "merged").exists()
    (shard / "parts" / "part-000001.parquet").unlink()
    merged = merge_runs([shard, runs / "shard-2"], out=tmp_path / "merged")
    assert merged.predictions().frame.equals(read_run(runs / "run").frame)


def test_a_part_that_stands_twice_is_refused_by_both_names(copied: Callable[[str], Path]) -> None:
    for name, row in (("run", "item in each order"), ("answers", "question in each sample"), ("choices", "question")):
        run = copied(name)
        shutil.copy(run / PART, run / "parts" / "part-000007.parquet")
        key, _, turn = row.partition(" in each ")
        with pytest.raises(
            ValueError,
            match=rf"each {key} must be answered once{f' in each {turn}' if turn else ''}, '.*' stands in .*"
            r"part-000000\.parquet and .*part-000007\.parquet; take one of these parts away, and the command that made",
        ):
            READERS[name](run)


CHANGES: dict[str, tuple[str, pl.Expr, str]] = {
    "answer": ("run", pl.lit(1, pl.Int8).alias("answer"), "the right option must be that of the item; got order"),
    "subject": ("run", pl.lit("x").alias("subject"), "the subject must be that of the item; got subject 'x'"),
    "revision": ("run", pl.lit("x").alias("revision"), "the revision must be that of run.json, ''; got revision 'x'"),
    "no model": ("run", pl.lit(None).alias("model"), "the model must be that of run.json, .*; got model None"),
    "order": ("rotated", pl.col("order").list.reverse(), "the options must be in a rotation of their own order"),
    "scores": ("choices", pl.col("incorrect_logprobs").list.head(1), "a log-probability of every incorrect answer"),
    "sample": ("answers", pl.col("sample") - 1, "the sample must be from 0 to 1; got sample -1"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_rows_that_do_not_fit_what_was_asked(name: str, copied: Callable[[str], Path]) -> None:
    kind, values, message = CHANGES[name]
    run = copied(kind)
    change(run, lambda frame: frame.with_columns(values))
    with pytest.raises(ValueError, match=rf"part-000000\.parquet, \w+ '.*': .*{message}"):
        READERS[kind](run)


def test_a_part_answers_the_prompts_that_are_asked(model: LocalModel, copied: Callable[[str], Path]) -> None:
    """Of a run that is only read, nobody knows the prompts any more."""
    again: dict[str, Callable[[Path], object]] = {
        "run": lambda out: extract(model, ITEMS, out=out),
        "answers": lambda out: ask(model, QUESTIONS, samples=2, temperature=1.0, max_new_tokens=3, out=out),
        "choices": lambda out: truthfulqa_mc(model, QUESTIONS, out=out),
    }
    for name, command in again.items():
        run = copied(name)
        command(run)
        change(run, lambda frame: frame.with_columns(prompt=pl.lit("another")))
        with pytest.raises(ValueError, match=r"part-000000\.parquet, \w+ '.*': the prompt must be the one that is ask"):
            command(run)


def test_a_part_without_its_checksum_is_refused(copied: Callable[[str], Path]) -> None:
    for name, read in READERS.items():
        run = copied(name)
        pl.read_parquet(run / PART).write_parquet(run / PART)
        with pytest.raises(ValueError, match=r"part-000000\.parquet: must carry its checksum, since run\.json names"):
            read(run)


@pytest.mark.parametrize("name", ["letters", "letters-rotated", "imported", "answers", "truthfulqa"])
def test_the_parts_of_kept_runs_must_carry_theirs_too(name: str, tmp_path: Path) -> None:
    run = Path(shutil.copytree(KEPT / name, tmp_path / "run"))
    pl.read_parquet(run / PART).write_parquet(run / PART)
    reader = {"answers": "answers", "truthfulqa": "choices"}.get(name, "run")
    with pytest.raises(ValueError, match=r"part-000000\.parquet: must carry its checksum"):
        READERS[reader](run)


def test_runs_from_before_checksums_are_read(tmp_path: Path) -> None:
    """Their manifests name no version of veracal."""
    run = Path(shutil.copytree(KEPT / "letters", tmp_path / "run"))
    manifest = Run(run).manifest
    write_manifest({**manifest, "packages": {}}, run)
    pl.read_parquet(run / PART).write_parquet(run / PART)
    assert read_run(run).frame.equals(read_run(KEPT / "letters").frame)


def test_a_part_without_rows_is_continued_and_named(model: LocalModel, copied: Callable[[str], Path]) -> None:
    run = copied("run")
    whole = read_run(run).frame
    pl.read_parquet(run / PART).clear().write_parquet(run / PART)
    with pytest.raises(
        ValueError,
        match=r"run\.json: 'n_done' is 8, but the parts hold 0 \(no rows: .*part-000000\.parquet\)",
    ):
        read_run(run)
    assert extract(model, ITEMS, out=run).frame.equals(whole)
    assert read_run(run).frame.equals(whole)


def test_a_part_that_is_missing_is_missed(model: LocalModel, copied: Callable[[str], Path]) -> None:
    run = copied("answers")
    change(run, lambda frame: frame[:5])
    with pytest.raises(ValueError, match=r"run\.json: 'n_done' is 8, but the parts hold 5; the command that made"):
        read_responses(run)
    ask(model, QUESTIONS, samples=2, temperature=1.0, max_new_tokens=3, out=run)
    assert read_responses(run).frame.height == 8


def test_more_rows_than_a_recorded_run_has(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("id,logit_A,logit_B,answer\n0,2,1,A\n1,2,1,B\n")
    import_log(log, out=tmp_path / "run")
    frame = read_run(tmp_path / "run").frame
    RunWriter(tmp_path / "run").append(frame.with_columns(item=pl.col("item") + "x"))
    with pytest.raises(ValueError, match=r"run\.json: 'n_items' is 2, but the parts hold 4"):
        read_run(tmp_path / "run")


@pytest.mark.parametrize(
    "name",
    ["part-1.parquet", "part-x.parquet", "part-000001 (copy).parquet", "old.parquet", "part-00000²1.parquet"],
)
def test_other_names_are_no_parts(name: str, copied: Callable[[str], Path]) -> None:
    run = copied("run")
    (run / PART).rename(run / "parts" / name)
    with pytest.raises(ValueError, match=r"parts of a run are named like part-000000\.parquet; take this file away"):
        read_run(run)


def test_numbers_of_parts_may_have_gaps(model: LocalModel, copied: Callable[[str], Path]) -> None:
    run = copied("run")
    whole = read_run(run).frame
    change(run, lambda frame: frame[:3])
    (run / PART).rename(run / "parts" / "part-1000041.parquet")
    (run / "parts" / "._part-000000.parquet").write_bytes(b"of a file manager")
    assert extract(model, ITEMS, out=run).frame.equals(whole)
    assert (run / "parts" / "part-1000042.parquet").is_file()
    assert read_run(run).frame.equals(whole)


TEXTS: dict[str, tuple[str, Callable[[pl.DataFrame], pl.DataFrame], str]] = {
    "cut": ("run", lambda texts: texts[:5], r"items\.parquet: must hold the 8 texts that run\.json names"),
    "twice": (
        "run",
        lambda texts: pl.concat([texts[:7], texts[:1]]),
        r"each item must occur once, 'history/0' does",
    ),
    "question": (
        "run",
        lambda texts: texts.drop("content").with_columns(question=pl.lit("Another?")),
        r"items\.parquet: must hold the texts that run\.json names \(settings\.items '\w{16}'\), holds others",
    ),
    "answer": ("run", lambda texts: texts.with_columns(answer=0), r"must hold the texts .*settings\.items"),
    "column": ("run", lambda texts: texts.drop("question", "content"), r"items\.parquet: not readable \("),
    "cut questions": ("choices", lambda texts: texts[:2], r"questions\.parquet: must hold the 4 texts"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_another_run(name: str, copied: Callable[[str], Path]) -> None:
    kind, change, message = TEXTS[name]
    run = copied(kind)
    (file,) = run.glob("*.parquet")
    stored = read_table(file)
    write_parquet(change(stored.frame), file, mark=stored.mark)
    with pytest.raises(ValueError, match=message):
        READERS[kind](run)


NOT_ITS_TEXTS = r"\.parquet: must hold the texts that run\.json names \(settings\."


def test_a_table_of_texts_that_was_copied(runs: Path, copied: Callable[[str], Path]) -> None:
    run = copied("run")
    shutil.copy(runs / "text" / "items.parquet", run / "items.parquet")
    with pytest.raises(ValueError, match=f"items{NOT_ITS_TEXTS}"):
        READERS["run"](run)


def test_a_table_of_texts_with_another_mark(copied: Callable[[str], Path]) -> None:
    run = copied("choices")
    write_parquet(read_table(run / "questions.parquet").frame, run / "questions.parquet", mark="another")
    with pytest.raises(ValueError, match=f"questions{NOT_ITS_TEXTS}"):
        READERS["choices"](run)


def test_texts_without_their_checksum(copied: Callable[[str], Path]) -> None:
    run = copied("answers")
    pl.read_parquet(run / "questions.parquet").write_parquet(run / "questions.parquet")
    with pytest.raises(ValueError, match=r"questions\.parquet: must carry its checksum"):
        read_responses(run)


def test_a_run_whose_texts_are_kept_back_is_read(copied: Callable[[str], Path]) -> None:
    run = copied("run")
    whole = read_run(run).frame
    (run / "items.parquet").unlink()
    assert read_run(run).frame.sort("item").equals(whole.sort("item"))


def test_rows_that_no_model_can_have_said_name_the_run(copied: Callable[[str], Path]) -> None:
    run = copied("run")
    change(run, lambda frame: frame.with_columns(letter_mass=pl.lit(7.0, pl.Float32)))
    with pytest.raises(ValueError, match=r"run: letter_mass and other_form_mass must be probabilities"):
        read_run(run)


def test_another_kind_of_run_is_refused(runs: Path) -> None:
    with pytest.raises(ValueError, match="holds a run of responses, not of predictions"):
        read_run(runs / "answers")
    with pytest.raises(ValueError, match="holds a run of predictions, not of responses"):
        Run(runs / "run", RESPONSES).read_frame()
