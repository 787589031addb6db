"""Figures inside the page: ids of their own, colours of the page, nothing but drawing."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import matplotlib.pyplot as plt
import pytest

import plots
from calibration import Predictions
from plots.theme import literal
from veracal.report.blocks.figure import inline


@pytest.fixture
def run() -> Predictions:
    logits = [[1.0, 0.0], [0.4, 0.0], [0.0, 1.0], [2.0, 0.0], [0.0, 0.7], [0.9, 0.0]]
    return Predictions.from_arrays(logits, [0, 1, 1, 0, 0, 0])


def test_two_drawings_share_no_id_and_each_finds_its_own(run: Predictions) -> None:
    first, second = (inline(plots.before_after(run, run), name) for name in ("a", "b"))
    ids = [set(re.findall(r'\bid="([^"]*)"', text)) for text in (first, second)]
    assert ids[0]
    assert ids[0].isdisjoint(ids[1])
    for text, own in zip((first, second), ids, strict=True):
        used = re.findall(r'href="#([^"]*)"', text) + re.findall(r"url\(#([^)]*)\)", text)
        assert used
        assert set(used) <= own


def test_colours_follow_the_page(run: Predictions) -> None:
    text = inline(plots.before_after(run, run), "a")
    for name in ("before", "after", "ink", "grey", "ground"):
        assert f"var(--figure-{name})" in text
    assert not re.search(r"#(0072b2|d55e00|222222|8a8a8a|ffffff)\b", text, flags=re.IGNORECASE)


def test_a_drawing_holds_nothing_but_drawing() -> None:
    figure, ax = plt.subplots()
    ax.set_title("--><script>alert(1)</script>")
    text = inline(figure, "a")
    tags = {node.tag.rpartition("}")[2] for node in ET.fromstring(text).iter()}  # noqa: S314 (made here)
    assert tags <= {"svg", "g", "defs", "path", "use", "clipPath", "rect"}
    assert "<!--" not in text
    assert "alert" not in text


@pytest.mark.parametrize("name", ["cost $5", r"$\frac$", "$^$", "a_b^c{", "\\"])
def test_names_are_drawn_letter_by_letter(name: str, run: Predictions) -> None:
    label = literal(name)
    assert inline(plots.before_after(run, run, labels=(label, label)), "a").startswith("<svg ")
