"""How prompts are written, as the users of the command line say it: template arguments, dates, and what is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calibration.runs.folder import Run
from tests import tiny
from tests.calibration.models.tokenizing.test_chat_templates import GRANITE, QWEN, R1
from tests.veracal.command_line import run


def saved(folder: Path, template: str) -> Path:
    tiny.network().save_pretrained(folder)
    tokenizer = tiny.tokenizer()
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture
def items(tmp_path: Path) -> Path:
    path = tmp_path / "items.jsonl"
    rows = [
        {
            "id": item.id,
            "subject": item.subject,
            "question": item.question,
            "options": item.options,
            "answer": item.answer,
        }
        for item in tiny.items(4)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.filterwarnings("default")
def test_thoughts_that_a_template_opens_are_told_and_closed(
    tmp_path: Path, items: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extract = ("extract", saved(tmp_path / "r1", R1), "--items", items, "--style", "chat")
    assert run(*extract, "--out", tmp_path / "run", "--json") == 0
    captured = capsys.readouterr()
    assert "the letters are read inside them, where no answer stands" in captured.err
    assert "The first prompt ends with " in captured.err
    assert json.loads(captured.out)["n_items"] == 4
    assert run(*extract, "--out", tmp_path / "other", "--template-args", '{"enable_thinking": false}') == 1
    assert "takes no notice of the argument 'enable_thinking'" in capsys.readouterr().err
    assert run(*extract, "--out", tmp_path / "other", "--template-args", "[1]") == 2
    assert "--template-args must be a JSON object" in capsys.readouterr().err
    assert run("extract", tmp_path / "r1", "--items", items, "--out", tmp_path / "other", "--template-args", "{}") == 2
    assert "--template-args is for chats: the style completion writes no chat template" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_another_argument_is_another_setting(tmp_path: Path, items: Path, capsys: pytest.CaptureFixture[str]) -> None:
    extract = (
        "extract",
        saved(tmp_path / "qwen", QWEN),
        "--items",
        items,
        "--style",
        "chat",
        "--out",
        tmp_path / "run",
    )
    assert run(*extract, "--template-args", '{"enable_thinking": false}') == 0
    assert Run(tmp_path / "run").manifest["settings"]["template_args"] == '{"enable_thinking": false}'
    capsys.readouterr()
    assert run(*extract) == 1
    assert "made with other settings (template_args:" in capsys.readouterr().err


def test_a_run_keeps_its_date(tmp_path: Path, items: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = saved(tmp_path / "granite", GRANITE)
    extract = ("extract", model, "--items", items, "--style", "chat", "--out", tmp_path / "run")
    assert run(*extract, "--date", "2026-02-03", "--shard", "1/2") == 0
    assert run(*extract, "--shard", "2/2") == 0  # on another day
    manifest = Run(tmp_path / "run").manifest
    assert (manifest["settings"]["date"], manifest["state"]) == ("2026-02-03", "complete")
    assert run(*extract[:-1], tmp_path / "again", "--date", "2026-02-03") == 0
    again = Run(tmp_path / "again").manifest["settings"]
    assert again["prompts"] == manifest["settings"]["prompts"]
    capsys.readouterr()
    assert run("compare", tmp_path / "run", tmp_path / "again") == 0
    assert "The chat template wrote the date 2026-02-03 into the prompts of both runs." in capsys.readouterr().out
    assert run(*extract, "--date", "2026-02-04") == 1
    assert "date: '2026-02-03' there, '2026-02-04' now" in capsys.readouterr().err
    assert run(*extract, "--date", "tomorrow") == 2
    assert "--date: the date must be written like 2026-11-29" in capsys.readouterr().err
