"""Files that leave the page: texts as they are, but none that a spreadsheet runs."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
from importlib.resources import files

import polars as pl
import pytest

from calibration.result_tables.csv_text import guarded_cell
from veracal.report.blocks.download import Download
from veracal.report.escaping import visible

CELLS = [
    ("=1+1", "'=1+1"),
    ("+1+1", "'+1+1"),
    ("-1+1", "'-1+1"),
    ("-x", "'-x"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1+1", "'\t=1+1"),
    ("\n=1+1", "'\n=1+1"),
    ("\r=1+1", "'\r=1+1"),
    ("＝1+1", "'＝1+1"),
    ('=HYPERLINK("http://example.invalid";"x")', """'=HYPERLINK("http://example.invalid";"x")"""),
    ("-1\n", "'-1\n"),
    ("-٣", "'-٣"),
    ("-", "'-"),
    ("-0.5", "-0.5"),
    ("+.5e-3", "+.5e-3"),
    ("-3.", "-3."),
    ("1 = 1", "1 = 1"),
    ("a=1", "a=1"),
    ("\x1b[31m", "\x1b[31m"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "made"), CELLS)
def test_a_cell_is_a_text_or_a_number(text: str, made: str) -> None:
    assert guarded_cell(text) == made


def test_cells_and_headings_of_a_file_are_safe_and_numbers_stay_numbers() -> None:
    frame = pl.DataFrame({"=name": ["=1+1", "-0.5", None], "value": [-0.5, 2.0, None]})
    data = base64.b64decode(Download("a.csv", "A", frame).address.partition("base64,")[2])
    assert data.decode() == "'=name,value\n'=1+1,-0.5\n-0.5,2.0\n,\n"
    assert pl.read_csv(io.BytesIO(data))["value"].to_list() == [-0.5, 2.0, None]


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_script_of_the_page_makes_the_same_cells() -> None:
    script = (files("veracal.report") / "scripts" / "elements.js").read_text(encoding="utf-8")
    functions = [re.search(rf"function {name}\(.*?\n\}}", script, re.DOTALL) for name in ("visible", "quoted")]
    texts = [text for text, _ in CELLS] + ["\u202e \x9b \U000e0041 \ufeff👩\u200d🔬 \r\n"]
    program = "\n".join(
        [*(function[0] for function in functions if function), f"const texts = {json.dumps(texts)};",
         "console.log(JSON.stringify([texts.map(visible), texts.map((text) => quoted(text))]));"]
    )  # fmt: skip
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True, timeout=60)
    shown, cells = json.loads(done.stdout)
    assert shown == [visible(text) for text in texts]
    quoted = [next(iter(line)) for line in _rows(cells)]
    assert quoted == [guarded_cell(text) for text in texts]


def _rows(cells: list[str]) -> list[list[str]]:
    """Each cell of a CSV file as a reader takes it."""
    import csv

    return [next(csv.reader(io.StringIO(text, newline=""))) if text else [""] for text in cells]
