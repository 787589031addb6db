"""Tables of runs: an import of an export is the same run."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import veracal as vc
from calibration import Pairs, Predictions
from calibration.logs.run_folders import write_rows
from calibration.runs.folder import Run
from calibration.runs.run_kinds import PAIRS, PREDICTIONS
from factuality import Judgments, grade, read_classifications, read_judgments, read_responses
from factuality.multiple_choice.likelihoods import read_multiple_choice
from factuality.rubrics.classifications import list_classes
from tests.factuality.rubrics.kept_rubric import RUBRIC
from tests.veracal.command_line import run as command
from tests.veracal.exports.runs_of_all_kinds import KEPT_RUNS, RUNS
from veracal.exports.exported_table import exported_table
from veracal.exports.run_contents import read_content

FORMATS = ["csv", "jsonl", "parquet"]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ids = texts.filter(lambda text: bool(text.strip()))


def notes(run: Path) -> dict[str, Any]:
    """What a run's manifest says beside the names and hashes of its own files."""
    manifest = Run(run).manifest
    own = {"model", "source", "format", "file", "n_items", "questions", "samples", "grader", "primer", "prompts"}
    settings = {name: value for name, value in manifest["settings"].items() if name not in own}
    return {"settings": settings, **{name: manifest.get(name) for name in ("origin", "remarks")}}


@pytest.mark.parametrize("run", sorted(path.name for path in KEPT_RUNS.iterdir() if path.is_dir()))
@pytest.mark.parametrize("format", FORMATS)
def test_kept_runs_come_back(run: str, format: str, tmp_path: Path) -> None:
    grader = {"graded": "match"}.get(run)  # one of several
    (file,) = vc.export_run(KEPT_RUNS / run, tmp_path / f"first.{format}", grader=grader).files
    vc.import_logs(file, tmp_path / "again")
    before, after = (
        exported_table(read_content(path, grader=grader)) for path in (KEPT_RUNS / run, tmp_path / "again")
    )
    assert after.equals(before)
    assert after.schema == before.schema
    settings = [notes(path)["settings"] for path in (KEPT_RUNS / run, tmp_path / "again")]
    assert (
        settings[1].items() >= {name: settings[0][name] for name in settings[0].keys() - {"items", "prompts"}}.items()
    )


def test_answers_and_questions_come_back(tmp_path: Path) -> None:
    RUNS["own verdicts"](tmp_path / "run")
    vc.export_run(tmp_path / "run", tmp_path / "a.csv")
    vc.import_logs(tmp_path / "a.csv", tmp_path / "again")
    before, after = (read_responses(tmp_path / name) for name in ("run", "again"))
    assert after.frame.equals(before.frame)
    assert after.questions == before.questions
    # What was graded by this package can be graded so again, with the same verdicts.
    again = grade(tmp_path / "again", grader="match")
    assert again.frame.equals(read_judgments(tmp_path / "run").frame)


def test_classes_of_a_rubric_come_back(tmp_path: Path) -> None:
    RUNS["classes"](tmp_path / "run")
    vc.export_run(tmp_path / "run", tmp_path / "a.csv")
    (imported,) = vc.import_logs(tmp_path / "a.csv", tmp_path / "again")
    (_, judge), *_ = list_classes(tmp_path / "run")
    assert list_classes(imported.path).keys() == list_classes(tmp_path / "run").keys()
    before, after = (read_classifications(tmp_path / name, RUBRIC, judge=judge) for name in ("run", "again"))
    assert after.frame.equals(before.frame)


@pytest.mark.parametrize("kind", ["pairs", "own verdicts"])
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_frames_of_exports_hold_no_settings(kind: str, suffix: str, tmp_path: Path) -> None:
    RUNS[kind](tmp_path / "run")
    (file,) = vc.export_run(tmp_path / "run", tmp_path / f"a{suffix}").files
    read: dict[str, Any] = {"pairs": Pairs.from_frame, "own verdicts": Judgments.from_frame}
    frame = read[kind](file).frame
    content = read_content(tmp_path / "run").content.frame
    assert frame.select(content.columns).equals(content)
    assert "veracal_run" not in frame.columns


@pytest.mark.parametrize(
    ("note", "message"),
    [
        ("[1]", "'veracal_run' must hold what veracal export writes"),
        ("{", "'veracal_run' must hold what veracal export writes"),
        ('{"settings": {"task": 1}}', "'veracal_run' must hold what veracal export writes"),
        ('{"remarks": "a"}', "'veracal_run' must hold what veracal export writes"),
    ],
)
def test_damaged_settings_are_refused(note: str, message: str, tmp_path: Path) -> None:
    RUNS["pairs"](tmp_path / "run")
    (file,) = vc.export_run(tmp_path / "run", tmp_path / "a.jsonl").files
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    lines[0]["veracal_run"] = note
    file.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"a\.jsonl: {message}"):
        vc.import_logs(file, tmp_path / "again")


