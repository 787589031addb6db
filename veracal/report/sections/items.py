"""Every item with the answers of the runs."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

import calibration
from calibration import Predictions
from calibration.number_texts import with_interval

from ..blocks.bin_links import bin_address
from ..blocks.browser import item_browser
from ..blocks.section import Section
from ..blocks.table import Table


def items(runs: Sequence[Predictions], names: Sequence[str], texts: pl.DataFrame | None) -> Section:
    """Every item with the answers of the runs, and the bins that hold them."""
    browser = item_browser(runs, names, texts)
    return Section(
        name="items",
        title="Item browser",
        paragraphs=browser.notes,
        tables=(_bins(runs, names),),
        browser=browser,
    )


def _bins(runs: Sequence[Predictions], names: Sequence[str]) -> Table:
    """Bins of the diagram of the predicted answers, run by run."""
    filled = [
        (number, index, row)
        for number, run in enumerate(runs)
        for index, row in enumerate(calibration.reliability_curve(run).frame.iter_rows(named=True))
        if row["count"]
    ]
    several = len(runs) > 1
    return Table(
        name="bins",
        caption="Bins of the reliability diagram of the predicted answers, with 95 % intervals.",
        columns=("Bin", "Items", "Mean confidence", "Accuracy"),
        rows=[
            (
                f"{f'{names[number]}, ' * several}{row['lower']:.1f}–{row['upper']:.1f}",
                f"{row['count']:,}",
                f"{row['confidence']:.3f}",
                with_interval(row["accuracy"], row["low"], row["high"]),
            )
            for number, _, row in filled
        ],
        items=[bin_address(number, index) for number, index, _ in filled],
        folded="Items by bin of the reliability diagram",
    )
