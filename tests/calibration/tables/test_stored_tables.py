"""Tables of our own in CSV and JSONL: every cell comes back, and damage is named."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calibration import Pairs, Predictions
from calibration.tables.stored_tables import read_stored, stored_names, text_cells, typed_columns

OWN = pl.Schema({"item": pl.String(), "lists": pl.List(pl.String()), "share": pl.Float32()})
plain = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
typed_words = st.sampled_from(
    ["1", "007", "-5", "+1", "1e5", ".5", "5.", "NaN", "inf", "-inf", "true", "false", "", "'", "''1", "9" * 30]
)
columns = st.one_of(
    st.lists(st.none() | plain, min_size=3, max_size=3).map(lambda cells: pl.Series(cells, dtype=pl.String)),
    st.lists(st.none() | typed_words, min_size=3, max_size=3).map(lambda cells: pl.Series(cells, dtype=pl.String)),
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=3, max_size=3).map(
        lambda cells: pl.Series(cells, dtype=pl.Int64)
    ),
    st.lists(st.none() | st.floats(), min_size=3, max_size=3).map(lambda cells: pl.Series(cells, dtype=pl.Float64)),
    st.lists(st.none() | st.booleans(), min_size=3, max_size=3).map(lambda cells: pl.Series(cells, dtype=pl.Boolean)),
)


@settings(deadline=None)
@given(
    further=columns,
    item=st.lists(plain, min_size=3, max_size=3),
    lists=st.lists(st.none() | st.lists(plain), min_size=3, max_size=3),
)
def test_cells_of_a_csv_come_back(further: pl.Series, item: list[str], lists: list[list[str] | None]) -> None:
    own = {"item": item, "lists": lists, "share": [0.1, None, 1e-38]}
    frame = pl.DataFrame(own, schema=OWN).with_columns(further.alias("further"))
    raw = BytesIO()
    text_cells(frame, OWN).write_csv(raw)
    again = typed_columns(pl.read_csv(BytesIO(raw.getvalue()), infer_schema=False), OWN)
    assert again.drop("further").equals(frame.drop("further"))
    # A column without any value has no type.
    assert again["further"].cast(further.dtype).equals(further.alias("further"))
    assert again.schema["further"] == (further.dtype if further.count() else pl.String)


def test_a_column_of_texts_keeps_its_plain_look_beside_other_words() -> None:
    cells = text_cells(pl.DataFrame({"item": ["1", "2"], "note": ["1999", "later"], "year": ["1999", "2000"]}), OWN)
    assert cells.rows() == [("1", "1999", "'1999"), ("2", "later", "'2000")]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        (("a", "[1", "0.5"), "row 0: 'lists' must hold a list in JSON, got '\\[1'"),
        (("a", "{}", "0.5"), "row 0: 'lists' must hold a list in JSON, got '{}'"),
        (("a", "[]", "half"), "row 0: 'share' must be of the type Float32, got 'half'"),
    ],
)
def test_a_cell_of_another_type_is_named(cell: tuple[str, str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        typed_columns(pl.DataFrame([cell], schema=dict.fromkeys(OWN, pl.String), orient="row"), OWN)


def saved(folder: Path, suffix: str) -> Path:
    run = Predictions.from_arrays(logprobs=[[-0.5, -1.5], [-2.0, -0.25]], answer=[0, 1], item=["a", "b"], model="m")
    run.save(folder / f"run{suffix}")
    return folder / f"run{suffix}"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (",A,", ",1,", r"run\.csv: the answer must be a letter; row 0 \(item a\) has the answer '1'"),
        (",AB,", ",ab,", r"order and bounded must be letters; row 0 \(item a\)"),
        ("-0.5,-1.5", ",-1.5", r"the first letters must have a log-probability; row 0 \(item a\)"),
        ("-0.5", "half", r"run\.csv, row 0: 'logprob_A' must be of the type Float32, got 'half'"),
        ("-0.5", "0.5", "log-probabilities must be finite and not positive"),
        ("-2.0,-0.25", "-2.0,-0.25,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9,9", r"run\.csv: not readable as a table of veracal"),
    ],
)
def test_a_damaged_table_of_letters_is_named(before: str, after: str, message: str, tmp_path: Path) -> None:
    path = saved(tmp_path, ".csv")
    path.write_text(path.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        Predictions.from_frame(path)


def test_damaged_lines_of_json_are_named(tmp_path: Path) -> None:
    path = saved(tmp_path, ".jsonl")
    text = path.read_text(encoding="utf-8")
    path.write_text(text[:-20], encoding="utf-8")
    with pytest.raises(ValueError, match=r"run\.jsonl, line 2: not JSON"):
        Predictions.from_frame(path)
    path.write_text(text.replace('"item":"b"', '"name":"b"'), encoding="utf-8")
    with pytest.raises(ValueError, match=r"run\.jsonl, line 2: must be an object with the names of the first line"):
        Predictions.from_frame(path)
    path.write_text(text.replace("[-2.0,-0.25]", '"x"'), encoding="utf-8")
    with pytest.raises(ValueError, match=r"run\.jsonl, 'logprobs' must be of the type List"):
        Predictions.from_frame(path)


def test_other_files_are_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("confidence,correct\n0.5,1\n", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(json.dumps([1, 2]) + "\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe")
    assert [read_stored(tmp_path / name, OWN) for name in ("a.csv", "a.jsonl", "b.jsonl", "none.csv")] == [None] * 4
    assert stored_names(tmp_path / "a.csv") == ["confidence", "correct"]
    assert stored_names(tmp_path / "a.jsonl") == stored_names(tmp_path / "b.jsonl") == []
    assert Pairs.from_frame(tmp_path / "a.csv").confidence.tolist() == [0.5]
