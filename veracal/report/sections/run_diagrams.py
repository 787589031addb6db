"""A reliability diagram of every run, in small panels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import polars as pl

import plots
from calibration import Summary
from calibration.number_texts import with_interval
from calibration.predictions.predictions import View
from calibration.predictions.scored_runs import ScoredRun

from ..blocks.download import Download
from ..blocks.figure import Figure, Panel
from .reliability import ABOUT_BINS, DIAGRAMS

_OF_CONFIDENCE = (
    "Reliability of the confidence",
    "Accuracy against confidence: on the dashed diagonal, what is said with 70 % comes true 70 % of the time; bars "
    "below it are over-confident.",
)


def run_diagrams(
    runs: Mapping[str, ScoredRun],
    summaries: Mapping[str, Summary],
    bins: pl.DataFrame,
    view: View,
    *,
    name: str,
    several: bool,
) -> Figure:
    """A reliability diagram of every run, with its ECE and noise floor.

    Parameters
    ----------
    runs : mapping of str to run
        By name.
    summaries : mapping of str to Summary
        Their numbers.
    bins : polars.DataFrame
        Those that are drawn; ``run`` names the run.
    view : {"choices", "top"}
        Whose confidence is drawn.
    name : str
        Of the figure.
    several : bool
        Whether the runs have both views.
    """
    key = f"ece_{view}"
    texts = {run: _numbers(summaries[run], key) for run in runs}
    title, caption = DIAGRAMS[view] if several else _OF_CONFIDENCE
    return Figure(
        name=name,
        title=title,
        text=f"A reliability diagram a run. {'; '.join(f'{run}: {text}' for run, text in texts.items())}. The bins are "
        "in the download beside the figure.",
        caption=f"{caption} {ABOUT_BINS}",
        panels=tuple(
            Panel(title=run, text=texts[run], draw=partial(plots.reliability, held, view=view))
            for run, held in runs.items()
        ),
        download=Download(f"{name.replace('-', '_')}.csv", f"Bins of the diagrams: {view}", bins),
    )


def _numbers(summary: Summary, key: str) -> str:
    error = summary[key]
    interval = with_interval(summary.point(key), getattr(error, "low", None), getattr(error, "high", None))
    floor = f", noise floor {summary.point(f'{key}_null95'):.3f}" if f"{key}_null95" in summary else ""
    return f"ECE {interval}{floor}"
