"""Notes on blank intervals, and on what must be told beside others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .changes import Change
from .measure_names import of_letters, text_label


def new_subjects_notes(changes: Mapping[str, Change]) -> tuple[str, ...]:
    """A note for each reason why changes have no interval for new subjects."""
    clustered = {key: change.clustered for key, change in changes.items()}
    one_subject = "all items have the same subject, or none"
    reasons = ((key, one_subject if interval is None else interval.reason) for key, interval in clustered.items())
    return tuple(blank_notes(reasons, column="new subjects"))


def blank_notes(reasons: Iterable[tuple[str, str | None]], *, column: str | None = None) -> list[str]:
    """A note for each reason of blank intervals, with the names of their measures.

    Parameters
    ----------
    reasons : iterable of (str, str or None)
        Key of each measure, and why its interval is blank; None if it is not.
    column : str, optional
        Where the intervals stand, if the same measures have others beside them; a column without any is left out.

    Examples
    --------
    >>> blank_notes([("brier", "too few items"), ("nll", None), ("auroc", "too few items")])
    ['no interval for Brier score and AUROC: too few items']
    >>> blank_notes([("brier", "too few items"), ("auroc", "too few items")])
    ['no interval for any measure: too few items']
    >>> blank_notes([("brier", "too few subjects")] * 2, column="new subjects")
    ['the column “new subjects” is left out: too few subjects']
    """
    reasons = list(reasons)
    whole = of_letters(key for key, _ in reasons)
    labels: dict[str, list[str]] = {}
    for key, reason in reasons:
        if reason is not None:
            labels.setdefault(reason, []).append(text_label(key, whole=whole))
    blank = "no interval" if column is None else f"the column “{column}” is blank"
    every = "no interval for any measure" if column is None else f"the column “{column}” is left out"
    return [
        f"{f'{blank} for {_listed(names)}' if len(names) < max(len(reasons), 2) else every}: {reason}"
        for reason, names in labels.items()
    ]


def label_notes(labels: Iterable[tuple[str, str | None]]) -> list[str]:
    """A note for each measure whose interval has something to be told beside it.

    Examples
    --------
    >>> label_notes([("brier", None), ("nll", "with probabilities of at least 1e-6")])
    ['the interval of log loss is with probabilities of at least 1e-6']
    """
    labels = list(labels)
    whole = of_letters(key for key, _ in labels)
    return [f"the interval of {text_label(key, whole=whole)} is {label}" for key, label in labels if label is not None]


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
