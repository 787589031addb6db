"""Runs by their names, on the same items."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import combinations

import polars as pl

from ..predictions.pairing import ItemChoice, aligned
from ..predictions.scored_runs import GivenRun, ScoredRun, scored_run


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
    own = list(runs) if isinstance(runs, Mapping) else own_names([run.model for run in scored])
    names = distinct_names(own, [[run.frame] for run in scored], labels=labels)
    return dict(zip(names, scored, strict=True))


def own_names(models: Sequence[str]) -> list[str]:
    """Names of the models, or the number of a run whose model has none.

    Examples
    --------
    >>> own_names(["base", ""])
    ['base', 'run 2']
    """
    return [model or f"run {n}" for n, model in enumerate(models, start=1)]


def distinct_names(
    own: Sequence[str], tables: Sequence[Sequence[pl.DataFrame]], *, labels: Sequence[str] | None = None
) -> list[str]:
    """Names of runs to compare: labels, or their own.

    Parameters
    ----------
    own : sequence of str
        One a run: a key, or the name of its model.
    tables : sequence of sequence of polars.DataFrame
        What each run holds, which tells whether two are one.
    labels : sequence of str, optional
        In place of their own.

    Raises
    ------
    ValueError
        For fewer than two runs, labels of another number, two equal names, and a run given twice.

    Examples
    --------
    >>> distinct_names(["base", "rl"], [[pl.DataFrame({"score": [score]})] for score in (0, 1)], labels=["A", "B"])
    ['A', 'B']
    """
    if len(own) < 2:
        raise ValueError(f"a comparison needs at least two runs, got {len(own)}")
    if isinstance(labels, str):
        raise ValueError(f"labels must be a list of names, one a run, got the text {labels!r}")
    if labels is not None and len(labels) != len(own):
        raise ValueError(f"labels must be one a run, {len(own)}, got {len(labels)}: {', '.join(labels)}")
    names = [str(name) for name in (labels or own)]
    for (left, earlier), (right, later) in combinations(zip(names, tables, strict=True), 2):
        if _are_of_one_model(earlier, later):
            raise ValueError(f"a run is given twice, as {left} and as {right}")
        if left == right:
            raise ValueError(f"two runs are called {left!r}; give each a name of its own with labels")
    return names


def _are_of_one_model(first: Sequence[pl.DataFrame], second: Sequence[pl.DataFrame]) -> bool:
    """Whether two runs are one: the same answers of a model with a name."""
    unnamed = all("model" in table.columns and (table["model"] == "").all() for table in first)
    same = len(first) == len(second) and all(one.equals(other) for one, other in zip(first, second, strict=True))
    return same and not unnamed


def chosen_reference(names: Collection[str], reference: str | None) -> str:
    """The run that the others are compared with: the first if none is named.

    Raises
    ------
    ValueError
        For a name that no run has.
    """
    if reference is not None and reference not in names:
        raise ValueError(f"the reference must be one of {', '.join(names)}, got {reference!r}")
    return next(iter(names)) if reference is None else reference


def pairs_of_runs(names: Collection[str], reference: str, *, all_pairs: bool) -> list[tuple[str, str]]:
    """Pairs of runs to compare: of the reference and each other, or all.

    Examples
    --------
    >>> pairs_of_runs(["base", "sft", "rl"], "sft", all_pairs=True)
    [('sft', 'base'), ('sft', 'rl'), ('base', 'rl')]
    """
    others = [name for name in names if name != reference]
    return list(combinations([reference, *others], 2)) if all_pairs else [(reference, name) for name in others]


def aligned_runs(named: Mapping[str, ScoredRun], first: str, items: ItemChoice) -> dict[str, ScoredRun]:
    """The runs on the items to compare, in one order, the reference first.

    Raises
    ------
    ValueError
        As `calibration.predictions.pairing.aligned`, with the names of both runs.
    """
    reference, others = named[first], {name: run for name, run in named.items() if name != first}
    for name, run in others.items():
        with _by_name(first, name):
            reference = aligned(reference, run, items)[0]
    return {first: reference} | {name: aligned(reference, run, items)[1] for name, run in others.items()}


@contextmanager
def _by_name(first: str, second: str) -> Iterator[None]:
    """Refusals of a pair begin with the names of both."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{first} (before) and {second} (after): {error}") from None
