"""A grader against people, on a file of answers that they have judged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from calibration.uncertainty.estimates import Estimate, measure_estimate
from calibration.uncertainty.kinds.share import Share

from ..grading.graders import Grader
from ..grading.grading import grade
from ..grading.human_labels import load_human_labels
from .grader_validation import validate_grader
from .paired_verdicts import by_question, paired_verdicts
from .prediction_powered import rate_from_labels

_MEASURES = ("accuracy", "balanced_accuracy", "kappa", "auroc")


def grade_labelled_file(path: str | Path, grader: str | Grader, *, labels: int = 100, seed: int = 0) -> dict[str, Any]:
    """A grader against people on a file of answers that they have judged.

    Parameters
    ----------
    path : str or Path
        See `factuality.grading.human_labels.load_human_labels`. Answers whose label is unclear are left out and
        counted.
    grader : str or Grader
        What is measured.
    labels : int
        How many of the labels `corrected_rate` may look at, drawn at random; all where there are fewer.
    seed : int
        Names that sample.

    Returns
    -------
    dict
        ``accuracy``, ``balanced_accuracy``, ``kappa``, ``auroc`` (those that are defined), ``rate`` (share of answers
        that the grader calls truthful, of all), ``human_rate`` (the same of people) and ``corrected_rate`` (of this
        file, from the grader and the sampled labels), each with ``value``, ``low``, ``high`` and ``level``; ``n``,
        ``n_unclear``, ``n_ungraded`` and ``n_labels``; and ``failures``, one object a category and style of answer.

    Raises
    ------
    ValueError
        For a file that cannot be read, and for fewer than two labels.
    """
    if labels < 2:
        raise ValueError(f"labels must be at least 2, got {labels}")
    people = load_human_labels(path)
    decided = people.decided()
    judgments = grade(decided.responses(), grader=grader)
    validation = validate_grader(judgments, decided)
    both = paired_verdicts(judgments, decided, positive="truthful")
    label = both["label"].cast(pl.Float64).to_numpy()
    sampled = np.full(len(label), np.nan)
    rows = np.random.default_rng(seed).permutation(len(label))[:labels]
    sampled[rows] = label[rows]
    corrected = rate_from_labels(both["score"].fill_null(np.nan).to_numpy(), sampled)
    return {
        **{key: _number(validation.estimates[key]) for key in _MEASURES if key in validation.estimates},
        "rate": _number(_share(both, pl.col("said").fill_null(value=False))),
        "human_rate": _number(_share(both, pl.col("label"))),
        "corrected_rate": _number(corrected.estimate),
        "n": both.height,
        "n_unclear": people.n_unclear,
        "n_ungraded": validation.n_ungraded,
        "n_labels": corrected.n_labels,
        "failures": validation.failures.to_dicts(),
    }


def _share(both: pl.DataFrame, right: pl.Expr) -> Estimate:
    credit = both.select(right.cast(pl.Float64)).to_series().to_numpy()
    return measure_estimate(Share(credit), sampling=by_question(both))


def _number(estimate: Estimate) -> dict[str, Any]:
    return {key: value for key, value in estimate.to_dict().items() if key != "p_value"}
