"""The bins of the diagram: bars and rows that lead to their items."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt

import plots
from calibration import Predictions
from veracal.report.blocks.bin_links import with_links
from veracal.report.blocks.figure import inline
from veracal.report.sections.items import items

# Confidences .65, .65 and .95, and .55, .75 and .95.
BEFORE = Predictions.from_arrays(probabilities=[[0.65, 0.35], [0.65, 0.35], [0.05, 0.95]], answer=[0, 1, 1])
AFTER = Predictions.from_arrays(probabilities=[[0.55, 0.45], [0.75, 0.25], [0.05, 0.95]], answer=[0, 1, 1])


def test_bars_of_a_diagram_lead_to_their_items() -> None:
    figure = with_links(lambda: plots.before_after(BEFORE, AFTER, view="top"))
    source = str(inline(figure, "top"))
    plt.close(figure)
    # A bar of the diagram and one of the histogram above it; the histogram has bars of no height too.
    bars = [re.findall(rf'href="#items\?bin={run}-(\d+)"', source) for run in (1, 2)]
    assert [{place for place in found if found.count(place) == 2} for found in bars] == [{"7", "10"}, {"6", "8", "10"}]
    assert source.count('<a tabindex="-1"') == sum(map(len, bars))


def test_rows_of_the_table_lead_to_their_items() -> None:
    section = items([BEFORE, AFTER], ["base", "tuned"], None)
    (table,) = section.tables
    assert [row[:2] for row in table.rows] == [
        ("base, 0.6–0.7", "2"), ("base, 0.9–1.0", "1"), ("tuned, 0.5–0.6", "1"), ("tuned, 0.7–0.8", "1"),
        ("tuned, 0.9–1.0", "1"),
    ]  # fmt: skip
    assert list(table.items) == [f"#items?bin={place}" for place in ("1-7", "1-10", "2-6", "2-8", "2-10")]
