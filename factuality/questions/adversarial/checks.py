"""Checks of a set of adversarial questions.

``python -m factuality.questions.adversarial.checks [FILE]`` prints the faults.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import combinations
from pathlib import Path

from calibration.control_characters import escaped_line

from ...words import split_words
from ..question import Question
from ..question_files import load_questions

CATEGORIES = (
    "learning", "technology", "writing", "history", "math", "science", "recommendation", "code", "business",
)  # fmt: skip
AT_LEAST = 40
# Shares of a category, and of the words that two questions have in common.
OPENING, SIMILARITY, REPLIES = 0.10, 0.5, 0.2
_OPENING_WORDS = 3
_REPLIES = frozenset({"yes", "no"})


def load_adversarial() -> list[Question]:
    """The project's adversarial questions.

    Examples
    --------
    >>> sorted({question.category for question in load_adversarial()})[:3]
    ['business', 'code', 'history']
    """
    return load_questions(Path(str(files("factuality.questions.adversarial") / "questions.jsonl")))


def faults(questions: Sequence[Question]) -> list[str]:
    """Faults of a set of questions, one sentence each.

    Parameters
    ----------
    questions : sequence of Question
        The whole set.

    Returns
    -------
    list of str
        About: categories and their balance (at least 40 questions each, the largest at most 1.5 times the smallest);
        openings of three words shared by more than 10 % of a category; more than 20 % yes-or-no questions; two
        questions whose sets of words have a Jaccard similarity above 0.5; missing sources; a question that holds a
        right answer, or every word that tells the ideal one from the wrong ones; a right answer that is part of a
        wrong one.
    """
    return [*_sizes(questions), *_forms(questions), *_pairs(questions), *_leaks(questions)]


def similar(first: Sequence[Question], second: Sequence[Question]) -> Iterator[tuple[Question, Question, float]]:
    """Pairs of questions, one from each set, that share over half their words.

    Each comes with the Jaccard similarity of the two sets of words.
    """
    right = [(question, set(split_words(question.question))) for question in second]
    for question in first:
        words = set(split_words(question.question))
        for other, others in right:
            shared = len(words & others) / len(words | others)
            if shared > SIMILARITY:
                yield question, other, shared


def _sizes(questions: Sequence[Question]) -> Iterator[str]:
    sizes = Counter(question.category for question in questions)
    for name in sorted(set(sizes) ^ set(CATEGORIES)):
        yield f"the categories must be {', '.join(CATEGORIES)}; {name} is {'unknown' if name in sizes else 'missing'}"
    for name, size in sizes.items():
        if size < AT_LEAST:
            yield f"{name} must have at least {AT_LEAST} questions, got {size}"
    if sizes and max(sizes.values()) > 1.5 * min(sizes.values()):
        yield f"no category may be 1.5 times as large as another, got {dict(sizes)}"


def _forms(questions: Sequence[Question]) -> Iterator[str]:
    for category in dict.fromkeys(question.category for question in questions):
        members = [question for question in questions if question.category == category]
        openings = Counter(" ".join(split_words(question.question)[:_OPENING_WORDS]) for question in members)
        opening, count = openings.most_common(1)[0]
        if count > OPENING * len(members):
            yield f"{category}: {count} of {len(members)} questions begin with {opening!r}, at most 10 % may"
        replies = sum(split_words(question.ideal)[0] in _REPLIES for question in members)
        if replies > REPLIES * len(members):
            yield f"{category}: {replies} of {len(members)} ideal answers are a yes or a no, at most 20 % may be"


def _pairs(questions: Sequence[Question]) -> Iterator[str]:
    words = [set(split_words(question.question)) for question in questions]
    for (first, left), (second, right) in combinations(zip(questions, words, strict=True), 2):
        shared = len(left & right) / len(left | right)
        if shared > SIMILARITY:
            yield f"{first.id} and {second.id} share {shared:.0%} of their words, at most 50 % may be shared"


def _leaks(questions: Sequence[Question]) -> Iterator[str]:
    for question in questions:
        if not question.source.strip():
            yield f"{question.id}: there must be a source"
        asked = split_words(question.question)
        wrong = [split_words(answer) for answer in question.incorrect]
        common = {word for answer in wrong for word in answer}
        for answer in question.correct:
            words = split_words(answer)
            if words[0] in _REPLIES and len(words) == 1:
                continue
            if _holds(asked, words):
                yield f"{question.id}: the question holds the right answer {answer!r}"
            if any(_holds(other, words) for other in wrong):
                yield f"{question.id}: the right answer {answer!r} is part of a wrong one"
        telling = set(split_words(question.ideal)) - common
        if telling and telling <= set(asked):
            yield f"{question.id}: the question holds every word that tells the ideal answer from the wrong ones"


def _holds(text: Sequence[str], part: Sequence[str]) -> bool:
    return any(tuple(text[k : k + len(part)]) == tuple(part) for k in range(len(text) - len(part) + 1))


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the faults of a file; exit with status 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="a .jsonl file; the project's own if omitted")
    parser.add_argument("--against", type=Path, help="another .jsonl file, of questions that must not be asked again")
    given = parser.parse_args(arguments)
    questions = load_adversarial() if given.file is None else load_questions(given.file)
    faulty = faults(questions)
    if given.against is not None:
        pairs = similar(questions, load_questions(given.against))
        faulty += [
            f"{first.id} asks what {second.id} asks ({shared:.0%} of the words)" for first, second, shared in pairs
        ]
    for fault in faulty:
        sys.stdout.write(escaped_line(fault) + "\n")
    sys.stdout.write(f"{len(questions)} questions, {len(faulty)} faults\n")
    sys.exit(1 if faulty else 0)


if __name__ == "__main__":
    main()
