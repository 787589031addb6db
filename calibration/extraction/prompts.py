"""Prompts of items: text to continue, or turns of a chat."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from ..items.item import LETTERS, Item

Style = Literal["completion", "chat", "chat-prefill"]
STYLES: tuple[Style, ...] = get_args(Style)

# Opens the assistant's turn in the style chat-prefill, and ends the prompt of a completion.
ANSWER = "Answer:"


def completion(item: Item, shots: Sequence[Item] = ()) -> str:
    """Prompt of lm-eval's MMLU task, which the model continues with a letter.

    Parameters
    ----------
    item : Item
        The item asked.
    shots : sequence of Item
        Few-shot examples in front of it.

    Examples
    --------
    >>> print(completion(Item("0", "us_history", " When? ", ("now", "then"), 1)))
    The following are multiple choice questions (with answers) about us history.
    <BLANKLINE>
    When?
    A. now
    B. then
    Answer:
    """
    about = f" about {_readable(item.subject)}" if item.subject else ""
    head = f"The following are multiple choice questions (with answers){about}.\n\n"
    solved = [f"{_block(shot)}\n{ANSWER} {shot.letter}\n\n" for shot in shots]
    return f"{head}{''.join(solved)}{_block(item)}\n{ANSWER}"


def messages(item: Item, shots: Sequence[Item] = ()) -> list[dict[str, str]]:
    """Turns of a chat that asks for the letter alone.

    Few-shot examples are earlier turns.

    Examples
    --------
    >>> for turn in messages(Item("0", "history", "When?", ("now", "then"), 1)):
    ...     print(turn["role"], turn["content"], sep=": ")
    user: The following is a multiple choice question about history. Answer with the letter of the right option alone.
    <BLANKLINE>
    When?
    A. now
    B. then
    """
    about = f" about {_readable(item.subject)}" if item.subject else ""
    head = f"The following is a multiple choice question{about}. Answer with the letter of the right option alone.\n\n"
    turns = []
    for shot in shots:
        turns.append({"role": "user", "content": head + _block(shot)})
        turns.append({"role": "assistant", "content": shot.letter})
    return [*turns, {"role": "user", "content": head + _block(item)}]


def shots_of(items: Sequence[Item], dev: Mapping[str, Sequence[Item]], shots: int) -> dict[str, tuple[Item, ...]]:
    """Choose the first few-shot examples of each subject.

    Parameters
    ----------
    items : sequence of Item
        Items that will be asked.
    dev : mapping of str to sequence of Item
        Candidates for few-shot examples, by subject.
    shots : int
        Number of examples a subject.

    Raises
    ------
    ValueError
        If a subject has fewer, by name; if an example is also asked, by its id or by its content.

    Notes
    -----
    Two items have the same content if their questions are the same, and their options in any order or their right
    answers; Unicode forms (NFC), white space and case do not count. Ids that only number rows are not compared.

    Examples
    --------
    >>> asked = Item("a", "law", "When?", ("now", "then"), 1)
    >>> shots_of([asked], {"law": [Item("b", "law", "When? ", ("then", "now"), 0)]}, 1)
    Traceback (most recent call last):
    ValueError: a few-shot example must not be asked, a is: it is b among the examples of 'law'; leave one of them out
    """
    if shots < 0:
        raise ValueError(f"shots must be 0 or more, got {shots}")
    chosen: dict[str, tuple[Item, ...]] = {}
    for item in items:
        if item.subject in chosen:
            continue
        solved = tuple(dev.get(item.subject, ()))[:shots]
        if len(solved) < shots:
            raise ValueError(f"{shots} shots are asked for, the subject {item.subject!r} has {len(solved)} dev items")
        chosen[item.subject] = solved
    _refuse_asked(items, chosen)
    return chosen


def _refuse_asked(items: Sequence[Item], chosen: Mapping[str, Sequence[Item]]) -> None:
    """Refuse few-shot examples that are asked themselves."""
    names = {subject: {mark: shot for shot in shots for mark in _marks(shot)} for subject, shots in chosen.items()}
    for item in items:
        for mark in _marks(item) if names[item.subject] else ():
            if (shot := names[item.subject].get(mark)) is not None:
                raise ValueError(
                    f"a few-shot example must not be asked, {item.id} is: it is {shot.id} among the examples of "
                    f"{item.subject!r}; leave one of them out"
                )


def _marks(item: Item) -> list[tuple[str, ...]]:
    """Marks that two items have in common if they are the same."""
    question, *options = (
        " ".join(unicodedata.normalize("NFC", text).split()).casefold() for text in (item.question, *item.options)
    )
    marks = [("options", question, *sorted(options)), ("answer", question, options[item.answer])]
    is_number = item.id.rpartition("/")[2].isdecimal()
    return marks if is_number else [*marks, ("id", item.id)]


def _block(item: Item) -> str:
    options = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, item.options, strict=False))
    return f"{item.question.strip()}\n{options}"


def _readable(subject: str) -> str:
    return subject.replace("_", " ")
