"""Features of an answer's wording, which the second opinion weighs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .answer_text import AnswerText
from .clauses import Clause

_WORD = re.compile("x[\ue000-\uf8ff]|[^\\W_]+(?:'[^\\W_]+)*|[?.!:,;\"()…-]")
_SENTENCE_ENDS = frozenset(".?!")
_NO_NAMES_BEHIND = frozenset(".?!:")
_QUOTATION, _NAME, _NUMBER = "Quoted", "Name", "0"
_START, _END = "<", ">"
_OPENING_WORDS = 4
_MOST_NAMES = 3


def features_of(answer: AnswerText) -> set[str]:
    """Features of an answer, as short texts.

    Up to three words in a row (``=``), pairs of words with one or two between (``_``), beginnings and ends of words
    (``^``, ``$``), words of the first and the last sentence (``f``, ``l``; ``o`` where there is only one), words that
    clauses open with (``c``; ``1``, ``5``, ``9`` in the first, a middle, the last clause), and signs (``s``): length,
    numbers, names, quotations, a question at the end. Quotations, names within sentences and numbers are the words
    ``Quoted``, ``Name`` and ``0``, but where clauses open.

    Examples
    --------
    >>> from factuality.grading.abstention_phrases.answer_text import read_answer
    >>> answer = read_answer("I can't say.")
    >>> sorted(features_of(answer))[:5]
    ['=.', '=. >', '=<', '=< i', '=< i can']
    """
    words = _words(answer.text)
    features = set(_rows("=", words, 3))
    whole = (_START, *words, _END)
    features.update(f"_{first} {second}" for first, second in zip(whole, whole[2:], strict=False))
    features.update(f"__{first} {second}" for first, second in zip(whole, whole[3:], strict=False))
    for word in words:
        if len(word) > 3:
            features.add(f"^{word[:3]}")
            features.add(f"${word[-3:]}")
        if len(word) > 4:
            features.add(f"^{word[:4]}")
    sentences = _sentences(words)
    if len(sentences) == 1:
        features.update(_rows("o", sentences[0], 2))
    elif sentences:
        features.update(_rows("f", sentences[0], 2))
        features.update(_rows("l", sentences[-1], 2))
    features.update(_openings(answer.clauses))
    features.update(_signs(answer.text, words))
    return features


def _words(text: str) -> list[str]:
    """Words and signs in lower case, a word for all names, numbers, quotations each."""
    words = []
    before = "."
    for written in _WORD.findall(text.lower() if text.isupper() else text):
        if "\ue000" <= written[-1] <= "\uf8ff":
            word = _QUOTATION
        elif any(character.isdigit() for character in written):
            word = _NUMBER
        elif written[0].isupper() and written != "I" and before not in _NO_NAMES_BEHIND:
            word = _NAME
        else:
            word = written.lower()
        words.append(word)
        before = written
    return words


def _rows(kind: str, words: Sequence[str], longest: int) -> Iterator[str]:
    """Rows of words, up to a length, with marks at both ends."""
    whole = (_START, *words, _END)
    for length in range(1, longest + 1):
        for start in range(len(whole) - length + 1):
            yield kind + " ".join(whole[start : start + length])


def _sentences(words: Sequence[str]) -> list[list[str]]:
    sentences: list[list[str]] = [[]]
    for word in words:
        sentences[-1].append(word)
        if word in _SENTENCE_ENDS:
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def _openings(clauses: Sequence[Clause]) -> Iterator[str]:
    for index, clause in enumerate(clauses):
        words = clause.text.split()
        for length in range(1, _OPENING_WORDS + 1):
            yield f"c{' '.join(words[:length])}"
        where = "1" if index == 0 else "9" if index == len(clauses) - 1 else "5"
        yield f"c{where}{' '.join(words[:2])}"
        if clause.contrast:
            yield "s but"
            yield f"cbut {words[0]}"


def _signs(text: str, words: Sequence[str]) -> Iterator[str]:
    yield f"s length {len(words).bit_length()}"
    names = words.count(_NAME)
    if names:
        yield "s name"
        yield f"s names {min(names, _MOST_NAMES)}"
    if _NUMBER in words:
        yield "s number"
    if _QUOTATION in words:
        yield "s quotation"
    if text.rstrip().endswith("?"):
        yield "s question"
