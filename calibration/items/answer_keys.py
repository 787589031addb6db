"""Answer keys of a file: letters, digits from 0 or 1, or texts.

The kind is decided once for a whole file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from .item import LETTERS

Answers = Literal["letters", "from-zero", "from-one", "text"]

_MANY_DIGITS = 10  # longer numbers are texts


@dataclass(frozen=True, slots=True)
class Key:
    """Right answer of one row, as the file writes it.

    Attributes
    ----------
    value : object
        A letter, a number or a text.
    where : str
        The row, as ``line 2``.
    n_options : int
        Number of options of the row.
    options : tuple of str
        Their texts; empty if the file has none.
    labels : tuple of str
        Labels of the options in the row itself, of which the value is then one; empty if it has none.
    """

    value: object
    where: str
    n_options: int
    options: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The value as a text without outer blanks; empty if it is no key."""
        if isinstance(self.value, str):
            return self.value.strip()
        return str(self.value) if isinstance(self.value, int) and not isinstance(self.value, bool) else ""

    @property
    def is_letter(self) -> bool:
        """Whether it is a single letter from A to Z, in either case."""
        return len(self.text) == 1 and self.text.isascii() and self.text.isalpha()

    @property
    def is_digits(self) -> bool:
        """Whether it is an unsigned number, small enough to count options."""
        return self.text.isascii() and self.text.isdigit() and len(self.text) < _MANY_DIGITS

    @property
    def by_position(self) -> int:
        """Index of the option that a letter, or a number from 0, names.

        It may lie beyond the options.
        """
        return LETTERS.index(self.text.upper()) if self.is_letter else int(self.text)

    @property
    def by_text(self) -> int | None:
        """Index of the option with this text; None if not exactly one has it."""
        same = [index for index, option in enumerate(self.options) if self.text and option.strip() == self.text]
        return same[0] if len(same) == 1 else None

    def __str__(self) -> str:
        return f"{self.value!r} ({self.where})"


def distinct_keys(
    values: Sequence[object],
    n_options: Sequence[int],
    options: Sequence[tuple[str, ...]] | None = None,
    *,
    where: Callable[[int], str],
) -> tuple[list[Key], list[int]]:
    """Keys of the different answers of many rows, and the number of each row's.

    A key stands at the first of its rows.

    Parameters
    ----------
    values : sequence
        Answers as the file writes them, a row each.
    n_options : sequence of int
        Options of each row.
    options : sequence of tuple of str, optional
        Their texts.
    where : callable
        Names a row.

    Examples
    --------
    >>> keys, number = distinct_keys(["B", "A", "B"], [2, 2, 2], where="row {}".format)
    >>> [str(key) for key in keys], number
    (["'B' (row 0)", "'A' (row 1)"], [0, 1, 0])
    """
    numbers: dict[object, int] = {}
    keys: list[Key] = []
    number_of: list[int] = []
    for row, (value, n) in enumerate(zip(values, n_options, strict=True)):
        texts = options[row] if options is not None else ()
        # True and 1.0 are not 1; what is neither text nor number is no key.
        same = (type(value), value if isinstance(value, str | int | float) else row, n, texts)
        number = numbers.setdefault(same, len(keys))
        if number == len(keys):
            keys.append(Key(value, where(row), n, texts))
        number_of.append(number)
    return keys, number_of


def answer_indices(keys: Sequence[Key], answers: Answers | None = None, *, source: str) -> list[int]:
    """Indices of the right options, from 0.

    Parameters
    ----------
    keys : sequence of Key
        All keys of a file, in its order.
    answers : {"letters", "from-zero", "from-one", "text"}, optional
        How the file writes them: as letters, as digits that count the options from 0 or from 1 (letters beside them
        have one meaning only), or as the texts of options. If omitted it is decided from all keys together, and
        refused if they do not decide it.
    source : str
        The file, for messages.

    Raises
    ------
    ValueError
        For a key that names no option, letters and digits in one file, digits of which none is 0, and keys that are
        also texts of other options; the message names the rows and what to say.

    Notes
    -----
    Numbers (in JSONL and Parquet) and letters count as texts only if each of them is the text of an option. Digits in
    quotes, and those of CSV, are refused if one of them is the text of another option than the one it counts.

    Examples
    --------
    >>> answer_indices([Key("B", "row 0", 4), Key("A", "row 1", 4)], source="items.csv")
    [1, 0]
    >>> answer_indices([Key("1", "row 0", 4), Key("4", "row 1", 4)], "from-one", source="items.csv")
    [0, 3]
    """
    if answers is not None and answers not in get_args(Answers):
        raise ValueError(f"answers must be one of {', '.join(get_args(Answers))}, got {answers!r}")
    free = [key for key in keys if not key.labels]
    if answers is None and free:
        answers = _convention(free, source)
    return [_index(key, answers, source) for key in keys]


