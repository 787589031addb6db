"""Confidence targets: scores in which wrong answers cost points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import polars as pl

from calibration.metrics.bins import reaches
from calibration.metrics.precision import STORED, known_to
from calibration.metrics.validation import level_in_range
from calibration.number_texts import interval_text
from calibration.predictions.grades import PARTIAL
from calibration.predictions.pairing import paired_rows
from calibration.result_tables.result_table import ResultTable, result_columns
from calibration.result_tables.shown_result import ShownResult

from ..grading.judgments import Judgments
from ..outcomes.ratios import ATTEMPTED, OTHER, Kinds, count_kinds, target_ratio
from ..outcomes.shares import answer_kinds, one_answer_each

By = Literal["prompt", "threshold"]
WAYS: tuple[By, ...] = get_args(By)

# Penalties 0, 1/3, 1, 3, 9 and 19 are among them.
TARGETS = (0.0, 0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 0.95)


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class ConfidenceTargets(ShownResult):
    """Scores of one model at several confidence targets.

    Attributes
    ----------
    frame : polars.DataFrame
        The table, one row a target.

        Columns: ``target`` (t), ``penalty`` (t / (1 − t)), ``score``, ``low``, ``high``, ``answered`` (share of the
        questions without abstention), ``accuracy_answered`` (share of right ones among those; null if all are
        abstained), ``n`` (graded questions) and ``n_ungraded`` (questions left out since an answer was not graded).
    answers : polars.DataFrame
        One row a question that was graded at every target: ``question``, ``text``, and at each target the kind
        of the answer (0 right, 1 wrong, 2 abstained), a column a target.
    by : {"prompt", "threshold"}
        Source of abstentions: the model, or a threshold on its confidence.
    model : str
        Name of the model that answered.
    level : float
        Coverage of the intervals.
    """

    frame: pl.DataFrame
    answers: pl.DataFrame
    by: By
    model: str
    level: float

    @property
    def table(self) -> ResultTable:
        """A row a target."""
        interval = f"{100 * self.level:g} % interval"
        title = f"{self.model}: scores at confidence targets, abstentions by {self.by}"
        return ResultTable(
            columns=result_columns(("target", "n", "score", interval, "answered", "right of these")),
            rows=tuple(
                (
                    f"{row['target']:g}", f"{row['n']:,}", f"{row['score']:+.3f}",
                    interval_text(row["low"], row["high"]), f"{row['answered']:.3f}",
                    "" if row["accuracy_answered"] is None else f"{row['accuracy_answered']:.3f}",
                )
                for row in self.frame.iter_rows(named=True)
            ),
            heading=(title,),
            caption=f"{title}, with {interval}s.",
        )  # fmt: skip


def confidence_target_score(
    judgments: Judgments | Mapping[float, Judgments],
    *,
    targets: Sequence[float] | None = None,
    by: By = "threshold",
    level: float = 0.95,
) -> ConfidenceTargets:
    r"""Confidence-target score: 1 for a right answer, −t/(1 − t) for a wrong one.

    An abstention earns nothing.

    An answer that is right with probability p earns :math:`p - (1 - p)\,t / (1 - t)` on average, which is above 0 just
    if p > t: a calibrated model earns at least 0 at every target. At t = 0 the score is the accuracy.

    Parameters
    ----------
    judgments : Judgments or mapping of float to Judgments
        One answer a question. By prompt a mapping: a target, and the graded answers of a run whose prompts
        name it; or one run, whose own abstentions count at every target. By threshold one run, with a confidence for
        each answer.
    targets : sequence of float, optional
        Values of t from 0 to below 1; if omitted, those of the mapping, or a grid up to 0.95.
    by : {"threshold", "prompt"}
        Whether answers with a confidence below t count as abstained, beside the abstentions of the model itself, or
        only the latter.
    level : float
        Coverage of the intervals.

    Returns
    -------
    ConfidenceTargets
        In the order of the targets. Questions whose answer could not be graded (at any target) are left out and
        counted. Intervals invert the score test of a mean over right, wrong and abstained answers.

    Raises
    ------
    ValueError
        For several answers to one question, an answer without a confidence (by question), a target outside [0, 1),
        targets that the mapping lacks, a mapping by threshold, runs of a mapping that differ in their questions, no
        graded answer.

    References
    ----------
    Kalai, Nachum, Vempala and Zhang (2025), "Why language models hallucinate", arXiv:2509.04664, section 4.2.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question(str(n), "science", "What colour is the Sun?", ("white",), ("yellow",)) for n in range(4)]
    >>> texts = {"0": "White.", "1": "Yellow.", "2": "I don't know.", "3": "It is white."}
    >>> judged = grade(Responses.from_texts(texts, asked), grader="match")
    >>> found = confidence_target_score(judged, targets=(0, 0.5, 0.75), by="prompt")
    >>> found.frame.select("target", "score", "answered").rows()
    [(0.0, 0.5, 0.75), (0.5, 0.25, 0.75), (0.75, -0.25, 0.75)]
    """
    level_in_range(level)
    if by not in WAYS:
        raise ValueError(f"by must be one of {', '.join(WAYS)}, got {by!r}")
    if isinstance(judgments, Mapping) and by != "prompt":
        raise ValueError("answers asked at each target are scored by prompt; by threshold takes one run")
    runs = _runs(judgments, targets)
    frames = {target: one_answer_each(run) for target, run in runs.items()}
    first = next(iter(frames.values()))
    aligned = {target: _aligned(first, frame) for target, frame in frames.items()}
    graded = np.ones(first.height, dtype=bool)
    for frame in aligned.values():
        graded &= ~frame["grade"].is_in(["ungraded", PARTIAL]).to_numpy()
    if not graded.any():
        raise ValueError("there must be at least one question whose answers were all graded, got none")
    kinds = {
        target: _abstained_below(frame, answer_kinds(frame), target if by == "threshold" else None)[graded]
        for target, frame in aligned.items()
    }
    n_ungraded = int((~graded).sum())
    rows = [_row(target, target_kinds, n_ungraded, level) for target, target_kinds in kinds.items()]
    answers = first.filter(graded).select("question", "text")
    answers = answers.with_columns(pl.Series(str(target), target_kinds) for target, target_kinds in kinds.items())
    table = pl.DataFrame(rows, schema_overrides={"accuracy_answered": pl.Float64})
    return ConfidenceTargets(frame=table, answers=answers, by=by, model=next(iter(runs.values())).model, level=level)


def _runs(judgments: Judgments | Mapping[float, Judgments], targets: Sequence[float] | None) -> dict[float, Judgments]:
    """The run of each target, in their order."""
    if isinstance(judgments, Judgments):
        runs = {float(target): judgments for target in (TARGETS if targets is None else targets)}
    else:
        known = {float(target): run for target, run in judgments.items()}
        requested = [float(target) for target in (sorted(known) if targets is None else targets)]
        lacking = [target for target in requested if target not in known]
        if lacking:
            raise ValueError(f"no run was asked at the target {lacking[0]}; known are {', '.join(map(str, known))}")
        runs = {target: known[target] for target in requested}
    if not runs:
        raise ValueError("there must be at least one target, got none")
    for target in runs:
        if not 0 <= target < 1:
            raise ValueError(f"a target must be at least 0 and below 1, got {target}")
    return runs


def _aligned(first: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """Answers of another run to the same questions, in the order of the first."""
    frame = frame[paired_rows(first["question"].to_list(), frame["question"].to_list(), what="questions")]
    differ = (first["text"] != frame["text"]).to_numpy()
    if differ.any():
        name = first["question"][int(np.argmax(differ))]
        raise ValueError(f"two runs must hold the same questions; question {name} has another text in each")
    return frame


def _abstained_below(frame: pl.DataFrame, kinds: Kinds, threshold: float | None) -> Kinds:
    """Kinds of the answers, with abstention below a confidence."""
    if threshold is None:
        return kinds
    attempted = kinds != OTHER
    lacking = attempted & frame["confidence"].is_null().to_numpy()
    if lacking.any():
        name = frame["question"][int(np.argmax(lacking))]
        raise ValueError(f"by threshold every answer must have a confidence, that to question {name} has none")
    given = reaches(known_to(frame["confidence"].fill_null(0.0).to_numpy(), STORED), threshold)
    return np.where(given, kinds, OTHER)


def _row(target: float, kinds: Kinds, n_ungraded: int, level: float) -> dict[str, Any]:
    ratio = target_ratio(target)
    low, high = ratio.interval(count_kinds(kinds), level=level)
    return {
        "target": target,
        "penalty": target / (1 - target),
        "score": ratio.of(kinds),
        "low": low,
        "high": high,
        "answered": float((kinds != OTHER).mean()),
        "accuracy_answered": ATTEMPTED.of(kinds),
        "n": len(kinds),
        "n_ungraded": n_ungraded,
    }
