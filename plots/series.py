"""What a figure shows: several runs or results, their names and their colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.colors import is_color_like

from calibration import Pairs, Predictions
from calibration.predictions.scored_runs import scored_run
from calibration.predictions.verdicts import Verdicts

from .theme import SERIES, literal, shorten

_RUNS = (Predictions, Pairs, Verdicts)

MOST = len(SERIES)
"""So many models are told apart by colour."""


def members(given: Any, types: tuple[type, ...], *, drawn: str) -> tuple[list[Any], list[str] | None]:
    """What is drawn, and its names if a mapping has some.

    Parameters
    ----------
    given
        What a plot was given.
    types : tuple of type
        What it draws.
    drawn : str
        What that is called in a refusal.

    Raises
    ------
    TypeError
        For anything else, such as a path.
    ValueError
        For nothing.

    Examples
    --------
    >>> members([1, 2], (int,), drawn="whole numbers"), members({"a": 1}, (int,), drawn="whole numbers")
    (([1, 2], None), ([1], ['a']))
    """
    names = None
    if isinstance(given, types):
        values = [given]
    elif isinstance(given, Mapping):
        values, names = list(given.values()), [str(name) for name in given]
    elif isinstance(given, Sequence) and not isinstance(given, str | bytes):
        values = list(given)
    else:
        raise TypeError(f"this plot draws {drawn}, got {type(given).__name__}")
    wrong = next((value for value in values if not isinstance(value, types)), None)
    if wrong is not None:
        raise TypeError(f"this plot draws {drawn}, got {type(wrong).__name__} among {len(values)}")
    if not values:
        raise ValueError(f"this plot draws {drawn}, got none")
    return values, names


def run_or(given: Any, types: tuple[type, ...], *, drawn: str) -> Any:
    """A run, also from two arrays, or a result as it is.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        As `calibration.Pairs.from_arrays`.

    Examples
    --------
    >>> type(run_or(([0.9, 0.6], [1, 0]), (), drawn="runs")).__name__
    'Pairs'
    """
    if isinstance(given, (*types, *_RUNS)):
        return given
    pair = isinstance(given, tuple) and len(given) == 2
    if not pair and not hasattr(given, "pairs"):
        raise TypeError(f"this plot draws {drawn}, got {type(given).__name__}")
    return scored_run(given)


def runs_or(given: Any, types: tuple[type, ...], *, drawn: str) -> tuple[list[Any], list[str] | None]:
    """Runs or results of a mapping, a sequence, or a single one.

    A tuple of two is the pair of arrays of a run, unless runs or results are in it.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        For nothing, and as `run_or`.

    Examples
    --------
    >>> runs, names = runs_or({"base": ([0.9, 0.6], [1, 0])}, (), drawn="runs")
    >>> runs[0].n_items, names
    (2, ['base'])
    """
    names = None
    if isinstance(given, Mapping):
        values, names = list(given.values()), [str(name) for name in given]
    elif isinstance(given, list) or (isinstance(given, tuple) and not _is_pair_of_arrays(given, types)):
        values = list(given)
    else:
        values = [given]
    if not values:
        raise ValueError(f"this plot draws {drawn}, got none")
    return [run_or(value, types, drawn=drawn) for value in values], names


def _is_pair_of_arrays(given: tuple[Any, ...], types: tuple[type, ...]) -> bool:
    known = any(isinstance(value, (*types, *_RUNS, tuple)) for value in given)
    return len(given) == 2 and not known and not any(hasattr(value, "pairs") for value in given)


def own_name(result: Any) -> str:
    """Name of the model of a run or result; empty if it has none."""
    return str(getattr(result, "model", "") or "")


def pair_names(own: Sequence[str]) -> list[str]:
    """Names of models; of two without any, before and after.

    Examples
    --------
    >>> pair_names(["", ""]), pair_names(["base", "rl"])
    (['Before', 'After'], ['base', 'rl'])
    """
    return ["Before", "After"] if len(own) == 2 and not any(own) else list(own)


def series_names(
    own: Sequence[str], labels: Sequence[str] | str | None, *, limit: int, most: int | None = MOST
) -> list[str]:
    """Names of what is drawn: labels, or those of the models.

    Those that have none are numbered, and so are those that share one.

    Raises
    ------
    ValueError
        For more than `most`, and labels of another number.

    Examples
    --------
    >>> series_names(["base", "post"], None, limit=26), series_names(["base"], "Before", limit=26)
    (['base', 'post'], ['Before'])
    >>> series_names(["tiny", "tiny", ""], None, limit=26)
    ['tiny (1)', 'tiny (2)', 'run 3']
    """
    if most is not None and len(own) > most:
        raise ValueError(f"there must be 1 to {most} models, got {len(own)}")
    if labels is not None:
        labels = [labels] if isinstance(labels, str) else labels
        if len(labels) != len(own):
            raise ValueError(f"there must be one label a model: {len(own)} models, got {len(labels)} labels")
        return [shorten(label, limit) for label in labels]
    names = [name or f"run {number}" for number, name in enumerate(own, start=1)]
    twice = {name for name in names if names.count(name) > 1}
    numbers = [names[: index + 1].count(name) for index, name in enumerate(names)]
    return [
        f"{literal(name, limit - 4)} ({number})" if name in twice else literal(name, limit)
        for name, number in zip(names, numbers, strict=True)
    ]


def series_colors(colors: Sequence[str] | str | None, n_series: int) -> list[str]:
    """Colours of what is drawn: a reader's, or those of the theme in turn.

    Raises
    ------
    ValueError
        For another number of colours than of series, and for what is no colour.

    Examples
    --------
    >>> series_colors("black", 1), series_colors(None, 2)
    (['black'], ['#0072B2', '#D55E00'])
    """
    if colors is None:
        return [SERIES[index % len(SERIES)] for index in range(n_series)]
    chosen = [colors] if isinstance(colors, str) else list(colors)
    if len(chosen) != n_series:
        raise ValueError(f"there must be one colour for each of the {n_series} series drawn, got {len(chosen)}")
    wrong = next((color for color in chosen if not is_color_like(color)), None)
    if wrong is not None:
        raise ValueError(f"colors must be names or codes of colours that matplotlib knows, got {wrong!r}")
    return chosen
