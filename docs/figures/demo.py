"""Draws the README's figure from the runs that `make demo` left in demo/."""

from pathlib import Path

import calibration
import plots
from plots.theme import to_svg

here = Path(__file__).parent
runs = here.parents[1] / "demo"
before, after = (calibration.read_run(runs / name) for name in ("base-completion", "rl-chat"))
figure = plots.before_after(before, after, labels=("Pretrained", "After RL"))
(here / "demo.svg").write_text(to_svg(figure), encoding="utf-8")
