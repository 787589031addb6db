"""Options without an effect beside another one: refused by name, before anything is read or loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from veracal.cli import main

EXTRACT = ["extract", "./none", "--items", "demo", "--out", "OUT"]
AUDIT = ["extract", "./none", "--items", "demo", "--audit"]
ASK = ["ask", "./none", "--questions", "demo", "--out", "OUT"]
TRUTHFULQA = ["truthfulqa", "./none", "--questions", "demo", "--primer", "none", "--out", "OUT"]
COMPARE = ["compare", "before", "after"]
IDLE: list[tuple[list[str], str]] = [
    ([*EXTRACT, "--dev", "demo"], "--dev has no effect without --shots N"),
    ([*EXTRACT, "--answers", "letters"], "--answers has no effect beside --items demo"),
    ([*EXTRACT, "--date", "2026-01-01"], "--date is for chats: the style completion"),
    ([*EXTRACT, "--gpus-per-worker", "1"], "--gpus-per-worker and --ray-address need --workers N"),
    ([*AUDIT, "--style", "chat", "--form", "bare"], "--style and --form have no effect beside --audit"),
    ([*AUDIT, "--permutations", "cyclic"], "--permutations has no effect beside --audit"),
    ([*AUDIT, "--shard", "1/2"], "--shard has no effect beside --audit"),
    ([*ASK, "--seed", "0"], "--seed has no effect without a --temperature above 0"),
    ([*ASK, "--dev", "demo"], "the primer 5-shot takes its few-shot examples from --dev SRC"),
    ([*ASK, "--template-args", "{}"], "--template-args is for chats: the style completion"),
    ([*TRUTHFULQA, "--dev", "demo"], "the primer 5-shot takes its few-shot examples from --dev SRC"),
    ([*TRUTHFULQA, "--chat-template", "x"], "--chat-template is for chats: the style completion"),
    (["grade", "run", "--labels", "50", "--seed", "1"], "--labels and --seed have no effect without --format"),
    (["grade", "run", "--rubric", "x", "--grader", "model:x", "--labels", "5"], "--labels has no effect without"),
    (["grade", "run", "--rubric", "x", "--template", "fact"], "--template has no effect beside --rubric"),
    (
        ["grade", "run", "--format", "truthfulqa-labels", "--questions", "demo"],
        "--questions has no effect beside --format",
    ),
    (
        ["grade", "run", "--rubric", "x", "--format", "truthfulqa-labels"],
        "--format has no effect beside --rubric",
    ),
    (["summarize", "run", "--by", "items"], "--by needs --recalibrate METHOD"),
    ([*COMPARE, "--by", "items"], "--by needs --recalibrate METHOD"),
    ([*COMPARE, "--recalibrate", "platt"], "--recalibrate needs --html PAGE"),
    (["report", "run", "--html", "page.html", "--by", "items"], "--by needs --recalibrate METHOD"),
    (["recalibrate", "run", "--fit", "other", "--folds", "3"], "--folds has no effect beside --fit RUN"),
    (["recalibrate", "run", "--fit", "other", "--by", "items"], "--by has no effect beside --fit RUN"),
]


@pytest.mark.parametrize(("arguments", "message"), IDLE, ids=[" ".join(arguments) for arguments, _ in IDLE])
def test_an_option_without_an_effect_is_refused(
    arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        main([word.replace("OUT", str(tmp_path / "out")) for word in arguments])
    lines = capsys.readouterr().err.splitlines()
    assert stop.value.code == 2
    assert len(lines) == 1
    assert message in lines[0]
    assert not (tmp_path / "out").exists()
