"""What every grader reads of the text that a model wrote: what follows its thoughts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from factuality import Question, load_grader
from factuality.confidence.sampling_agreement import agreement_by, same_words
from factuality.grading.graders import Grader
from factuality.grading.graders.combination import fit_combination
from factuality.grading.graders.entailment import Entailment
from factuality.grading.graders.human import Human
from factuality.grading.graders.judge import Judge
from factuality.grading.graders.similarity import load_similarity
from factuality.grading.graders.specs import parse_spec
from tests.factuality.grading.graders.test_combination import labels
from tests.factuality.judges import FakeJudge

SUN = Question("sun", "science", "What colour is the Sun?", ("It is white",), ("It is yellow",))
THOUGHTS = "<think>\nYellow? It is yellow. I don't know.\n</think>\n\n"
ANSWERS = ("It is white.", "It is yellow.", "I don't know.", "")


class WordEntailment:
    """Entails what has the same last word, contradicts all else."""

    name, weights = "words", "hash"

    def probabilities(
        self, premises: Sequence[str], hypotheses: Sequence[str], *, batch_size: int = 16
    ) -> NDArray[np.float64]:
        del batch_size
        same = [
            premise.strip(" .").split()[-1] == hypothesis.split()[-1]
            for premise, hypothesis in zip(premises, hypotheses, strict=True)
        ]
        rows = [(0.9, 0.05, 0.05) if one else (0.05, 0.05, 0.9) for one in same]
        return np.array(rows, dtype=np.float64).reshape(len(rows), 3)


def graders(folder: Path) -> list[Grader]:
    table = folder / "grades.csv"
    table.write_text("question,sample,grade\nsun,0,correct\nsun,1,incorrect\nsun,2,abstained\nsun,3,abstained\n")
    return [
        *(load_grader(spec) for spec in ("match", "similarity", "similarity:bleu", "combined:words")),
        Entailment(WordEntailment()),
        Judge(FakeJudge(lambda prompt, line: float("think" in prompt) * len(line) - len(line) / 100)),
        Human.load(table),
        fit_combination(labels()),
    ]


@pytest.mark.parametrize("number", range(8))
def test_every_grader_reads_what_follows_the_thoughts(number: int, tmp_path: Path) -> None:
    grader = graders(tmp_path)[number]
    plain = grader.judge(ANSWERS, [SUN] * len(ANSWERS))
    assert grader.judge([THOUGHTS + answer for answer in ANSWERS], [SUN] * len(ANSWERS)) == plain


@pytest.mark.parametrize("number", range(8))
def test_an_answer_cut_off_in_its_thoughts_is_ungraded(number: int, tmp_path: Path) -> None:
    grader = graders(tmp_path)[number]
    whole, cut = grader.judge(["It is white.", "<think>It is white"], [SUN] * 2)
    assert (cut.grade, cut.reason, cut.score, cut.tempted) == ("ungraded", "cut off", None, False)
    assert whole == grader.judge(["It is white."], [SUN])[0]


def test_differences_of_cut_answers_are_not_known() -> None:
    grader = load_similarity(parse_spec("similarity"))
    found = grader.differences([f"{THOUGHTS}It is white.", "<think>It is white"], [SUN] * 2)
    assert found[0] == grader.differences(["It is white."], [SUN])[0]
    assert np.isnan(found[1])


def test_answers_agree_behind_their_thoughts() -> None:
    assert same_words(SUN, f"{THOUGHTS}White.", "white")
    assert not same_words(SUN, "<think>White", "<think>Grey")
    agrees = agreement_by(load_grader("match"))
    assert agrees(SUN, "It is white.", f"{THOUGHTS}white")
    assert not agrees(SUN, "It is white.", "<think>white")
