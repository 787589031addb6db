"""HELM's separate multiple choice: likelihoods of options, from the last tokens of each request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import Predictions
from calibration.logs.formats import read_logs
from calibration.logs.log import Log
from calibration.logs.options import LogOptions
from tests.calibration.logs.helm_logs.run_folders import helm_run, instance, request, scored, token

Spelled = Sequence[tuple[str, float | None]]
OPTIONS = ("red", "pale green")


def asked(
    name: str, answers: Sequence[Spelled], *, right: Sequence[int] = (0,), mode: str = "original",
    options: Sequence[str] = OPTIONS,
) -> list[dict[str, Any]]:  # fmt: skip
    what = instance(name, right, options=options)
    lead = [token("What", 0.0), token(" is", -3.0), token(":", -0.5)]
    return [
        request(what, [*lead, *(token(*piece) for piece in spelled)], reference_index=index, request_mode=mode)
        for index, spelled in enumerate(answers)
    ]


# "pale green" is less likely as a whole and likelier per token.
WHOLE = asked("a", [[(" red", -1.0)], [(" pale", -0.9), (" green", -0.7)]])


def read(folder: Path, **options: str) -> Log:
    (log,) = read_logs([folder], options=LogOptions(**options))  # type: ignore[arg-type]
    return log


def original(folder: Path, states: Sequence[dict[str, Any]], **others: Any) -> Path:
    return helm_run(folder, states, method="multiple_choice_separate_original", **others)


def softmax(*values: float) -> list[float]:
    exponentials = np.exp(values)
    return [float(value) for value in exponentials / exponentials.sum()]


def test_sums_are_compared_if_nothing_else_is_asked_for(tmp_path: Path) -> None:
    log = read(original(tmp_path / "run", WHOLE, per_instance=[scored("a", exact_match=0)]))
    assert isinstance(log.content, Predictions)
    assert log.content.probabilities[0].tolist() == pytest.approx(softmax(-1.0, -1.6), rel=1e-6)
    assert log.content.accuracy == 1
    assert log.remarks == (
        "HELM compares log-likelihoods per token (exact match 0.0000), here sums of log-likelihoods are compared "
        "(1.0000); --normalize tokens compares as HELM does",
    )
    assert log.items is not None
    assert log.items["options"].to_list() == [["red", "pale green"]]


@pytest.mark.parametrize(
    ("normalize", "scores", "accuracy"),
    [
        ("tokens", (-1.0, -0.8), 0),
        ("chars", (-1 / 3, -0.16), 0),
        ("bytes", (-1 / 3, -0.16), 0),
        ("none", (-1.0, -1.6), 1),
    ],
)
def test_likelihoods_are_divided_by_a_length(
    tmp_path: Path, normalize: str, scores: tuple[float, float], accuracy: float
) -> None:
    folder = original(tmp_path / "run", WHOLE, per_instance=[scored("a", exact_match=0)])
    log = read(folder, normalize=normalize)
    assert isinstance(log.content, Predictions)
    assert log.content.probabilities[0].tolist() == pytest.approx(softmax(*scores), rel=1e-6)
    assert log.content.accuracy == accuracy  # by tokens it is HELM's exact match
    assert log.settings["normalize"] == normalize


def test_calibrated_runs_compare_differences_as_helm_does(tmp_path: Path) -> None:
    prior = asked("a", [[(" red", -0.5)], [(" pale", -1.5), (" green", -1.0)]], mode="calibration")
    states = [state for pair in zip(WHOLE, prior, strict=True) for state in pair]
    folder = helm_run(
        tmp_path / "run", states, method="multiple_choice_separate_calibrated",
        per_instance=[scored("a", exact_match=0)],
    )  # fmt: skip
    log = read(folder)
    assert isinstance(log.content, Predictions)
    assert log.content.probabilities[0].tolist() == pytest.approx(softmax(-0.5, 0.9), rel=1e-6)
    assert log.remarks == ("HELM compares log-likelihoods minus those without the question, and so is done here",)
    with pytest.raises(ValueError, match=r"a request of kind 'calibration' for each of 2 options, option 0 has none"):
        read(helm_run(tmp_path / "half", WHOLE, method="multiple_choice_separate_calibrated"))


@pytest.mark.parametrize(
    "spelled",
    [
        [("▁pale", -0.9), ("▁green", -0.7)],
        [(" ", -0.2), ("pale", -0.7), ("Ġgreen", -0.7)],
        [(" pal", -0.9), ("e gr", -0.3), ("een", -0.4)],
    ],
)
def test_tokens_are_matched_by_their_text_from_the_end(tmp_path: Path, spelled: Spelled) -> None:
    log = read(original(tmp_path / "run", asked("a", [[(" red", -1.0)], spelled])))
    assert log.content.probabilities[0].tolist() == pytest.approx(softmax(-1.0, -1.6), rel=1e-6)  # type: ignore[union-attr]


def test_tokens_that_are_parts_of_characters_are_put_together(tmp_path: Path) -> None:
    spelled = [(" caf", -0.9), ("bytes:\\xc3", -0.3), ("bytes:\\xa9", -0.4)]
    log = read(original(tmp_path / "run", asked("a", [[(" red", -1.0)], spelled], options=("red", "café"))))
    assert log.content.probabilities[0].tolist() == pytest.approx(softmax(-1.0, -1.6), rel=1e-6)  # type: ignore[union-attr]


def test_ties_count_in_part_in_helm_and_the_first_counts_here(tmp_path: Path) -> None:
    states = asked("a", [[(" red", -1.0)], [(" blue", -1.0)]], right=(1,), options=("red", "blue"))
    log = read(original(tmp_path / "run", states, per_instance=[scored("a", exact_match=0.5)]), normalize="tokens")
    assert log.content.accuracy == 0  # type: ignore[union-attr]
    assert log.remarks == (
        "HELM compares log-likelihoods per token, and so is done here",
        "1 of 1 items has several likeliest options: the first counts",
        "1 of 1 items is tied in HELM, and counts in part in its exact_match",
    )


@pytest.mark.parametrize(
    ("states", "message"),
    [
        (
            asked("a", [[(" red", -1.0)], [(" brown", -1.0)]]),
            r"the last tokens must spell the option 'pale green', got",
        ),
        (asked("a", [[(" red", -1.0)], [(" pale", None), (" green", -1.0)]]), "each token of 'pale green' must have a"),
        (asked("a", [[(" red", 0.0)], [(" pale", 0.0), (" green", 0.0)]]), r"every log-probability is 0\.0, which"),
        (WHOLE[:1], r"a request of kind 'original' for each of 2 options, option 1 has none"),
        ([*WHOLE, WHOLE[0]], r"request 2 \(a\): option 0 must be asked once"),
        (
            asked("a", [[(" red", -1.0)], [(" pale green", -2.0)]], right=(0, 1)),
            "one option must be right, 2 are tagged",
        ),
    ],
)
def test_what_gives_no_likelihoods_is_refused(tmp_path: Path, states: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(original(tmp_path / "run", states))


def test_a_grade_that_contradicts_the_likelihoods_is_refused(tmp_path: Path) -> None:
    folder = original(tmp_path / "run", WHOLE, per_instance=[scored("a", exact_match=1)])
    with pytest.raises(
        ValueError, match="exact_match of a is 1, but the log-likelihoods of its options give 0 by HELM"
    ):
        read(folder)


@pytest.mark.parametrize(("option", "value"), [("metric", "exact_match"), ("partial", "half")])
def test_options_have_no_use_for_what_is_said_of_answers(tmp_path: Path, option: str, value: str) -> None:
    folder = original(tmp_path / "run", WHOLE, per_instance=[scored("a", exact_match=0)])
    with pytest.raises(ValueError, match=rf"--{option} .* got options with log-likelihoods"):
        read(folder, **{option: value})
