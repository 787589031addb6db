"""Numbers of runs of right and wrong answers, by themselves and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

import calibration
from calibration import Comparison, Pairs, Predictions, ReliabilityCurve, Summary, Verdicts
from calibration.predictions.pairing import ItemChoice, aligned
from calibration.predictions.predictions import View
from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.recalibrated_run import Recalibration

# Items below which a run is not told by itself.
_FEWEST = 2


@dataclass(frozen=True, kw_only=True)
class ScoredResults:
    """Numbers of one run of predictions, or of runs of pairs or of verdicts.

    Attributes
    ----------
    name, title : str
        Id and heading of the section.
    names : tuple of str
        Names of the runs.
    runs : tuple of Predictions, of Pairs, or of Verdicts
        The runs.
    summaries : tuple of Summary
        Every measure of each.
    compared : pair of runs or None
        Before and after on the same items; None if there are no two.
    compared_names : tuple of str
        Their names.
    comparison : Comparison or None
        Every measure of both, and its change.
    notes : tuple of (str, str)
        Notes beside those of the summaries: a name and a sentence.
    recalibrations : dict of tuple of Recalibration
        Of each run, by method.
    by : {"items", "subjects"}
        What the recalibrations split into folds.
    """

    name: str
    title: str
    names: tuple[str, ...]
    runs: tuple[Predictions, ...] | tuple[Pairs, ...] | tuple[Verdicts, ...]
    summaries: tuple[Summary, ...]
    compared: tuple[Pairs, Pairs] | tuple[Verdicts, Verdicts] | None
    compared_names: tuple[str, ...]
    comparison: Comparison | None
    notes: tuple[tuple[str, str], ...] = ()
    recalibrations: dict[str, tuple[Recalibration, ...]] = field(default_factory=dict)
    by: FoldKind = "items"

    @property
    def confident(self) -> tuple[Predictions | Pairs, ...]:
        """The runs that hold confidences."""
        return tuple(run for run in self.runs if not isinstance(run, Verdicts))

    @property
    def views(self) -> tuple[View, ...]:
        """Views of these confidences: all letters and the predicted ones, or the only one."""
        return ("choices", "top") if isinstance(self.runs[0], Predictions) else ("top",)

    @property
    def shared_notes(self) -> list[str]:
        """What is left out of every run, and why."""
        first, *others = (summary.notes for summary in self.summaries)
        return [note for note in first if "left out" in note and all(note in notes for notes in others)]

    def bins(self, view: View) -> pl.DataFrame:
        """Bins of the reliability diagrams as they are drawn; ``run`` names the run."""
        pair = zip(self.compared_names, self.compared or (), strict=True)
        compared = {name: run for name, run in pair if isinstance(run, Pairs)}
        drawn = [(name, compared.get(name, run)) for name, run in zip(self.names, self.confident, strict=True)]
        tables = [_curve(run, view).frame.select(pl.lit(name).alias("run"), pl.all()) for name, run in drawn]
        return pl.concat(tables, how="diagonal")


def _curve(run: Predictions | Pairs, view: View) -> ReliabilityCurve:
    if isinstance(run, Pairs):
        return calibration.reliability_curve(run)
    confidence, correct, item = run.view(view)
    return calibration.reliability_curve(confidence, correct, item=item)


def scored_results(
    name: str,
    title: str,
    names: Sequence[str],
    runs: Sequence[Predictions] | Sequence[Pairs] | Sequence[Verdicts],
    *,
    pair: tuple[int, int] | None,
    items: ItemChoice = "same",
    notes: Sequence[tuple[str, str]] = (),
) -> ScoredResults:
    """Numbers of runs of one kind, and of what changed between two of them.

    Parameters
    ----------
    name, title : str
        Id and heading of the section.
    names, runs : sequence
        The runs with their names.
    pair : pair of int or None
        Indices of before and after.
    items : {"same", "common"}
        Whether both must hold the same items, or common ones are compared.
    notes : sequence of (str, str)
        Notes on the runs.

    Raises
    ------
    ValueError
        As `calibration.compare`.
    """
    compared = comparison = None
    if pair is not None and (items == "same" or len(set(runs[pair[0]].item) & set(runs[pair[1]].item)) >= _FEWEST):
        before, after = runs[pair[0]], runs[pair[1]]
        comparison = calibration.compare(before, after, items=items)
        compared = aligned(before, after, items)
    return ScoredResults(
        name=name,
        title=title,
        names=tuple(names),
        runs=tuple(runs),  # type: ignore[arg-type]  # one kind, as it was given
        summaries=tuple(calibration.summarize(run) for run in runs),
        compared=compared,  # type: ignore[arg-type]
        compared_names=() if pair is None else tuple(names[index] for index in pair),
        comparison=comparison,
        notes=tuple(notes),
    )
