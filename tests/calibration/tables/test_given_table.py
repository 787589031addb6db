"""Tables in memory and in files: the same columns, whatever holds them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from calibration import Pairs, Predictions, Verdicts, read_run
from calibration.files.field_names import Fields
from calibration.metrics.precision import carried_precision
from calibration.tables.memory_tables import table_in_memory
from calibration.tables.table_files import given_table
from tests.conftest import ROOT
from tests.workbooks import workbook

ROWS: dict[str, list[Any]] = {
    "question_id": ["a", "b", "c"],
    "prob": [0.9, 0.25, 0.5],
    "is_correct": [1, 0, 1],
    "category": ["law", "art", "law"],
    "language": ["de", "fr", "de"],
}
FIELDS = Fields(("confidence", "correct"))


class Capsule:
    """A frame of which nothing is known but its Arrow stream."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.frame.__arrow_c_stream__(requested_schema)


class Exchange:
    """A frame with the interchange protocol alone."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> object:
        pyarrow = pytest.importorskip("pyarrow")
        return pyarrow.table(self.frame).__dataframe__(nan_as_null, allow_copy)


@pytest.mark.parametrize(
    "make",
    [
        pl.DataFrame,
        lambda rows: pl.DataFrame(rows).lazy(),
        pd.DataFrame,
        lambda rows: pd.DataFrame(rows, index=[7, 7, 9]).astype({"category": "category", "is_correct": "Int64"}),
        lambda rows: pd.DataFrame(rows).astype({"is_correct": bool, "language": object}),
        lambda rows: pd.DataFrame(rows).set_index(next(iter(rows))),
        lambda rows: pd.DataFrame(rows).set_index("language"),
        lambda rows: Capsule(pl.DataFrame(rows)),
        dict,
        lambda rows: {**rows, "prob": torch.tensor(rows["prob"], requires_grad=True)},
        lambda rows: {**rows, "is_correct": np.array(rows["is_correct"]), "category": pd.Series(rows["category"])},
    ],
)
def test_frames_of_any_library_give_the_same_pairs(make: Callable[[dict[str, list[Any]]], object]) -> None:
    pairs = Pairs.from_frame(make(ROWS))
    assert pairs.item.tolist() == ["a", "b", "c"]
    np.testing.assert_allclose(pairs.confidence, [0.9, 0.25, 0.5], atol=1e-7)
    assert pairs.correct.tolist() == [True, False, True]
    assert pairs.subject.tolist() == ["law", "art", "law"]
    assert pairs.frame["language"].to_list() == ["de", "fr", "de"]


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, np.float16, np.float32, np.float64])
def test_ids_of_any_number_type_are_the_same(dtype: type) -> None:
    table = table_in_memory({"id": np.array([3, 1, 2], dtype=dtype)})
    assert table.texts("id") == ["3", "1", "2"]


@pytest.mark.oracle  # needs pyarrow
def test_the_interchange_protocol_alone_is_read() -> None:
    assert Pairs.from_frame(Exchange(pd.DataFrame(ROWS))).n_items == 3


def written(path: Path) -> Path:
    """The rows in a file of the path's suffix."""
    frame = pl.DataFrame(ROWS)
    write: dict[str, Callable[[], object]] = {
        ".csv": lambda: frame.write_csv(path),
        ".tsv": lambda: frame.write_csv(path, separator="\t"),
        ".jsonl": lambda: frame.write_ndjson(path),
        ".json": lambda: path.write_text(json.dumps(frame.to_dicts())),
        ".parquet": lambda: frame.write_parquet(path),
        ".arrow": lambda: frame.write_ipc(path),
        ".feather": lambda: frame.write_ipc(path),
        ".arrows": lambda: frame.write_ipc_stream(path),
    }
    write[path.suffix]()
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".json", ".parquet", ".arrow", ".feather", ".arrows"])
def test_files_give_the_pairs_of_the_frame(suffix: str, tmp_path: Path) -> None:
    pairs = Pairs.from_frame(written(tmp_path / f"rows{suffix}"))
    assert pairs.frame.equals(Pairs.from_frame(pl.DataFrame(ROWS)).frame)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("rows.csv", b"confidence,correct\n0.5,1\n0.5\n", r"rows\.csv, line 3: every row must have the 2 columns"),
        ("rows.csv", b"confidence,correct\n", r"rows\.csv: the file holds no rows under its header"),
        ("rows.jsonl", b'{"p": 1}\n[1]\n', r"rows\.jsonl, line 2: must be a JSON object, got list"),
        ("rows.jsonl", b'{"p": 1}\n{"p": \n', r"rows\.jsonl, line 2: not JSON"),
        ("rows.json", b"[]", r"rows\.json: the file holds no rows"),
        ("rows.parquet", b"PAR1 cut", r"rows\.parquet: not a readable \.parquet file"),
        ("rows.arrow", b"ARROW1 cut", r"rows\.arrow: not a readable \.arrow file"),
        ("rows.xlsx", b"PK\x03\x04 cut", r"rows\.xlsx: not a readable \.xlsx file"),
        ("rows.txt", b"a\0", r"rows\.txt: a table must be a file of \.csv, .*, got \.txt"),
    ],
)
def test_files_that_are_no_tables(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        given_table(path, FIELDS)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"confidence": [0.5], "correct": [1, 0]}, "must be of one length, got 1 of 'confidence' and 2 of 'correct'"),
        ({"confidence": []}, "the table holds no rows"),
        ({"confidence": "abc"}, "must be a list or an array, 'confidence' is str"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "must differ, 'a' occurs twice"),
    ],
)
def test_what_are_no_columns(data: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        table_in_memory(data)


def test_what_is_no_table() -> None:
    with pytest.raises(TypeError, match=r"a table must be a frame .* got int"):
        Pairs.from_frame(3)


def test_numbers_remember_the_type_they_were_given_in() -> None:
    numbers = table_in_memory({"p": np.array([0.7], dtype=np.float32)}).numbers("p")
    assert carried_precision(numbers).name == "float32"


def test_texts_are_numbers_with_points_or_with_commas_throughout() -> None:
    assert table_in_memory({"p": ["0,5", "1"]}).numbers("p").tolist() == [0.5, 1.0]
    with pytest.raises(ValueError, match=r"row 1: 'p' must be a number, got '0,5'"):
        table_in_memory({"p": ["0.5", "0,5"]}).numbers("p")
    with pytest.raises(ValueError, match=r"row 0: 'p' must be a number, got '85%'; per cent\?"):
        table_in_memory({"p": ["85%"]}).numbers("p")


WITHOUT_PYARROW = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pyarrow":
            raise ModuleNotFoundError("No module named 'pyarrow'")
sys.meta_path.insert(0, Blocked())
import pandas as pd
from calibration import Pairs, Predictions
frame = pd.DataFrame({"p": [0.9, 0.4], "label": ["yes", "no"], "n": pd.array([1, None], "Int64"), "c": ["u"] * 2})
frame["c"] = frame["c"].astype("category")
pairs = Pairs.from_frame(frame)
run = Predictions.from_frame(pd.DataFrame({"logit_A": [0.0, 1.0], "logit_B": [1.0, 0.0], "answer": ["A", "B"]}))
print(pairs.confidence.tolist(), pairs.frame["n"].to_list(), pairs.frame["c"].to_list(), run.correct.tolist())
print(type(run.to_pandas()["logprobs"][0]).__name__, pairs.to_pandas()["n"].tolist())
"""


def test_pandas_without_pyarrow() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_PYARROW], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["[0.9, 0.4] [1, None] ['u', 'u'] [False, False]", "list [1, <NA>]"]


def test_a_mistyped_column_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no column 'porb' for confidence; there are: .*; the nearest: 'prob'"):
        Pairs.from_frame(ROWS, confidence="porb")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"score": [1, 1, 1]}, "'prob' and 'score' both mean 'confidence'"),
        ({"subject": ["x", "y", "z"]}, "'subject' and 'category' both mean 'group'"),
        ({"prob": [0.9, None, 0.5]}, "row 1: 'prob' has no value"),
        ({"prob": [0.9, float("nan"), 0.5]}, "row 1: 'prob' has no value"),
        ({"prob": [90, 25, 50]}, r"row 0: 'prob' must be in \[0, 1\], got 90; per cent\? then scale=100"),
        ({"prob": [0.5, -0.1, 0.5]}, r"confidence must be in \[0, 1\]; row 1 has -0.1"),
        ({"is_correct": [1, None, 0]}, "row 1: 'is_correct' must be right or wrong, got None; leave such rows out"),
        ({"is_correct": [1, 2, 0]}, "row 1: 'is_correct' must be 0 or 1, true or false, or a word .*; got 2"),
        ({"question_id": ["a", "b", "a"]}, "row 2: ids must be unique: a is at row 0 too"),
        ({"question_id": ["a", None, "c"]}, "row 1: 'question_id' is empty"),
        ({"model": ["x", "x", "y"]}, r"must be of one model, got 'x' \(row 0\) and 'y' \(row 2\)"),
    ],
)
def test_pairs_that_are_refused_by_column_and_row(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Pairs.from_frame({**ROWS, **change})


def test_a_scale_divides_and_is_refused_for_probabilities() -> None:
    assert Pairs.from_frame({**ROWS, "prob": [90, 25, 100]}, scale=100).confidence.tolist() == [0.9, 0.25, 1.0]
    with pytest.raises(ValueError, match=r"'prob' holds values up to 0\.9, which are no parts of 100; leave scale"):
        Pairs.from_frame(ROWS, scale=100)
    with pytest.raises(ValueError, match=r"'prob' holds values up to 1, which are no parts of 100; leave scale"):
        Pairs.from_frame({**ROWS, "prob": [1, 0, 1]}, scale=100)
    with pytest.raises(ValueError, match=r"row 1: 'prob' must be parts of 100 in every row, got 0\.93, a probability"):
        Pairs.from_frame({**ROWS, "prob": [90, 0.93, 1]}, scale=100)
    assert Pairs.from_frame({**ROWS, "prob": [90.5, 0.5, 1]}, scale=100).confidence.tolist() == [0.905, 0.005, 0.01]


def test_commas_are_decimal_unless_they_may_stand_between_thousands() -> None:
    assert Pairs.from_frame({**ROWS, "prob": ["0,93", "1", "1,000"]}).confidence.tolist() == [0.93, 1.0, 1.0]
    with pytest.raises(ValueError, match="row 0: 'prob' may have decimal commas or commas between thousands, got"):
        Pairs.from_frame({**ROWS, "prob": ["1,000", "500", "0"]}, scale=1000)
    with pytest.raises(ValueError, match="row 0: 'prob' must be a number, got '0,93'"):
        Pairs.from_frame({**ROWS, "prob": ["0,93", "0.5", "1"]})


@pytest.mark.parametrize("values", [[True, False, None], np.array([True, False, True]), pl.Series([True, None, False])])
def test_truth_values_are_no_confidences(values: object) -> None:
    with pytest.raises(ValueError, match="'prob' must hold numbers, got truth values, which are no confidences"):
        Pairs.from_frame({**ROWS, "prob": values})


def test_verdicts_that_stand_in_two_columns_are_no_confidences() -> None:
    correct = [1, 0] * 10
    with pytest.raises(ValueError, match="'score' is 1 in every row that is right and 0 in every other"):
        Pairs.from_frame({"score": correct, "correct": correct})
    assert Pairs.from_frame({"score": [*correct[:-1], 1], "correct": correct}).n_items == 20


def test_columns_that_the_caller_names_are_taken() -> None:
    table = {**ROWS, "score": [0.1, 0.2, 0.3], "topic": ["x", "y", "z"]}
    pairs = Pairs.from_frame(table, confidence="score", subject="topic", model="m")
    assert (pairs.confidence.tolist(), pairs.subject.tolist(), pairs.model) == ([0.1, 0.2, 0.3], ["x", "y", "z"], "m")
    assert pairs.frame["prob"].to_list() == ROWS["prob"]


def test_verdicts_are_words_numbers_or_empty() -> None:
    verdicts = Verdicts.from_frame(
        {"id": range(3, 7), "verdict": ["Correct", "0", "not attempted", None], "n": [1] * 4}
    )
    assert verdicts.frame["grade"].to_list() == ["correct", "incorrect", "abstained", "ungraded"]
    assert (verdicts.item.tolist(), verdicts.n_ungraded, verdicts.frame["n"].to_list()) == (["3", "4", "5"], 1, [1] * 4)
    with pytest.raises(ValueError, match=r"row 0: 'verdict' must be 0 or 1, .* got 'maybe'"):
        Verdicts.from_frame({"verdict": ["maybe"]})
    with pytest.raises(ValueError, match="all 1 are ungraded"):
        Verdicts.from_frame({"verdict": [""]})


def test_a_frame_of_pairs_is_the_pairs_again() -> None:
    pairs = Pairs.from_frame(ROWS)
    assert Pairs.from_frame(pairs.frame).frame.equals(pairs.frame)
    assert Predictions.from_frame(Predictions.from_arrays([[0.0, 1.0]], [1]).frame).accuracy == 1.0


def test_a_workbook_is_read_by_its_only_filled_sheet(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Confidence", "Verdict"], [90, "Correct"], [40, "wrong"]]
    pairs = Pairs.from_frame(workbook(tmp_path / "a.xlsx", {"Answers": rows, "Empty": []}), scale=100)
    assert (pairs.confidence.tolist(), pairs.correct.tolist()) == ([0.9, 0.4], [True, False])
    with pytest.raises(ValueError, match=r"b\.xlsx: .* one filled sheet, got Answers, More"):
        Pairs.from_frame(workbook(tmp_path / "b.xlsx", {"Answers": rows, "More": rows}), scale=100)


@pytest.mark.parametrize("suffix", [".parquet", ".arrow", ".jsonl", ".csv"])
def test_saved_tables_are_read_back(suffix: str, tmp_path: Path) -> None:
    run = Predictions.from_frame({"logits": np.eye(3), "answer": [0, 1, 1], "language": ["de", "fr", "de"]})
    run.save(tmp_path / f"run{suffix}")
    assert read_run(tmp_path / f"run{suffix}").frame.equals(run.frame)
    pairs = Pairs.from_frame(ROWS)
    pairs.save(tmp_path / f"pairs{suffix}")
    assert Pairs.from_frame(tmp_path / f"pairs{suffix}").frame.equals(pairs.frame)


def test_what_no_table_is_saved_as(tmp_path: Path) -> None:
    run = Predictions.from_arrays([[0.0, 1.0]], [1])
    with pytest.raises(ValueError, match=r"run\.xlsx: a table is saved as \.parquet, .* got \.xlsx"):
        run.save(tmp_path / "run.xlsx")
    clash = Predictions(run.frame.with_columns(logprob_A=pl.lit(0)))
    with pytest.raises(ValueError, match="a further column must not be called 'logprob_A' in CSV"):
        clash.save(tmp_path / "run.csv")
