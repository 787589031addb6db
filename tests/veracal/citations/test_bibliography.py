"""Sources: every one that a used estimator names has an entry, and every entry is named by an estimator."""

from __future__ import annotations

import re

import pytest

import factuality
from calibration import brier_score
from calibration.analysis.letter_display import letter_display
from calibration.items.mmlu import load_mmlu
from calibration.predictions.rotations import average_permutations
from calibration.uncertainty.q_values import q_values, shown_together
from factuality.answers.stated_confidence import stated_confidence
from factuality.multiple_choice.changes import multiple_choice_change
from factuality.outcomes.ratios import Ratio
from veracal.citations.bibliography import Entry, bibliography, references, source_keys
from veracal.citations.citation import _GRADERS
from veracal.citations.estimators import (
    KEYS,
    change_sentences,
    cluster_sentence,
    few_errors_sentences,
    measure_sentences,
    weight_sentence,
)

SENTENCES = [
    *measure_sentences(KEYS, whole=True), *change_sentences(KEYS, n_subjects=10), *few_errors_sentences(KEYS),
    cluster_sentence(), weight_sentence(),
]  # fmt: skip
OTHERS = (
    average_permutations, load_mmlu, q_values, shown_together, letter_display, factuality.truthfulqa_mc,
    multiple_choice_change, factuality.rates, factuality.rate_change, Ratio.change, stated_confidence,
)  # fmt: skip
ESTIMATORS = list(
    dict.fromkeys(
        [
            *(function for sentence in SENTENCES for function in sentence.behind),
            *(function for _, behind in _GRADERS.values() for function in behind),
            *OTHERS,
        ]
    )
)
# A DOI may hold parentheses and semicolons; the marks behind it are of the sentence.
IDS = re.compile(r"(?:doi:|arXiv:)\S*?(?=[,;.]*(?:\s|$))")
NAMED = re.compile(r"([A-ZŁÖ][\w’'-]+)[^().;]*? \((\d{4})\)")


def name_of(function: object) -> str:
    return str(getattr(getattr(function, "fget", function), "__qualname__", function))


@pytest.mark.parametrize("function", ESTIMATORS, ids=name_of)
def test_every_source_that_an_estimator_names_has_an_entry(function: object) -> None:
    text = references(function)
    entries = [bibliography()[key] for key in source_keys(function)]
    assert set(IDS.findall(text)) <= {mark for entry in entries for mark in entry.marks}
    years = {entry.fields["year"] for entry in entries}
    assert {year for _, year in NAMED.findall(text)} <= years
    assert len(entries) >= len(set(NAMED.findall(text)))


@pytest.mark.parametrize("key", bibliography())
def test_every_entry_is_named_by_an_estimator(key: str) -> None:
    assert any(key in source_keys(function) for function in ESTIMATORS)


@pytest.mark.parametrize("entry", bibliography().values(), ids=lambda entry: entry.key)
def test_entries_are_whole(entry: Entry) -> None:
    assert {"author", "title", "year"} <= set(entry.fields)
    assert entry.text.count("{") == entry.text.count("}")
    assert entry.text.isascii()
    assert entry.fields["year"] in entry.key


def test_a_source_is_taken_by_its_id_alone_if_it_has_one() -> None:
    entry = bibliography()["openai2023gpt4"]
    assert entry.is_named_in("OpenAI (2023), arXiv:2303.08774, figure 6")
    assert not entry.is_named_in("OpenAI (2023), https://github.com/openai/evals")
    assert not entry.is_named_in("arXiv:2303.087741")


def test_a_source_without_an_id_is_taken_by_author_and_year() -> None:
    entry = bibliography()["hajek1971"]
    assert entry.family == "Hájek"
    assert entry.is_named_in('Hájek (1971), in "Foundations of statistical inference"')
    assert not entry.is_named_in("Hájek (1981)")


def test_examples_are_no_sources() -> None:
    assert references(brier_score) == "Brier (1950), doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2."
