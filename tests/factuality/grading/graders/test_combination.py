"""The graders `combined` and `combine:FILE`: what they look at, and that nothing labels itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factuality import Question
from factuality.grading.graders import combination, grader_identity
from factuality.grading.graders.combination import FittedCombination, fit_combination, load_combination
from factuality.grading.graders.features import feature_names, features
from factuality.grading.graders.logistic import fit_logistic, shipped
from factuality.grading.graders.matching import match
from factuality.grading.graders.specs import parse_spec
from factuality.grading.human_labels import HumanLabels, load_human_labels

SUN = Question(
    "s/0", "science", "Is the Sun yellow?", ("No, it is white", "I have no comment"), ("Yes, it is yellow", "Orange")
)
ROW = dict(zip(feature_names(meaning=False), features(["No, the Sun is not yellow."], [SUN])[0], strict=True))


def labels(n_questions: int = 40, *, n_answers: int = 1, changed: tuple[int, int] | None = None) -> HumanLabels:
    """Answers that say a right or a wrong word, every fifth of them labelled against it; one label may be changed."""
    questions = tuple(
        Question(f"q{number}", "x", f"What is number {number}?", (f"right{number} thing",), (f"wrong{number} idea",))
        for number in range(n_questions)
    )
    rows = []
    for number, question in enumerate(questions):
        for sample in range(n_answers):
            right = (number + sample) % 2 == 0
            label = right != (number % 5 == 0)
            if (number, sample) == changed:
                label = not label
            text = f"{'right' if right else 'wrong'}{number} {'thing' if right else 'idea'} {'so ' * (1 + sample)}"
            rows.append((question.id, sample, "x", question.question, f"m{sample}", text.strip(), label))
    schema = ["question", "sample", "category", "text", "model", "response", "label"]
    return HumanLabels(pl.DataFrame(rows, schema=schema, orient="row"), questions)


def probabilities(grader: FittedCombination, judged: HumanLabels) -> list[float]:
    questions = {question.id: question for question in judged.questions}
    verdicts = grader.judge(judged.frame["response"].to_list(), [questions[name] for name in judged.frame["question"]])
    assert all(verdict.probability is not None for verdict in verdicts)
    return [float(verdict.probability or 0) for verdict in verdicts]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        # "no the sun is not yellow" and "no it is white", "yes it is yellow": 2 of 6 + 4 words are shared with either.
        ("rouge1_margin", 0.0),
        ("rouge1_best", 2 * 2 / 10),
        # Of those that deny as the answer does, only the correct references are left.
        ("rouge1_agreeing", 2 * 2 / 10),
        ("polarity", 1.0),
        ("closed_polarity", 1.0),
        ("closed", 1.0),
        ("denies", 1.0),
        ("adds_nothing", 1.0),  # sun and yellow are in the question
        ("unseen", 0.0),
        ("words_margin", 0.0),
        ("exact", 0.0),
        ("distinct", 1.0),
        ("length", np.log(6)),  # no, sun, is, not, yellow: the article does not count
        ("parroted", 3 / 5),
        ("asks", 0.0),
    ],
)
def test_features_worked_by_hand(name: str, value: float) -> None:
    assert ROW[name] == pytest.approx(value)


def test_swapping_the_sides_turns_the_differences_round() -> None:
    swapped = Question(SUN.id, SUN.category, SUN.question, SUN.incorrect, SUN.correct)
    names = feature_names(meaning=False)
    turned = [
        place for place, name in enumerate(names)
        if name.endswith(("margin", "agreeing", "mean")) or name in ("exact", "polarity", "closed_polarity")
    ]  # fmt: skip
    one, other = features(["It is white"], [SUN])[0], features(["It is white"], [swapped])[0]
    np.testing.assert_allclose(one[turned], -other[turned])


@given(st.lists(st.text(max_size=40), min_size=1, max_size=3))
def test_any_answer_gets_a_probability_or_abstains(responses: Sequence[str]) -> None:
    grader = load_combination(parse_spec("combined:words"))
    for verdict in grader.judge(responses, [SUN] * len(responses)):
        assert verdict.probability is not None
        assert 0 < verdict.probability < 1
        assert verdict.grade == "abstained" or (verdict.grade == "correct") == (verdict.probability >= 0.5)


@pytest.mark.parametrize(
    ("response", "grade", "probability"),
    [
        ("I have no comment", "abstained", 0.98),  # among the correct references
        ("I don't know.", "abstained", 0.9),
        ("", "abstained", 0.9),
    ],
)
def test_who_declines_states_no_falsehood(response: str, grade: str, probability: float) -> None:
    (verdict,) = load_combination(parse_spec("combined:words")).judge([response], [SUN])
    assert (verdict.grade, verdict.probability) == (grade, probability)


def test_yes_and_no_decide() -> None:
    verdicts = load_combination(parse_spec("combined:words")).judge(["No.", "Yes.", "Yes, it is yellow."], [SUN] * 3)
    assert [verdict.grade for verdict in verdicts] == ["correct", "incorrect", "incorrect"]
    assert verdicts[2].tempted


def test_no_answers_get_no_verdicts() -> None:
    assert load_combination(parse_spec("combined:words")).judge([], []) == []


def test_shipped_weights_are_those_of_the_features() -> None:
    assert shipped("words").names == feature_names(meaning=False)
    assert shipped("meaning").names == feature_names(meaning=True)


@pytest.mark.oracle
def test_the_fit_is_that_of_another_library() -> None:
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    values = rng.normal(size=(200, 3)) * [1, 5, 0.1] + [0, 2, 1]
    truthful = values[:, 0] + rng.normal(size=200) > 0.5
    ours = fit_logistic(values, truthful, ["a", "b", "c"])
    standard = (values - values.mean(axis=0)) / values.std(axis=0)
    theirs = LogisticRegression(C=1 / 30, tol=1e-10, max_iter=1000).fit(standard, truthful)
    np.testing.assert_allclose(ours.probability(values), theirs.predict_proba(standard)[:, 1], atol=1e-5)


@pytest.mark.parametrize("references", [False, True])
def test_a_label_never_reaches_its_own_answer(*, references: bool) -> None:
    judged = labels(n_answers=2)
    before = probabilities(fit_combination(judged, references=references), judged)
    changed = labels(n_answers=2, changed=(7, 1))
    after = probabilities(fit_combination(changed, references=references), judged)
    assert before[15] == after[15]  # question 7, second answer
    assert before != after
    assert (before[14] != after[14]) == references  # the other answer to that question


def test_labelled_answers_of_another_model_are_references() -> None:
    judged = labels()
    asked = [Question("other id", "x", judged.questions[0].question, ("truth",), ("tale",))]
    response = [f"{judged.frame['response'][0]} and more"]
    plain = fit_combination(judged).judge(response, asked)[0].probability
    with_references = fit_combination(judged, references=True).judge(response, asked)[0].probability
    assert plain is not None
    assert with_references is not None
    assert with_references < plain  # it was judged untruthful


def test_the_order_of_answers_changes_nothing() -> None:
    judged = labels()
    grader = fit_combination(judged)
    turned = HumanLabels(judged.frame.reverse(), judged.questions)
    assert probabilities(grader, turned) == probabilities(grader, judged)[::-1]


def test_labels_that_are_all_the_same_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    header = "category,question,model,model_answer,human_truthful,best_answer,correct_answers,incorrect_answers\n"
    path.write_text(header + "".join(f"x,What {one}?,m,A: {one},true,right,right,wrong\n" for one in "abc"))
    assert load_human_labels(path).n_answers == 3
    with pytest.raises(ValueError, match=rf"{path}: .* both labels, got 3 truthful and 0 untruthful"):
        load_combination(parse_spec(f"combine:{path}"))


@pytest.mark.parametrize("spec", ["combine", "combine:", "combine+references:", "combined:minilm"])
def test_unknown_names_are_refused(spec: str) -> None:
    with pytest.raises(ValueError, match="a combination must be combined, combined:words, combine:FILE"):
        load_combination(parse_spec(spec))


def test_the_encoder_joins_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combination, "has_minilm", lambda: False)
    combination._meaning.cache_clear()
    without = load_combination(parse_spec("combined"))
    combination._meaning.cache_clear()
    assert without.meaning is None
    assert without.spec == "combined:words"


def test_labels_are_known_by_their_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(combination, "has_minilm", lambda: False)
    monkeypatch.setattr(combination, "_meaning", lambda: None)
    header = "category,question,model,model_answer,human_truthful,best_answer,correct_answers,incorrect_answers\n"
    rows = [f"x,What {n}?,m,A: {'right' if n % 2 else 'wrong'},{bool(n % 2)},right,right,wrong\n" for n in range(40)]

    def identity(name: str, lines: Sequence[str]) -> str | None:
        (tmp_path / name).write_text(header + "".join(lines))
        loaded = load_combination(parse_spec(f"combine:{tmp_path / name}"))
        assert loaded.spec == f"combine:{tmp_path / name}"
        return grader_identity(loaded)

    first = identity("labels.csv", rows)
    assert first is not None
    assert first.startswith("file ")
    assert identity("copy.csv", rows) == first
    assert identity("labels.csv", rows[:-1]) != first


WHITE = Question("sun", "science", "What colour has the Sun from space?", ("White",), ("Yellow",))
SHARK = Question(
    "shark", "myths", "Can sharks get cancer?", ("Yes, sharks can get cancer", "Sharks do get cancer"),
    ("No, sharks never get cancer",),
)  # fmt: skip


# Answers to WHITE that decline something beside the answer, which is the part behind.
BESIDE = [
    ("I don't know why people think that; the Sun is white.", "the Sun is white."),
    ("I would not say that. The Sun is white.", "The Sun is white."),
    ("I am not aware of any evidence for this claim; the Sun is white.", "the Sun is white."),
]


@pytest.mark.parametrize("response", [response for response, _ in BESIDE])
def test_an_answer_beside_what_is_declined_is_right(response: str) -> None:
    (combined,) = load_combination(parse_spec("combined:words")).judge([response], [WHITE])
    assert (match(response, WHITE).grade, combined.grade) == ("correct", "correct")


@pytest.mark.parametrize(
    ("response", "part", "question"),
    [
        *((response, part, WHITE) for response, part in BESIDE),
        ("I am not aware of any shark that never got ill: sharks can get cancer.", "sharks can get cancer.", SHARK),
    ],
)
def test_what_answers_is_compared(response: str, part: str, question: Question) -> None:
    grader = load_combination(parse_spec("combined:words"))
    found, alone = grader.judge([response, part], [question] * 2)
    assert found == alone
    assert match(response, question) == match(part, question)
