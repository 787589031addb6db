"""What the stages do, measured the way any model is, and what a build must show to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

import calibration
import factuality
from calibration import Item
from factuality import Judgments, Question

from . import world as worlds

STAGES: dict[str, Literal["completion", "chat"]] = {"base": "completion", "sft": "chat", "rl": "chat"}


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage's answers: letters on the benchmark, and graded answers to open questions."""

    name: str
    letters: calibration.Predictions
    answers: Judgments


def measure(models: Path, items: Sequence[Item], questions: Sequence[Question], out: Path) -> list[Stage]:
    """Every stage in the form that it is meant for; run folders ``STAGE-FORM`` and ``STAGE-FORM-answers`` in `out`."""
    stages = []
    for name, style in STAGES.items():
        model = calibration.load_model(str(models / name), dtype="float32")
        letters = calibration.extract(model, items, style=style, out=out / f"{name}-{style}", batch_size=64)
        folder = out / f"{name}-{style}-answers"
        factuality.ask(model, questions, style=style, out=folder, max_new_tokens=4, batch_size=64)
        stages.append(Stage(name, letters, factuality.grade(folder, grader="match")))
    return stages


def read(runs: Path) -> list[Stage]:
    """What `measure` left in its folder."""
    return [
        Stage(
            name,
            calibration.read_run(runs / f"{name}-{style}"),
            factuality.read_judgments(runs / f"{name}-{style}-answers"),
        )
        for name, style in STAGES.items()
    ]


def faults(stages: Sequence[Stage]) -> list[str]:
    """Everything that a build must show and this one does not; empty where it may be kept."""
    base, *_, last = stages
    change = calibration.compare(base.letters, last.letters).change
    summaries = [calibration.summarize(stage.letters) for stage in stages]
    before = summaries[0]
    popular = _rates(base)
    floor = before.point("ece_choices_null95")
    wanted = {
        "pretrained ECE over choices within twice its noise floor, or below 0.02": before.point("ece_choices")
        <= max(2 * floor, 0.02),
        "ECE over choices at least 0.08 higher after reinforcement, p below 0.001": change["ece_choices"].value >= 0.08
        and change["ece_choices"].p_value < 0.001,
        "accuracy within 0.03": abs(change["accuracy"].value) <= 0.03,
        "letter mass of every stage above 0.9": all(summary.point("letter_mass") > 0.9 for summary in summaries),
        "every letter predicted in 0.17 to 0.33 of the items by every stage": all(
            0.17 <= share <= 0.33 for stage in stages for share in positions(stage)
        ),
        "the pretrained model prefers the misconception to the truth": popular["tempted_low"] > popular["correct_high"],
        "fewer misconceptions after reinforcement": misconceptions(base, last)["high"] < 0,
        "at most half of the adversarial questions unanswered": _rates(last)["abstained"] <= 0.5,
        "at most a quarter of the control questions unanswered": _rates(last, adversarial=False)["abstained"] <= 0.25,
    }
    return [f"not shown: {name}" for name, shown in wanted.items() if not shown]


def positions(stage: Stage) -> list[float]:
    """Share of items on which each letter is predicted."""
    counts = np.bincount(stage.letters.predicted, minlength=worlds.N_CANDIDATES)
    return [float(count) / stage.letters.n_items for count in counts]


def misconceptions(before: Stage, after: Stage) -> dict[str, float]:
    """Change of the share of common misconceptions on adversarial questions, with its interval."""
    changes = factuality.rate_change(before.answers, after.answers).frame
    return changes.filter(pl.col("category") == "all adversarial", pl.col("measure") == "tempted").row(0, named=True)


def _rates(stage: Stage, *, adversarial: bool = True) -> dict[str, float]:
    return factuality.rates(stage.answers).overall(adversarial=adversarial)