def _convention(keys: Sequence[Key], source: str) -> Answers:
    """Convention by which a file writes its answers, from all of them."""
    prose = next((key for key in keys if not (key.is_letter or key.is_digits)), None)
    if prose is not None:
        other = next((key for key in keys if key.by_text is None and (key.is_letter or key.is_digits)), None)
        if prose.by_text is None:
            raise ValueError(f"{source}, {_no_option(prose)}")
        if other is not None:
            raise ValueError(_mixed("texts of options", prose, other, source))
        return "text"
    letter = next((key for key in keys if key.is_letter), None)
    digit = next((key for key in keys if key.is_digits), None)
    if letter is not None and digit is not None:
        raise ValueError(_mixed("letters", letter, digit, source))
    return _of_letters(keys, source) if letter is not None else _of_digits(keys, source)


def _of_letters(keys: Sequence[Key], source: str) -> Answers:
    if any(key.by_text is None for key in keys):
        return "letters"
    if any(key.by_position >= key.n_options for key in keys):
        return "text"
    other = next((key for key in keys if key.by_position != key.by_text), None)
    if other is not None:
        raise ValueError(_also_a_text(other, ("letters", "text"), source))
    return "letters"


def _of_digits(keys: Sequence[Key], source: str) -> Answers:
    numbers = all(not isinstance(key.value, str) for key in keys)
    if not numbers or all(key.by_text is not None for key in keys):
        other = next((key for key in keys if key.by_text not in (None, key.by_position)), None)
        if other is not None:
            raise ValueError(_also_a_text(other, ("from-one", "from-zero", "text"), source))
    if not any(key.by_position == 0 for key in keys):
        least, most = (choose(keys, key=lambda key: key.by_position) for choose in (min, max))
        flag = _flag("from-one", "from-zero", "text") if least.options else _flag("from-one", "from-zero")
        raise ValueError(
            f"{source}: the answers are digits and never 0, from {least} to {most}, so that they may count the options "
            f"from 1 or from 0; say which with {flag}"
        )
    return "from-zero"


def _index(key: Key, answers: Answers | None, source: str) -> int:
    """Index of the option that a key names under a convention."""
    if key.labels:
        index = key.labels.index(key.text) if key.labels.count(key.text) == 1 else None
    elif answers == "text":
        index = key.by_text
    elif key.is_letter:
        index = key.by_position
    elif key.is_digits and answers != "letters":
        index = key.by_position - (answers == "from-one")
    else:
        index = None
    if index is None or not 0 <= index < key.n_options:
        raise ValueError(f"{source}, {_no_option(key, answers)}")
    return index


def _no_option(key: Key, answers: Answers | None = None) -> str:
    last = key.n_options - 1
    same = [LETTERS[index] for index, option in enumerate(key.options) if key.text and option.strip() == key.text]
    if len(same) > 1 and not key.labels:
        return f"{key.where}: the answer must be the text of one option, {key.value!r} is that of {' and '.join(same)}"
    names = {
        "letters": f"a letter from A to {LETTERS[last]}",
        "from-one": f"a letter from A to {LETTERS[last]} or a number from 1 to {key.n_options}",
        "text": "the text of exactly one option",
    }
    either = f"a letter from A to {LETTERS[last]} or an index from 0 to {last}"
    expected = (
        f"one of the labels {', '.join(map(repr, key.labels))}" if key.labels else names.get(answers or "", either)
    )
    return f"{key.where}: the answer must be {expected}, got {key.value!r}"


def _mixed(kind: str, first: Key, second: Key, source: str) -> str:
    second_kind = "digits" if second.is_digits else "letters"
    remedy = f"say what the digits count with {_flag('from-one', 'from-zero')}"
    if kind != "letters":
        remedy = "write them all as texts, or all as letters"
    return (
        f"{source}: the answers of a file must be of one kind, got {kind} and {second_kind}: "
        f"{first} and {second}; {remedy}"
    )


def _also_a_text(key: Key, answers: Sequence[Answers], source: str) -> str:
    return (
        f"{source}, {key.where}: the answer {key.value!r} is the text of option {LETTERS[key.by_text or 0]} too; say "
        f"what the answers of the file are with {_flag(*answers)}"
    )


def _flag(*answers: Answers) -> str:
    return f"--answers {'|'.join(answers)} (answers= in Python)"
