"""Draws the README's figures from the runs that `make figures` leaves in demo/figures/."""

from pathlib import Path

import calibration
import factuality
import plots
from plots.figures import to_svg

here = Path(__file__).parent
runs = here.parents[1] / "demo" / "figures"
stages = {"Pretrained": "base-completion", "After SFT": "sft-chat", "After RL": "rl-chat"}
letters = {name: calibration.read_run(runs / folder) for name, folder in stages.items()}
answers = {name: factuality.read_judgments(runs / f"{folder}-answers") for name, folder in stages.items()}
drawn = {
    "demo": plots.before_after(letters, view="choices"),
    "stages": plots.stages(letters),
    "adversarial": plots.outcomes(answers),
}
for name, panels in drawn.items():
    figure = panels.get_figure(root=True)
    assert figure is not None  # noqa: S101 (it was just drawn)
    (here / f"{name}.svg").write_text(to_svg(figure), encoding="utf-8")
    print(f"docs/figures/{name}.svg")
