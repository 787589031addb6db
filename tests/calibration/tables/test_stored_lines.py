import json
from pathlib import Path

import polars as pl
import pytest

from calibration.tables import stored_lines as stored
from calibration.tables.stored_lines import stored_lines

OWN = {
    "item": pl.String(), "score": pl.Float32(), "right": pl.Int8(), "known": pl.Boolean(),
    "parts": pl.List(pl.Float32()), "texts": pl.List(pl.String()), "mass": pl.Float64(),
}  # fmt: skip
LINE = {"item": "a", "score": 0.1, "right": 2, "known": True, "parts": [0.5, -1.25], "texts": ["x"], "mass": None}


def write(folder: Path, rows: list[str]) -> Path:
    path = folder / "table.jsonl"
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def both(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[pl.DataFrame | str, pl.DataFrame | str]:
    """What comes of all lines at once, and of one line after another by Python."""

    def outcome() -> pl.DataFrame | str:
        try:
            return stored_lines(path, OWN)
        except ValueError as error:
            return str(error)

    together = outcome()
    monkeypatch.setattr(stored, "_plain_columns", lambda *_: None)
    return together, outcome()


@pytest.mark.parametrize(
    "changes",
    [
        [{}],
        [{}, {"item": "b", "mass": 1e-320}],
        [{}, {"score": 1, "parts": [1, -0.5], "mass": 7}],
        [{"score": 1 / 3, "mass": 2 / 3}, {"mass": 0.1 + 0.2}],
        [{"texts": []}, {"texts": None, "parts": []}, {"parts": [None, -1.0]}],
        [{"item": None}, {"known": None}, {"right": None}],
        [{"item": 'with "quotes", \\ and \\"'}, {"texts": ['"', "\\\\", "e\u0301\n"]}],
        [{"item": "half \ud800"}, {}],
        [{"item": "whole \U0001f600"}, {"texts": ["\U0001f600"]}],
        [{"item": "7"}, {"item": 7}],
        [{"texts": ["5"]}, {"texts": [5]}],
        [{"known": 1}, {}],
        [{"known": True}, {"known": 0}],
        [{"right": 300}, {}],
        [{"right": 1.5}, {}],
        [{"score": "0.5"}, {}],
        [{"mass": True}, {}],
        [{"parts": "none"}, {}],
        [{"parts": [[0.5]]}, {}],
        [{"item": {"text": "a"}}, {}],
        [{"mass": float("nan")}, {}],
        [{"more": "de"}, {"more": None}],
        [{"more": None}, {"more": None}],
        [{"more": 0.25}, {"more": 0.5}],
        [{"more": 2.0}, {"more": 0.5}],
        [{"more": 0.5}, {"more": 2}],
        [{"more": 2}, {"more": 0.5}],
        [{"more": "2"}, {"more": 2}],
        [{"more": True}, {"more": 2}],
        [{"more": 2**63}, {"more": 1}],
        [{"more": 2**70}, {"more": 1}],
        [{"more": ["a"]}, {"more": []}],
        [{"more": "2020-01-01T00:00:00"}, {"more": "2020-01-01"}],
    ],
)
@pytest.mark.parametrize("size", [1, 2**24], ids=["a line at once", "all lines at once"])
def test_lines_read_together_and_one_by_one_are_the_same_table(
    changes: list[dict[str, object]], size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored, "_CHUNK", size)
    together, listed = both(write(tmp_path, [json.dumps({**LINE, **change}) for change in changes]), monkeypatch)
    assert str(together) == str(listed)
    assert not isinstance(together, pl.DataFrame) or together.equals(listed)  # type: ignore[arg-type]
    assert getattr(together, "schema", None) == getattr(listed, "schema", None)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("", "line 2: not JSON"),
        ('{"item": "b"', "line 2: not JSON"),
        ("[]", "line 2: must be an object with the names of the first line"),
        ('{"item": "b"}', "line 2: must be an object with the names of the first line"),
        (json.dumps({**LINE, "more": 1}), "line 2: must be an object with the names of the first line"),
    ],
)
def test_a_broken_line_is_named(second: str, message: str, tmp_path: Path) -> None:
    path = write(tmp_path, [json.dumps(LINE), second, json.dumps(LINE)])
    with pytest.raises(ValueError, match=message):
        stored_lines(path, OWN)


def test_names_in_another_order_are_the_same_columns(tmp_path: Path) -> None:
    path = write(tmp_path, [json.dumps(LINE), json.dumps(dict(reversed(LINE.items())))])
    table = stored_lines(path, OWN)
    assert table.columns == list(LINE)
    assert table.row(0) == table.row(1)
