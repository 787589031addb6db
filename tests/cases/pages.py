"""What must hold of the screen and the report page: control signs, cells of downloads."""

from __future__ import annotations

import re

from .case_folders import exits, lines

# Of the texts =1+1, +1, -x, @A1, a tab before =1, and -0.5: numbers stay as they are.
BROWSER_CELLS = r"'=1+1 | +1 | '-x | '@A1 | '\t=1 | -0.5"


def terminal_escapes(text: str) -> None:
    assert not re.findall(r"^ +std(?:out|err) holds .*", text, re.MULTILINE)
    commands = re.findall(r"^exit (\d) veracal (\w+)", text, re.MULTILINE)
    assert commands[:5] == [
        ("0", "import"),
        *[("1", "import")] * 2,
        *[("1", "extract")] * 2,
    ]
    assert commands[7:] == [("0", "grade"), *[("1", "extract")] * 3]
    assert "Traceback" not in text


def formula_cells(text: str) -> None:
    assert exits(text) == [0]
    tables = dict(re.findall(r"^(\w+\.csv) (\d+ \[.*\])$", text, re.MULTILINE))
    assert {"letters.csv", "subjects.csv", "changes.csv"} <= tables.keys()
    assert tables == dict.fromkeys(tables, "0 []")
    for line in lines(text, "rows of the browser: "):  # needs node
        assert line == f'rows of the browser: "{BROWSER_CELLS}"'


def report_killed(text: str) -> None:
    signals = re.findall(r"^signal (\d+): ended with (-?\d+); out holds: ?(.*)$", text, re.MULTILINE)
    assert [(number, status) for number, status, _ in signals] == [("15", "143"), ("9", "-9")]
    assert signals[0][2] == ""
    assert "page.html" not in signals[1][2].split()
    assert "again: exit 0, hidden files left: 0" in text
    assert lines(text, "second: exit ") + lines(text, "first: exit ") == ["second: exit 0", "first: exit 0"]
    (title,) = lines(text, "<title>")
    assert re.match(r"<title>(a → b|b → a) · ", title)
    assert lines(text, "ends: ") == ["ends: 1"]
