"""Files that may be logs: what damage does to looking into them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from calibration.logs import json_members, source
from calibration.logs.source import Source


@pytest.mark.parametrize("content", [b'{"a": 1}\n{"a": 2}\n' * 200, b'[{"a": 1}]', b'{\n "a": 1\n}'])
@pytest.mark.parametrize("damage", ["cut", "changed", "header"])
def test_a_damaged_gzipped_file_is_named(tmp_path: Path, content: bytes, damage: str) -> None:
    raw = gzip.compress(content)
    middle = len(raw) // 2
    damaged = {"cut": raw[:-6], "changed": raw[:middle] + b"\xff" * 8 + raw[middle + 8 :], "header": raw[:3]}
    (tmp_path / "log.json.gz").write_bytes(damaged[damage])
    source = Source(tmp_path / "log.json.gz")
    _ = source.first, source.document  # whatever they are, without an error
    with pytest.raises(ValueError, match=r"log\.json\.gz"):
        list(source.records())


def test_a_whole_gzipped_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(gzip.compress(b'{"a": 1}\n{"a": 2}\n'))
    assert [value for _, value in Source(tmp_path / "log").records()] == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("content", [b'{"a": 1}\n' * 600, b"[" + b'{"a": 1},' * 599 + b'{"a": 1}]'])
def test_reading_tells_how_far_it_is(tmp_path: Path, content: bytes) -> None:
    calls: list[tuple[int, int]] = []
    (tmp_path / "log.jsonl").write_bytes(content)
    assert len(list(Source(tmp_path / "log.jsonl", lambda *sizes: calls.append(sizes)).records())) == 600
    assert calls
    assert all(0 < done <= total == len(content) for done, total in calls)


@pytest.mark.parametrize(
    "content", [b'{"a": "%s"}' % bytes(2000).hex().encode(), b'["%s"]' % bytes(2000).hex().encode()]
)
def test_a_packed_value_that_would_fill_the_memory_is_refused(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "LARGEST", 1000)
    monkeypatch.setattr(json_members, "LARGEST", 1000)
    monkeypatch.setattr(json_members, "_CHUNK", 100)
    (tmp_path / "log").write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=r"log.* at most|log: unpacks to a JSON value of more than"):
        list(Source(tmp_path / "log").records())
    assert Source(tmp_path / "log").document is None
