"""Compact letter display: which members of a family are shown to differ."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from string import ascii_lowercase


def letter_display(names: Sequence[str], differing: Collection[tuple[str, str]]) -> dict[str, str]:
    """Letters such that two names share none just where they are shown to differ.

    Groups of all names are split at each pair that differs, and those within another are dropped.

    References
    ----------
    Piepho (2004), doi:10.1198/1061860043515.

    Examples
    --------
    >>> letter_display(["base", "sft", "rl"], [("base", "rl")])
    {'base': 'a', 'sft': 'ab', 'rl': 'b'}
    >>> letter_display(["base", "sft"], [])
    {'base': 'a', 'sft': 'a'}
    """
    groups = [frozenset(names)]
    for first, second in differing:
        split = [
            group - {name} for group in groups for name in ((first, second) if {first, second} <= group else ("",))
        ]
        groups = [group for group in dict.fromkeys(split) if not any(group < other for other in split)]
    groups.sort(key=lambda group: [name not in group for name in names])
    return {name: "".join(_letter(index) for index, group in enumerate(groups) if name in group) for name in names}


def _letter(index: int) -> str:
    """The letter of a group; of more than 26 with a number behind it."""
    turn, letter = divmod(index, len(ascii_lowercase))
    return ascii_lowercase[letter] + (str(turn) if turn else "")
