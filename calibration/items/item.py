"""Multiple-choice items."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..files.digest import digest
from .subject_choice import chosen_subjects

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

# Letters, marks and patterns that show nothing: fillers, joiners, variation selectors, the empty Braille pattern.
_WITHOUT_INK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)


@dataclass(frozen=True, slots=True)
class Item:
    """A multiple-choice question.

    Attributes
    ----------
    id : str
        Pairs the item between runs: ``subject/index`` on MMLU.
    subject : str
        Group and cluster of the item; empty if there is none.
    question : str
        The question, as the file has it.
    options : tuple of str
        2 to 26 options, as the file has them; none is blank.
    answer : int
        Index of the right option, from 0.
    columns : mapping
        Further columns of the file: texts, numbers, truth values and dates, by which items can be grouped.

    Raises
    ------
    ValueError
        If a field breaks these rules; the message names the item.

    Examples
    --------
    >>> item = Item("arithmetic/0", "arithmetic", "What is 2 + 3?", ("4", "5"), 1)
    >>> item.letter
    'B'
    """

    id: str
    subject: str
    question: str
    options: tuple[str, ...]
    answer: int
    columns: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)

    def __post_init__(self) -> None:
        if not self.id:
            raise ValueError("an item's id must not be empty")
        for text in (self.id, self.subject, self.question, *self.options):
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ValueError(f"item {self.id!a}: a text must be valid Unicode, got {text[:40]!a}") from None
        if is_blank(self.question):
            raise ValueError(f"item {self.id}: the question is empty")
        if not 2 <= len(self.options) <= len(LETTERS):
            raise ValueError(f"item {self.id}: there must be 2 to 26 options, got {len(self.options)}")
        for letter, option in zip(LETTERS, self.options, strict=False):
            if is_blank(option):
                raise ValueError(f"item {self.id}: option {letter} is empty, got {option!r}")
        if not 0 <= self.answer < len(self.options):
            raise ValueError(
                f"item {self.id}: the answer must be one of the {len(self.options)} options, got index {self.answer}"
            )

    @property
    def letter(self) -> str:
        """The letter of the right option."""
        return LETTERS[self.answer]

    @property
    def content(self) -> str:
        """Hash of question and options (16 hexadecimal digits).

        Two items with the same hash have the same text.
        """
        return content_hash(self.question, self.options)


def content_hash(question: str, options: Sequence[str]) -> str:
    """Hash of a question and its options, in their order (16 hexadecimal digits)."""
    return digest("\x1f".join((question, *options)))


def unique_ids(items: Sequence[Item]) -> list[Item]:
    """The items, refused if an id is repeated.

    Raises
    ------
    ValueError
        Naming the first repeated id and both of its positions.
    """
    seen: dict[str, int] = {}
    for number, item in enumerate(items):
        if item.id in seen:
            raise ValueError(f"ids must be unique: {item.id} is at items {seen[item.id]} and {number}")
        seen[item.id] = number
    return list(items)


def select(items: Iterable[Item], *, subjects: Sequence[str] | None = None, limit: int | None = None) -> list[Item]:
    """Keep some subjects, and the first items of each.

    Parameters
    ----------
    items : iterable of Item
        What is chosen from.
    subjects : sequence of str, optional
        Names of subjects, patterns such as ``high_school_*``, or MMLU's groups
        (`calibration.items.subject_choice.chosen_subjects`); all if omitted.
    limit : int, optional
        How many items to keep a subject, from the first.

    Raises
    ------
    ValueError
        For a subject that no item has, or a limit below 1.
    """
    items = list(items)
    if limit is not None and limit < 1:
        raise ValueError(f"the limit must be at least 1, got {limit}")
    chosen = None if subjects is None else {*chosen_subjects(subjects, (item.subject for item in items))}
    taken: dict[str, int] = {}
    kept = []
    for item in items:
        if chosen is not None and item.subject not in chosen:
            continue
        taken[item.subject] = taken.get(item.subject, 0) + 1
        if limit is None or taken[item.subject] <= limit:
            kept.append(item)
    return kept


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: blanks, and signs without a width or a form.

    Examples
    --------
    >>> is_blank(" \u200b"), is_blank("0")
    (True, False)
    """
    return all(sign.isspace() or sign in _WITHOUT_INK or unicodedata.category(sign) in ("Cc", "Cf") for sign in text)
