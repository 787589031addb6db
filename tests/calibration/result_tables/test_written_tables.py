"""Tables of results as plain text, HTML, Markdown and LaTeX."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from calibration.result_tables.html import as_html
from calibration.result_tables.latex import as_latex, latex_text
from calibration.result_tables.markdown import as_markdown
from calibration.result_tables.plain_text import as_text
from calibration.result_tables.result_table import ResultTable, result_columns

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


@pytest.mark.slow  # seconds of TeX
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_a_table_compiles(tmp_path: Path) -> None:
    head = r"\documentclass{article}\usepackage{booktabs}\usepackage{siunitx}\begin{document}"
    (tmp_path / "table.tex").write_text(f"{head}\n{as_latex(TABLE)}\n\\end{{document}}\n", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "table.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-2000:]


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
