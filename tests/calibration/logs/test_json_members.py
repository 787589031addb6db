"""Members of arrays that are read piece by piece."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from calibration.logs import json_members
from calibration.logs.json_members import array_members
from calibration.logs.source import Source

VALUES = [{"a": [1, 2, "é, ]"]}, -12.5e3, "", None, [[]], 7]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1 << 20])
@pytest.mark.parametrize("indent", [None, 4])
def test_members_do_not_depend_on_the_pieces(monkeypatch: pytest.MonkeyPatch, size: int, indent: int | None) -> None:
    monkeypatch.setattr(json_members, "_CHUNK", size)
    text = json.dumps(VALUES, indent=indent, ensure_ascii=False)
    assert list(array_members(io.BytesIO(b"\xef\xbb\xbf" + text.encode()))) == VALUES


@pytest.mark.parametrize("text", ["[]", " [ ] \n"])
def test_an_array_may_be_empty(text: str) -> None:
    assert list(array_members(io.BytesIO(text.encode()))) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"a": 1}, {"a"', "record 1: not JSON"),
        ('[{"a": 1}', "record 1: not JSON .*must end with , or ], got 'the end of the file'"),
        ('[{"a": 1}] []', r"record 1: not JSON .*must be all that the file holds, got '\['"),
        ('[{"a": 1}, ]', "record 1: not JSON"),
    ],
)
def test_a_damaged_array_is_refused_where_it_breaks_off(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "log.json").write_text(text)
    source = Source(tmp_path / "log.json")
    assert source.first == {"a": 1}
    with pytest.raises(ValueError, match=r"log\.json, " + message):
        list(source.records())
