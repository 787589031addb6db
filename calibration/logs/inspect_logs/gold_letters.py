"""Right letters, and whether log-probabilities say how sure answers are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...items.item import LETTERS
from .answer_letter import AnswerLetter, answer_letter
from .credit import Scorer
from .document import Document
from .sample import Sample
from .shown_order import is_explained, shown_order

# If fewer answers are a letter alone, the others cannot be left out.
_LEAST_SHARE = 0.9
_SHUFFLED = "Choices were shuffled"
# Inspect's scorer of letters.
_CHOICE = "choice"


def gold_of(sample: Sample) -> int | None:
    """Index of the right option; None unless one letter names it."""
    named = [letter for text in sample.target for letter in text.replace(",", " ").split()]
    letters = LETTERS[: len(sample.choices)]
    if len(named) != 1 or len(named[0]) != 1 or named[0].upper() not in letters:
        return None
    return letters.index(named[0].upper())


def obstacle(document: Document, samples: Sequence[Sample]) -> str:
    """Why log-probabilities give no confidence, whatever they are; empty if they may."""
    if not any(sample.tokens for sample in samples):
        return "the log has no log-probabilities (logprobs and top_logprobs of the model's configuration log them)"
    if any(len(sample.choices) > len(LETTERS) or gold_of(sample) is None for sample in samples):
        return "some items have several right options, or none that a letter from A to Z names"
    if are_shuffled(document) and not _orders_are_known(samples):
        return "options were shuffled for each answer: letters of the log are not those that the model saw"
    if any(sample.reasoned for sample in samples):
        return "the model reasoned in front of its letter, whose probability is then no confidence in the answer"
    return ""


def shortfall(samples: Sequence[Sample], letters: Mapping[int, AnswerLetter]) -> str:
    """Why the letters that were read are not enough; empty if they are."""
    if len(letters) < _LEAST_SHARE * len(samples):
        are = "is" if len(letters) == 1 else "are"
        return (
            f"{len(letters)} of {len(samples)} answers {are} a letter, or ANSWER: and a letter, with log-probabilities"
            "; behind other text a letter's probability is no confidence in the answer"
        )
    if all(letter.is_placeholder for letter in letters.values()):
        return "all log-probabilities are 0, which stands for none"
    return ""


def readable_letters(samples: Sequence[Sample], scorer: Scorer) -> dict[int, AnswerLetter]:
    """Letters with log-probabilities, by the number of the sample.

    Raises
    ------
    ValueError
        If a verdict contradicts the letter.
    """
    letters = {}
    for number, sample in enumerate(samples):
        order = shown_order(sample)
        letter = None if order is None else answer_letter(sample, order)
        score = scorer.score(sample)
        if letter is None or (score is not None and score.answer.strip() not in ("", LETTERS[letter.index])):
            continue
        credit, gold = scorer.credit(sample), gold_of(sample) or 0
        if credit in (0, 1) and (letter.index == gold) != (credit == 1):
            raise ValueError(
                f"{sample.where}: the right letter is {LETTERS[gold]}, the answer {LETTERS[letter.index]}, and "
                f"the scorer {scorer.title} calls it {'right' if credit else 'wrong'}"
            )
        letters[number] = letter
    return letters


def refuse_other_choices(document: Document, samples: Sequence[Sample], scorer: Scorer) -> None:
    """Raise for a verdict on a chosen letter that contradicts the right one.

    Raises
    ------
    ValueError
        Naming the sample.
    """
    if scorer.name.rpartition("/")[2] != _CHOICE or are_shuffled(document):
        return
    for sample in samples:
        score, credit, gold = scorer.score(sample), scorer.credit(sample), gold_of(sample)
        chosen = score.answer.strip().upper() if score else ""
        if gold is None or len(chosen) != 1 or chosen not in LETTERS or credit not in (0, 1):
            continue
        if (chosen == LETTERS[gold]) != (credit == 1):
            raise ValueError(
                f"{sample.where}: the right letter is {LETTERS[gold]}, the answer {chosen}, and the scorer "
                f"{scorer.title} calls it {'right' if credit else 'wrong'}"
            )


def _orders_are_known(samples: Sequence[Sample]) -> bool:
    """Whether a scorer explains what the model saw, readably where it does."""
    return any(map(is_explained, samples)) and all(shown_order(sample) is not None for sample in samples)


def are_shuffled(document: Document) -> bool:
    """Whether the model saw the options in another order than the log has them."""
    steps = document.part("plan").get("steps")
    parameters = [step.get("params") for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    if any(isinstance(given, dict) and given.get("shuffle") for given in parameters):
        return True
    return any(_SHUFFLED in score.explanation for sample in document.samples for score in sample.scores.values())
