"""Draws the README's figure from the recorded letters of the demo."""

from pathlib import Path

import calibration
import plots
from plots.theme import to_svg

here = Path(__file__).parent
before, after = (
    calibration.import_log(here.parents[1] / "examples" / "data" / f"smollm2-{style}.csv")
    for style in ("completion", "chat")
)
figure = plots.before_after(before, after, labels=("Raw completion", "Chat template"))
(here / "demo.svg").write_text(to_svg(figure), encoding="utf-8")
