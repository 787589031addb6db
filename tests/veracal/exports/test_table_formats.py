"""Tables of runs: an import of an export is the same run."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import veracal as vc
from calibration import Predictions
from calibration.logs.run_folders import write_rows
from calibration.runs.run_kinds import PREDICTIONS
from factuality.multiple_choice.likelihoods import read_multiple_choice
from tests.veracal.exports.runs_of_all_kinds import RUNS
from veracal.exports.run_contents import read_content
from veracal.exports.table_formats import exported_table

FORMATS = ["csv", "jsonl", "parquet"]
# An import names the log's own grader otherwise than ours, and cannot know what only the grading run knew.
_OF_GRADER = ["grader", "confidence_kind"]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ids = texts.filter(lambda text: bool(text.strip()))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("kind", RUNS)
def test_an_imported_export_is_the_same_run(kind: str, format: str, tmp_path: Path) -> None:
    RUNS[kind](tmp_path / "run")
    (file,) = vc.export_run(tmp_path / "run", tmp_path / f"first.{format}").files
    (imported,) = vc.import_logs(file, tmp_path / "again")
    assert imported.log.format == "veracal"
    before, after = (exported_table(read_content(path)) for path in (tmp_path / "run", tmp_path / "again"))
    before = before.with_columns(model=pl.lit(imported.log.model)) if before["model"][0] == "" else before
    assert after.drop(_OF_GRADER, strict=False).equals(before.drop(_OF_GRADER, strict=False))
    assert after.schema == before.schema
    (second,) = vc.export_run(tmp_path / "again", tmp_path / f"second.{format}").files
    (third,) = vc.import_logs(second, tmp_path / "third")
    assert exported_table(read_content(third.path)).equals(after)


def test_scores_of_multiple_choice_are_the_same(tmp_path: Path) -> None:
    RUNS["multiple choice"](tmp_path / "run")
    vc.export_run(tmp_path / "run", tmp_path / "mc.csv")
    vc.import_logs(tmp_path / "mc.csv", tmp_path / "again")
    before, after = (read_multiple_choice(tmp_path / name, variant="mc2") for name in ("run", "again"))
    assert str(before.estimate()) == str(after.estimate())


def test_letters_of_a_csv_are_columns(tmp_path: Path) -> None:
    RUNS["several orders"](tmp_path / "run")
    (file,) = vc.export_run(tmp_path / "run", tmp_path / "run.csv").files
    head, first, *_ = file.read_text(encoding="utf-8").splitlines()
    assert head == (
        "model,revision,item,subject,answer,logprob_A,logprob_B,logprob_C,bounded,order,letter_mass,other_form_mass,"
        "content,prompt,question,options"
    )
    assert first.startswith('"","",\'=a,')
    assert ',A,-0.51082563,-1.2039728,-2.3025851,"",ABC,' in first


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


@settings(max_examples=40, deadline=None)
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
