"""Extraction: settings, letter masses, resumption, interrupts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calibration import Item, extract, load_items, read_run
from calibration.errors import SettingsDifferError
from calibration.extraction.letter_audit import audit
from calibration.extraction.prompts import STYLES
from calibration.models.local.transformers_model import LocalModel
from calibration.runs import collection
from calibration.runs.folder import Run
from tests import tiny


@pytest.fixture(scope="module")
def model() -> LocalModel:
    return tiny.model()


def test_a_run_holds_what_the_model_says(model: LocalModel, tmp_path: Path) -> None:
    items = tiny.items()
    run = extract(model, items, out=tmp_path / "run")
    assert run.item.tolist() == [item.id for item in items]
    assert run.frame.equals(read_run(tmp_path / "run").frame)
    from calibration.extraction.prompts import completion

    forms = [" A", " B", " C", " D"], ["A", "B", "C", "D"]
    found, other = (model.next_token_logprobs([completion(item) for item in items], form) for form in forms)
    np.testing.assert_allclose(run.logprobs, found, atol=1e-5)
    np.testing.assert_allclose(run.frame["letter_mass"].to_numpy(), np.exp(found).sum(axis=1), rtol=1e-4)
    np.testing.assert_allclose(run.frame["other_form_mass"].to_numpy(), np.exp(other).sum(axis=1), rtol=1e-4)
    settings = Run(tmp_path / "run").manifest["settings"]
    assert settings["letter_form"] == "space"
    assert (settings["style"], settings["shots"], settings["dtype"]) == ("completion", 0, "float32")


def test_columns_of_the_items_file_stay_in_the_run(model: LocalModel, tmp_path: Path) -> None:
    plain = tiny.items(4)
    items = [replace(item, columns={"language": "de"}) for item in plain]
    run = extract(model, items, out=tmp_path / "run", permutations="cyclic")
    assert run.frame.equals(read_run(tmp_path / "run").frame)
    assert run.frame["language"].to_list() == ["de"] * 16
    without = extract(model, plain, out=tmp_path / "plain", permutations="cyclic")
    assert without.frame.equals(run.frame.drop("language"))
    first, second = (Run(tmp_path / name).manifest["settings"] for name in ("run", "plain"))
    assert first == second


def test_every_style_and_form(model: LocalModel) -> None:
    items = tiny.items(6)
    runs = {
        (style, form): extract(model, items, style=style, form=form) for style in STYLES for form in ("space", "bare")
    }
    for (style, form), run in runs.items():
        twin = runs[style, "bare" if form == "space" else "space"]
        np.testing.assert_allclose(run.frame["letter_mass"], twin.frame["other_form_mass"], rtol=1e-3)
    prompts = {style: runs[style, "space"].frame["prompt"][0] for style in STYLES}
    assert len(set(prompts.values())) == 3


def test_items_with_different_numbers_of_options(model: LocalModel) -> None:
    items = [Item("a", "s", "Which?", ("x", "y"), 1), Item("b", "s", "Which one?", ("x", "y", "z"), 2)]
    run = extract(model, items)
    assert run.n_options.tolist() == [2, 3]
    assert run.frame["letter_mass"][0] == pytest.approx(np.exp(run.logprobs[0, :2]).sum(), rel=1e-5)


def test_an_interrupted_run_continues_with_the_same_digits(
    model: LocalModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "_PART_SECONDS", 0.0)
    items = tiny.items(40)
    whole = extract(model, items, batch_size=4)

    class Interrupted(LocalModel):
        def stream_logprobs(self, *args: Any, **named: Any) -> Iterator[Any]:
            yield from itertools.islice(super().stream_logprobs(*args, **named), 2)
            raise KeyboardInterrupt

    stopping = Interrupted(model.name, model.revision, model.network, model.tokenizer)
    seen = []
    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            extract(stopping, items, batch_size=4, out=tmp_path / "run")
        manifest = Run(tmp_path / "run").manifest
        assert manifest["state"] == "running"
        assert manifest["n_done"] == read_run(tmp_path / "run").n_items  # valid after every interrupt
        seen.append(manifest["n_done"])
    assert 0 < seen[0] < seen[1] < seen[2] < 40
    progress: list[tuple[int, int]] = []
    run = extract(model, items, batch_size=4, out=tmp_path / "run", progress=lambda *step: progress.append(step))
    assert run.frame.equals(whole.frame)
    assert progress[0] == (seen[2], 40)
    assert progress[-1] == (40, 40)
    assert Run(tmp_path / "run").manifest["state"] == "complete"


def test_other_settings_are_refused_by_name(model: LocalModel, tmp_path: Path) -> None:
    items = tiny.items(6)
    extract(model, items, out=tmp_path / "run")
    with pytest.raises(SettingsDifferError, match="style: 'completion' there, 'chat' now"):
        extract(model, items, style="chat", out=tmp_path / "run")
    with pytest.raises(SettingsDifferError, match="n_items: 6 there, 5 now"):
        extract(model, items[:5], out=tmp_path / "run")
    with pytest.raises(SettingsDifferError, match="shots: 0 there, 1 now"):
        extract(model, items[:6], shots=1, dev=tiny.items(12)[6:], out=tmp_path / "run")


def test_what_cannot_be_asked_leaves_no_folder(tmp_path: Path) -> None:
    small = tiny.model(chat=False, max_position_embeddings=160)
    items = tiny.items(3)
    long = Item("law/long", "law", "why? " * 200, ("a", "b"), 0)
    with pytest.raises(
        ValueError, match=r"item law/long: the prompt has \d+ tokens, .* context window 160; nothing is cut"
    ):
        extract(small, [*items[:1], long], out=tmp_path / "run")
    with pytest.raises(ValueError, match="no chat template"):
        extract(small, items, style="chat", out=tmp_path / "run")
    with pytest.raises(ValueError, match="style must be one of completion, chat, chat-prefill, got 'poem'"):
        extract(small, items, style="poem", out=tmp_path / "run")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="there must be at least one item, got none"):
        extract(small, [], out=tmp_path / "run")
    with pytest.raises(ValueError, match="ids must be unique"):
        extract(small, [items[0], items[0]], out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_audit_agrees_with_extraction(model: LocalModel) -> None:
    items = tiny.items(12)
    found = audit(model, items)
    assert len(found.rows) == 6
    assert not found.skipped
    for row in found.rows:
        form = "space" if row["form"] == " A" else "bare"
        run = extract(model, items, style=row["style"], form=form)  # type: ignore[arg-type]
        assert row["accuracy"] == run.accuracy
        assert row["letter_mass"] == pytest.approx(float(run.frame["letter_mass"].to_numpy().mean()), rel=1e-4)
    assert [row["form"] for row in found.rows if row["chosen"]] == [" A", "A", " A"]
    without = audit(tiny.model(chat=False), items)
    assert {row["style"] for row in without.rows} == {"completion"}
    assert len(without.skipped) == 2


def test_the_example_questions_are_as_described() -> None:
    items = load_items(Path(__file__).parents[3] / "examples" / "data" / "questions.jsonl")
    subjects = {item.subject for item in items}
    assert (len(items), len(subjects)) == (150, 10)
    assert all(len(set(item.options)) == 4 for item in items)
    assert all(30 <= sum(item.answer == letter for item in items) <= 45 for letter in range(4))
    openings = [(item.subject, tuple(item.question.lower().split()[:3])) for item in items]
    assert max(openings.count(opening) for opening in openings) <= 2
