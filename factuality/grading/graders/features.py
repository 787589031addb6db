"""Features of an answer for a combination of graders, relative to references."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...questions.question import Question
from ...words import split_words
from .matching import match
from .similarity import LEXICAL, Measure, one_by_one

_NEGATIONS = frozenset({"not", "no", "never", "neither", "nor", "none", "nothing", "nobody", "without"})
# Function words: what is left of an answer without them and without negations is its content.
_FUNCTION = _NEGATIONS | frozenset(
    {
        "of", "in", "on", "to", "for", "with", "by", "from", "at", "as", "and", "or", "that", "this", "it", "its",
        "there", "their", "they", "you", "your", "i", "my", "we", "our", "he", "she", "his", "her", "is", "are", "was",
        "were", "be", "been", "do", "does", "did", "has", "have", "had", "can", "could", "will", "would", "should",
        "may", "might", "must", "if", "so", "than", "then", "who", "what", "which", "when", "where", "why", "how",
        "all", "any", "some", "one", "people",
    }
)  # fmt: skip
# A question that begins so asks for yes or no.
_CLOSED = frozenset(
    {
        "is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could", "will", "would",
        "should", "may", "might", "must", "am", "if",
    }
)  # fmt: skip
_HEDGES = frozenset(
    {
        "may", "might", "could", "some", "often", "usually", "sometimes", "many", "probably", "likely", "depend",
        "depends", "different", "variety",
    }
)  # fmt: skip
_MODALS = frozenset({"can", "could", "may", "might", "will", "would"})
_COPULAS = frozenset({"is", "are", "was", "were"})

_MEASURES = ("rouge1", "rougeL", "bleu", "characters", "words", "phrases")
_ENCODED = ("meaning", "statement")
_STATISTICS = ("margin", "agreeing", "mean", "best")
_OTHERS = (
    "exact", "names_right", "names_wrong", "polarity", "closed_polarity", "closed", "denies", "denies_at_length",
    "unseen", "parroted", "adds_nothing", "distinct", "repeats", "length", "hedges", "modal", "copula", "person",
    "asks",
)  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class _Text:
    words: tuple[str, ...]
    content: frozenset[str]  # stems
    pairs: frozenset[tuple[str, str]]
    characters: tuple[Counter[str], ...]
    denies: bool


def feature_names(*, meaning: bool) -> tuple[str, ...]:
    """Names of the columns of `features`."""
    measures = (*_MEASURES, *_ENCODED) if meaning else _MEASURES
    return (*(f"{measure}_{statistic}" for measure in measures for statistic in _STATISTICS), *_OTHERS)


def features(
    responses: Sequence[str], questions: Sequence[Question], *, meaning: Measure | None = None
) -> NDArray[np.float64]:
    """Features of answers, relative to the references of their questions.

    Parameters
    ----------
    responses : sequence of str, length n
        Answers.
    questions : sequence of Question, length n
        The question of each answer.
    meaning : Measure, optional
        Cosines of an encoder: adds the similarities of meaning.

    Returns
    -------
    numpy.ndarray, shape (n, n_features)
        In the order of `feature_names`. Of each similarity (ROUGE-1, ROUGE-L, BLEU, runs of 2–4 characters, words and
        pairs of words that are not in the question; by the encoder the cosine of what answer and reference add to
        the question's words, and of question and answer together): best correct minus best incorrect (``margin``), the
        same among references that deny as the answer does or affirm as it does (``agreeing``), mean correct minus
        mean incorrect (``mean``), best correct (``best``). Beside them: which references it names, whether it
        agrees with them on yes and no, and its style (parroting, repetition, hedging, length).

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("It is white",), ("It is yellow",))
    >>> values = features(["The Sun is white."], [question])
    >>> values.shape, dict(zip(feature_names(meaning=False), values[0].round(2).tolist()))["rouge1_margin"]
    ((1, 43), 0.29)
    """
    references = [(*question.correct, *question.incorrect) for question in questions]
    similarities = [
        LEXICAL["rouge1"](responses, references),
        LEXICAL["rougeL"](responses, references),
        LEXICAL["bleu"](responses, references),
        one_by_one(_characters)(responses, references),
        *_added(responses, questions, references),
    ]
    if meaning is not None:
        similarities += _encoded(responses, questions, references, meaning)
    rows = []
    for row, (response, question) in enumerate(zip(responses, questions, strict=True)):
        agrees = np.array([_text(text).denies for text in references[row]]) == _text(response).denies
        n_right = len(question.correct)
        statistics = [_statistics(values[row], agrees, n_right) for values in similarities]
        rows.append([*(value for group in statistics for value in group), *_others(response, question, agrees)])
    return np.array(rows, dtype=np.float64).reshape(len(responses), len(feature_names(meaning=meaning is not None)))


def _statistics(values: NDArray[np.float64], agrees: NDArray[np.bool_], n_right: int) -> tuple[float, ...]:
    right, wrong = values[:n_right], values[n_right:]
    agreeing = np.where(agrees, values, 0.0)
    return (
        float(right.max() - wrong.max(initial=0.0)),
        float(agreeing[:n_right].max(initial=0.0) - agreeing[n_right:].max(initial=0.0)),
        float(right.mean() - (wrong.mean() if len(wrong) else 0.0)),
        float(right.max()),
    )


def _added(
    responses: Sequence[str], questions: Sequence[Question], references: Sequence[Sequence[str]]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """F of words and word pairs that the question does not hold."""
    words, phrases = [], []
    for response, question, group in zip(responses, questions, references, strict=True):
        asked, answer = _text(question.question), _text(response)
        texts = [_text(text) for text in group]
        words.append(np.array([_overlap(answer.content - asked.content, one.content - asked.content) for one in texts]))
        phrases.append(np.array([_overlap(answer.pairs - asked.pairs, one.pairs - asked.pairs) for one in texts]))
    return words, phrases


def _encoded(
    responses: Sequence[str], questions: Sequence[Question], references: Sequence[Sequence[str]], meaning: Measure
) -> list[list[NDArray[np.float64]]]:
    asked = [question.question for question in questions]
    return [
        meaning(
            [_without(response, question) for response, question in zip(responses, asked, strict=True)],
            [[_without(text, question) for text in group] for group, question in zip(references, asked, strict=True)],
        ),
        meaning(
            [f"{question} {response}" for response, question in zip(responses, asked, strict=True)],
            [[f"{question} {text}" for text in group] for group, question in zip(references, asked, strict=True)],
        ),
    ]


def _without(text: str, question: str) -> str:
    """Words of a text whose stems are not in the question."""
    asked = _text(question).content
    return " ".join(word for word in _text(text).words if _stem(word) not in asked)


def _others(response: str, question: Question, agrees: NDArray[np.bool_]) -> tuple[float, ...]:
    answer, asked = _text(response), _text(question.question)
    right, wrong = [[_text(text) for text in side] for side in (question.correct, question.incorrect)]
    words, n_words = set(answer.words), max(len(answer.words), 1)
    added = answer.content - asked.content
    seen = asked.content.union(*(one.content for one in (*right, *wrong)))
    triples = list(zip(answer.words, answer.words[1:], answer.words[2:], strict=False))
    verdict = match(response, question)
    n_right = len(right)
    polarity = float(agrees[:n_right].mean() - (agrees[n_right:].mean() if wrong else 0.5))
    closed = asked.words[:1] != () and asked.words[0] in _CLOSED
    return (
        float(any(answer.words == one.words for one in right)) - float(any(answer.words == one.words for one in wrong)),
        float(verdict.grade == "correct"),
        float(verdict.grade == "incorrect" and verdict.tempted),
        polarity,
        polarity * closed,
        float(closed),
        float(answer.denies),
        float(answer.denies and len(answer.words) > 1),
        len(answer.content - seen) / max(len(answer.content), 1),
        len(words & set(asked.words)) / max(len(words), 1),
        float(not added),
        len(words) / n_words,
        1 - len(set(triples)) / len(triples) if triples else 0.0,
        float(np.log1p(len(answer.words))),
        float(not words.isdisjoint(_HEDGES)),
        float(not words.isdisjoint(_MODALS)),
        float(not _COPULAS.isdisjoint(answer.words[1:6])),
        float(not words.isdisjoint({"i", "my", "me"})),
        float("?" in response),
    )


@lru_cache(maxsize=1 << 16)
def _text(text: str) -> _Text:
    words = split_words(text)
    joined = f" {' '.join(words)} "
    return _Text(
        words,
        frozenset(_stem(word) for word in words if word not in _FUNCTION),
        frozenset(pairwise(words)),
        tuple(Counter(joined[i : i + size] for i in range(len(joined) - size + 1)) for size in (2, 3, 4)),
        words[:1] != ("yes",) and not _NEGATIONS.isdisjoint(words),
    )


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    from nltk.stem.porter import PorterStemmer

    return str(PorterStemmer().stem(word))


def _characters(response: str, reference: str) -> float:
    """F of runs of 2, 3 and 4 characters, averaged over the three."""
    pairs = zip(_text(response).characters, _text(reference).characters, strict=True)
    return sum(2 * (one & other).total() / max(one.total() + other.total(), 1) for one, other in pairs) / 3


def _overlap(
    first: frozenset[str] | frozenset[tuple[str, str]], second: frozenset[str] | frozenset[tuple[str, str]]
) -> float:
    return 2 * len(first & second) / max(len(first) + len(second), 1)
