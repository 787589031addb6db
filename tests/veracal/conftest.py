"""What tests of the application share."""

from __future__ import annotations

import pytest

from veracal import console

pytest.register_assert_rewrite("tests.veracal.command_line")


@pytest.fixture
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both streams 200 columns wide."""
    for terminal in (console.OUT, console.ERR):
        monkeypatch.setattr(terminal, "_width", 200)
