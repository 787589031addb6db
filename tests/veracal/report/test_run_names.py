"""Runs of one model find each other by what the model computes with, never by where they stand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from veracal.report.run_names import KINDS, FoundRun, in_order, name_runs

LETTERS, _, _, ANSWERS, CHOICES = KINDS


def found(folder: str, kind: str, model: str = "", **settings: Any) -> FoundRun:
    """A run folder; of its model's weights the name says which they are, unless the settings do."""
    made = {"model": model, **settings}
    return FoundRun(Path("runs") / folder, {"kind": kind, "settings": made})


def weighed(folder: str, kind: str, model: str, **settings: Any) -> FoundRun:
    """A run that names the hash of its model's weights."""
    return found(folder, kind, model, weights=f"hash of {model}", **settings)


FIVE = [
    weighed("l-base", LETTERS, "base"),
    weighed("l-rl", LETTERS, "rl"),
    weighed("a-base", ANSWERS, "base"),
    weighed("a-sft", ANSWERS, "sft"),
    weighed("a-rl", ANSWERS, "rl"),
]


def test_runs_of_one_model_have_one_name() -> None:
    assert name_runs(FIVE) == ["base", "rl", "base", "sft", "rl"]


def test_the_weights_decide_and_not_what_the_model_is_called() -> None:
    runs = [
        found("l-base", LETTERS, "checkpoints/last", weights="1"),
        found("l-rl", LETTERS, "rl", weights="2"),
        found("a-rl", ANSWERS, "checkpoints/last", weights="2"),
        found("a-base", ANSWERS, "base", weights="1"),
    ]
    assert name_runs(runs) == ["last", "rl", "rl", "last"]


def test_labels_of_models_come_in_the_order_of_every_kind() -> None:
    assert name_runs(FIVE, ("Base", "SFT", "RL")) == ["Base", "RL", "Base", "SFT", "RL"]


def test_labels_of_runs_come_in_the_order_of_the_runs() -> None:
    labels = ["A", "C", "A", "B", "C"]
    assert name_runs(FIVE, labels) == labels


def test_servers_are_told_apart_by_name_address_and_revision() -> None:
    one, other = "http://127.0.0.1:8000/v1", "http://127.0.0.1:9000/v1"
    runs = [
        found("l-a", LETTERS, "m", address=one),
        found("l-b", LETTERS, "m", address=other, server="version 1"),
        found("a-b", ANSWERS, "m", address=other, server="version 2"),
        found("a-c", ANSWERS, "m", address=other, revision="r"),
    ]
    assert name_runs(runs) == ["m (l-a)", "m (l-b)", "m (l-b)", "m (a-c)"]


@pytest.mark.parametrize("labels", [("Base",), ("Base", "RL"), ("Base", "SFT", "RL", "Other"), tuple("ABCDEF")])
def test_another_number_of_labels_is_refused(labels: tuple[str, ...]) -> None:
    wanted = rf"labels must be one a run \(5\) or one a model \(3: base, sft, rl\), got {len(labels)}: (Base|A, B)"
    with pytest.raises(ValueError, match=wanted):
        name_runs(FIVE, labels)


@pytest.mark.parametrize("labels", ["AB", ("A", " "), ("", "B")])
def test_labels_must_be_names(labels: Any) -> None:
    with pytest.raises(ValueError, match="labels must be a sequence of names, none of them empty"):
        name_runs(FIVE[:2], labels)


@pytest.mark.parametrize("labels", [None, ("Base", "RL")])
def test_recorded_answers_and_old_runs_are_joined_by_labels_only(labels: tuple[str, ...] | None) -> None:
    runs = [
        found("log-1", LETTERS, "base"), found("log-2", LETTERS, "rl"), weighed("a-base", ANSWERS, "base"),
        weighed("a-rl", ANSWERS, "rl"),
    ]  # fmt: skip
    wanted = r"which runs/log-1, runs/log-2 do not name .*; give one label a run.*: --labels A,B,A,B"
    with pytest.raises(ValueError, match=wanted):
        name_runs(runs, labels)
    assert name_runs(runs, ("A", "B", "A", "B")) == ["A", "B", "A", "B"]


def test_runs_of_one_kind_need_no_weights() -> None:
    assert name_runs([found("log-1", LETTERS, "m"), found("log-2", LETTERS, "m")]) == ["m (log-1)", "m (log-2)"]
    assert name_runs([found("log-1", LETTERS), found("log-2", LETTERS)], ("A", "B")) == ["A", "B"]


def test_a_label_on_two_models_is_refused() -> None:
    wanted = r"runs/l-base and runs/a-rl are both called 'A', but their models have other weights"
    with pytest.raises(ValueError, match=wanted):
        name_runs([FIVE[0], FIVE[1], FIVE[4], FIVE[2]], ("A", "B", "A", "B"))


def test_one_model_asked_twice_is_joined_by_labels_only() -> None:
    runs = [
        weighed("raw", LETTERS, "base"), weighed("chat", LETTERS, "base"), weighed("a-raw", ANSWERS, "base"),
        weighed("a-chat", ANSWERS, "base"),
    ]  # fmt: skip
    wanted = "runs/raw, runs/chat, runs/a-raw, runs/a-chat are of one model, several of them runs of (predictions|resp)"
    with pytest.raises(ValueError, match=wanted):
        name_runs(runs)
    assert name_runs(runs, ("raw", "chat", "raw", "chat")) == ["raw", "chat", "raw", "chat"]
    with pytest.raises(ValueError, match="two runs of predictions are both called 'raw'"):
        name_runs(runs, ("raw", "raw", "raw", "chat"))
    assert name_runs(runs[:2]) == ["base (raw)", "base (chat)"]


def test_without_one_order_of_the_models_each_run_needs_its_label() -> None:
    backwards = [FIVE[0], FIVE[1], FIVE[4], FIVE[2]]
    undecided = [FIVE[0], FIVE[1], FIVE[2], FIVE[3]]
    for runs, labels in ((backwards, ("A", "B")), (undecided, ("A", "B", "C"))):
        with pytest.raises(ValueError, match=r"one order in every kind of run; give one label a run \(4\)"):
            name_runs(runs, labels)


def test_runs_by_likelihood_of_one_model_differ_by_their_primer() -> None:
    runs = [
        weighed(f"{model}-{primer}", CHOICES, model, primer=primer)
        for model in ("base", "rl")
        for primer in ("none", "5-shot")
    ]
    assert name_runs(runs) == ["base", "base", "rl", "rl"]
    assert name_runs([*FIVE[:2], *runs], ("A", "B")) == ["A", "B", "A", "A", "B", "B"]
    assert name_runs([*runs, weighed("again", CHOICES, "base", primer="none")]) == [
        "base (base-none)", "base (base-5-shot)", "rl", "rl", "base (again)",
    ]  # fmt: skip


def test_the_order_of_models_is_that_of_the_letters_where_kinds_contradict_each_other() -> None:
    assert in_order(["rl", "base", "base", "rl"], [ANSWERS, ANSWERS, LETTERS, LETTERS]) == ["base", "rl"]
    assert in_order(["b", "c", "a", "b"], [LETTERS, LETTERS, ANSWERS, ANSWERS]) == ["a", "b", "c"]
