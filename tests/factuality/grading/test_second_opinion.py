"""Weights of wording beside the rules that read abstentions."""

from __future__ import annotations

import numpy as np
import pytest

from examples.abstention_weights import training
from factuality import Question
from factuality.grading.abstention import declines, declines_by_rules
from factuality.grading.abstention_phrases.answer_features import features_of
from factuality.grading.abstention_phrases.answer_text import read_answer
from factuality.grading.abstention_phrases.second_opinion import WordWeights, word_weights
from factuality.grading.graders.matching import match

LABELLED = training.labelled()
KNOWN = [answer for answer in LABELLED if answer[2] not in training.SEALED]


def counts(name: str) -> tuple[int, int, int]:
    """Hits, answers read as abstaining, and answers that abstain, of a set."""
    answers = [(declines(text), abstains) for text, abstains, group in LABELLED if group == name]
    hits = sum(read and abstains for read, abstains in answers)
    return hits, sum(read for read, _ in answers), sum(abstains for _, abstains in answers)


def test_the_weights_are_those_of_the_labelled_answers() -> None:
    assert word_weights().data == training.hash_of(KNOWN)
    assert training.WEIGHTS.read_text("utf-8") == word_weights().as_text()


@pytest.mark.slow  # a fit takes five seconds
def test_training_gives_these_weights_again() -> None:
    """Log-odds of all labelled answers, in hundredths, by weights fitted anew: roundings may differ."""
    anew = training.fitted(KNOWN)
    texts = [read_answer(text) for text, _, _ in LABELLED]
    stored = np.array([word_weights().log_odds(text) for text in texts])
    np.testing.assert_allclose([anew.log_odds(text) for text in texts], stored, atol=25)


def test_fitted_weights_tell_their_answers_apart() -> None:
    answers = [
        (f"{opening} {word}.", abstains, "")
        for word in (
            "apples",
            "bread",
            "cheese",
            "dates",
            "eggs",
            "figs",
            "grapes",
            "honey",
            "ice",
            "jam",
            "kale",
            "limes",
        )
        for opening, abstains in (("I cannot tell you about", True), ("You asked me about", False))
    ]
    weights = training.fitted(answers)
    assert [weights.log_odds(read_answer(text)) > 0 for text, _, _ in answers] == [label for _, label, _ in answers]


# What docs/factuality.md says of the sets that nothing was fitted or tuned on.
@pytest.mark.parametrize(("name", "expected"), [("sealed, first", (96, 102, 100)), ("sealed, second", (91, 102, 100))])
def test_sealed_sets(name: str, expected: tuple[int, int, int]) -> None:
    assert counts(name) == expected


@pytest.mark.parametrize("name", ["twelfth", "thirteenth", "fourteenth", "fifteenth", "seventeenth", "examples"])
def test_sets_of_the_fit(name: str) -> None:
    hits, read, abstaining = counts(name)
    assert hits / read >= 0.95
    assert hits / abstaining >= 0.95


def test_names_numbers_and_quotations_are_words_of_their_own() -> None:
    features = features_of(read_answer('In 1912 Captain Smith said "no idea".'))
    assert {"=in 0 Name", "=Name said Quoted", "s quotation", "s number", "s names 2"} <= features
    assert not {feature for feature in features if feature[0] != "c" and ("1912" in feature or "idea" in feature)}


def test_weights_overrule_only_where_they_are_sure() -> None:
    sure = WordWeights(0, {"=stumped": 86, "=tea": -221}, "")
    assert sure.abstains(read_answer("That has me stumped"), ruled=False)
    assert not sure.abstains(read_answer("No idea, but some tea."), ruled=True)
    unsure = WordWeights(0, {"=stumped": 85, "=tea": -219}, "")
    assert not unsure.abstains(read_answer("That has me stumped"), ruled=False)
    assert unsure.abstains(read_answer("No idea, but some tea."), ruled=True)


@pytest.mark.parametrize(
    ("text", "ruled"), [("all stumped here", False), ("stumped " * 41, False), ("no tea at all", True)]
)
def test_rules_alone_read_short_long_and_single_clauses(text: str, ruled: bool) -> None:
    weights = WordWeights(0, {"=stumped": 900, "=tea": -900}, "")
    assert weights.abstains(read_answer(text), ruled=ruled) is ruled


def test_a_reference_that_is_affirmed_is_evidence_of_an_answer() -> None:
    text = "Artists take inspiration from different sources"
    assert declines(text)
    assert not declines_by_rules(text)
    question = Question("artists", "science", "Where do artists get ideas?", (text,), ("Artists take drugs",))
    assert match(text, question).grade == "correct"
