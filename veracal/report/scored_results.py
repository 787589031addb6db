"""Numbers of runs of right and wrong answers, by themselves and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

import calibration
from calibration import Comparison, Pairs, Predictions, ReliabilityCurve, Summary, Verdicts
from calibration.analysis.named_runs import aligned_runs
from calibration.predictions.pairing import ItemChoice, aligned
from calibration.predictions.predictions import View
from calibration.predictions.scored_runs import GivenRun, ScoredRun
from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.recalibrated_run import Recalibration

from .inputs import FEW
from .several_results import SeveralResults, several_results

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
    several : SeveralResults or None
        All runs compared, of three or more.
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
    several: SeveralResults | None = None
    notes: tuple[tuple[str, str], ...] = ()
    recalibrations: dict[str, tuple[Recalibration, ...]] = field(default_factory=dict)
    by: FoldKind = "items"

    @cached_property
    def pairs(self) -> dict[tuple[str, str], tuple[ScoredRun, ScoredRun]]:
        """Compared runs on the same items, by their names; of many none."""
        if self.compared is not None:
            before, after = self.compared_names
            return {(before, after): self.compared}
        if self.several is None or len(self.names) > FEW:
            return {}
        runs: dict[str, ScoredRun] = dict(zip(self.names, self.runs, strict=True))
        common: ItemChoice = "common" if self.several.comparison.n_common is not None else "same"
        on_same_items = aligned_runs(runs, self.several.reference, common)
        first = self.several.reference
        return {(first, name): (on_same_items[first], on_same_items[name]) for name in self.several.others}

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
    reference: str | None = None,
    all_pairs: bool = False,
    items: ItemChoice = "same",
    notes: Sequence[tuple[str, str]] = (),
) -> ScoredResults:
    """Numbers of runs of one kind, and of what changed between them.

    Parameters
    ----------
    name, title : str
        Id and heading of the section.
    names, runs : sequence
        The runs with their names.
    pair : pair of int or None
        Indices of before and after.
    reference : str, optional
        Of three runs or more, the name of the one that the others are compared with, if they are.
    all_pairs : bool
        Whether all pairs of them are shown.
    items : {"same", "common"}
        Whether all must hold the same items, or common ones are compared.
    notes : sequence of (str, str)
        Notes on the runs.

    Raises
    ------
    ValueError
        As `calibration.compare` and `calibration.compare_runs`.
    """
    compared = comparison = None
    if pair is not None and (items == "same" or len(set(runs[pair[0]].item) & set(runs[pair[1]].item)) >= _FEWEST):
        before, after = runs[pair[0]], runs[pair[1]]
        comparison = calibration.compare(before, after, items=items)
        compared = aligned(before, after, items)
    several = None
    if reference is not None:
        by_name: dict[str, GivenRun] = dict(zip(names, runs, strict=True))
        several = several_results(
            f"{name}-all-runs",
            f"{title}: all runs",
            lambda every: calibration.compare_runs(by_name, reference=reference, all_pairs=every, items=items),
            n_runs=len(runs),
            all_pairs=all_pairs,
        )
    return ScoredResults(
        name=name,
        title=title,
        names=tuple(names),
        runs=tuple(runs),  # type: ignore[arg-type]  # one kind, as it was given
        summaries=tuple(calibration.summarize(run) for run in runs),
        compared=compared,  # type: ignore[arg-type]
        compared_names=() if pair is None else tuple(names[index] for index in pair),
        comparison=comparison,
        several=several,
        notes=tuple(notes),
    )
