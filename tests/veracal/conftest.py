"""What tests of the application share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from tests.veracal.published_schemas import refuse_other_json
from veracal import console
from veracal.json_output import json_text

pytest.register_assert_rewrite("tests.veracal.command_line")


@pytest.fixture(autouse=True)
def all_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command did not want shown is shown again in the next test."""
    monkeypatch.setattr(console, "SHOWN", console.Shown())


@pytest.fixture(autouse=True)
def json_of_published_schemas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever any test lets a command print as JSON is held against its schema."""
    written = json_text

    def checked(schema: str, data: Mapping[str, Any]) -> str:
        text = written(schema, data)
        refuse_other_json(json.loads(text))
        return text

    monkeypatch.setattr(console, "json_text", checked)


@pytest.fixture
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both streams 200 columns wide."""
    for terminal in (console.OUT, console.ERR):
        monkeypatch.setattr(terminal, "_width", 200)


@pytest.fixture
def figures_undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of pages are made, and stay blank: drawing takes most of a page's time."""

    def blank(figure: Figure) -> str:
        plt.close(figure)
        return '<svg width="1pt" height="1pt"></svg>'

    monkeypatch.setattr("veracal.report.blocks.figure.to_svg", blank)
