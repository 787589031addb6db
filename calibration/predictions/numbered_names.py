"""Options whose names end with numbers, and answers that are such numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..items.answer_keys import Key
from ..items.item import LETTERS

_END = re.compile(r"\d{1,9}$", re.ASCII)
_OPTIONS = re.compile(r"(?:option|choice|opt)[\s_-]*(\d{1,9})", re.ASCII | re.IGNORECASE)
_FLAG = "--answers from-one|from-zero (answers= in Python)"


def numbers_of(names: Sequence[str]) -> dict[int, int]:
    """Index of each name by the number at its end.

    Empty unless all names have one.

    Examples
    --------
    >>> numbers_of(["p_1", "p_2"]), numbers_of(["0", "1"]), numbers_of(["yes", "no"])
    ({1: 0, 2: 1}, {0: 0, 1: 1}, {})
    """
    ends = [_END.search(name.strip()) for name in names]
    numbers = {int(end[0]): index for index, end in enumerate(ends) if end is not None}
    return numbers if len(numbers) == len(names) else {}


def numbered_options(header: Sequence[str], n_options: int) -> dict[int, int]:
    """Index of each option by the number of its column of texts.

    Empty unless there is such a column for each.

    Examples
    --------
    >>> header = ["question", "option_1", "option_2", "prob_A", "prob_B"]
    >>> numbered_options(header, 2), numbered_options(header, 3)
    ({1: 0, 2: 1}, {})
    """
    ends = [int(match[1]) for name in header if (match := _OPTIONS.fullmatch(name.strip()))]
    one_after_another = 1 < len(ends) == n_options and sorted(ends) == list(range(min(ends), min(ends) + len(ends)))
    return {number: index for index, number in enumerate(sorted(ends))} if one_after_another else {}


def numbered_answers(keys: Sequence[Key], numbers: Mapping[int, int], *, source: str) -> list[int] | None:
    """Indices of right options that are given by their numbers; otherwise None.

    Parameters
    ----------
    keys : sequence of Key
        Right answers as a file writes them.
    numbers : mapping of int to int
        Index of each option by its number.
    source : str
        The file, for messages.

    Raises
    ------
    ValueError
        For a number that no option has, or that is the text of another option.
    """
    if not numbers or not keys or not all(key.is_digits for key in keys):
        return None
    indices = []
    for key in keys:
        index = numbers.get(int(key.text))
        if index is None or index >= key.n_options:
            raise ValueError(
                f"{source}, {key.where}: the options are numbered {', '.join(map(str, sorted(numbers)))}, and the "
                f"answer {key.value!r} names none of this row; say what the answers count with {_FLAG}"
            )
        if key.by_text not in (None, index):
            raise ValueError(
                f"{source}, {key.where}: the answer {key.value!r} is the number of option {LETTERS[index]} and the "
                f"text of option {LETTERS[key.by_text or 0]}; say which with --answers text|from-one|from-zero "
                "(answers= in Python)"
            )
        indices.append(index)
    return indices
