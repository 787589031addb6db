"""JSON that servers send: whole, without repeated names, not too deep."""

from __future__ import annotations

import pytest

from calibration.errors import RepeatedNameError
from calibration.models.servers.json_content import parsed_json


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\x00\xff", b"[" * 100_000, b"[" * 80 + b"]" * 80, b'{"a":' * 80 + b"1" + b"}" * 80, b"9" * 5000],
)
def test_what_is_no_content(content: bytes) -> None:
    assert parsed_json(content) is None


def test_content() -> None:
    assert parsed_json(b'{"a": [{"a": 1}, {"a": 2}], "b": null}') == {"a": [{"a": 1}, {"a": 2}], "b": None}
    assert parsed_json(b"[" * 50 + b"]" * 50)


@pytest.mark.parametrize("content", [b'{" A": 1, " A": 2}', b'{"x": [{" A": 1, "b": 3, " \\u0041": 1}]}'])
def test_a_name_twice(content: bytes) -> None:
    with pytest.raises(RepeatedNameError, match="an object names ' A' twice"):
        parsed_json(content)
