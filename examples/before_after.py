"""Two runs on the same items: figure 8, and the change with both of its intervals."""

import calibration
import plots

before = calibration.import_log("examples/data/smollm2-completion.csv")
after = calibration.import_log("examples/data/smollm2-chat.csv")

print(calibration.compare(before, after).frame)
print("ECE over choices:", calibration.change(before, after, calibration.ece, view="choices"))

figure = plots.before_after(before, after, labels=("Raw completion", "Chat template"))
figure.savefig("before_after.png", dpi=200)
