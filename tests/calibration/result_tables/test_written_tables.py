"""Tables of results as plain text, HTML, Markdown and LaTeX."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from calibration import compare, read_run
from calibration.result_tables.html import as_html
from calibration.result_tables.latex import as_latex, latex_text
from calibration.result_tables.markdown import as_markdown
from calibration.result_tables.plain_text import as_text
from calibration.result_tables.result_table import ResultTable, result_columns
from tests.conftest import KEPT

EVIL = r"a_b & 100 % $x$ #1 {y} ~ ^ \\ | <i> [z] * `c` 𝄞² ½ ≥ → “q”".replace("𝄞", "")
TABLE = ResultTable(
    columns=result_columns(["", "value", "change", "95 % interval", "p"]),
    rows=(
        ("items", "12,000", "", "", ""),
        (EVIL, "0.0420", "+0.010", "[-0.012, +0.300]", "< .001"),
        ("  noise floor", "-0.1", "-0.100", "", "0.5 [0.4, 0.6]"),
        ("[x]", "", "", "", ""),
    ),
    heading=(EVIL, "", "1. line\x1b[31m"),
    notes=(f"Note: {EVIL}.", "Note: b.", "Note: c.", "Note: d.", "Note: e."),
    caption=f"On {EVIL}",
)


def test_numbers_stand_in_columns_of_siunitx_and_intervals_in_formulas() -> None:
    lines = [line.strip() for line in as_latex(TABLE, label="tab:a").splitlines()]
    columns = "lS[table-format=-5.4]S[table-format=+1.3,retain-explicit-plus]rr"
    assert rf"\begin{{tabular}}{{{columns}}}" in lines
    assert r"& {value} & {change} & 95 \% interval & p \\" in lines
    assert r"items & 12000 &  &  &  \\" in lines
    assert r"\quad noise floor & -0.1 & -0.100 &  & $0.5\ [0.4, 0.6]$ \\" in lines
    assert any(r"& 0.0420 & +0.010 & $[-0.012, +0.300]$ & $< .001$ \\" in line for line in lines)
    assert r"{[}x{]} &  &  &  &  \\" in lines  # a bracket behind the end of a row would be an argument of it
    assert r"\label{tab:a}" in lines


def test_a_text_holds_no_command_of_latex() -> None:
    plain = re.sub(r"\\text[a-z]+\{\}|\\[{}$&#_%]|\$[^$]*\$|\{[^{}]*\}", "", latex_text(EVIL))
    assert not set(plain) & set("\\{}$&#_%~^<>|[]*")
    assert plain.isascii()


def test_own_captions_are_taken_as_they_are() -> None:
    assert r"\caption{\emph{Mine}}" in as_latex(TABLE, caption=r"\emph{Mine}")
    assert "caption" not in as_latex(TABLE, caption="")


def test_upper_limits_stand_below_each_other() -> None:
    cells = ["[0.1, 0.200]", "[-1.0, 10.300]", "[-3.0, -0.400]", ""]
    table = ResultTable(columns=result_columns(["", "interval"]), rows=tuple(("a", cell) for cell in cells))
    lines = [line.strip() for line in as_latex(table).splitlines()]
    assert r"a & $[0.1, \phantom{-}\phantom{0}0.200]$ \\" in lines
    assert r"a & $[-1.0, \phantom{-}10.300]$ \\" in lines
    assert r"a & $[-3.0, \phantom{0}{-}0.400]$ \\" in lines


def test_letters_that_stop_pdflatex_are_named_in_front() -> None:
    table = ResultTable(columns=result_columns(["", "value"]), rows=(("模型 λ", "0.1"), ("Błasiok – 5 %", "0.2")))
    assert "% needs XeLaTeX or LuaLaTeX with a font that has λ型模: pdfLaTeX stops at them" in as_latex(table)
    assert "XeLaTeX" not in as_latex(TABLE)


def test_a_wide_table_is_set_small() -> None:
    assert r"\footnotesize\setlength" in as_latex(TABLE)
    assert r"\footnotesize\setlength" not in as_latex(
        ResultTable(columns=result_columns(["", "b"]), rows=(("a", "1"),))
    )


def compiled(program: str, table: str, folder: Path) -> str:
    """What a TeX program says of a document with a table, which it must not stop at."""
    fonts = r"\usepackage{fontspec}" if program == "xelatex" else ""
    head = rf"\documentclass{{article}}{fonts}\usepackage{{booktabs}}\usepackage{{siunitx}}\begin{{document}}"
    (folder / "table.tex").write_text(f"{head}\n{table}\n\\end{{document}}\n", encoding="utf-8")
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said[-2000:]
    return said


@pytest.mark.slow  # seconds of TeX
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_a_table_compiles(tmp_path: Path) -> None:
    compiled("pdflatex", as_latex(TABLE), tmp_path)


@pytest.mark.slow  # seconds of TeX
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_a_comparison_compiles_and_stays_within_the_lines(tmp_path: Path) -> None:
    table = compare(read_run(KEPT / "letters"), read_run(KEPT / "letters-after")).to_latex()
    assert "Overfull" not in compiled("pdflatex", table, tmp_path)


@pytest.mark.slow  # seconds of TeX
@pytest.mark.skipif(shutil.which("xelatex") is None, reason="xelatex is not installed")
def test_names_of_any_script_compile_in_xelatex(tmp_path: Path) -> None:
    rows = (("模型 通义", "0.1"), ("αβγ λ", "0.2"), (EVIL, "0.3"))
    compiled("xelatex", as_latex(ResultTable(columns=result_columns(["", "value"]), rows=rows)), tmp_path)


def test_rows_of_markdown_have_a_cell_a_column() -> None:
    rows = [line for line in as_markdown(TABLE).splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}
    assert rows[1].replace(" ", "").replace("-", "") == "|:|:|:|:|:|"
    assert r"\<i\>" in rows[3]
    assert rows[3].endswith(r" \< .001 |")
    assert "&emsp;noise floor" in rows[4]


def test_lines_around_a_table_are_paragraphs_of_markdown() -> None:
    text = as_markdown(TABLE)
    assert r"**1\. line\\x1b\[31m**" in text
    assert "\n\nNote: b.\n\n" in text


def test_html_is_whole_and_holds_texts_alone() -> None:
    html = as_html(TABLE)
    body = ET.fromstring(html[html.index("<div") :].replace("&emsp;", "  "))  # noqa: S314 (our own)
    assert [cell.text for cell in body.findall("table/tbody/tr[2]/td")] == [
        "0.0420",
        "+0.010",
        "[-0.012, +0.300]",
        "< .001",
    ]
    assert body.findtext("table/tbody/tr[2]/th") == EVIL
    assert body.findall(".//i") == []
    assert "\x1b" not in html
    assert len(body.findall("p")) == 2 + 3
    assert len(body.findall("details/p")) == 2


def test_html_takes_the_colours_around_it() -> None:
    assert not re.search(r"#[0-9a-f]{3,6}\b|rgb\(|: (white|black)", as_html(TABLE))


def test_plain_text_is_aligned_on_one_line_a_row() -> None:
    lines = as_text(TABLE).splitlines()
    assert len(lines) == 3 + 1 + 4 + 5
    assert lines[2] == r"1. line\x1b[31m"
    assert lines[3].index("value") + len("value") == lines[4].index("12,000") + len("12,000")
