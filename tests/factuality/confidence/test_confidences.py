"""Confidences of free-form answers: joined by answer, and paired with correctness, everything else counted."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from calibration import ece, estimate, reliability_curve, signed_gap, summarize
from factuality import Judgments
from factuality.confidence.confidences import Confidences, confidence_pairs, with_confidence
from tests.factuality import sets

GRADES = ["correct", "incorrect", "abstained", "ungraded", "correct", "incorrect"]


def confidences(values: list[float | None], *, kind: str = "stated") -> Confidences:
    rows = {"question": [f"q{n}" for n in range(len(values))], "sample": [0] * len(values), "confidence": values}
    return Confidences(
        pl.DataFrame(rows, schema_overrides={"confidence": pl.Float64}).with_columns(confidence_kind=pl.lit(kind))
    )


def test_rounding_at_the_edges_is_no_fault() -> None:
    stated = confidences([1 + 1e-9, -1e-7, 0.5, None])
    assert stated.frame["confidence"].to_list() == [1.0, 0.0, 0.5, None]
    given = sets.judgments(GRADES[:4])
    rounded = given.frame.with_columns(confidence=pl.Series([1 + 1e-9, -1e-7, 0.5, None]))
    assert Judgments(rounded).frame["confidence"].to_list() == [1.0, 0.0, 0.5, None]
    with pytest.raises(ValueError, match=r"must be a probability; row 0 .* has 1\.00001"):
        confidences([1.00001])


def test_pairs_are_what_the_metrics_take() -> None:
    found = with_confidence(sets.judgments(GRADES), confidences([0.9, 0.6, 0.3, 0.2, 0.8, None]))
    pairs = confidence_pairs(found)
    assert pairs.confidence.tolist() == [0.9, 0.6, 0.8]
    assert pairs.correct.tolist() == [1.0, 0.0, 1.0]
    assert pairs.question.tolist() == ["q0", "q1", "q4"]
    assert (pairs.kind, pairs.n_abstained, pairs.n_ungraded, pairs.n_without) == ("stated", 1, 1, 1)
    # Bins [0.6, 0.7), [0.8, 0.9), [0.9, 1]: (0.6 + 0.2 + 0.1) / 3.
    assert ece(pairs.confidence, pairs.correct) == pytest.approx(0.3)
    assert signed_gap(pairs.confidence, pairs.correct) == pytest.approx(2.3 / 3 - 2 / 3)
    assert reliability_curve(pairs.confidence, pairs.correct).count.sum() == 3
    assert pairs.frame.columns == ["question", "confidence", "correct"]


def test_the_order_of_confidences_does_not_matter_and_judgments_stay() -> None:
    given = sets.judgments(GRADES)
    table = confidences([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    turned = Confidences(table.frame.reverse())
    found = with_confidence(given, turned)
    assert found.frame.equals(with_confidence(given, table).frame)
    assert found.frame["confidence"].to_list() == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    assert found.frame.drop("confidence", "confidence_kind").equals(given.frame.drop("confidence", "confidence_kind"))
    # More answers than were judged are no fault, fewer are.
    with_confidence(Judgments(given.frame.head(2)), table)
    with pytest.raises(ValueError, match=r"question q4, sample 0 has none \(2 such answers in all\)"):
        with_confidence(given, Confidences(table.frame.head(4)))


def test_what_cannot_be_scored_is_told() -> None:
    with pytest.raises(ValueError, match="of 2, 1 abstained, 1 are ungraded and 0 have none"):
        confidence_pairs(with_confidence(sets.judgments(["abstained", "ungraded"]), confidences([0.5, 0.5])))
    with pytest.raises(ValueError, match="of 2, 0 abstained, 0 are ungraded and 2 have none"):
        confidence_pairs(sets.judgments(["correct", "incorrect"]))
    mixed = sets.judgments(["correct", "incorrect"]).frame.with_columns(
        confidence=pl.lit(0.5), confidence_kind=pl.Series(["stated", "sequence"])
    )
    with pytest.raises(ValueError, match="must be of one kind, got 'stated' and 'sequence'"):
        confidence_pairs(Judgments(mixed))


def test_bad_tables_are_refused_by_row() -> None:
    with pytest.raises(ValueError, match="at least one answer, got none"):
        confidences([])
    for value in (1.5, -0.1, float("nan")):
        with pytest.raises(ValueError, match=r"must be a probability; row 1 \(question q1, sample 0\) has"):
            confidences([0.5, value])
    table = confidences([0.5, 0.6]).frame
    with pytest.raises(ValueError, match="each answer must occur once; row 0"):
        Confidences(pl.concat([table, table]))
    with pytest.raises(ValueError, match=r"one kind of confidence; row 2 .* of the kind 'p-true'"):
        Confidences(pl.concat([table, confidences([0.1] * 3, kind="p-true").frame.tail(1)]))


def test_pairs_of_a_calibrated_model_are_calibrated() -> None:
    rng = np.random.default_rng(0)
    sure = rng.uniform(size=4000)
    right = rng.uniform(size=4000) < sure
    judged = sets.judgments(["correct" if hit else "incorrect" for hit in right])
    pairs = confidence_pairs(with_confidence(judged, confidences(sure.tolist())))
    assert ece(pairs.confidence, pairs.correct) < 0.03
    assert abs(signed_gap(pairs.confidence, pairs.correct)) < 0.025


def test_pairs_of_answers_are_what_estimates_take() -> None:
    judged = sets.judgments(["correct", "incorrect"] * 40)
    rng = np.random.default_rng(3)
    pairs = confidence_pairs(with_confidence(judged, confidences(rng.random(80).tolist())))
    assert pairs.pairs.confidence.tolist() == pairs.confidence.tolist()
    assert pairs.pairs.correct.tolist() == pairs.correct.astype(bool).tolist()
    assert estimate(pairs, ece) == estimate(pairs.pairs, ece)
    assert estimate(pairs, ece).value == pytest.approx(ece(pairs.confidence, pairs.correct))
    assert summarize(pairs)["n_items"] == 80
