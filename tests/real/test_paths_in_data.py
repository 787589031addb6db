"""What looks like a path, an address or a pattern in a data file is a text: nothing is opened for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import tiny

pytestmark = pytest.mark.slow  # every command runs in a process of its own

CONTENT = "what-stands-in-the-file"
# Python tells an audit hook of every file, folder, process and connection that it opens.
_WATCHED = """
import json, sys
seen = []
def note(event, arguments):
    if any("planted-here" in str(argument) for argument in arguments) and event.split(".")[0] in (
        "open", "os", "glob", "pathlib", "subprocess", "socket", "urllib", "shutil"
    ):
        seen.append([event, str(arguments)])
sys.addaudithook(note)
from veracal.cli import main
for command in json.loads(sys.argv[1]):
    try:
        main(command)
    except SystemExit as status:
        assert not status.code, command
print(json.dumps(seen))
"""


def test_no_path_in_a_data_file_is_opened(tmp_path: Path) -> None:
    (tmp_path / "planted-here.txt").write_text(CONTENT)
    (tmp_path / "planted-here.parquet").write_text(CONTENT)
    here = tmp_path / "planted-here"
    texts = [
        f"{here}.txt",
        f"file://{here}.txt",
        f"{here}*",
        f"{here}.parquet",
        "../planted-here.txt",
        "~/planted-here.txt",
        "http://127.0.0.1:9/planted-here",
        "s3://planted-here/planted-here.parquet",
        f"@{here}.txt",
        f"$(cat {here}.txt)",
        f"|cat {here}.txt",
    ]
    work = tmp_path / "work"
    work.mkdir()
    items = [
        {"id": f"{text}/{n}", "subject": text, "question": text, "options": [text, "b"], "answer": "B"}
        for n, text in enumerate(texts)
    ]
    questions = [
        {"id": text, "category": text, "question": text, "ideal": text, "incorrect": [f"no {text}"], "source": text}
        for text in texts
    ]
    (work / "items.jsonl").write_text("".join(json.dumps(row) + "\n" for row in items))
    (work / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in questions))
    log = ["subject,index,logit_A,logit_B,answer", *(f"{text},{n},1.0,0.5,A" for n, text in enumerate(texts))]
    (work / "log.csv").write_text("\n".join(log) + "\n")
    model = str(work / "model")
    tiny.save(Path(model))
    commands = [
        ["extract", model, "--items", "items.jsonl", "--out", "letters"],
        ["extract", model, "--items", "items.jsonl", "--style", "chat", "--out", "after"],
        ["import", "log.csv", "--format", "csv", "--out", "imported"],
        ["ask", model, "--questions", "questions.jsonl", "--max-new-tokens", "2", "--out", "asked"],
        ["grade", "asked", "--grader", "match"],
        ["truthfulqa", model, "--primer", "none", "--questions", "questions.jsonl", "--out", "choices"],
        ["summarize", "letters"],
        ["report", "letters", "after", "asked", "choices", "--labels", "A,B,A,B", "--html", "page.html"],
    ]
    found = subprocess.run(
        [sys.executable, "-c", _WATCHED, json.dumps(commands)], cwd=work, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout.splitlines()[-1]) == []
    for file in work.rglob("*"):
        assert not file.is_file() or CONTENT.encode() not in file.read_bytes(), file
