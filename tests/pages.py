"""Runs and pages that tests of the report share."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from calibration import Item, Predictions
from calibration.runs.folder import Run

# Texts that would break a page that took them for more than text.
HOSTILE = (
    "<script>alert('question')</script>",
    "</script><script>alert(1)</script>",
    "</SCRIPT ><img src=x onerror=alert(2)>",
    "<!-- <script> --> ]]> &lt;b&gt; &amp; &#0; <b>bold</b>",
    "quotes \" ' ` and \\ and ${alert(3)} and {{ 7 * 7 }} and {% raw %}",
    "right to left: \u202eabc\u202c \u2067def\u2069 \u05d0\u05d1\u05d2 \u200f",
    "escape \x1b[31mred\x1b[0m, bell \x07, null \x00, delete \x7f, separators \u2028 \u2029",
    "<",
    "</",
    "<style>* { display: none }</style>",
    '=HYPERLINK("http://example.invalid","x")',
    "lone tag <p onclick=alert(4)",
    "line\nbreaks\r\nof both kinds\tand a tab",
    "long " + "x" * 100_000,
    "<b>" * 500,
    "combining " + "e\u0301" * 50 + " and emoji \U0001f469\u200d\U0001f52c",
)


def hostile_runs(folder: Path) -> list[Path]:
    """Two runs on items whose texts, subjects and ids are hostile."""
    items = [
        Item(f"{text[:20]}/{number}", f"{text[:30]}", text, (text, "two", "three", "four"), number % 4)
        for number, text in enumerate(HOSTILE)
    ]
    return write_runs(folder, items)


def write_runs(folder: Path, items: list[Item], *, seed: int = 0) -> list[Path]:
    """Two runs on items, the second three times as sure."""
    honest = np.random.default_rng(seed).normal(size=(len(items), 4))
    folders = []
    for name, scale in (("before", 1.0), ("after", 3.0)):
        predictions = Predictions.from_arrays(
            scale * honest,
            [item.answer for item in items],
            item=[item.id for item in items],
            subject=[item.subject for item in items],
            model=f"model-{name}",
        )
        settings = {"model": f"model-{name}", "weights": f"weights of {name}"}
        run = Run.open(folder / name, settings, items=items)
        run.append(predictions.frame)
        run.update(state="complete")
        folders.append(run.path)
    return folders


def unpacked(source: str, name: str) -> Any:
    """What a browser of a page will be given."""
    found = re.search(rf'id="{name}-data">([^<]*)</script>', source)
    assert found is not None
    return json.loads(gzip.decompress(base64.b64decode(found[1])))
