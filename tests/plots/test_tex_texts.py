"""Texts that TeX draws: escaped while it draws them, and as they were before and after."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import plots
from calibration import Pairs
from plots.tex_texts import as_tex, tex

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")


def has_fonts() -> bool:
    """Whether LaTeX has the scalable fonts that matplotlib asks of it."""
    search = shutil.which("kpsewhich")
    return bool(search and subprocess.run([search, "type1ec.sty"], capture_output=True, check=False).stdout)


NAME = r"rl_v2 #1 {50%} & \frac ~^"
RUNS: dict[str, Any] = {
    NAME: Pairs.from_arrays([0.9, 0.8, 0.7, 0.6] * 10, [1, 1, 0, 1] * 10),
    "$x_1$ costs": ([0.9, 0.6], [1, 0]),
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("base_v2", r"base\_v2"),
        ("95 % & more", r"95 \% \& more"),
        ("q < 0.05, q ≥ 0.05", r"q $<$ 0.05, q $\geq$ 0.05"),
        ("$\\theta_1$ of a_b", r"$\theta_1$ of a\_b"),
        (r"cost \$5", r"cost \$5"),
        ("cost $5", r"cost \$5"),
        (r"\frac{1}", r"\textbackslash{}frac\{1\}"),
    ],
)
def test_what_tex_takes_for_commands_is_escaped(text: str, expected: str) -> None:
    assert tex(text) == expected


def texts_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]


def test_texts_are_escaped_while_tex_draws_and_plain_after() -> None:
    figure = plots.reliability(RUNS).figure
    assert isinstance(figure, Figure)
    plain = texts_of(figure)
    with as_tex(figure, everything=True):
        escaped = texts_of(figure)
    assert texts_of(figure) == plain
    assert any(text.startswith(r"rl\_v2 \#1 \{50\%\} \& \textbackslash{}frac") for text in escaped)
    with as_tex(figure, everything=False):
        assert texts_of(figure) == plain


@needs_tex
@pytest.mark.slow  # TeX runs once for each text
def test_pgf_draws_every_name(tmp_path: Path) -> None:
    for name, drawn in {"a": plots.before_after(RUNS), "b": plots.risk_coverage(RUNS).figure}.items():
        with mpl.rc_context({"pgf.texsystem": "pdflatex"}):
            drawn.savefig(tmp_path / f"{name}.pgf")  # type: ignore[union-attr]
            drawn.savefig(tmp_path / f"{name}.pdf", backend="pgf", bbox_inches="tight")  # type: ignore[union-attr]
        assert r"rl\_v2" in (tmp_path / f"{name}.pgf").read_text(encoding="utf-8")


@needs_tex
@pytest.mark.skipif(not has_fonts(), reason="LaTeX's package cm-super is not installed")
@pytest.mark.slow  # TeX runs once for each text
def test_latex_draws_every_name() -> None:
    with mpl.rc_context({"text.usetex": True}):
        figure = plots.before_after(RUNS, labels=[NAME, "95 % of $x$"])
        file = io.BytesIO()
        figure.savefig(file, format="pdf")
    assert file.getvalue().startswith(b"%PDF")
