"""Subjects as users name them: names, patterns, MMLU's groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from ..nearest_names import nearest
from .mmlu_groups import MMLU_GROUPS

# What makes a name a pattern.
_SIGNS = frozenset("*?[")


def chosen_subjects(
    names: Sequence[str], known: Iterable[str], *, absent: str = "no item has the subject"
) -> list[str]:
    """Known subjects that names, patterns and groups mean, in the known order.

    Parameters
    ----------
    names : sequence of str
        Names of subjects; patterns such as ``high_school_*``; MMLU's ``stem``, ``humanities``, ``social_sciences``
        and ``other``, unless a subject is called so.
    known : iterable of str
        Names of all subjects.
    absent : str
        Beginning of the message for a name that means none.

    Raises
    ------
    ValueError
        For a name or pattern that means none, with the nearest.

    Examples
    --------
    >>> chosen_subjects(["high_school_*", "law"], ["art", "high_school_physics", "law"])
    ['high_school_physics', 'law']
    """
    known = list(dict.fromkeys(known))
    chosen: set[str] = set()
    for name in names:
        meant = _meant(name, known)
        if not meant:
            groups = [group for group in MMLU_GROUPS if _meant(group, known)]
            raise ValueError(
                f"{absent} {name!r}; there are: {', '.join(sorted(known))}{nearest(name, (*known, *groups))}"
            )
        chosen.update(meant)
    return [name for name in known if name in chosen]


def _meant(name: str, known: Sequence[str]) -> list[str]:
    if name in known:
        return [name]
    if name in MMLU_GROUPS:
        return [subject for subject in known if subject in MMLU_GROUPS[name]]
    return [subject for subject in known if fnmatchcase(subject, name)] if _SIGNS & set(name) else []
