"""Every item with the answers of both runs."""

from __future__ import annotations

from ..blocks.browser import item_browser
from ..blocks.section import Section
from ..results import PairResults


def items(results: PairResults) -> Section:
    """Every item with the answers of both runs."""
    runs = results.runs
    browser = item_browser((runs.before, runs.after), runs.names, runs.texts)
    return Section(name="items", title="Item browser", paragraphs=browser.notes, browser=browser)
