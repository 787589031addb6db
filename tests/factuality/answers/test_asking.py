"""Asking: the model's own words, the same after an interrupt, in a folder that is never mixed."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from calibration import read_run
from calibration.errors import SettingsDifferError
from calibration.models.protocol import Generated, Prompt
from calibration.runs import collection
from calibration.runs.folder import Run
from calibration.runs.run_writer import RunWriter
from factuality import Responses, ask, read_responses
from factuality.answers.primers import QA_6
from factuality.answers.requests import REQUEST
from factuality.answers.responses import RESPONSES
from factuality.confidence.stated import stated_confidences
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
    prompt = model.chat([{"role": "user", "content": asked[1].question.strip()}])
    assert prompt.text == f"<|user|>{asked[1].question.strip()}<|end|><|assistant|>"
    ((_, (alone,)),) = model.generate([prompt], max_new_tokens=5)
    assert found.frame["response"][1] == alone.text.strip()


def test_an_interrupted_run_continues_with_the_same_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "_PART_SECONDS", 0.0)
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
    with pytest.raises(ValueError, match="each answer must occur once, question q1 has one twice"):
        Responses(pl.concat([found.frame, found.frame]), tuple(asked))


def test_a_folder_without_its_questions_is_refused(tmp_path: Path) -> None:
    ask(tiny.model(), sets.questions(2), max_new_tokens=2, out=tmp_path / "run")
    (tmp_path / "run" / "questions.parquet").unlink()
    with pytest.raises(ValueError, match=r"the run has no questions\.parquet"):
        read_responses(tmp_path / "run")


def test_runs_of_the_first_version_are_predictions(tmp_path: Path) -> None:
    run = RunWriter.open(tmp_path / "run", {"model": "m"}, n_items=1)
    old = {name: value for name, value in run.manifest.items() if name != "kind"}
    (run.path / "run.json").write_text(json.dumps(old))
    assert Run(run.path).manifest["kind"] == "predictions"
    assert Run(run.path).read_frame().is_empty()
    with pytest.raises(ValueError, match="holds a run of predictions, not of responses"):
        Run(run.path, RESPONSES).read_frame()


DRAWN = {"samples": 3, "temperature": 1.0, "seed": 4, "max_new_tokens": 6}


def test_samples_are_those_of_their_seed_whatever_is_asked_beside(tmp_path: Path) -> None:
    model, asked = tiny.model(), sets.questions()
    found = ask(model, asked, **DRAWN, batch_size=7, out=tmp_path / "run")  # type: ignore[arg-type]
    assert list(found.frame.select("question", "sample").iter_rows()) == [
        (question.id, sample) for question in asked for sample in range(3)
    ]
    assert found.frame["response"].n_unique() > 30  # of 36
    assert Run(tmp_path / "run").manifest["n_items"] == Run(tmp_path / "run").manifest["n_done"] == 36
    assert read_responses(tmp_path / "run").frame.equals(found.frame)
    few = ask(model, asked[3:6], **{**DRAWN, "samples": 2}, batch_size=1)  # type: ignore[arg-type]
    both = few.frame.join(found.frame, on=["question", "sample"])
    assert both["response"].to_list() == both["response_right"].to_list()
    np.testing.assert_allclose(both["logprob"], both["logprob_right"], atol=1e-3)
    other = ask(model, asked, **{**DRAWN, "seed": 5})  # type: ignore[arg-type]
    assert (other.frame["response"] != found.frame["response"]).sum() > 30


@pytest.mark.parametrize("stops", [(3,), (2, 9, 30)])
def test_interrupted_samples_end_with_the_same_table(
    stops: tuple[int, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "_PART_SECONDS", 0.0)
    model, asked = tiny.model(), sets.questions()
    whole = ask(model, asked, **DRAWN, batch_size=5)  # type: ignore[arg-type]
    for stop_at in stops:

        def interrupt(done: int, total: int, stop_at: int = stop_at) -> None:
            assert total == 36
            if done >= stop_at:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            ask(model, asked, **DRAWN, batch_size=5, out=tmp_path / "run", progress=interrupt)  # type: ignore[arg-type]
        part = read_responses(tmp_path / "run").frame
        assert part.equals(whole.frame.join(part, on=["question", "sample"], how="semi", maintain_order="left"))
    found = ask(model, asked, **DRAWN, batch_size=5, out=tmp_path / "run")  # type: ignore[arg-type]
    assert found.frame.equals(whole.frame)
    with pytest.raises(SettingsDifferError, match=r"\(seed: 4 there, 5 now\)"):
        ask(model, asked, **{**DRAWN, "seed": 5}, out=tmp_path / "run")  # type: ignore[arg-type]
    with pytest.raises(SettingsDifferError, match=r"\(samples: 3 there, 2 now; temperature: 1.0 there, 0.5 now\)"):
        ask(model, asked, **{**DRAWN, "samples": 2, "temperature": 0.5}, out=tmp_path / "run")  # type: ignore[arg-type]


def test_a_greedy_run_of_the_first_version_is_continued(tmp_path: Path) -> None:
    model, asked = tiny.model(), sets.questions(4)
    whole = ask(model, asked, max_new_tokens=4, seed=1, out=tmp_path / "run")
    manifest = json.loads((tmp_path / "run" / "run.json").read_text())
    assert "seed" not in manifest["settings"]
    for name in ("primer", "state_confidence", "samples", "temperature"):
        del manifest["settings"][name]
    (tmp_path / "run" / "run.json").write_text(json.dumps(manifest))
    assert ask(model, asked, max_new_tokens=4, seed=2, out=tmp_path / "run").frame.equals(whole.frame)
    assert read_responses(tmp_path / "run").frame.equals(whole.frame)
    with pytest.raises(SettingsDifferError, match=r"\(primer: 'none' there, 'qa-6' now\)"):
        ask(model, asked, max_new_tokens=4, primer="qa-6", out=tmp_path / "run")


def test_primers_stand_in_front_word_for_word() -> None:
    model, asked, dev = tiny.model(), sets.questions(2), sets.questions(12)[6:]
    five = [(question.question.strip(), question.ideal) for question in dev[:5]]
    last = asked[1].question.strip()
    for primer, solved in (("qa-6", QA_6), ("5-shot", five)):
        head = "".join(f"Q: {shown}\nA: {answer}\n\n" for shown, answer in solved)
        found = ask(model, asked, primer=primer, dev=dev, max_new_tokens=5)  # type: ignore[arg-type]
        ((_, (alone,)),) = model.generate([f"{head}Q: {last}\nA:"], max_new_tokens=5, stop=["\n"])
        assert found.frame["response"][1] == alone.text.strip()
        turns = "".join(f"<|user|>{shown}<|end|><|assistant|>{answer}<|end|>" for shown, answer in solved)
        found = ask(model, asked, primer=primer, dev=dev, style="chat", max_new_tokens=5)  # type: ignore[arg-type]
        chat = Prompt(f"{turns}<|user|>{last}<|end|><|assistant|>", ({"role": "user", "content": last},))
        ((_, (alone,)),) = model.generate([chat], max_new_tokens=5)
        assert found.frame["response"][1] == alone.text.strip()


def test_stop_texts_add_to_the_end_of_the_line(tmp_path: Path) -> None:
    model, asked = tiny.model(), sets.questions(3)
    plain = ask(model, asked, max_new_tokens=9).frame["response"].to_list()
    stop = plain[0][2:4]
    found = ask(model, asked, max_new_tokens=9, stop=[stop, "\n"], out=tmp_path / "run")
    assert found.frame["response"].to_list() == [text.split(stop)[0].strip() for text in plain]
    assert found.frame["finish"][0] == "stop"
    assert Run(tmp_path / "run").manifest["settings"]["stop"] == ["\n", stop]


def test_what_cannot_be_sampled_is_refused() -> None:
    model, asked = tiny.model(), sets.questions(6)
    with pytest.raises(
        ValueError, match="several samples need a temperature above 0, where they differ; got samples=5"
    ):
        ask(model, asked, samples=5)
    with pytest.raises(ValueError, match="samples must be at least 1, got 0"):
        ask(model, asked, samples=0)
    with pytest.raises(ValueError, match=r"the temperature must be 0 \(greedy\) or from 1e-06 up, got -1"):
        ask(model, asked, temperature=-1)
    with pytest.raises(ValueError, match="primer must be one of none, qa-6, 5-shot, got 'few'"):
        ask(model, asked, primer="few")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="the primer 5-shot needs 5 examples, dev has 0"):
        ask(model, asked, primer="5-shot")
    with pytest.raises(ValueError, match="an example of the primer 5-shot must not be asked, q0 is"):
        ask(model, asked, primer="5-shot", dev=sets.questions(12))
    renamed = [replace(question, id=f"d{row}") for row, question in enumerate(sets.questions(12))]
    with pytest.raises(ValueError, match="an example of the primer 5-shot must not be asked, d0 is"):
        ask(model, asked, primer="5-shot", dev=renamed)
    famous = replace(asked[0], question="How does a  telescope work?")
    with pytest.raises(ValueError, match="an example of the primer qa-6 must not be asked, q0 is"):
        ask(model, [famous], primer="qa-6")
    with pytest.raises(ValueError, match="targets need the primer none, got 'qa-6'"):
        ask(model, asked, primer="qa-6", state_confidence=True)


def test_a_stated_confidence_is_cut_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, asked = tiny.model(), sets.questions(4)
    prompts: list[str] = []
    said = ["It is white. (Confidence: 85%)", "Confidence: 20%", "About 70%", "Red. Confidence: 120%"]

    def generate(given: list[Prompt], **_: object) -> Iterator[tuple[list[int], list[Generated]]]:
        prompts.extend(prompt.text for prompt in given)
        yield list(range(4)), [Generated(text, (-0.5,), "end") for text in said]

    monkeypatch.setattr(model, "generate", generate)
    found = ask(model, asked, style="chat", state_confidence=True, out=tmp_path / "run")
    assert found.frame["response"].to_list() == ["It is white.", "", "About 70%", "Red."]
    assert found.frame["stated_confidence"].to_list() == [0.85, 0.2, None, None]
    assert prompts[0] == f"<|user|>{asked[0].question.strip()}\n\n{REQUEST}<|end|><|assistant|>"
    assert Run(tmp_path / "run", RESPONSES).read_frame()["response"].to_list() == said  # nothing is lost
    assert read_responses(tmp_path / "run").frame.equals(found.frame)
    assert stated_confidences(found).frame["confidence"].to_list() == [0.85, 0.2, None, None]
    ask(model, asked, state_confidence=True)
    assert prompts[4] == f"{REQUEST}\n\nQuestion: {asked[0].question.strip()}\nAnswer:"
    with pytest.raises(ValueError, match="no answer states a confidence; ask for it with state_confidence=True"):
        stated_confidences(ask(model, asked))


def test_a_confidence_target_is_told_and_kept_in_the_settings(tmp_path: Path) -> None:
    model, asked = tiny.model(), sets.questions(2)
    prompts: list[str] = []

    def seen(given: Sequence[Prompt], **options: Any) -> Iterator[tuple[list[int], list[Generated]]]:
        prompts.extend(prompt.text for prompt in given)
        return iter([(list(range(len(given))), [Generated("so", (-1.0,), "end")] * len(given))])

    model.generate = seen  # type: ignore[method-assign, assignment]
    for target, said in ((0.75, "a wrong one costs 3, and"), (0.0, "Give your best guess even if you are unsure.")):
        prompts.clear()
        ask(model, asked, style="chat", confidence_target=target, out=tmp_path / str(target))
        assert all(said in text for text in prompts)
        assert Run(tmp_path / str(target)).manifest["settings"]["confidence_target"] == target
    with pytest.raises(ValueError, match="a confidence target must be from 0 to below 1, got 1"):
        ask(model, asked, confidence_target=1.0)
    with pytest.raises(ValueError, match="need the primer none, got 'qa-6'"):
        ask(model, asked, primer="qa-6", confidence_target=0.5)
