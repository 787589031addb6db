"""The verdict's words, over a table of cases: each must be true of its numbers."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest
from scipy.stats import norm

from calibration import Change, Comparison, Diagnosis, Estimate, Predictions, Summary, compare, diagnose
from calibration.uncertainty.intervals import Interval
from veracal.report.conclusions.pair_sentences import predictions_conclusions

# A measure of one case: before, after, and half the width of the interval of its change.
Moves = tuple[float, float, float]
QUIET: Moves = (0.75, 0.75, 0.01)
QUIET_GAP: Moves = (0.0, 0.0, 0.02)


def case(
    *,
    accuracy: Moves = (0.47, 0.47, 0.02),
    ece: Moves = (0.02, 0.12, 0.02),
    gap: Moves = (0.0, 0.15, 0.02),
    auroc: Moves | None = QUIET,
    floor: tuple[float, float] = (0.01, 0.01),
    clustered: float | None = None,
    n_items: int = 1500,
) -> Comparison:
    """A comparison with these numbers, normal; gaps have an interval of ± the half width on each side too."""
    moves = {"accuracy": accuracy, "signed_gap": gap, "ece_choices": ece}
    if auroc:
        moves["auroc"] = auroc
    sides = []
    for side in (0, 1):
        values: dict[str, int | float | Estimate] = {"n_items": n_items, "ece_choices_null95": floor[side]}
        for key, move in moves.items():
            values[key] = Estimate(
                value=move[side], low=move[side] - move[2], high=move[side] + move[2], level=0.95,
                p_value=_p_value(max(move[side] - floor[side], 0) if key == "ece_choices" else move[side], move[2]),
            )  # fmt: skip
        sides.append(Summary(values, ()))
    changes = {}
    for key, (before, after, half) in moves.items():
        value = after - before
        wide = None if clustered is None else Interval(value - clustered, value + clustered, 0.5)
        changes[key] = Change(
            value=value, low=value - half, high=value + half, level=0.95, p_value=_p_value(value, half), clustered=wide
        )
    return Comparison(sides[0], sides[1], changes)


def _p_value(value: float, half: float) -> float:
    return float(2 * norm.sf(abs(value) / half * norm.ppf(0.975)))


def remedies(
    *,
    now: float = 0.12,
    floor: float = 0.01,
    bias: float = 0.12,
    temperature: float = 0.12,
    both: float = 0.12,
    t: float | None = 2.9,
    half: float = 0.002,
) -> Diagnosis:
    """A diagnosis whose ECEs over choices are these after each correction, `half` the width of their intervals."""
    eces = {"as is": now, "letter bias": bias, "temperature": temperature, "both": both}
    letters = pl.DataFrame(
        {"letter": ["A", "B"], "key": [0.5, 0.5], "predicted": [0.5, 0.5], "mean_probability": [0.5, 0.5]}
    ).with_columns(excess=pl.lit(0.0), excess_low=pl.lit(-0.01))

    def step(name: str) -> Any:
        error = half if name != "as is" else 0.002
        value = Estimate(value=eces[name], low=eces[name] - error, high=eces[name] + error, level=0.95)
        return SimpleNamespace(values={"ece_choices": value}, floors={"ece_choices": floor})

    found = None if t is None else Estimate(value=t, low=t, high=t, level=0.95)
    return cast("Diagnosis", SimpleNamespace(step=step, temperature=found, letters=letters, level=0.95))


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        ((0.47, 0.47, 0.02), "left accuracy within 0.03 of what it was (0.470 → 0.470)"),
        ((0.47, 0.475, 0.02), "left accuracy within 0.03 of what it was (0.470 → 0.475)"),
        ((0.47, 0.475, 0.09), "is not shown to have changed accuracy (0.470 → 0.475)"),
        ((0.47, 0.52, 0.02), "raised accuracy (0.470 → 0.520)"),
        ((0.603, 0.594, 0.005), "lowered accuracy (0.603 → 0.594)"),
        # By itself it is, beside all other claims it is not.
        ((0.603, 0.594, 0.008), "left accuracy within 0.03 of what it was (0.603 → 0.594)"),
    ],
)
def test_accuracy(accuracy: Moves, words: str) -> None:
    assert predictions_conclusions(case(accuracy=accuracy))[0].startswith(
        f"Post-training {words} and made the model over-confident: "
    )


@pytest.mark.parametrize(
    ("ece", "gap", "words"),
    [
        # worse
        ((0.02, 0.12, 0.02), (0.0, 0.15, 0.02), "made the model over-confident"),
        ((0.02, 0.12, 0.02), (0.0, -0.15, 0.02), "made the model under-confident"),
        ((0.05, 0.12, 0.02), (0.06, 0.15, 0.02), "made the model more over-confident"),
        ((0.05, 0.12, 0.02), (-0.06, -0.15, 0.02), "made the model more under-confident"),
        ((0.05, 0.12, 0.02), (0.15, 0.06, 0.02), "made calibration worse, the model still over-confident on average"),
        ((0.02, 0.12, 0.02), (-0.03, 0.15, 0.02), "turned under-confidence into larger over-confidence"),
        ((0.02, 0.12, 0.02), (0.15, -0.14, 0.02), "turned over-confidence into under-confidence"),
        ((0.02, 0.12, 0.02), (0.15, -0.05, 0.02), "turned over-confidence into smaller under-confidence"),
        (
            (0.02, 0.12, 0.02),
            (0.0, 0.0, 0.02),
            "made the probabilities less reliable, its confidence within 0.03 of its accuracy on average",
        ),
        # better
        ((0.12, 0.05, 0.02), (0.15, 0.06, 0.02), "made the model less over-confident"),
        ((0.12, 0.05, 0.02), (-0.15, -0.06, 0.02), "made the model less under-confident"),
        ((0.12, 0.05, 0.02), (0.15, -0.06, 0.02), "turned over-confidence into smaller under-confidence"),
        ((0.12, 0.05, 0.02), (-0.06, 0.15, 0.02), "turned under-confidence into larger over-confidence"),
        ((0.12, 0.05, 0.02), (0.15, 0.0, 0.02), "took away the model's over-confidence on average"),
        (
            (0.12, 0.05, 0.02),
            (0.0, 0.0, 0.02),
            "made the probabilities more reliable, its confidence within 0.03 of its accuracy on average",
        ),
        ((0.12, 0.05, 0.02), (0.06, 0.15, 0.02), "made calibration better, the model over-confident"),
        ((0.12, 0.05, 0.02), (0.0, 0.06, 0.02), "made calibration better, the model over-confident"),
        ((0.12, 0.005, 0.02), (0.15, 0.0, 0.02), "took away the model's over-confidence on average"),
        ((0.12, 0.005, 0.02), (0.0, 0.0, 0.02), "lowered the ECE, which is now within its noise floor"),
        ((0.12, 0.005, 0.02), (0.15, 0.03, 0.02), "lowered the ECE, which is now within its noise floor"),
        # no direction
        ((0.05, 0.06, 0.02), (0.06, 0.07, 0.02), "left the ECE within 0.03 of what it was, the model over-confident"),
        (
            (0.05, 0.06, 0.02),
            (-0.06, -0.07, 0.02),
            "left the ECE within 0.03 of what it was, the model under-confident",
        ),
        (
            (0.05, 0.06, 0.02),
            (0.0, 0.0, 0.02),
            "left the ECE within 0.03 of what it was, its confidence within 0.03 of its accuracy on average",
        ),
    ],
)
def test_calibration(ece: Moves, gap: Moves, words: str) -> None:
    first = predictions_conclusions(case(ece=ece, gap=gap))[0]
    assert f" and {words}: ECE over choices {ece[0]:.3f} → {ece[1]:.3f}, noise floor 0.010" in first


@pytest.mark.parametrize(
    ("ece", "gap", "floor", "words"),
    [
        # No interval that excludes 0, and none that is near it either.
        (
            (0.05, 0.09, 0.05),
            (0.06, 0.07, 0.02),
            (0.01, 0.01),
            "is not shown to have changed calibration, the model over-confident",
        ),
        (
            (0.05, 0.09, 0.05),
            (0.0, 0.05, 0.06),
            (0.01, 0.01),
            "is not shown to have changed calibration, neither over- nor under-confidence shown",
        ),
        # The ECE moved, the signed gap did not beyond noise.
        (
            (0.02, 0.12, 0.02),
            (0.03, 0.07, 0.05),
            (0.01, 0.01),
            "made calibration worse, the model over-confident on average",
        ),
        (
            (0.02, 0.12, 0.02),
            (0.08, 0.09, 0.05),
            (0.01, 0.01),
            "made calibration worse, the model still over-confident on average",
        ),
        (
            (0.02, 0.12, 0.02),
            (0.0, 0.05, 0.06),
            (0.01, 0.01),
            "made the probabilities less reliable, neither over- nor under-confidence shown",
        ),
        ((0.12, 0.05, 0.02), (0.15, 0.12, 0.05), (0.01, 0.01), "made calibration better, the model over-confident"),
        # It is smaller, but not known to be gone.
        ((0.12, 0.05, 0.02), (0.15, 0.04, 0.05), (0.01, 0.01), "reduced the model's over-confidence on average"),
        (
            (0.12, 0.05, 0.02),
            (0.06, 0.04, 0.05),
            (0.01, 0.01),
            "made the probabilities more reliable, neither over- nor under-confidence shown",
        ),
        # Within the floor, whatever the change.
        ((0.02, 0.06, 0.02), (0.0, 0.05, 0.02), (0.01, 0.07), "raised the ECE, which is within its noise floor"),
    ],
)
def test_no_more_is_said_than_the_intervals_hold(
    ece: Moves, gap: Moves, floor: tuple[float, float], words: str
) -> None:
    first = predictions_conclusions(case(ece=ece, gap=gap, floor=floor))[0]
    assert f" and {words}: ECE over choices" in first


def test_few_items_tell_nothing_of_calibration() -> None:
    # Twelve items whose ECE rose beyond its interval and stands above its floor.
    few = case(
        ece=(0.063, 0.174, 0.05), gap=(0.1, 0.2, 0.3), accuracy=(0.583, 0.5, 0.3), floor=(0.161, 0.158), n_items=12
    )
    assert predictions_conclusions(few, diagnosis=remedies(now=0.174, temperature=0.05, floor=0.158, t=5.6)) == [
        "12 items are too few to tell what post-training did to accuracy or calibration: accuracy 0.583 → 0.500, ECE "
        "over choices 0.063 → 0.174, noise floors 0.161 and 0.158.",
        "Mean confidence in the predicted answer minus accuracy was +0.100 [-0.200, +0.400] before and is +0.200 "
        "[-0.100, +0.500] after.",
    ]


def test_few_items_may_tell_that_accuracy_changed() -> None:
    few = case(accuracy=(0.2, 0.8, 0.3), n_items=30)
    assert predictions_conclusions(few)[0] == (
        "Post-training raised accuracy (0.200 → 0.800); 30 items are too few to tell what became of calibration: ECE "
        "over choices 0.020 → 0.120, noise floor 0.010."
    )


@pytest.mark.parametrize(("n_items", "told"), [(99, "too few to tell"), (100, "made the model over-confident")])
def test_a_hundred_items_may_tell(n_items: int, told: str) -> None:
    assert told in predictions_conclusions(case(n_items=n_items))[0]


def test_what_may_be_noise_has_no_remedy() -> None:
    # The ECE's interval reaches below its floor, so that a correction may take off noise alone.
    doubtful = predictions_conclusions(
        case(ece=(0.02, 0.12, 0.06), floor=(0.01, 0.07)), diagnosis=remedies(floor=0.07, temperature=0.07)
    )
    assert "temperature" not in doubtful[0]


def test_noise_alone_says_nothing_of_either_model() -> None:
    # Even where the interval of the change leaves out 0, and whatever a temperature would do.
    found = predictions_conclusions(case(ece=(0.004, 0.009, 0.002), gap=QUIET_GAP), diagnosis=remedies(now=0.009))[0]
    assert found == (
        "Post-training left accuracy within 0.03 of what it was (0.470 → 0.470) and left the ECE within 0.03 of what "
        "it was, and 1,500 items do not show that either model is miscalibrated: ECE over choices 0.004 → 0.009, noise "
        "floor 0.010."
    )


def test_floors_that_differ_are_both_said() -> None:
    assert "noise floors 0.012 and 0.010" in predictions_conclusions(case(floor=(0.012, 0.01)))[0]


@pytest.mark.parametrize(
    ("after", "words"),
    [
        # Of an ECE of at least 0.118: 1 − 0.017 / 0.118 = 0.856, 1 − 0.042 / 0.118 = 0.644, and so on.
        ({"temperature": 0.015, "both": 0.015}, "one temperature, 2.9, takes at least 85 % off the ECE."),
        ({"temperature": 0.04, "both": 0.04}, "one temperature, 2.9, takes at least 64 % off the ECE."),
        (
            {"temperature": 0.04, "both": 0.015},
            "one temperature, 2.9, takes at least 64 % off the ECE, together with a correction of its letter bias at "
            "least 85 %.",
        ),
        ({"bias": 0.015, "both": 0.012}, "correcting its letter bias takes at least 85 % off the ECE."),
        (
            {"bias": 0.015, "temperature": 0.04, "both": 0.02},
            "correcting its letter bias takes at least 85 % off the ECE, one temperature, 2.9, at least 64 %.",
        ),
        (
            {"both": 0.04},
            "one temperature and a correction of its letter bias together take at least 64 % off the ECE.",
        ),
        # At most 1 − 0.118 / 0.122 = 0.033.
        ({}, "neither one temperature nor a correction of its letter bias takes more than 4 % off the ECE."),
        ({"temperature": 0.0, "t": None}, "the temperature that fits best makes all letters nearly equally likely."),
        ({"temperature": 0.0, "t": 40.0}, "the temperature that fits best makes all letters nearly equally likely."),
    ],
)
def test_what_a_correction_takes_off(after: dict[str, float], words: str) -> None:
    assert predictions_conclusions(case(), diagnosis=remedies(**after))[0].endswith(f"noise floor 0.010; {words}")


def test_a_share_that_is_not_shown_is_not_told() -> None:
    # Between 1 − 0.102 / 0.118 = 0.14 and 1 − 0.058 / 0.122 = 0.52 of it.
    wide = remedies(temperature=0.08, both=0.08, half=0.022)
    assert predictions_conclusions(case(), diagnosis=wide)[0].endswith("noise floor 0.010.")


def test_a_change_that_other_subjects_might_not_show() -> None:
    found = predictions_conclusions(case(accuracy=(0.603, 0.594, 0.005), clustered=0.03))
    assert found[1] == (
        "These subjects show it; other subjects might not: for them the interval of the change includes 0, "
        "accuracy [-0.039, +0.021]."
    )
    assert not predictions_conclusions(case(clustered=0.01))[1].startswith("These subjects")


@pytest.mark.parametrize(
    ("auroc", "words"),
    [
        ((0.75, 0.75, 0.01), "as well as before to within 0.03 (AUROC 0.750 → 0.750, change +0.000 [-0.010, +0.010])"),
        ((0.75, 0.76, 0.08), "better or less well than before (AUROC 0.750 → 0.760"),
        ((0.75, 0.70, 0.02), "less well than before (AUROC 0.750 → 0.700"),
        ((0.75, 0.80, 0.02), "better than before (AUROC 0.750 → 0.800"),
    ],
)
def test_ranking(auroc: Moves, words: str) -> None:
    assert any(f"right from wrong answers {words}" in line for line in predictions_conclusions(case(auroc=auroc)))


def test_changes_without_an_interval_are_not_called_noise() -> None:
    told = case()
    for key in ("accuracy", "ece_choices", "auroc"):
        told.change[key] = Change(
            value=0.1, low=np.nan, high=np.nan, level=0.95, p_value=np.nan, clustered=None, reason="too few items"
        )
    words = " ".join(predictions_conclusions(told))
    assert "Post-training moved accuracy by an unknown amount (0.470 → 0.470)" in words
    assert "moved calibration by an unknown amount, the model over-confident: ECE over choices 0.020 → 0.120" in words
    assert "The items are too few to tell whether confidence separates right from wrong answers better (AUROC" in words
    assert "beyond noise" not in words


def test_without_an_auroc_nothing_is_said_of_ranking() -> None:
    assert not any("AUROC" in line for line in predictions_conclusions(case(auroc=None)))


def test_the_subject_of_the_sentence_can_be_another() -> None:
    assert predictions_conclusions(case(), subject="The change of settings")[0].startswith(
        "The change of settings left accuracy within 0.03 of what it was"
    )


def _runs(sharpness: float, prior: tuple[float, ...] = (0, 0, 0, 0)) -> tuple[Predictions, Predictions]:
    """A calibrated run, and the same with its letters made sharper and biased."""
    rng = np.random.default_rng(0)
    honest = rng.normal(scale=1.2, size=(6000, 4))
    weight = np.exp(honest)
    answer = (rng.random((6000, 1)) > np.cumsum(weight / weight.sum(axis=1, keepdims=True), axis=1)).sum(axis=1)
    return Predictions.from_arrays(honest, answer), Predictions.from_arrays(
        sharpness * honest + np.array(prior), answer
    )


@pytest.mark.parametrize(
    ("sharpness", "prior", "words"),
    [
        (
            3.0,
            (0, 0, 0, 0),
            "made the model over-confident: .*; one temperature, 3.[01], takes at least 9. % off the ECE",
        ),
        (
            0.3,
            (0, 0, 0, 0),
            "made the model under-confident: .*; one temperature, 0.3[01], takes at least [89]. % off the ECE",
        ),
        (
            1.0,
            (0, 0, 0, 2.5),
            "made the model over-confident: .*; correcting its letter bias takes at least [89]. % off the ECE",
        ),
        (1.0, (0, 0, 0, 0), "left the ECE within 0.03 of what it was, and 6,000 items do not show that either"),
    ],
)
def test_real_runs_whose_fault_is_known(sharpness: float, prior: tuple[float, ...], words: str) -> None:
    before, after = _runs(sharpness, prior)
    found = predictions_conclusions(compare(before, after), diagnosis=diagnose(after))
    assert re.match(f"Post-training (left accuracy within|lowered accuracy) .* and {words}", found[0])
    assert any("letter D is favoured" in line for line in found) == (prior != (0, 0, 0, 0))
