"""Calibration curves against R's package rms, where it is installed (Debian: r-cran-rms)."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest

from calibration import calibration_intercept, calibration_slope, e50, e90, emax, ici
from tests.calibration.metrics.drawn_pairs import bent_pairs

pytestmark = pytest.mark.oracle

_SCRIPT = """
suppressMessages(library(rms))
data <- read.csv(file("stdin"), header = FALSE)
p <- data$V1; y <- data$V2; L <- qlogis(p); knots <- quantile(L, c(.05, .35, .65, .95))
away <- abs(plogis(predict(lrm(y ~ rcs(L, knots), tol = 1e-14, eps = 1e-12))) - p)
line <- val.prob(p, y, pl = FALSE)
cat(format(c(line["Intercept"], line["Slope"], mean(away), quantile(away, c(.5, .9, 1))), digits = 12))
"""


def _in_r(confidence: np.ndarray, correct: np.ndarray) -> list[float]:
    program = shutil.which("Rscript")
    if program is None:
        pytest.skip("R's package rms is not here")
    rows = "\n".join(f"{p!r},{y:g}" for p, y in zip(confidence.tolist(), correct, strict=True))
    done = subprocess.run([program, "-e", _SCRIPT], input=rows, capture_output=True, text=True, check=False)
    if "there is no package called" in done.stderr:
        pytest.skip("R's package rms is not here")
    assert done.returncode == 0, done.stderr
    return [float(number) for number in done.stdout.split()]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lines_and_curves_are_those_of_rms(seed: int) -> None:
    confidence, correct = bent_pairs(300, seed=seed)
    ours = [metric(confidence, correct) for metric in (calibration_intercept, calibration_slope, ici, e50, e90, emax)]
    assert ours == pytest.approx(_in_r(confidence, correct), abs=1e-6)
