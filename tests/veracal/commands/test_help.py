"""The help of every command: short in the list, with examples that its parser takes."""

from __future__ import annotations

import shlex

import pytest
import typer.main

from veracal.cli import app, main

COMMANDS = typer.main.get_group(app).commands


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit):
        main([*arguments, "--help"])
    return capsys.readouterr().out


def test_first_sentences_fit_the_list(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = shown(capsys).partition("Commands:\n")[2].strip().splitlines()
    assert [line.split()[0] for line in lines] == list(COMMANDS)
    assert all(line.endswith(".") and not line.endswith("...") for line in lines)


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_are_what_the_parser_takes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    examples = shown(capsys, name).partition("  Examples:\n")[2].strip().splitlines()
    assert examples
    for example in examples:
        program, command, *arguments = shlex.split(example)
        assert (program, command) == ("veracal", name)
        with COMMANDS[name].make_context(name, arguments):
            pass