def test_what_is_changed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = Pairs.from_arrays([0.5, 0.25], [0, 1], item=["a", "b"], model="m")
    columns = [pl.Series("day", [date(2026, 1, 2), None]), pl.Series("size", [1.0, math.inf])]
    write_rows(pairs.frame.with_columns(columns), tmp_path / "run", {"model": "m"}, kind=PAIRS)
    told = {name: vc.export_run(tmp_path / "run", tmp_path / f"a.{name}").remarks for name in FORMATS}
    dates = "dates and times become texts in day; parquet keeps them"
    infinite = "numbers that are infinite or NaN become empty in size; csv, parquet keep them"
    assert told == {"csv": (dates,), "jsonl": (dates, infinite), "parquet": ()}
    assert command("export", tmp_path / "run", "--format", "every-eval-ever", "--out", tmp_path / "b") == 0
    assert f"  {dates}" in capsys.readouterr().err


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    RUNS["own verdicts"](tmp_path / "run")
    grade(tmp_path / "run", grader="combined")
    done = vc.export_run(tmp_path / "run", tmp_path / "a.csv", grader="match")
    assert done.remarks == ("left out: verdicts of combined (--grader combined)",)
    with pytest.raises(ValueError, match="judged by combined, match; name one of these graders"):
        vc.export_run(tmp_path / "run", tmp_path / "b.csv")
    with pytest.raises(FileNotFoundError, match="no classes of a rubric 'Refusals'; there are: none"):
        vc.export_run(tmp_path / "run", tmp_path / "b.csv", rubric="Refusals")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", RUNS)
def test_an_imported_export_is_the_same_run(kind: str, format: str, tmp_path: Path) -> None:
    RUNS[kind](tmp_path / "run")
    (file,) = vc.export_run(tmp_path / "run", tmp_path / f"first.{format}").files
    (imported,) = vc.import_logs(file, tmp_path / "again")
    assert imported.log.format == "veracal"
    before, after = (exported_table(read_content(path)) for path in (tmp_path / "run", tmp_path / "again"))
    before = before.with_columns(model=pl.lit(imported.log.model)) if before["model"][0] == "" else before
    assert after.equals(before)
    assert after.schema == before.schema
    assert notes(tmp_path / "again") == notes(tmp_path / "run")
    (second,) = vc.export_run(tmp_path / "again", tmp_path / f"second.{format}").files
    (third,) = vc.import_logs(second, tmp_path / "third")
    assert exported_table(read_content(third.path)).equals(after)
    assert notes(third.path) == notes(tmp_path / "again")


def test_scores_of_multiple_choice_are_the_same(tmp_path: Path) -> None:
    RUNS["multiple choice"](tmp_path / "run")
    vc.export_run(tmp_path / "run", tmp_path / "mc.csv")
    vc.import_logs(tmp_path / "mc.csv", tmp_path / "again")
    for variant in ("mc1", "mc2", "binary"):
        before, after = (read_multiple_choice(tmp_path / name, variant=variant) for name in ("run", "again"))
        assert after.frame.equals(before.frame)


def test_letters_of_a_csv_are_columns(tmp_path: Path) -> None:
    RUNS["several orders"](tmp_path / "run")
    (file,) = vc.export_run(tmp_path / "run", tmp_path / "run.csv").files
    head, first, *_ = file.read_text(encoding="utf-8").splitlines()
    assert head == (
        "model,revision,item,subject,answer,logprob_A,logprob_B,logprob_C,bounded,order,letter_mass,other_form_mass,"
        "content,prompt,question,options,veracal_run"
    )
    assert first.startswith('"","",\'=a,')
    assert ',A,-0.51082563,-1.2039728,-2.3025851,"",ABC,' in first
    # Settings stand in the first row alone.
    assert pl.read_csv(file, infer_schema=False)["veracal_run"].to_list() == [
        '{"settings": {"permutations": "cyclic"}}', None, None,
    ]  # fmt: skip


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    for kind, make in RUNS.items():
        make(tmp_path / kind)
        (file,) = vc.export_run(tmp_path / kind, tmp_path / f"{kind}.csv").files
        cells = pl.read_csv(file, infer_schema=False)
        numbers = (
            cells.columns
            if "logprob_A" not in cells.columns
            else [name for name in cells.columns if "logprob_" not in name]
        )
        begins = cells.select(pl.col(numbers).str.contains("^[=+@\t\r＝＋－＠]|^-[^0-9]").any())
        assert not any(begins.row(0))


@settings(max_examples=10)
@given(
    rows=st.lists(st.tuples(ids, st.none() | texts, texts), min_size=1, max_size=5, unique_by=lambda row: row[0]),
    format=st.sampled_from(["csv", "jsonl"]),
)
def test_any_text_comes_back(rows: list[tuple[str, str | None, str]], format: str) -> None:
    item, note, subject = (list(column) for column in zip(*rows, strict=True))
    run = Predictions.from_arrays(
        logprobs=[[-0.5, -2.0]] * len(rows), answer=[0] * len(rows), item=item, subject=subject, model="m"
    )
    frame = run.frame.with_columns(note=pl.Series(note, dtype=pl.String))
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(frame, folder / "run", {"model": "m"}, kind=PREDICTIONS)
        vc.export_run(folder / "run", folder / f"a.{format}")
        vc.import_logs(folder / f"a.{format}", folder / "again")
        assert vc.read_run(folder / "again").frame.equals(frame)
