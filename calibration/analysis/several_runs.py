"""Comparison of several runs on the same items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..predictions.pairing import ItemChoice
from ..predictions.scored_runs import GivenRun, ScoredRun
from ..uncertainty.changes import measure_changes
from ..uncertainty.drawn_units import unit_sampling
from ..uncertainty.same_answers import alike_by_chance
from .named_runs import aligned_runs, chosen_reference, named_runs, pairs_of_runs
from .runs_comparison import RunsComparison
from .summary import defined_run_measures, summary_of_measures


def compare_runs(
    runs: Sequence[GivenRun] | Mapping[str, GivenRun],
    *,
    reference: str | None = None,
    labels: Sequence[str] | None = None,
    all_pairs: bool = False,
    items: ItemChoice = "same",
    level: float = 0.95,
    seed: int = 0,
) -> RunsComparison:
    """Every measure of several runs on the same items, and its changes.

    Parameters
    ----------
    runs : sequence or mapping of str to Predictions, Pairs, Verdicts, or pair of arrays
        Two or more runs of one kind, joined on the ids of their items.
    reference : str, optional
        Name of the run that the others are compared with; the first if omitted.
    labels : sequence of str, optional
        One name a run, in place of the models' names.
    all_pairs : bool
        Whether all pairs are compared, which `RunsComparison.groups` needs.
    items : {"same", "common"}
        Whether all must hold the same items, or those that all hold are compared.
    level : float
        Coverage of the intervals.
    seed : int
        Same seed, same digits.

    Raises
    ------
    ValueError
        For fewer than two runs, labels of another number, two equal names, a run given twice, an unknown reference,
        items that only some runs have, and runs of two kinds.

    Examples
    --------
    >>> from calibration import Pairs
    >>> right = [1, 1, 1, 0, 1, 0]
    >>> runs = [Pairs.from_arrays([sure] * 6, right, model=f"model {sure}") for sure in (0.6, 0.7, 0.9)]
    >>> comparison = compare_runs(runs)
    >>> print(comparison.change("model 0.9", "mean_confidence").value.__round__(2))
    0.3
    """
    named = named_runs(runs, labels)
    return compare_named(
        named, chosen_reference(named, reference), all_pairs=all_pairs, items=items, level=level, seed=seed
    )


def compare_named(
    named: Mapping[str, ScoredRun], first: str, *, all_pairs: bool, items: ItemChoice, level: float, seed: int
) -> RunsComparison:
    """`compare_runs` of runs that have names, from the first or the named one."""
    given = aligned_runs(named, first, items)
    defined = {name: defined_run_measures(run) for name, run in given.items()}
    return RunsComparison(
        summaries={name: summary_of_measures(given[name], *defined[name], level, seed) for name in named},
        reference=first,
        changes={
            (before, after): measure_changes(
                defined[before][0],
                defined[after][0],
                given[before].subject,
                these=unit_sampling(given[before]),
                weight=given[before].weights,
                level=level,
                seed=seed,
                claims=True,
                alike=alike_by_chance(given[before], given[after]),
            )
            for before, after in pairs_of_runs(given, first, all_pairs=all_pairs)
        },
        level=level,
        n_common=given[first].n_items if items == "common" else None,
    )
