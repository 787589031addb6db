"""Reliability diagrams of both runs."""

from __future__ import annotations

from functools import partial

import plots
from calibration import CalibrationBand, calibration_band
from calibration.errors import UndefinedMeasure
from calibration.predictions.predictions import View
from calibration.predictions.scored_runs import ScoredRun

from ..blocks.bin_links import with_links
from ..blocks.download import Download
from ..blocks.figure import Figure, drawn_names
from ..blocks.section import Section
from ..pair_results import PairResults

DIAGRAMS: dict[View, tuple[str, str]] = {
    "choices": (
        "Reliability over all choices",
        "Accuracy against the probability of each answer, right or wrong, all letters pooled: the diagram of figure 8 "
        "of the GPT-4 technical report. On the dashed diagonal, what is said with 70 % comes true 70 % of the time.",
    ),
    "top": (
        "Reliability of the predicted answer",
        "The same for the predicted letter of each item only. Bars below the diagonal: over-confident.",
    ),
}
"""Title and caption of a diagram, by view."""

ABOUT_BINS = (
    "The histogram on top shows the share of answers in each bin; error bars are 95 % intervals; empty bins stay empty."
)
"""The end of a diagram's caption."""

ABOUT_BAND = " The curve is smooth, and its grey band holds all of it with a probability of 95 %."
"""What is added where a band is drawn."""

ABOUT_LINKS = " A click on a bar lists its items in the browser below."
"""What is added where bars are links."""


def reliability(results: PairResults) -> Section:
    """Figure 8 of the GPT-4 report, and the same for the predicted answers."""
    return Section(
        name="reliability",
        title="Reliability diagrams",
        figures=tuple(_diagram(results, view, title, caption) for view, (title, caption) in DIAGRAMS.items()),
    )


def curve_band(run: ScoredRun) -> CalibrationBand | None:
    """Band of a run's curve; None if its answers are too few."""
    try:
        return calibration_band(run)
    except UndefinedMeasure:
        return None


def curve_bands(before: ScoredRun, after: ScoredRun) -> tuple[CalibrationBand, CalibrationBand] | None:
    """Bands of two runs' curves; None unless both have one."""
    first, second = curve_band(before), curve_band(after)
    return None if first is None or second is None else (first, second)


def _diagram(results: PairResults, view: View, title: str, caption: str) -> Figure:
    runs, comparison = results.runs, results.comparison
    ece = [f"{side.point(f'ece_{view}'):.3f}" for side in (comparison.before, comparison.after)]
    bands = curve_bands(runs.before, runs.after) if view == "top" else None
    draw = partial(
        plots.before_after, runs.before, runs.after, view=view, labels=drawn_names(runs.names), band=bands or False
    )
    # A bin of the predicted answers holds items; one of all choices holds letters.
    linked = view == "top"
    return Figure(
        name=f"reliability-{view}",
        title=title,
        text=f"Two reliability diagrams. ECE {ece[0]} for {runs.names[0]}, {ece[1]} for {runs.names[1]}. "
        "The bins are in the download beside the figure.",
        caption=f"{caption} {ABOUT_BINS}" + ABOUT_BAND * (bands is not None) + ABOUT_LINKS * linked,
        draw=partial(with_links, draw) if linked else draw,
        download=Download(f"reliability_{view}.csv", f"Bins of the diagram: {view}", results.bins[view]),
    )
