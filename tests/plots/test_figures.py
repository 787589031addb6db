"""Figures wherever they are saved, and what others' texts become in them."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.text import Text

import plots
from calibration import Predictions
from factuality import Question, Responses, grade
from plots.figures import ResultFigure
from plots.theme import literal

from .samples import AFTER, BEFORE, DRAWN

TRUETYPE = {"Type0", "CIDFontType2"}


def whole(drawn: Axes | Figure) -> Figure:
    """The figure, whatever a function returned."""
    figure = drawn.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


def fonts(data: bytes, format: str) -> set[str]:
    """Kinds of the fonts that a file holds."""
    if format == "pdf":
        return set(re.findall(r"/Subtype /(Type3|Type0|TrueType|CIDFontType2)", data.decode("latin-1")))
    return set(re.findall(r"/FontType (\d+) def", data.decode("latin-1")))


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_saved_after_the_call_letters_are_truetype_fonts(name: str) -> None:
    figure, file = whole(DRAWN[name]()), io.BytesIO()
    assert type(figure) is ResultFigure
    figure.savefig(file, format="pdf")
    assert fonts(file.getvalue(), "pdf") == TRUETYPE
    assert mpl.rcParams["pdf.fonttype"] == mpl.rcParams["ps.fonttype"] == 3


@pytest.mark.parametrize("format", ["eps", "ps"])
def test_so_are_those_of_postscript(format: str) -> None:
    file = io.BytesIO()
    whole(plots.reliability(BEFORE)).savefig(file, format=format)
    assert fonts(file.getvalue(), format) == {"42"}


def by_pyplot(figure: Figure, file: io.BytesIO) -> None:
    assert plt.gcf() is figure
    plt.savefig(file, format="pdf")


def by_pages(figure: Figure, file: io.BytesIO) -> None:
    with plots.style(), PdfPages(file) as pages:
        pages.savefig(figure)


def after_pickling(figure: Figure, file: io.BytesIO) -> None:
    pickle.loads(pickle.dumps(figure)).savefig(file, format="pdf")  # noqa: S301 (made here)


@pytest.mark.parametrize("save", [by_pyplot, by_pages, after_pickling])
def test_letters_are_truetype_fonts_by_every_way_to_save(save: Callable[[Figure, io.BytesIO], None]) -> None:
    file = io.BytesIO()
    save(whole(plots.reliability(BEFORE)), file)
    assert fonts(file.getvalue(), "pdf") == TRUETYPE


def test_a_book_of_pages_has_one_kind_of_font() -> None:
    # Its fonts are written when it is closed, and must be those that its letters were written for.
    file = io.BytesIO()
    with PdfPages(file) as pages:
        pages.savefig(whole(plots.reliability(BEFORE)))
    assert fonts(file.getvalue(), "pdf") == {"Type3"}
    assert b"/CharProcs" in file.getvalue()


def test_saving_takes_what_matplotlib_takes(tmp_path: Any) -> None:
    plots.before_after(BEFORE, AFTER).savefig(tmp_path / "a.png", dpi=50, transparent=True, bbox_inches="tight")
    pixels = plt.imread(tmp_path / "a.png")
    assert pixels.shape[2] == 4
    assert pixels[0, 0, 3] == 0


def test_a_figure_of_ones_own_is_left_as_it_is_and_a_block_gives_it_these_fonts() -> None:
    own, ax = plt.subplots()
    plots.reliability(BEFORE, ax=ax)
    assert type(own) is Figure
    file = io.BytesIO()
    with plots.style():
        own.savefig(file, format="pdf")
    assert "Type3" not in fonts(file.getvalue(), "pdf")


EVIL = "law\x1b[31m\u202e $\\frac$ \n$x$"
SHOWN = r"law\x1b[31m\u202e \$\frac\$ \n\$x\$"


def test_names_out_of_data_are_drawn_letter_by_letter() -> None:
    assert literal(EVIL) == SHOWN
    subject = [EVIL] * 3 + ["art"] * 3
    run = Predictions.from_arrays([[1.0, 0.0], [0.4, 0.0], [0.0, 1.0]] * 2, [0, 1, 1, 0, 0, 0], subject=subject)
    asked = [Question("sun", EVIL, "What colour is the Sun?", ("white",), ("yellow",))]
    graded = grade(Responses.from_texts({"sun": "White."}, asked, model=EVIL), grader="match")
    for ax in (plots.by_subject(run, run), plots.factuality_bars([graded]), plots.outcomes([graded])):
        figure = whole(ax)
        figure.canvas.draw()  # a formula that is none would raise here
        texts = [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]
        assert any(text.startswith("law\\x1b") for text in texts)
        assert not any(character in text for text in texts for character in "\x1b\u202e")


def test_control_characters_of_labels_are_written_out() -> None:
    figure = plots.before_after(BEFORE, AFTER, labels=("base\x1b[31m", r"$\theta$"))
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == [r"base\x1b[31m", r"$\theta$"]
