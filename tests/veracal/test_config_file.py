"""The config file: options that a command takes unless the command line says otherwise."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.veracal.command_line import refusal, run

LETTERS = Path(__file__).parents[1] / "kept_runs" / "letters"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "veracal.toml"


@pytest.mark.parametrize("text", ["json = true", "[summarize]\njson = true\n[extract]\nshots = 5"])
def test_options_of_every_command_and_of_one(text: str, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(text)
    assert run("summarize", LETTERS) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["n_items"] == 24
    assert "Options of veracal.toml: --json" in captured.err


def test_the_command_line_goes_first(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text('[summarize]\nmeasures = "nothing"\nby = ["subject"]\n')
    assert run("summarize", LETTERS, "--measures", "augrc", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert "augrc" in result
    assert len(result["groups"]) == 1


def test_options_that_the_file_decides_are_told(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text('[summarize]\nmeasures = "augrc"\njson = false\nby = ["subject"]\n')
    assert run("summarize", LETTERS, "--measures=augrc") == 0
    assert "Options of veracal.toml: --by\n" in capsys.readouterr().err


def test_an_option_that_is_called_as_a_command_is(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text('recalibrate = "temperature"\n')
    assert run("recalibrate", LETTERS) == 0
    assert run("compare", LETTERS, LETTERS, "--all-pairs") == 2
    assert "--recalibrate is for two runs" in capsys.readouterr().err


def test_a_file_that_lies_there_writes_in_its_folder(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in ("../page.html", str(config.parent / "page.html")):
        config.write_text(f"html = '{path}'")
        assert "'html' writes outside this folder" in refusal(capsys, "report", LETTERS)[1]
    config.write_text("html = 'page.html'")
    assert run("report", LETTERS) == 0
    assert (config.parent / "page.html").exists()


def test_another_file_is_named(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("nothing here is read")
    (tmp_path / "mine.toml").write_text('out = "runs/x"\n[extract]\ntrust-remote-code = true\nitems = "none.jsonl"\n')
    for arguments in (["--config", "mine.toml", "extract", "model"], ["extract", "model", "--config=mine.toml"]):
        status, message = refusal(capsys, *arguments)
        assert (status, message[:37]) == (1, "veracal: no such file: none.jsonl; it")
    assert refusal(capsys, "runs", "--config", "none.toml") == (1, "veracal: no such file: none.toml")
    assert refusal(capsys, "runs", "--config", "..") == (1, "veracal: --config must name a file, .. is a folder")
    assert refusal(capsys, "runs", "--config") == (1, "veracal: --config must name a file")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nothing here", "must be TOML in UTF-8 (Expected '=' after a key"),
        ("shtos = 5", "no command has an option 'shtos'; the nearest: 'shots'"),
        ("[extrac]", "[extrac] is no command; the nearest: 'extract'"),
        ("[extract]\nstlye = 'chat'", "[extract] has no option 'stlye'; the nearest: 'style'"),
        ("[summarize]\njson = 'yes'", "'json' must be true or false, got 'yes'"),
        ("[summarize]\nmeasures = true", "'measures' must be a value, got True"),
        ("[summarize]\nmeasures = ['augrc']", "'measures' must be one value, got ['augrc']"),
        ("[summarize]\ngrader = 'model:openai:x@http://host'", "'grader' runs code of others or asks another machine"),
    ],
)
def test_what_is_wrong_is_told(text: str, message: str, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(text)
    status, line = refusal(capsys, "summarize", LETTERS)
    assert status == 1
    assert line.startswith(f"veracal: veracal.toml: {message}")


def test_code_of_others_does_not_run_for_a_file_that_lies_there(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text("trust-remote-code = true")
    assert "name the file, --config veracal.toml" in refusal(capsys, "extract", "model", "--items", "demo")[1]


def test_help_needs_no_config_file(config: Path) -> None:
    config.write_text("nothing here")
    assert run() == run("--config", "none.toml") == run("--help") == run("extract", "--help") == 0


def test_completion_knows_commands_and_options(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_VERACAL_COMPLETE", "complete_bash")
    for words, wanted in (("veracal summ", "summarize"), ("veracal extract --perm", "--permutations")):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
        assert run() == 0
        assert capsys.readouterr().out.split() == [wanted]


def test_the_file_is_read_as_other_texts_are(tmp_path: Path) -> None:
    """Notepad's byte order mark and line ends; nothing in it; another encoding is named."""
    file = tmp_path / "veracal.toml"
    for content in (b"\xef\xbb\xbfjson = true\r\n", b""):
        file.write_bytes(content)
        assert run("sources", "--config", file) == 0
    file.write_text("json = true", encoding="utf-16")
    assert run("sources", "--config", file) == 1
