"""Every function of `plots`, each with something small to draw."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import plots
from calibration import Pairs, Predictions, by_group
from calibration.metrics.isotonic import isotonic_curve
from calibration.metrics.risk_coverage import risk_coverage
from factuality import MultipleChoice, Question, Responses, calibration_from_labels, grade
from factuality.confidence.targets import confidence_target_score
from tests.plots.test_rubrics import sorted_by

LOGITS = [[1.0, 0.0], [0.4, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, 0.7], [0.9, 0.0]]
BEFORE = Predictions.from_arrays(LOGITS, [0, 1, 1, 0, 0, 0], subject=["art"] * 3 + ["law"] * 3)
AFTER = Predictions.from_arrays(
    [[3 * a, 3 * b] for a, b in LOGITS], [0, 1, 1, 0, 0, 0], subject=["art"] * 3 + ["law"] * 3
)
PAIRED = Pairs.from_arrays([0.9, 0.8, 0.7, 0.6] * 10, [1, 1, 0, 1] * 10)
CURVE = isotonic_curve([0.2, 0.4, 0.6, 0.8], [0, 1, 0, 1])
ASKED = [Question("sun", "science", "What colour is the Sun?", ("white",), ("yellow",))]
GRADED = [
    grade(Responses.from_texts({"sun": text}, ASKED, model=text), grader="match") for text in ("Yellow.", "White.")
]
SCORED = [confidence_target_score(side, targets=(0, 0.5), by="prompt") for side in GRADED]
_ROWS = {"model": "tiny", "question": ["0", "1"], "text": "?", "category": "Sun", "adversarial": True}
CHOSEN = MultipleChoice(pl.DataFrame(_ROWS | {"primer": "none", "variant": "mc1", "score": [1.0, 0.0]}))
CORRECTED = calibration_from_labels([0.9, 0.8, 0.7, 0.6] * 10, [1, 1, 0, 1] * 10, [1.0, 0.0, 0.0, 1.0] * 10)

DRAWN: dict[str, Callable[[], Axes | Figure]] = {
    "before_after": lambda: plots.before_after(BEFORE, AFTER),
    "by_group": lambda: plots.by_group(by_group(BEFORE, "subject")),
    "by_subject": lambda: plots.by_subject(BEFORE, AFTER),
    "confidence_targets": lambda: plots.confidence_targets(SCORED),
    "corrected_reliability": lambda: plots.corrected_reliability(CORRECTED),
    "diagnosis": lambda: plots.diagnosis(BEFORE, AFTER),
    "factuality_bars": lambda: plots.factuality_bars(GRADED),
    "isotonic_reliability": lambda: plots.isotonic_reliability(CURVE),
    "outcomes": lambda: plots.outcomes(GRADED),
    "reliability": lambda: plots.reliability(BEFORE),
    "risk_coverage": lambda: plots.risk_coverage(risk_coverage([0.9, 0.8, 0.3], [1, 1, 0]), labels="tiny"),
    "runs": lambda: plots.runs({"before": BEFORE, "after": AFTER}),
    "stages": lambda: plots.stages({"before": PAIRED, "after": (PAIRED.confidence, PAIRED.correct)}),
    "rubric_bars": lambda: plots.rubric_bars([sorted_by([0, 1, 1, 2, 3, 3])]),
    "truthful_bars": lambda: plots.truthful_bars(GRADED),
    "truthfulqa_bars": lambda: plots.truthfulqa_bars([CHOSEN]),
}
assert set(DRAWN) == set(plots.__all__) - {"style"}
