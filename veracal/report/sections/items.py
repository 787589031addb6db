"""Every item with the answers of the runs."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from calibration import Predictions

from ..blocks.browser import item_browser
from ..blocks.section import Section


def items(runs: Sequence[Predictions], names: Sequence[str], texts: pl.DataFrame | None) -> Section:
    """Every item with the answers of one run or two."""
    browser = item_browser(runs, names, texts)
    return Section(name="items", title="Item browser", paragraphs=browser.notes, browser=browser)
