"""What must hold of prompts: solved items, chat templates, dates."""

from __future__ import annotations

import re

from .case_folders import exits, lines


def shots_leak(text: str) -> None:
    refusals = re.findall(r"(veracal|ValueError): a few-shot example must not be asked, q0 is", text)
    assert refusals == ["veracal", "ValueError"]
    assert exits(text) == [1]


def think_template(text: str) -> None:
    (warning,) = lines(text, "veracal: warning: model: the chat template opens the model's thoughts")
    assert r"Answer:<think>\n'" in warning
    assert "the letters are read inside them" in warning
    assert """close them with --template-args '{"enable_thinking": false}'""" in warning


def no_generation_prompt(text: str) -> None:
    (warning,) = lines(text, "veracal: warning: model: the chat template does not open the assistant's turn")
    assert "(add_generation_prompt changes nothing)" in warning
    assert r"\nD. Pazimar'" in warning


def date_in_template(text: str) -> None:
    assert exits(text) == [0, 0]
    assert [line.split(":")[0] for line in lines(text, "20 items in run")] == ["20 items in run"] * 2
    first, second = re.findall(r"the chat template writes the date, (\d{4}-\d\d-\d\d)", text)
    assert first == second
    before, after = (lines(text, f"{run} ")[0].split()[1:] for run in ("run2", "run3"))
    assert before == after
    assert re.search(r"^accuracy +\S+ +\S+ +\+0\.000", text, re.MULTILINE)
