"""What must hold of run folders: foreign parts, links, two writers at once, edited manifests."""

from __future__ import annotations

import re

from .case_folders import lines

SITUATIONS = [
    "two imports, two files",
    "two imports, one file",
    "two extracts, two models",
    "two extracts, one model",
]
REFUSALS = r"^veracal: run: another process is writing to this run|^veracal: run holds a run made with other settings"

MANIFEST, PART = r"edited/run\.json: ", r"edited/parts/part-000000\.parquet"
# What each command says, without "veracal: ", of a run folder after an edit; None where it works.
EDITS = {
    "counts: n_items 7 where 40 are: summarize": MANIFEST + r"'n_items' must be .*, got 7$",
    "counts: n_items -5: summarize": MANIFEST + r"'n_items' must be a whole number from 0 to .*, got -5$",
    "counts: n_items 10^30: summarize": MANIFEST + "'n_items' must be a whole number from 0 to ",
    "counts: n_done is a text: summarize": MANIFEST + r"'n_done' must be a whole number from 0 to .*, got 'many'$",
    "state: unknown: summarize": MANIFEST + r"'state' must be one of .*, got 'finished\?'$",
    "state: a list: extract": MANIFEST + r"'state' must be one of .*, got \[1\]$",
    "format: -1: summarize": MANIFEST + r"'format' must be a whole number from 1 .*, got -1$",
    "format: 2: summarize": MANIFEST + r"format 2 is newer than this version reads",
    "format: a number of 400 digits: summarize": MANIFEST + r"'format' must be a whole number from 1 .*, got 10{,80}…",
    "twice: n_items stands twice, 40 and 7: summarize": MANIFEST + ".*'n_items' must occur once, it occurs twice",
    "number: n_done is NaN: summarize": MANIFEST + r"'n_done' must be a finite number, got nan$",
    "settings: none: summarize": MANIFEST + r"'settings' must be an object that is not empty, got \{\}$",
    "settings: another model than the parts': summarize": PART
    + ", .*: the model must be that of run.json, 'other'; got ",
    "settings: n_items 41: summarize": MANIFEST + r"'n_items' must be .*\(41\), got 40$",
    "settings: half a character: compare": MANIFEST + "'settings.model' must be valid Unicode",
    "packages: veracal 99.0: summarize": None,
    "part: cut in half: summarize": PART + ": not a readable part of a run",
    "part: empty: summarize": PART + ": not a readable part of a run",
    "part: no rows: summarize": "edited/run.json: 'n_done' is 40, but the parts hold 0 .*" + PART,
    "part: no rows: extract": None,
    "part: stands twice: summarize": ".*" + PART + r" and edited/parts/part-000001\.parquet; take one of these part",
    "part: stands twice: extract": ".*" + PART + r" and edited/parts/part-000001\.parquet; take one of these part",
    "part: the answers changed, checksum gone: summarize": PART + ": .*checksum",
}


def foreign_parts(text: str) -> None:
    for status, names in ((0, ("base", "rl")), (1, ("model", "items", "grade"))):
        for name in names:
            assert lines(text, f"{name}: exit ") == [f"{name}: exit {status}"]
    for command in ("compare", "report"):
        assert lines(text, f"{command}: exit ") == [f"{command}: exit 1"] * 2
    # By summarize, compare, report and the extract that would go on.
    foreign = lines(
        text, "veracal: model/parts/part-000000.parquet, item 'rivers/0': the model must be that of run.json"
    )
    assert len(foreign) == 4
    assert all(re.search(r"/base'; got model '.*/rl'", line) for line in foreign)
    others = lines(
        text, "veracal: items/parts/part-000001.parquet, item 'lakes/0': the item must be one that the run asks"
    )
    assert len(others) == 4
    assert lines(text, "veracal: mixed/parts/part-000000.parquet, question 'sun2': the model must be that of run.json")
    assert text.count("no numbers") == 2
    assert "items 42" not in text
    assert "unexpected" not in text


def links(text: str) -> None:
    attempts = dict(re.findall(r"^(\S+): exit (\d+)$", text, re.MULTILINE))
    temporary = ("run.tmp", "items.tmp", "parts/part-000000.tmp", "parts/part-000001.tmp")
    assert attempts == dict.fromkeys((*temporary, "folder"), "0") | {"run.lock": "1"}
    assert lines(text, "   mine.txt: ") == ["   mine.txt: as it was"] * 5
    assert lines(text, "   link: ") == ["   link: run/run.lock"]
    assert lines(text, "veracal: run/run.lock: must be a file of the run's own, got a link")
    assert "Errno" not in text
    folder = text.split("folder: exit 0\n")[1].split()
    assert {"parts", "run.json"} <= set(folder)


def two_at_once(text: str) -> None:
    _, *pieces = re.split(r"^(two .*)$", text, flags=re.MULTILINE)
    titles, situations = pieces[::2], pieces[1::2]
    assert titles == SITUATIONS
    for title, situation in zip(titles, situations, strict=True):
        outcomes = re.findall(r"^   (?:first|second): exit (\d+) ?(.*)$", situation, re.MULTILINE)
        assert len(outcomes) == 2, title
        winners = [message for status, message in outcomes if status == "0"]
        assert len(winners) == 1 or (len(winners) == 2 and title.endswith(("one file", "one model"))), title
        for status, message in outcomes:
            assert status == "0" or re.search(REFUSALS, message), title
        (manifest,) = re.findall(r"^   manifest: (\S+) complete (\d+) ; parts: 1 of (\S+) *$", situation, re.MULTILINE)
        assert manifest in {("x", "2", "x"), ("y", "3", "y"), ("base", "40", "base"), ("rl", "40", "rl")}, title
        assert "left:" not in situation
    # What won the first time is imported again.
    assert re.search(r"^[23] items of [xy] \(csv\) in run$", situations[0], re.MULTILINE)
    assert "Errno" not in text


def manifest_tampered(text: str) -> None:
    outcomes = re.findall(r"^(\w+: .*) exit (\d+)((?:\n   .*)*)", text, re.MULTILINE)
    assert [edit for edit, _, _ in outcomes] == list(EDITS)
    for edit, status, messages in outcomes:
        told = messages.split("\n   ")[1:]
        wanted = EDITS[edit]
        if wanted is None:
            assert (status, told) == ("0", []), edit
        else:
            assert status == "1", edit
            (message,) = told
            assert re.match(f"veracal: {wanted}", message), edit
    assert "unexpected" not in text
    assert "Traceback" not in text
