"""Arrays that no metric takes, and those that each takes: every public function, every kind."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest

import calibration
from calibration.recalibration import confidence_maps

PAIRS: list[Callable[..., Any]] = [
    *(
        getattr(calibration, name)
        for name in (
            "ece", "max_calibration_error", "average_calibration_error", "signed_gap", "auroc", "aurc", "augrc",
            "risk_coverage", "reliability_curve", "smooth_ece", "debiased_ce2", "isotonic_ce", "isotonic_ce2",
            "isotonic_curve", "calibration_decision_loss", "spiegelhalter_test",
        )
    ),
    confidence_maps.fit_platt, confidence_maps.fit_beta, confidence_maps.fit_isotonic, confidence_maps.fit_histogram,
    confidence_maps.fit_bbq,
]  # fmt: skip
ROWS: list[Callable[..., Any]] = [
    getattr(calibration, name)
    for name in (
        "brier_score", "log_loss", "classwise_ece", "adaptive_calibration_error", "brier_decomposition",
        "log_loss_decomposition", "null_ece",
    )
]  # fmt: skip
WITH_ITEMS = [
    calibration.reliability_curve,
    calibration.debiased_ce2,
    calibration.isotonic_ce,
    calibration.isotonic_ce2,
]

STATED, RIGHT = [0.11, 0.31, 0.62, 0.69, 0.81, 0.82], [0, 1, 0, 1, 1, 1]
TABLE, ANSWER = [[0.1, 0.9], [0.3, 0.7], [0.6, 0.4]], [0, 1, 0]

BAD_PAIRS: dict[str, tuple[Any, Any, str]] = {
    "lengths": (STATED, RIGHT[:-1], r"must be 1-d and of one length, got \(6,\) and \(5,\)"),
    "two dimensions": ([STATED], [RIGHT], r"must be 1-d and of one length, got \(1, 6\) and \(1, 6\)"),
    "a column": (np.array(STATED)[:, None], np.array(RIGHT)[:, None], r"got \(6, 1\) and \(6, 1\)"),
    "a number": (0.5, 1, r"got \(\) and \(\)"),
    "nothing": ([], [], "at least one value, got none"),
    "text": ([str(value) for value in STATED], RIGHT, r"confidence must hold numbers, got text of shape \(6,\)"),
    "text of 0 and 1": (STATED, ["1"] * 6, r"correct must hold numbers, got text of shape \(6,\), the first '1'"),
    "verdicts": (STATED, ["correct", *RIGHT[1:]], "correct must hold numbers, got text"),
    "None": ([0.5, None, *STATED[2:]], RIGHT, r"confidence must hold numbers; row 1 has None \(of shape \(6,\)\)"),
    "None, right": (STATED, [1, None, *RIGHT[2:]], "correct must hold numbers; row 1 has None"),
    "NaN": ([0.5, np.nan, *STATED[2:]], RIGHT, r"confidence must be in \[0, 1\]; row 1 has nan"),
    "NaN, right": (STATED, [1, np.nan, *RIGHT[2:]], "correct must hold only 0 and 1.*row 1 has nan"),
    "null": (pl.Series([0.5, None, *STATED[2:]]), RIGHT, r"confidence must be in \[0, 1\]; row 1 has nan"),
    "masked": (np.ma.masked_less(STATED, 0.2), RIGHT, "confidence must hold numbers, got masked values"),
    "complex": (np.array(STATED) + 0j, RIGHT, "confidence must hold numbers, got complex128"),
    "dates": (np.array(["2020-01-01"] * 6, dtype="datetime64[D]"), RIGHT, "confidence must hold numbers, got datetime"),
    "rows of several lengths": ([[0.1], [0.2, 0.3]], [0, 1], "confidence must hold .* rows of one length.* 1, 2"),
    "per cent": ([11, 31, 62, 69, 81, 82], RIGHT, r"confidence must be in \[0, 1\]; row 0 has 11"),
}  # fmt: skip
BAD_ROWS: dict[str, tuple[Any, Any, str]] = {
    "lengths": (TABLE, ANSWER[:-1], r"answer must be \(3,\) to fit the probabilities, got \(2,\)"),
    "one dimension": (STATED, ANSWER, r"(probabilities must be \(n_items, n_options\)|one length).* got \(6,\)"),
    "three dimensions": ([TABLE], ANSWER, r"got \(1, 3, 2\)"),
    "text": ([["0.1", "0.9"]], [0], r"probabilities must hold numbers, got text of shape \(1, 2\)"),
    "None": ([[0.1, 0.9], [None, 0.7]], [0, 1], "probabilities must hold numbers; row 1, column 0 has None"),
    "NaN": ([[0.1, 0.9], [np.nan, 0.7]], [0, 1], r"probabilities must be in \[0, 1\]; row 1"),
    "rows of several lengths": ([[0.1, 0.9], [1.0]], [0, 0], "probabilities must hold numbers in rows of one length"),
    "letters": (TABLE, ["A", "B", "A"], r"answer must hold numbers, got text of shape \(3,\), the first 'A'"),
    "answers None": (TABLE, [0, None, 0], "answer must hold numbers; row 1 has None"),
    "answers with a fraction": (TABLE, [0.0, 1.0, 0.0], "answer must hold option indices"),
    "answers true and false": (TABLE, [True, False, True], "answer must hold option indices"),
    "answers in rows": (TABLE, [ANSWER], r"answer must be \(3,\)"),
    "answers beyond": (TABLE, [0, 2, 0], "answer must be an index from 0 to 1; row 1 has 2"),
}  # fmt: skip


@pytest.mark.parametrize("bad", BAD_PAIRS)
@pytest.mark.parametrize("metric", PAIRS, ids=lambda metric: metric.__name__)
def test_no_metric_takes_such_a_confidence_or_correctness(metric: Callable[..., Any], bad: str) -> None:
    confidence, correct, message = BAD_PAIRS[bad]
    with pytest.raises(ValueError, match=message):
        metric(confidence, correct)


@pytest.mark.parametrize("metric", PAIRS, ids=lambda metric: metric.__name__)
def test_float32_rounding_at_the_edges_is_no_fault(metric: Callable[..., Any]) -> None:
    edges = [0.0, 0.31, 0.62, 1.0, 0.81, 1.0]
    rounded = [-1e-6, 0.31, 0.62, 1 + 1e-9, 0.81, float(np.nextafter(np.float32(1), np.float32(2)))]
    assert repr(metric(rounded, RIGHT)) == repr(metric(edges, RIGHT))
    for wrong in (1 + 1.1e-6, -1.1e-6):
        with pytest.raises(ValueError, match=rf"confidence must be in \[0, 1\]; row 3 has {wrong}"):
            metric([*rounded[:3], wrong, *rounded[4:]], RIGHT)


@pytest.mark.parametrize("metric", ROWS, ids=lambda metric: metric.__name__)
def test_float32_rounding_of_probabilities_at_the_edges_is_no_fault(metric: Callable[..., Any]) -> None:
    rows, edges = [[1 + 1e-7, -1e-7], [0.3, 0.7], [0.0, 1.0]], [[1.0, 0.0], [0.3, 0.7], [0.0, 1.0]]
    assert repr(metric(rows, [0, 1, 1])) == repr(metric(edges, [0, 1, 1]))
    with pytest.raises(ValueError, match=r"probabilities must be in \[0, 1\]; row 0 has \[1\.00001, -1e-05\]"):
        metric([[1 + 1e-5, -1e-5], *rows[1:]], [0, 1, 1])


@pytest.mark.parametrize("bad", BAD_ROWS)
@pytest.mark.parametrize("metric", ROWS, ids=lambda metric: metric.__name__)
def test_no_metric_takes_such_probabilities_or_answers(metric: Callable[..., Any], bad: str) -> None:
    probabilities, answer, message = BAD_ROWS[bad]
    with pytest.raises(ValueError, match=message):
        metric(probabilities, answer)


@pytest.mark.parametrize("metric", WITH_ITEMS, ids=lambda metric: metric.__name__)
@pytest.mark.parametrize(
    ("item", "message"),
    [
        (range(5), r"item must name one item a value: \(6,\), got \(5,\)"),
        ([list(range(6))], r"\(6,\), got \(1, 6\)"),
        (["a", "b", None, "c", "d", "e"], "item must name one item a value; row 2 has None"),
        ([1, 2, np.nan, 3, 4, 5], "item must name one item a value; row 2 has nan"),
        (np.ma.masked_equal(range(6), 3), r"item must name one item a value: \(6,\), got masked values"),
    ],
)
def test_no_metric_takes_such_items(metric: Callable[..., Any], item: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        metric(STATED, RIGHT, item=item)


BINNED = [calibration.ece, calibration.reliability_curve, calibration.debiased_ce2, confidence_maps.fit_histogram]


@pytest.mark.parametrize("count", [2.5, 10.0, True, "10", np.nan])
@pytest.mark.parametrize("metric", BINNED, ids=lambda metric: metric.__name__)
def test_a_number_of_bins_is_whole(metric: Callable[..., Any], count: Any) -> None:
    with pytest.raises(ValueError, match=f"bins must be a whole number, got {count!r}"):
        metric(STATED, RIGHT, bins=count)
    assert np.isfinite(calibration.ece(STATED, RIGHT, bins=np.int8(4)))  # type: ignore[arg-type]


def test_folds_and_draws_are_whole() -> None:
    run = calibration.Predictions.from_arrays(probabilities=TABLE, answer=ANSWER)
    with pytest.raises(ValueError, match=r"n_folds must be a whole number, got 2\.5"):
        calibration.recalibrate(run, n_folds=2.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"n_folds must be a whole number, got 2\.5"):
        calibration.isotonic_ce(STATED, RIGHT, n_folds=2.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="draws must be a whole number, got True"):
        calibration.isotonic_curve(STATED, RIGHT, draws=True)
    with pytest.raises(ValueError, match=r"draws must be a whole number, got 10\.5"):
        calibration.null_ece(TABLE, ANSWER, draws=10.5)  # type: ignore[arg-type]


def _pairs_of_every_kind() -> dict[str, tuple[Any, Any]]:
    kinds: dict[str, tuple[Any, Any]] = {
        "arrays": (np.array(STATED), np.array(RIGHT)),
        "truth values": (np.array(STATED), np.array(RIGHT, dtype=bool)),
        "tuples": (tuple(STATED), tuple(map(bool, RIGHT))),
        "objects": (np.array(STATED, dtype=object), np.array(RIGHT, dtype=object)),
        "decimals": ([Decimal(str(value)) for value in STATED], RIGHT),
        "polars": (pl.Series(STATED), pl.Series(RIGHT).cast(pl.Boolean)),
    }
    return kinds


@pytest.mark.parametrize("kind", _pairs_of_every_kind())
@pytest.mark.parametrize("metric", PAIRS[:7], ids=lambda metric: metric.__name__)
def test_whatever_holds_the_numbers_the_metric_is_the_same(metric: Callable[..., Any], kind: str) -> None:
    assert metric(*_pairs_of_every_kind()[kind]) == metric(STATED, RIGHT)


def test_pandas_series_and_frames_are_taken() -> None:
    pandas = pytest.importorskip("pandas")
    for confidence, correct in (("float64", "bool"), ("Float64", "boolean"), ("Float64", "Int64")):
        series = pandas.Series(STATED, dtype=confidence), pandas.Series(RIGHT).astype(correct)
        assert calibration.ece(*series) == calibration.ece(STATED, RIGHT)
    frame = pandas.DataFrame(TABLE), pandas.Series(ANSWER, dtype="Int64")
    assert calibration.brier_score(*frame) == calibration.brier_score(TABLE, ANSWER)
    run = calibration.Predictions.from_arrays(probabilities=frame[0], answer=frame[1])
    assert run.answer.tolist() == ANSWER
    with pytest.raises(ValueError, match="row 0 has nan"):
        calibration.ece(pandas.Series([None, 0.5], dtype="Float64"), [0, 1])


@pytest.mark.parametrize("metric", [*PAIRS[:7], *ROWS[:3]], ids=lambda metric: metric.__name__)
def test_tensors_are_taken_as_their_values_are(metric: Callable[..., Any]) -> None:
    torch = pytest.importorskip("torch")
    stated, right = (STATED, RIGHT) if metric in PAIRS else (TABLE, ANSWER)
    for dtype in (torch.bfloat16, torch.float16, torch.float32, torch.float64):
        tensor = torch.tensor(stated, dtype=dtype, requires_grad=True)
        exact = tensor.detach().double().numpy()
        exact = exact if metric in PAIRS else exact / exact.sum(axis=1, keepdims=True)
        assert metric(tensor, torch.tensor(right)) == pytest.approx(metric(exact, right), abs=0.02)


def test_runs_are_made_of_tensors_of_logits() -> None:
    torch = pytest.importorskip("torch")
    logits = torch.tensor([[1.0, 0.0], [0.5, 2.0]], dtype=torch.bfloat16, requires_grad=True)
    run = calibration.Predictions.from_arrays(logits, torch.tensor([0, 1]))
    assert run.correct.all()
    lists = calibration.Predictions.from_lists([logits[0], logits[1]], torch.tensor([0, 1]))
    assert lists.logprobs.tolist() == run.logprobs.tolist()


@pytest.mark.parametrize(
    ("logits", "answer", "message"),
    [
        ([["1", "0"]], [0], r"scores must hold numbers, got text of shape \(1, 2\)"),
        ([[1.0, None]], [0], "scores must hold numbers; row 0, column 1 has None"),
        ([[1.0, 0.0]], ["right"], "the answer must be a letter from A to B"),
        ([[1.0, 0.0]], [0.0], "answer must hold option indices"),
        ([[1.0, 0.0]], [None], "answer must hold numbers; row 0 has None"),
    ],
)
def test_no_run_is_made_of_what_is_no_number(logits: Any, answer: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        calibration.Predictions.from_arrays(logits, answer)
    with pytest.raises(ValueError, match=message.partition(" must")[0]):
        calibration.Predictions.from_lists(logits, answer)
