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


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_no_types_of_python(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, name)
    assert "{" not in text.partition("\n")[0]
    for leak in ("<str>", "<path>", "<int range>", "<float range>", "<int>", "list["):
        assert leak not in text


def test_without_a_command_the_help_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main([])
    assert end.value.code == 0
    assert capsys.readouterr().out == shown(capsys)


def test_an_unknown_command_is_answered_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["conquer"])
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith("veracal: No such command 'conquer'.")
    assert all(name in error for name in COMMANDS)
