"""The command line, run in this process: exit statuses and one-line errors."""

from __future__ import annotations

from typing import Any

import pytest

from veracal.cli import main


def run(*arguments: object) -> int:
    """Run ``veracal`` with these arguments; gives its exit status."""
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return int(stop.value.code or 0)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Exit status and the error, which must be one line; what is said before it is left out."""
    status = run(*arguments)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    lines = [line for line in captured.err.splitlines() if line.startswith("veracal: ")]
    assert len(lines) == 1
    assert captured.err.splitlines()[-1] == lines[0]
    return status, lines[0]


def without_marks(data: dict[str, Any]) -> dict[str, Any]:
    """JSON of a command without the name and version of its schema."""
    return {name: value for name, value in data.items() if name not in ("schema", "schema_version")}
