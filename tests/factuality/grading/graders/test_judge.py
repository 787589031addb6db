"""The grader `model:SPEC`: what the judge is asked, and what its letters mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from factuality import Question, Responses, grade
from factuality.grading.graders.judge import Judge, load_judge
from factuality.grading.graders.specs import parse_spec
from factuality.grading.graders.templates import TEMPLATE_NAMES, TEMPLATES, TemplateName

from .... import tiny
from ...judges import FakeJudge

CAPITAL = Question("c/0", "places", "What is the capital?", ("Canberra", "the ACT"), ("Sydney", "Melbourne"))
CALM = Question("c/1", "places", "What is the capital?", ("Canberra",), (), adversarial=False)


def said(prompt: str) -> str:
    """The answer that stands in a prompt."""
    found = re.search(r"<answer>\n(.*)\n</answer>", prompt, re.DOTALL)
    assert found is not None
    return found.group(1)


def knows(prompt: str, line: str) -> float:
    """What a good judge prefers, under every template."""
    answer = said(prompt)
    wanted = {
        "Canberra": ("It agrees", "It states the same", "Yes"),
        "Canberra and Perth": ("It agrees", "It states all of them and more", "Yes"),
        "Sydney": ("It says something", "It states something that disagrees", "No"),
        "Pass.": ("It does not answer",),
    }[answer]
    return 2.0 * line.startswith(wanted)


@pytest.mark.parametrize("template", TEMPLATE_NAMES)
@pytest.mark.parametrize("bias", [(), (1.5,), (0, -4, 0.5)])
def test_verdicts_do_not_depend_on_the_letters(template: TemplateName, bias: tuple[float, ...]) -> None:
    judge = Judge(FakeJudge(knows, bias=bias), template)
    verdicts = judge.judge(["Canberra", "Sydney", "Canberra and Perth", "Pass.", "", "?!"], [CAPITAL] * 6)
    assert [one.grade for one in verdicts] == ["correct", "incorrect", "correct", *["abstained"] * 3]
    assert [one.tempted for one in verdicts] == [False, True, False, False, False, False]
    plain = Judge(FakeJudge(knows), template).judge(["Canberra", "Sydney"], [CAPITAL] * 2)
    for one, other in zip(verdicts, plain, strict=False):
        assert one.probability == pytest.approx(other.probability, abs=1e-6)
    assert [one.reason for one in verdicts[4:]] == ["empty answer", "answer without words"]


def test_probability_is_that_of_correct_among_correct_and_incorrect() -> None:
    powers = np.exp([2.0, 0.0])
    (agrees,) = Judge(FakeJudge(knows)).judge(["Canberra"], [CAPITAL])
    assert agrees.probability == pytest.approx(powers[0] / powers.sum(), abs=1e-6)
    assert agrees.score == agrees.probability
    (same,) = Judge(FakeJudge(knows), "fact").judge(["Canberra"], [CAPITAL])
    assert same.probability == pytest.approx((powers[0] + 3) / (powers[0] + 4), abs=1e-6)
    assert same.reason == f"states the same ({powers[0] / (powers[0] + 4):.2f})"
    (disagrees,) = Judge(FakeJudge(knows), "fact").judge(["Sydney"], [CAPITAL])
    assert (disagrees.grade, disagrees.reason) == ("incorrect", "disagrees (0.65)")


def test_the_grade_of_several_classes_is_their_sum() -> None:
    """Four ways to be right at 0.15 each against one way to be wrong at 0.4."""

    def torn(prompt: str, line: str) -> float:
        return float(np.log(0.4 if "disagrees with" in line else 0.15))

    (verdict,) = Judge(FakeJudge(torn), "fact").judge(["Canberra"], [CAPITAL])
    assert verdict.grade == "correct"
    assert verdict.probability == pytest.approx(0.6, abs=1e-6)


def test_flips_stand_in_the_reason() -> None:
    (steady,) = Judge(FakeJudge(knows, bias=(1.0,))).judge(["Canberra"], [CAPITAL])
    (flips,) = Judge(FakeJudge(knows, bias=(3.0,))).judge(["Canberra"], [CAPITAL])
    assert steady.reason.startswith("agrees with a right answer (0.")
    assert not steady.reason.endswith("grade")
    assert flips.reason.endswith("; other letters change the grade")
    judge = Judge(FakeJudge(knows, bias=(3.0,)))
    flipped = judge.readings(["Canberra", "Sydney"], [CAPITAL] * 2).flipped(TEMPLATES["agreement"].grades)
    assert flipped.mean() == 1


def test_what_cannot_be_read_is_ungraded() -> None:
    quiet = Judge(FakeJudge(knows, mass=1e-3)).judge(["Canberra"], [CAPITAL])[0]
    assert (quiet.grade, quiet.probability, quiet.score) == ("ungraded", None, None)
    assert quiet.reason == "the judge puts 1.0e-03 on the letters, less than 0.01"
    short = Judge(FakeJudge(knows, window=1000)).judge(["Canberra", "Sydney " * 200], [CAPITAL] * 2)
    assert [one.grade for one in short] == ["correct", "ungraded"]
    assert short[1].reason == "longer than the judge's context window"


def test_declined_answers_are_not_asked_about_where_no_class_is_for_them() -> None:
    for template, n_prompts in (("fact", 0), ("closed-qa", 0), ("agreement", 3)):
        model = FakeJudge(lambda _, line: float(line.startswith("It does not answer")))
        (verdict,) = Judge(model, template).judge(["I'm sorry, I can't answer that."], [CAPITAL])  # type: ignore[arg-type]
        assert verdict.grade == "abstained"
        assert len(model.asked) == n_prompts


def test_what_the_judge_reads() -> None:
    model = FakeJudge(knows)
    Judge(model).judge([" Sydney\n"], [CAPITAL])
    assert "Question: What is the capital?\n\nRight answers:\n- Canberra\n- the ACT\n\n" in model.asked[0]
    assert "Wrong answers that people often give:\n- Sydney\n- Melbourne\n\nAnswer to judge:\n" in model.asked[0]
    for judge, question in ((Judge(model, show_incorrect=False), CAPITAL), (Judge(model), CALM)):
        judge.judge(["Sydney"], [question])
        assert "Melbourne" not in model.asked[-1]
    Judge(model, "closed-qa").judge(["Sydney"], [CAPITAL])
    assert "Criterion: It says what the right answers say" in model.asked[-1]
    Judge(model, "closed-qa", criterion="It is one word.").judge(["Sydney"], [CAPITAL])
    assert "Criterion: It is one word.\n\nDoes the answer" in model.asked[-1]


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_templates_can_be_told_apart(name: TemplateName) -> None:
    template = TEMPLATES[name]
    assert template.name == name
    assert {"correct", "incorrect"} <= set(template.grades)
    assert len({one.description for one in template.classes}) == len({one.name for one in template.classes})
    assert len(template.classes) == {"agreement": 3, "fact": 5, "closed-qa": 2}[name]


def test_judgments_carry_the_probability() -> None:
    judge = Judge(FakeJudge(knows), "fact")
    found = grade(Responses.from_texts({"c/0": "Sydney"}, [CAPITAL]), grader=judge).frame.row(0, named=True)
    assert (found["grader"], found["grade"], found["tempted"]) == ("model:fake#fact", "incorrect", True)
    assert found["score"] == pytest.approx(4 / (4 + np.exp(2)), abs=1e-6)
    assert Judge(FakeJudge(knows)).spec == "model:fake"


def test_a_tiny_model_judges_and_its_own_name_loads_it(tmp_path: Path) -> None:
    made = tiny.model()
    made.network.save_pretrained(tmp_path)
    made.tokenizer.save_pretrained(tmp_path)
    judge = load_judge(parse_spec(f"model:{tmp_path}#closed-qa"), dtype="float32", device="cpu", style="completion")
    assert (judge.template, judge.spec) == ("closed-qa", f"model:{tmp_path}#closed-qa")
    responses, questions = ["Canberra", "Sydney, or Perth"], [CAPITAL, CALM]
    together = judge.readings(responses, questions)
    for row in range(2):
        alone = judge.readings(responses[row : row + 1], questions[row : row + 1])
        np.testing.assert_allclose(alone.logprobs[0], together.logprobs[row], atol=1e-4)


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: Judge(FakeJudge(knows), "truth"), "the template must be one of agreement, fact, closed-qa, got 'truth'"),  # type: ignore[arg-type]
    (lambda: Judge(FakeJudge(knows), criterion="x"), "a criterion belongs to the template closed-qa, got one with agr"),
    (
        lambda: load_judge(parse_spec("model:m#truth")),
        "the template must be one of agreement, fact, closed-qa, got 'truth'",
    ),
    (
        lambda: load_judge(parse_spec("model:m#fact"), template="agreement"),
        "named once, got 'fact' in 'model:m#fact' and 'agreement'",
    ),
]


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_refusals(make: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        make()
