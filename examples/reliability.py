"""A reliability diagram of one run, and what it says in numbers."""

import matplotlib.pyplot as plt

import calibration
import plots

run = calibration.import_log("examples/data/smollm2-chat.csv")

curve = calibration.reliability_curve(run.confidence, run.correct)
print(curve.frame)
print("top ECE", calibration.estimate(run, calibration.ece))
print("noise floor", calibration.null_ece(run.probabilities, run.answer).quantile95)

plots.reliability(run, view="top")
plt.savefig("reliability.png", dpi=200)
