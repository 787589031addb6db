"""Runs by their names, on the same items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from ..predictions.pairing import ItemChoice, aligned
from ..predictions.scored_runs import GivenRun, ScoredRun, refuse_two_kinds, scored_run


def named_runs(
    runs: Sequence[GivenRun] | Mapping[str, GivenRun], labels: Sequence[str] | None = None
) -> dict[str, ScoredRun]:
    """Runs by their names: labels, keys, or those of their models.

    Raises
    ------
    ValueError
        For fewer than two runs, labels of another number, two equal names, and a run given twice.

    Examples
    --------
    >>> from calibration import Pairs
    >>> first, second = (Pairs.from_arrays([0.9], [1], model=name) for name in ("base", "rl"))
    >>> list(named_runs([first, second])), list(named_runs([first, second], ["A", "B"]))
    (['base', 'rl'], ['A', 'B'])
    """
    scored = [scored_run(run) for run in (runs.values() if isinstance(runs, Mapping) else runs)]
    if len(scored) < 2:
        raise ValueError(f"a comparison needs at least two runs, got {len(scored)}")
    if labels is not None and len(labels) != len(scored):
        raise ValueError(f"labels must be one a run, {len(scored)}, got {len(labels)}: {', '.join(labels)}")
    own = (
        list(runs) if isinstance(runs, Mapping) else [run.model or f"run {n}" for n, run in enumerate(scored, start=1)]
    )
    names = [str(name) for name in (labels or own)]
    for (left, earlier), (right, later) in combinations(zip(names, scored, strict=True), 2):
        if earlier is later or earlier.frame.equals(later.frame):
            raise ValueError(f"a run is given twice, as {left} and as {right}")
        if left == right:
            raise ValueError(f"two runs are called {left!r}; give each a name of its own with labels")
    return dict(zip(names, scored, strict=True))


def aligned_runs(named: Mapping[str, ScoredRun], first: str, items: ItemChoice) -> dict[str, ScoredRun]:
    """The runs on the items to compare, in one order, the reference first.

    Raises
    ------
    ValueError
        As `calibration.predictions.pairing.aligned`, and for runs of two kinds, by their names.
    """
    reference, others = named[first], {name: run for name, run in named.items() if name != first}
    for name, run in others.items():
        _refuse_two_kinds((first, reference), (name, run))
        reference = aligned(reference, run, items)[0]
    return {first: reference} | {name: aligned(reference, run, items)[1] for name, run in others.items()}


def _refuse_two_kinds(first: tuple[str, ScoredRun], second: tuple[str, ScoredRun]) -> None:
    try:
        refuse_two_kinds(first[1], second[1])
    except ValueError as error:
        raise ValueError(f"{first[0]} and {second[0]}: {error}") from None
