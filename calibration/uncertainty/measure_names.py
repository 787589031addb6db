"""Names of measures in tables, in sentences and on axes."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from ..nearest_names import nearest
from .measure_table import BY_KEY


def named_keys(name: str, keys: Collection[str]) -> list[str]:
    """Those keys that a name is for: itself, or views of a metric.

    Raises
    ------
    ValueError
        For a name that is none of them.

    Examples
    --------
    >>> named_keys("ece", ["accuracy", "ece_top", "ece_choices"]), named_keys("ece_top", ["ece_top", "ece_choices"])
    (['ece_top', 'ece_choices'], ['ece_top'])
    """
    metrics = {key: getattr(BY_KEY[key].metric, "__name__", "") for key in keys if key in BY_KEY}
    named = [name] if name in keys else [key for key, metric in metrics.items() if metric == name]
    if not named:
        known = list(dict.fromkeys([*keys, *filter(None, metrics.values())]))
        raise ValueError(f"no compared measure {name!r}{nearest(name, known)}; there are {', '.join(keys)}")
    return named


def row_label(key: str) -> str:
    """Name of a measure in a table, by its key.

    Examples
    --------
    >>> row_label("nll")
    'log loss'
    """
    return BY_KEY[key].label


def direction(key: str) -> Literal["lower", "higher"] | None:
    """Direction in which a measure is better, by its key; None if neither is.

    Examples
    --------
    >>> direction("nll")
    'lower'
    """
    return BY_KEY[key].better if key in BY_KEY else None


def unit(key: str) -> str:
    """Unit of a measure, by its key; empty for probabilities.

    Examples
    --------
    >>> unit("nll"), unit("ece_top")
    ('nats', '')
    """
    return BY_KEY[key].unit if key in BY_KEY else ""


def calibrated_value(key: str) -> float | None:
    """Value of a measure for a calibrated model, by its key, if any.

    Examples
    --------
    >>> calibrated_value("signed_gap"), calibrated_value("brier")
    (0.0, None)
    """
    return BY_KEY[key].calibrated if key in BY_KEY else None


def is_known(key: str) -> bool:
    """Whether a key is that of a measure here.

    Otherwise it is the name of a function of one's own.

    Examples
    --------
    >>> is_known("nll"), is_known("f1")
    (True, False)
    """
    return key in BY_KEY


def axis_label(key: str) -> str:
    """Name of a measure on an axis with its unit, by its key.

    Any other key in words.

    Examples
    --------
    >>> axis_label("nll")
    'log loss (nats)'
    """
    row = BY_KEY.get(key)
    if row is None:
        return key.replace("_", " ")
    return f"{row.long} ({row.unit})" if row.unit else row.long


def of_letters(keys: Iterable[str]) -> bool:
    """Whether some measures, by their keys, are of whole distributions.

    The view of the others must then be named.

    Examples
    --------
    >>> of_letters(["ece_top", "ece_choices"]), of_letters(["ece_top", "brier_top"])
    (True, False)
    """
    return any(key in BY_KEY and BY_KEY[key].needs == "letters" for key in keys)


def text_label(key: str, *, whole: bool = True) -> str:
    """Name of a measure in a sentence; any other key in words.

    Parameters
    ----------
    key : str
        Of the measure.
    whole : bool
        Whether measures of whole distributions stand beside it; otherwise there is one view, which is not named.

    Examples
    --------
    >>> text_label("debiased_ce2"), text_label("nll"), text_label("balanced_accuracy")
    ('debiased CE² (top)', 'log loss', 'balanced accuracy')
    >>> text_label("debiased_ce2", whole=False)
    'debiased CE²'
    """
    if key not in BY_KEY:
        return key.replace("_", " ")
    name, _, part = row_label(key).partition(", ")  # a comma would read as the next of a list
    return f"{name} ({part})" if part and (whole or part != "top") else name


def run_label(key: str, *, whole: bool) -> str:
    """Name of a measure; without the view if a run has one confidence alone.

    Examples
    --------
    >>> run_label("ece_top", whole=True), run_label("ece_top", whole=False)
    ('ECE, top', 'ECE')
    """
    label = row_label(key)
    return label if whole else label.removesuffix(", top")


def named_with(key: str, label: str) -> str:
    """Name of a noise floor or margin, by its key, with its measure.

    Examples
    --------
    >>> named_with("ece_top_null95", "ECE, top"), named_with("ece_top_within", "ECE, top")
    ('noise floor of ECE, top', 'ECE, top: calibrated within')
    """
    return f"noise floor of {label}" if key.endswith("_null95") else f"{label}: {row_label(key).strip()}"
