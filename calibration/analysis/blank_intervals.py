"""Notes on intervals that are left blank, a note for each reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..uncertainty.changes import Change
from ..uncertainty.measure_names import text_label


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
        Where the intervals stand, if the same measures have others beside them.

    Examples
    --------
    >>> blank_notes([("brier", "too few items"), ("nll", None), ("auroc", "too few items")])
    ['no interval for Brier score and AUROC: too few items']
    >>> blank_notes([("brier", "too few items"), ("auroc", "too few items")])
    ['no interval for any measure: too few items']
    >>> blank_notes([("brier", "too few subjects")] * 2, column="new subjects")
    ['the column “new subjects” is blank for every measure: too few subjects']
    """
    reasons = list(reasons)
    labels: dict[str, list[str]] = {}
    for key, reason in reasons:
        if reason is not None:
            labels.setdefault(reason, []).append(text_label(key))
    blank, every = (
        ("no interval", "any measure") if column is None else (f"the column “{column}” is blank", "every measure")
    )
    return [
        f"{blank} for {_listed(names) if len(names) < max(len(reasons), 2) else every}: {reason}"
        for reason, names in labels.items()
    ]


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
