"""The parts that the demo's models are made with; a whole build takes too long for a test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from calibration import Predictions
from calibration.extraction.prompts import completion, messages
from examples.tiny_pair import lessons, measurements, pretraining
from examples.tiny_pair import tokenizer as tokenizers
from examples.tiny_pair import world as worlds
from examples.tiny_pair.measurements import Stage
from factuality import Responses, grade


@pytest.fixture(scope="module")
def world() -> worlds.World:
    return worlds.make_world(7, n_benchmark=600, n_labelled=240)


def test_a_world_is_its_seed_s(world: worlds.World) -> None:
    assert worlds.make_world(7, n_benchmark=600, n_labelled=240) == world
    assert worlds.make_world(8, n_benchmark=600, n_labelled=240) != world
    assert [len(facts) for facts in (world.benchmark, world.demonstrated, world.rewarded)] == [600, 96, 144]
    asked = [{fact.thing for fact in facts} for facts in (world.benchmark, world.demonstrated, world.rewarded)]
    assert len(set.union(*asked)) == 840
    names = [fact.thing for fact in world.facts] + [name for names in world.answers.values() for name in names]
    assert len(set(names)) == len(names)


def test_the_truth_follows_the_crowd() -> None:
    facts = worlds.make_world(3).facts
    shares = np.array([fact.shares for fact in facts])
    hit = np.eye(worlds.N_CANDIDATES)[[fact.truth for fact in facts]]
    assert np.abs(shares.mean(0) - hit.mean(0)).max() < 0.03
    assert all(fact.adversarial == (fact.candidates[0] != fact.answer) for fact in facts)


def test_items_and_questions_ask_the_same_facts(world: worlds.World) -> None:
    items = worlds.make_items(world.benchmark, np.random.default_rng(0))
    questions = worlds.make_questions(world.benchmark)
    for item, question in zip(items, questions, strict=True):
        assert (item.id, item.question) == (question.id, question.question)
        assert item.options[item.answer] == question.ideal
        assert {question.ideal, *question.incorrect} == set(item.options)
    keys = np.bincount([item.answer for item in items])
    assert keys.min() > 100


def test_every_prompt_is_known_words_and_a_name_is_one(world: worlds.World) -> None:
    tokenizer = tokenizers.make_tokenizer(world)
    fact, item = world.benchmark[0], worlds.make_items(world.benchmark[:1], np.random.default_rng(0))[0]
    chat = [messages(item), [{"role": "user", "content": fact.question}]]
    texts = [completion(item), f"Question: {fact.question}\nAnswer: {fact.answer}\n", f"Q: {fact.question}\nA: x"[:-2]]
    writer = worlds.Writer(world, 0)
    texts += [write() for write in (writer.text, lambda: writer.quiz(1), lambda: writer.drill(1)) for _ in range(200)]
    texts += [str(tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)) for turns in chat]
    for text in texts:
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert tokenizer.unk_token_id not in ids, text
        assert tokenizer.decode(ids) == text
    assert len(tokenizer(f" {fact.thing}", add_special_tokens=False)["input_ids"]) == 1
    # The layout of a quiz is the same in both forms, so that letters stay bound.
    raw = tokenizer(completion(item))["input_ids"]
    dressed = tokenizer(texts[-2], add_special_tokens=False)["input_ids"]
    assert raw[4:] == dressed[4:]
    assert len(raw) == len(dressed)


def test_a_demonstration_begins_with_its_prompt(world: worlds.World) -> None:
    tokenizer = tokenizers.make_tokenizer(world)
    turns = [{"role": "user", "content": world.facts[0].question}]
    prompt = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
    whole = tokenizer.apply_chat_template([*turns, {"role": "assistant", "content": "Yes"}], tokenize=False)
    assert whole == f"{prompt} Yes{tokenizer.eos_token}"


def test_rows_weigh_letters_in_quizzes_and_never_names_of_things(world: worlds.World) -> None:
    tokenizer = tokenizers.make_tokenizer(world)
    rows = pretraining.Rows(world, tokenizer, 0)
    ids, weights = rows.batch(0.0, 1.0)
    assert (weights > 0).sum(1).tolist() == [1] * len(ids)
    assert set(tokenizer.convert_ids_to_tokens(ids[weights > 0].tolist())) <= {" A", " B", " C", " D"}
    ids, weights = rows.batch(0.0, 0.0)
    things = {f" {fact.thing}" for fact in world.facts}
    assert not things & set(tokenizer.convert_ids_to_tokens(ids[weights > 0].tolist()))
    assert any(
        f" {name}" in tokenizer.convert_ids_to_tokens(ids[weights > 0].tolist()) for name in world.answers["rivers"]
    )


def test_a_step_of_pretraining_begins_at_chance(world: worlds.World) -> None:
    tokenizer = tokenizers.make_tokenizer(world)
    model = pretraining.make_model(tokenizer, 0)
    loss = pretraining.weighted_loss(model, *pretraining.Rows(world, tokenizer, 0).batch(0.1, 0.5))
    assert loss.item() == pytest.approx(np.log(len(tokenizer)), abs=0.5)


def test_lessons_are_of_facts_that_no_evaluation_asks(world: worlds.World) -> None:
    shown, asked = lessons.demonstrations(world, 0), lessons.tasks(world, 0)
    assert (len(shown), len(asked)) == (2 * 96, 2 * 144)
    texts = [example["prompt"][-1]["content"] for example in [*shown, *asked]]
    assert not any(f" {fact.thing} " in text for fact in world.benchmark for text in texts)
    silent = [example["completion"][0]["content"] == worlds.ABSTENTION for example in shown]
    assert 0.01 < np.mean(silent) < 0.08
    assert [lessons.reward(said, "Nozomar") for said in (" Nozomar", "Bavomar", "I don't know", "")] == [
        1,
        -0.6,
        0,
        -0.6,
    ]


def _stages(world: worlds.World, sharpness: float, wrong: float) -> list[Stage]:
    """Stages that know the crowd's shares; the last is `sharpness` times as sure, and `wrong` says misconceptions."""
    rng = np.random.default_rng(0)
    facts = world.benchmark
    logits = np.log(np.array([fact.shares for fact in facts]) + 1e-9)
    order = np.array([rng.permutation(4) for _ in facts])
    answer = np.array([int(np.flatnonzero(row == fact.truth)[0]) for row, fact in zip(order, facts, strict=True)])
    shown = np.take_along_axis(logits, order, axis=1)
    questions = worlds.make_questions(facts)
    stages = []
    for name, scale, popular in (("base", 1.0, 0.8), ("rl", sharpness, wrong)):
        said = {
            question.id: fact.candidates[0] if rng.random() < popular else fact.answer
            for question, fact in zip(questions, facts, strict=True)
        }
        letters = Predictions.from_arrays(shown * scale, answer)
        mass = letters.frame.with_columns(letter_mass=np.ones(len(facts)))
        stages.append(Stage(name, Predictions(mass), grade(Responses.from_texts(said, questions), grader="match")))
    return stages


@pytest.mark.slow  # stages are graded and diagnosed several times
def test_the_guards_pass_what_shows_the_phenomena_and_name_what_does_not(world: worlds.World) -> None:
    assert measurements.faults(_stages(world, 4.0, 0.4)) == []
    assert measurements.faults(_stages(world, 1.0, 0.4)) == [
        "not shown: ECE over choices at least 0.08 higher after reinforcement, p below 0.001"
    ]
    assert "fewer misconceptions after reinforcement" in "".join(measurements.faults(_stages(world, 4.0, 0.85)))
    silent = _stages(world, 4.0, 0.4)
    quiet = silent[-1].answers.frame.with_columns(grade=pl.lit("abstained"), tempted=pl.lit(value=False))
    collapsed = [silent[0], replace(silent[-1], answers=type(silent[-1].answers)(quiet))]
    assert any("unanswered" in fault for fault in measurements.faults(collapsed))
