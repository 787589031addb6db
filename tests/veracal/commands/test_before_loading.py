"""What a command clashes with is told before a model is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import tiny
from tests.veracal.command_line import refusal, run

FEW = ["--questions", "demo", "--limit", 1]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def runs(model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("runs")
    names = ("letters", "answers", "likelihoods")
    paths = {"MODEL": str(model), **{name: str(folder / name) for name in names}}
    assert run("extract", model, "--items", "demo", "--limit", 1, "--out", paths["letters"]) == 0
    assert run("ask", model, *FEW, "--max-new-tokens", 2, "--out", paths["answers"]) == 0
    assert run("truthfulqa", model, *FEW, "--primer", "none", "--out", paths["likelihoods"]) == 0
    (folder / "other").mkdir()
    (folder / "other" / "file.txt").touch()
    item = {"question": "why? " * 3000, "options": ["one", "two"], "answer": "A", "id": "long"}
    (folder / "long.jsonl").write_text(json.dumps(item) + "\n")
    return {**paths, "other": str(folder / "other"), "long": str(folder / "long.jsonl")}


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def loaded(*_: object, **__: object) -> None:
        raise AssertionError("a model was loaded")

    for name in ("extract.load", "ask.load", "truthfulqa.load", "grade.load", "grade.load_grader"):
        monkeypatch.setattr(f"veracal.commands.{name}", loaded)


EXTRACT = ["extract", "MODEL", "--items", "demo", "--limit", 1]
ASK = ["ask", "MODEL", *FEW]
TRUTHFULQA = ["truthfulqa", "MODEL", *FEW, "--primer"]
CLASHES: list[tuple[list[object], str]] = [
    ([*EXTRACT, "--style", "chat", "--out", "letters"], "other settings (style: 'completion' there, 'chat' now)"),
    ([*EXTRACT[:-1], 2, "--out", "letters"], "other settings (n_items: 6 there, 12 now)"),
    ([*EXTRACT, "--permutations", "cyclic", "--out", "letters"], "permutations: 'none' there, 'cyclic' now"),
    (["extract", "./none", *EXTRACT[2:], "--out", "letters"], "now); choose another folder"),
    ([*EXTRACT, "--out", "answers"], "holds a run of responses, not of predictions"),
    ([*EXTRACT, "--out", "other"], "must be a new or empty folder, or a run to continue; it holds other files"),
    ([*EXTRACT, "--shard", "1/99", "--out", "new"], "99"),
    ([*EXTRACT, "--shots", 1, "--dev", "demo", "--out", "new"], "a few-shot example must not be asked"),
    ([*ASK, "--max-new-tokens", 3, "--out", "answers"], "other settings (max_new_tokens: 2 there, 3 now)"),
    ([*ASK, "--max-new-tokens", 2, "--stop", "x", "--out", "answers"], "stop: ['\\n'] there, ['\\n', 'x'] now"),
    ([*ASK, "--out", "letters"], "holds a run of predictions, not of responses"),
    ([*ASK, "--stop", "", "--out", "new"], "a stop text must not be empty"),
    ([*ASK, "--primer", "qa-6", "--state-confidence", "--out", "new"], "need the primer none"),
    ([*ASK, "--shard", "1/999", "--out", "new"], "999"),
    ([*TRUTHFULQA, "qa-6", "--out", "likelihoods"], "other settings (primer: 'none' there, 'qa-6' now)"),
    ([*TRUTHFULQA, "5-shot", "--dev", "demo", "--out", "new"], "an example of the primer 5-shot must not be"),
    ([*TRUTHFULQA, "none", "--variant", "binary", "--out", "new"], "needs a best incorrect answer"),
    (["extract", "MODEL", "--items", "long", "--out", "new"], "item long: the prompt has "),
    ([*ASK, "--max-new-tokens", 100_000, "--out", "new"], "100000 more are asked for, the model's context window"),
    (["grade", "new", "--grader", "model:./judge"], "new: no run here"),
    (["grade", "letters", "--grader", "model:./judge"], "holds a run of predictions, not of responses"),
    (["grade", "answers", "--grader", "model:./judge", "--questions", "adversarial"], "no references for question"),
    (["grade", "answers", "--grader", "model:./judge", "--rubric", "new"], "new"),
    (["grade", "new", "--grader", "model:./judge", "--format", "truthfulqa-labels"], "no such file: "),
]


@pytest.mark.usefixtures("no_model")
@pytest.mark.parametrize(("arguments", "message"), CLASHES)
def test_a_clash_is_told_before_a_model_is_loaded(
    arguments: list[object], message: str, runs: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = {**runs, "new": str(tmp_path / "new")}
    status, line = refusal(capsys, *(known.get(str(word), word) for word in arguments))
    assert status == 1
    assert message in line
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("no_model")
def test_other_weights_are_told_before_they_are_loaded(
    model: Path, runs: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("extract", model, *EXTRACT[2:], "--out", runs["letters"])
    config = model / "config.json"
    before = config.read_text()
    try:
        config.write_text(json.dumps(json.loads(before) | {"rms_norm_eps": 1e-3}))
        status, line = refusal(capsys, *command)
    finally:
        config.write_text(before)
    assert status == 1
    assert "made with other settings (weights: '" in line
    assert "a model was loaded" in refusal(capsys, *command)[1]  # its own files are no clash
