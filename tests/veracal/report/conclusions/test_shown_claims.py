"""Claims of a page are one family; sentences of answers, scores and confidences say what of them is shown."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from benchmarks.false_sentences.pages import missing_of_file
from calibration import Pairs, Predictions
from calibration.uncertainty.q_values import shown_together
from factuality import MultipleChoice
from tests.pages import Page
from veracal.report.choice_results import ChoiceResults
from veracal.report.conclusions.choice_sentences import choices_conclusions
from veracal.report.conclusions.scored_sentences import scored_claims, scored_conclusions
from veracal.report.conclusions.shown_claims import PAIR, SUBJECTS, shown_claims
from veracal.report.group_sentences import apart, moved
from veracal.report.inputs import read_inputs
from veracal.report.page import write_report
from veracal.report.results import Results, compute_results
from veracal.report.runs_in_memory import RunInMemory, run_folders
from veracal.report.scored_results import scored_results


def test_holm_by_hand() -> None:
    # .01 × 4 and .015 × 3 are at most .05, .03 × 2 is not, so that .04 is not tried.
    p_values = {"a": 0.015, "b": 0.04, "c": 0.01, "d": 0.03, "unknown": None, "blank": np.nan}
    assert shown_together(p_values) == {"a", "c"}
    assert shown_together({}) == frozenset()


def results_of(runs: list[RunInMemory], folder: Path) -> Results:
    return compute_results(read_inputs(run_folders(runs, folder), ["one", "two"][: len(runs)]))


def letters(scale: float, *, n_items: int = 300) -> Predictions:
    rng = np.random.default_rng(5)
    honest = 1.5 * rng.normal(size=(n_items, 4))
    weight = np.exp(honest)
    answer = (rng.random((n_items, 1)) > np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)).sum(axis=1)
    names = [f"subject {number % 6}" for number in range(n_items)]
    return Predictions.from_arrays(scale * honest, answer, subject=names)


def test_every_part_of_a_page_is_in_the_family(tmp_path: Path) -> None:
    shown = shown_claims(results_of([letters(1.0), letters(4.0)], tmp_path))
    assert set(shown) == {PAIR, SUBJECTS}
    assert {"ece_choices", "signed_gap", "lean after", "error after"} <= shown[PAIR]
    assert not {"accuracy", "lean before", "error before"} & shown[PAIR]


@pytest.mark.parametrize(
    ("change", "shown", "words"),
    [
        ((0.1, 0.05, 0.15), {"mc1"}, "(mc1) rose (+0.100 [+0.050, +0.150])"),
        ((-0.1, -0.15, -0.05), {"mc1"}, "(mc1) fell (-0.100 [-0.150, -0.050])"),
        ((0.1, 0.05, 0.15), set(), "no change of the share of questions whose best answer is likelier than every"),
        ((0.0, -0.01, 0.02), set(), "(mc1) stayed within 0.03 of what it was (+0.000 [-0.010, +0.020])"),
        ((0.1, None, None), set(), "too little is known to tell what became of the share"),
    ],
)
def test_what_became_of_scores_by_likelihood(change: tuple[Any, ...], shown: set[str], words: str) -> None:
    row = dict(zip(("change", "low", "high"), change, strict=True))
    results: Any = SimpleNamespace(main="mc1", sources=(), scores={"mc1": ()}, estimates={"mc1": ()})
    results.changes, results.reference = {"post": {"mc1": row}}, "base"
    (sentence,) = choices_conclusions(cast("ChoiceResults", results), shown)
    assert sentence.startswith("From base to post, ")
    assert words in sentence


def scores(model: str, won: list[float], *, first: int = 0) -> MultipleChoice:
    names = [f"question {number + first}" for number in range(len(won))]
    shared = {"question": names, "text": names, "category": "law", "adversarial": True, "primer": "none"}
    return MultipleChoice(pl.DataFrame({**shared, "model": model, "variant": "mc1", "score": won}))


@pytest.mark.usefixtures("figures_undrawn")
def test_a_page_of_scores_by_likelihood_tells_what_changed(tmp_path: Path) -> None:
    write_report([scores("base", [0.0] * 60), scores("post", [1.0] * 40 + [0.0] * 20)], tmp_path / "page.html")
    page = Page(tmp_path / "page.html")
    assert "base finds the best answer likelier than every false one in 0.000" in page.words
    assert "every false one (mc1) rose (+0.667" in page.words
    assert "Shown, within 0.03" in page.words


def test_scores_on_other_questions_have_no_change(tmp_path: Path) -> None:
    results = results_of([scores("base", [0.0, 1.0]), scores("post", [0.0, 1.0], first=5)], tmp_path)
    assert results.choices is not None
    assert results.choices.changes == {}


@pytest.mark.usefixtures("figures_undrawn")
def test_the_file_of_a_page_holds_the_sentences_that_the_benchmark_judges() -> None:
    assert missing_of_file([letters(1.0), letters(4.0)]) == []


def test_words_on_confidences() -> None:
    rng = np.random.default_rng(2)
    confidence = rng.uniform(0.3, 0.88, 400)
    honest = Pairs.from_arrays(confidence, rng.random(400) < confidence)
    sure = Pairs.from_arrays(confidence + np.resize([0.08, 0.12], 400), honest.correct)
    results = scored_results("confidences", "Confidences", ["honest", "sure"], [honest, sure], pair=(0, 1))
    shown = shown_together(scored_claims(results))
    assert shown == {"lean 1", "error 1", "signed_gap", "ece_top"}
    first, second, changes = scored_conclusions(results, shown)
    assert "its confidence is not shown to differ from that on average (" in first
    assert " and has an ECE of " in first
    assert "its confidence is above that on average (+0.1" in second
    assert " and is not calibrated: it has an ECE of " in second
    assert "accuracy stayed within 0.03 of what it was (+0.000" in changes
    assert "confidence − accuracy rose (+0.100" in changes
    assert "the ECE rose (+0." in changes
    # The same numbers beside so much else that nothing is shown.
    first, second, changes = scored_conclusions(results, ())
    assert "is not shown to differ" in second
    assert "no change of the ECE is shown (+0." in changes


def test_one_answer_is_no_several() -> None:
    single = scored_results("confidences", "Confidences", ["one"], [Pairs.from_arrays([0.7], [1])], pair=None)
    assert "1 answer, too few to tell" in scored_conclusions(single, ())[0]


def test_groups_are_named_where_any_is_shown() -> None:
    frame = pl.DataFrame(
        {"change": [0.1, -0.2, 0.0], "low": [0.05, -0.3, -0.1], "high": [0.15, -0.1, 0.1], "q_value": [0.01, 0.02, 0.5]}
    )
    assert moved("gap", frame, shown=True) == "The gap rose in 1 of 3 groups and fell in 1, at q < 0.05."
    assert moved("gap", frame, shown=False, what="subjects") == (
        "No change of the gap is shown in the 3 subjects: q is below 0.05 in 2, which is not enough beside all that "
        "this page tests."
    )
    assert moved("gap", frame.tail(1), shown=False) == "No change of the gap is shown in the 1 groups."
    apart_frame = pl.DataFrame({"difference_q_value": [0.01, 0.2], "q_value": [0.5, 0.5]})
    assert apart("accuracy", apart_frame, shown=True) == [
        "The accuracy differs from that of all other items in 1 of 2 groups, at q < 0.05."
    ]
    assert apart("accuracy", apart_frame.tail(1), shown=False) == [
        "The accuracy is not shown to differ from that of all other items in any of 1 groups."
    ]
