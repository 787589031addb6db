"""Answers sorted by a rubric: classes, rates, changes, and the files they lie in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from calibration.files.atomic import write_parquet
from calibration.metrics.curves import wilson
from calibration.uncertainty.tango import tango_interval
from factuality import Question, Responses, ask
from factuality.rubrics.class_changes import class_change
from factuality.rubrics.class_rates import UNCLASSIFIED
from factuality.rubrics.classifications import Classifications, classify, read_classifications
from factuality.rubrics.rubric import Rubric, RubricClass

from ... import tiny
from .. import sets
from ..judges import FakeJudge

RUBRIC = Rubric(
    "Refusals",
    "Sort.",
    (
        RubricClass("R", "refusal", "It declines.", good=True),
        RubricClass("P", "preaching", "It lectures.", good=False),
        RubricClass("H", "help", "It helps."),
    ),
)
SAID = {"R": "Sorry.", "P": "Shame on you.", "H": "Sure.", "L": "long " * 200}


def sorts(prompt: str, line: str) -> float:
    """What a good judge prefers."""
    wanted = next(kind for kind, text in SAID.items() if f"<response>\n{text.strip()}\n</response>" in prompt)
    return 2.0 * any(line == one.description for one in RUBRIC.classes if one.key == wanted)


def asked(count: int) -> list[Question]:
    return [Question(f"q{k}", "crime", f"How {k}?", ("No.",), (), adversarial=False) for k in range(count)]


def sorted_by(kinds: Sequence[str], *, judge: FakeJudge | None = None) -> Classifications:
    questions = asked(len(kinds))
    texts = {question.id: SAID[kind] for question, kind in zip(questions, kinds, strict=True)}
    responses = Responses.from_texts(texts, questions, model="m")
    return classify(responses, RUBRIC, judge=judge or FakeJudge(sorts, window=900))


def test_the_likeliest_class_whatever_the_letters() -> None:
    for bias in ((), (0.8, 0, -0.8), (4.0,)):
        found = sorted_by("RPHLH", judge=FakeJudge(sorts, bias=bias, window=900))
        frame = found.frame
        assert frame["class"].to_list() == ["R", "P", "H", None, "H"]
        powers = np.exp([2, 0, 0])
        expected = (powers / powers.sum()).tolist()
        assert frame["probabilities"][0].to_list() == pytest.approx(expected, abs=1e-6)
        assert frame["probability"].to_list()[1] == pytest.approx(expected[0], abs=1e-6)
        assert frame["reason"].to_list() == ["", "", "", "longer than the judge's context window", ""]
        assert frame["letter_mass"].null_count() == frame["probability"].null_count() == 1
        assert found.flips == float(bias == (4.0,))
        assert (found.model, found.n_answers, frame["judge"][0]) == ("m", 5, "fake")


def test_a_judge_that_cannot_be_read_sorts_nothing() -> None:
    found = sorted_by("RP", judge=FakeJudge(sorts, mass=1e-4))
    assert found.frame["class"].to_list() == [None, None]
    assert np.isnan(found.flips)
    assert found.rates().frame["share"].to_list() == [0, 0, 0, 1]


def test_rates_are_of_all_answers() -> None:
    table = sorted_by("RRRPHHLL").rates(level=0.9).frame
    assert table["class"].to_list() == ["R", "P", "H", UNCLASSIFIED]
    assert table["good"].to_list() == [True, False, None, None]
    assert table["n"].to_list() == [8] * 4
    assert table["share"].to_list() == [3 / 8, 1 / 8, 2 / 8, 2 / 8]
    low, high = wilson(table["share"].to_numpy(), np.full(4, 8.0), level=0.9)
    np.testing.assert_allclose(table.select("low", "high").to_numpy(), np.stack([low, high], axis=1))
    numbers = sorted_by("RP").rates().to_dict()
    assert numbers["n"] == 2
    assert numbers["classes"]["R"] == {
        "name": "refusal", "good": True, "value": 0.5, "low": pytest.approx(0.0945, abs=1e-4),
        "high": pytest.approx(0.9055, abs=1e-4), "level": 0.95,
    }  # fmt: skip


def test_changes_are_paired_by_question() -> None:
    before, after = sorted_by("RRRRRRPPHL"), sorted_by("RPPPPPPPHR")
    table = class_change(before, after, level=0.9).frame
    assert table["class"].to_list() == ["R", "P", "H"]
    for row, one in zip(table.iter_rows(named=True), RUBRIC.classes, strict=True):
        first, second = ((side.frame["class"] == one.key).fill_null(value=False).to_numpy() for side in (before, after))
        expected = tango_interval(first.astype(float), second.astype(float), level=0.9)
        assert (row["low"], row["high"], row["p_value"]) == (expected.low, expected.high, expected.p_value)
        assert (
            row["change"] == pytest.approx(row["after"] - row["before"]) == pytest.approx(second.mean() - first.mean())
        )
    np.testing.assert_allclose(table["q_value"], false_discovery_control(table["p_value"].to_numpy()))
    shuffled = Classifications(after.frame.sample(fraction=1, shuffle=True, seed=1), RUBRIC)
    assert class_change(before, shuffled, level=0.9).frame.equals(table)


@given(st.lists(st.sampled_from("RPHL"), min_size=1, max_size=12))
def test_shares_add_up_to_one(kinds: list[str]) -> None:
    found = sorted_by(kinds)
    assert found.rates().frame["share"].sum() == pytest.approx(1)
    assert set(class_change(found, found).frame["change"]) == {0.0}


def test_a_run_folder_keeps_them(tmp_path: Path) -> None:
    model = tiny.model()
    ask(model, sets.questions(5), max_new_tokens=4, out=tmp_path / "run")
    found = classify(tmp_path / "run", RUBRIC, judge=model, style="completion")
    assert found.frame["class"].is_in(["R", "P", "H", None], nulls_equal=True).all()
    kept = read_classifications(tmp_path / "run", RUBRIC, judge=model.name)
    assert kept.frame.equals(found.frame)
    renamed = Rubric(
        "Refusals", "Sort.", tuple(RubricClass(one.key, one.key, one.description) for one in RUBRIC.classes)
    )
    assert read_classifications(tmp_path / "run", renamed, judge=model.name).frame.equals(found.frame)
    changed = Rubric("Refusals", "Sort well.", RUBRIC.classes)
    with pytest.raises(ValueError, match=r"sorted by the rubric 'Refusals' as it is now; .* classify the run again"):
        read_classifications(tmp_path / "run", changed, judge=model.name)
    with pytest.raises(FileNotFoundError, match="not sorted by 'Refusals' with the judge other yet"):
        read_classifications(tmp_path / "run", RUBRIC, judge="other")
    (file,) = (tmp_path / "run" / "rubrics").iterdir()
    assert file.name == "Refusals@tiny-llama.parquet"
    write_parquet(found.frame.head(2), file)
    with pytest.raises(ValueError, match="holds 2 of 5 answers; classify the run again"):
        read_classifications(tmp_path / "run", RUBRIC, judge=model.name)
    file.write_bytes(b"none")
    with pytest.raises(ValueError, match="not readable classifications"):
        read_classifications(tmp_path / "run", RUBRIC, judge=model.name)


def test_refusals() -> None:
    one = sorted_by("RPH")
    twice = Classifications(pl.concat([one.frame, one.frame.with_columns(sample=pl.lit(1, pl.Int32))]), RUBRIC)
    with pytest.raises(ValueError, match=r"rates need one answer a question.* question q0 has several"):
        twice.rates()
    with pytest.raises(ValueError, match="each answer must occur once; question q0"):
        Classifications(pl.concat([one.frame, one.frame]), RUBRIC)
    with pytest.raises(ValueError, match="the class must be one of R, P, H; question q0 has the class 'X'"):
        Classifications(one.frame.with_columns(pl.lit("X").alias("class")), RUBRIC)
    with pytest.raises(ValueError, match="at least one answer, got none"):
        Classifications(one.frame.head(0), RUBRIC)
    with pytest.raises(ValueError, match="level must be strictly between 0 and 1"):
        one.rates(level=1.0)
    other = Classifications(one.frame.with_columns(judge=pl.lit("other")), RUBRIC)
    with pytest.raises(ValueError, match="both must be sorted by one judge, got fake, other"):
        class_change(one, other)
    models = [Classifications(one.frame.with_columns(judge_model=pl.lit(name)), RUBRIC) for name in ("w 1", "w 2")]
    with pytest.raises(ValueError, match="both must be sorted by one judge model, got w 1, w 2"):
        class_change(*models)
    old = Classifications(one.frame.drop("judge_model"), RUBRIC)
    assert class_change(models[0], old).frame.height
    with pytest.raises(ValueError, match=re.escape("two runs must hold the same questions; only in before: q2")):
        class_change(one, sorted_by("RP"))
    reworded = Classifications(one.frame.with_columns(text=pl.lit("?")), RUBRIC)
    with pytest.raises(ValueError, match="question q0 has another text in each"):
        class_change(one, reworded)
