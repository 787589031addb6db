"""Asking: the model's own words, the same after an interrupt, in a folder that is never mixed."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from calibration import read_run, runs
from calibration.runs import Run, SettingsDifferError
from factuality import Responses, ask, read_responses
from factuality.asking import RESPONSES
from tests import tiny
from tests.factuality import sets


def test_answers_are_what_the_model_says(tmp_path: Path) -> None:
    model, asked = tiny.model(), sets.questions()
    steps: list[tuple[int, int]] = []
    found = ask(
        model, asked, max_new_tokens=9, batch_size=5, out=tmp_path / "run", progress=lambda *step: steps.append(step)
    )
    assert steps[0] == (0, 12)
    assert steps[-1] == (12, 12)
    assert found.frame["question"].to_list() == [question.id for question in asked]
    for row, question in zip(found.frame.iter_rows(named=True), asked, strict=True):
        prompt = f"Question: {question.question.strip()}\nAnswer:"
        ((_, (alone,)),) = model.generate([prompt], max_new_tokens=9, stop=["\n"])
        assert row["response"] == alone.text.strip()
        np.testing.assert_allclose(row["token_logprobs"], alone.logprobs, atol=1e-3)
        assert row["logprob"] == pytest.approx(sum(row["token_logprobs"]), abs=1e-5)
        assert row["n_tokens"] == len(row["token_logprobs"])
        assert row["finish"] == alone.finish
    again = read_responses(tmp_path / "run")
    assert again.frame.equals(found.frame)
    assert again.questions == tuple(asked)
    manifest = Run(tmp_path / "run").manifest
    assert (manifest["kind"], manifest["state"], manifest["n_done"]) == ("responses", "complete", 12)
    assert manifest["settings"]["stop"] == ["\n"]


def test_a_chat_holds_the_question_alone() -> None:
    model, asked = tiny.model(bos=True), sets.questions(3)
    found = ask(model, asked, style="chat", max_new_tokens=5)
    prompt = f"<|user|>{asked[1].question.strip()}<|end|><|assistant|>"
    ((_, (alone,)),) = model.generate([prompt], special_tokens=False, max_new_tokens=5)
    assert found.frame["response"][1] == alone.text.strip()


def test_an_interrupted_run_continues_with_the_same_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_PART_SECONDS", 0.0)
    model, asked = tiny.model(), sets.questions()
    whole = ask(model, asked, max_new_tokens=6, batch_size=2)

    def interrupt(done: int, total: int) -> None:
        if done >= stop_at:
            raise KeyboardInterrupt

    for stop_at in (2, 6):
        with pytest.raises(KeyboardInterrupt):
            ask(model, asked, max_new_tokens=6, batch_size=2, out=tmp_path / "run", progress=interrupt)
        manifest = Run(tmp_path / "run").manifest
        assert (manifest["state"], manifest["n_done"]) == ("running", stop_at)
        assert read_responses(tmp_path / "run").frame.height == stop_at
    calls = 0

    def count(_module: object, _arguments: object) -> None:
        nonlocal calls
        calls += 1

    found = ask(model, asked, max_new_tokens=6, batch_size=2, out=tmp_path / "run")
    assert found.frame.equals(whole.frame)
    assert Run(tmp_path / "run").manifest["state"] == "complete"
    model.network.register_forward_pre_hook(count)
    assert ask(model, asked, max_new_tokens=6, out=tmp_path / "run").frame.equals(whole.frame)
    assert calls == 0  # nothing is asked twice


def test_other_settings_are_refused_by_name(tmp_path: Path) -> None:
    model, asked = tiny.model(), sets.questions(3)
    ask(model, asked, max_new_tokens=4, out=tmp_path / "run")
    with pytest.raises(SettingsDifferError, match=r"\(max_new_tokens: 4 there, 5 now\)"):
        ask(model, asked, max_new_tokens=5, out=tmp_path / "run")
    with pytest.raises(
        SettingsDifferError, match=r"style: 'completion' there, 'chat' now; stop: \['\\n'\] there, \[\] now"
    ):
        ask(model, asked, max_new_tokens=4, style="chat", out=tmp_path / "run")
    changed = [*asked[:2], sets.questions(7)[6]]
    with pytest.raises(SettingsDifferError, match=r"\(questions: .*; prompts: .*\)"):
        ask(model, changed, max_new_tokens=4, out=tmp_path / "run")
    with pytest.raises(ValueError, match="holds a run of responses, not of predictions"):
        read_run(tmp_path / "run")


def test_what_cannot_be_asked_leaves_no_folder(tmp_path: Path) -> None:
    asked = sets.questions(5)
    out = tmp_path / "run"
    small = tiny.model(max_position_embeddings=60)
    with pytest.raises(
        ValueError, match=r"question q4: the prompt has \d+ tokens and 9 more are asked for, .* window 60"
    ):
        ask(small, asked, max_new_tokens=9, out=out)
    with pytest.raises(ValueError, match="no chat template"):
        ask(tiny.model(chat=False), asked, style="chat", out=out)
    with pytest.raises(ValueError, match="style must be one of completion, chat, got 'poem'"):
        ask(small, asked, style="poem", out=out)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="ids must be unique"):
        ask(small, [asked[0], asked[0]], out=out)
    with pytest.raises(ValueError, match="max_new_tokens must be at least 1"):
        ask(small, asked, max_new_tokens=0, out=out)
    assert not out.exists()


def test_mostly_empty_answers_are_told() -> None:
    model, asked = tiny.model(), sets.questions(4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ask(model, asked, max_new_tokens=3)
    model.network.generation_config.eos_token_id = list(range(512))
    with pytest.warns(UserWarning, match="4 of 4 answers are empty: .* does the style chat suit it"):
        found = ask(model, asked, max_new_tokens=3)
    assert found.frame["finish"].unique().to_list() == ["end"]
    assert found.frame["n_tokens"].to_list() == [1] * 4


def test_recorded_answers_and_bad_tables() -> None:
    asked = sets.questions(2)
    found = Responses.from_texts({"q1": "four", "q0": "one 0"}, asked, model="m")
    assert found.frame["logprob"].null_count() == 2
    with pytest.raises(ValueError, match="an answer's question must be among the questions, 'q7' is not"):
        Responses.from_texts({"q7": "four"}, asked)
    with pytest.raises(ValueError, match="at least one answer, got none"):
        Responses.from_texts({}, asked)
    with pytest.raises(ValueError, match="each answer must stand once, question q1 has one twice"):
        Responses(pl.concat([found.frame, found.frame]), tuple(asked))


def test_a_folder_without_its_questions_is_refused(tmp_path: Path) -> None:
    ask(tiny.model(), sets.questions(2), max_new_tokens=2, out=tmp_path / "run")
    (tmp_path / "run" / "questions.parquet").unlink()
    with pytest.raises(ValueError, match=r"the run has no questions\.parquet"):
        read_responses(tmp_path / "run")


def test_runs_of_the_first_version_are_predictions(tmp_path: Path) -> None:
    run = Run.open(tmp_path / "run", {"model": "m"}, n_items=1)
    old = {name: value for name, value in run.manifest.items() if name != "kind"}
    (run.path / "run.json").write_text(json.dumps(old))
    assert Run(run.path).manifest["kind"] == "predictions"
    assert Run(run.path).frame().is_empty()
    with pytest.raises(ValueError, match="holds a run of predictions, not of responses"):
        Run(run.path, RESPONSES).frame()
