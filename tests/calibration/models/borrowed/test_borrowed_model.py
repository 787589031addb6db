"""A model in memory answers like its saved checkpoint, and is afterwards as it was."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

from calibration import extract, from_transformers, load_model, read_run
from calibration.errors import SettingsDifferError
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import Model
from calibration.models.settings import model_settings
from calibration.models.sharing.forward import tree_logits
from factuality import Question, Responses, ask, grade, load_grader, p_true, truthfulqa_mc
from factuality.rubrics.classifications import classify
from factuality.rubrics.rubric import Rubric, RubricClass
from tests import tiny

from .states import state_of

LETTERS = [" A", " B", " C", " D"]
PROMPTS = [f"{'The following are multiple choice questions. ' * 4}Question {n}: why? Answer:" for n in range(6)]


def dropped(kind: str = "llama", **changes: Any) -> PreTrainedModel:
    """A network with dropout, in the middle of a training: some layers frozen, gradients there, one in its own mode."""
    network = tiny.network(kind, attention_dropout=0.5, **changes)
    network.train()
    network.model.layers[1].eval()
    network.model.layers[0].requires_grad_(False)
    network.config.use_cache = False
    network(input_ids=torch.tensor([[1, 2, 3]]), labels=torch.tensor([[1, 2, 3]])).loss.backward()
    return network


def borrowed(network: Any, **options: Any) -> Model:
    return from_transformers(network, tiny.tokenizer(), name="mine", **options)


def answers(model: Model) -> list[Any]:
    """What a model answers in each of the ways in which it can be asked."""
    texts = [text for _, texts in model.generate(PROMPTS[:3], max_new_tokens=5) for text in texts]
    drawn = model.generate(PROMPTS[:2], max_new_tokens=5, temperature=1.0, seeds=[1, 2])
    sums = model.stream_continuations(PROMPTS[:2], [["one", "two"]] * 2)
    return [
        model.next_token_logprobs(PROMPTS, LETTERS).tolist(),
        texts,
        [text for _, texts in drawn for text in texts],
        [(rows, [value.tolist() for value in values]) for rows, values in sums],
    ]


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("kind", ["llama", "qwen3", "mistral"])
def test_in_training_it_answers_like_the_saved_checkpoint_and_stays_as_it_was(
    kind: str, attention: str, tmp_path: Path
) -> None:
    network = dropped(kind)
    network.set_attn_implementation(attention)
    network.save_pretrained(tmp_path)
    tiny.tokenizer().save_pretrained(tmp_path)
    saved = load_model(str(tmp_path), device="cpu")
    cast("LocalModel", saved).network.set_attn_implementation(attention)
    before = state_of(network, network)
    assert answers(borrowed(network)) == answers(saved)
    assert state_of(network, network) == before


def test_it_shares_prefixes(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def counted(*args: Any, **options: Any) -> Any:
        calls.append(len(options["reads"]))
        return tree_logits(*args, **options)

    monkeypatch.setattr("calibration.models.local.logprob_streams.tree_logits", counted)
    borrowed(dropped()).next_token_logprobs(PROMPTS, LETTERS)
    assert calls == [len(PROMPTS)]


def after_one_piece(model: Model) -> Iterator[Any]:
    pieces = model.stream_logprobs(PROMPTS, LETTERS, batch_size=1)
    next(pieces)
    return pieces


def test_between_two_pieces_it_is_as_it_was() -> None:
    network = dropped()
    before = state_of(network, network)
    pieces = after_one_piece(borrowed(network))
    assert state_of(network, network) == before  # and the rest is still to come
    assert list(pieces)


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError, SystemExit])
@pytest.mark.filterwarnings("ignore:.*cannot share a prefix")  # a trial of sharing that fails says so
@pytest.mark.parametrize("calls", [1, 2, 5, 7, 9])
@pytest.mark.parametrize("way", ["letters", "texts", "planned"])
def test_after_an_error_in_the_middle_it_is_as_it_was(error: type[BaseException], calls: int, way: str) -> None:
    network = dropped()
    model = borrowed(network)
    left = [calls]

    def interrupt(*_: object) -> None:
        left[0] -= 1
        random.random()
        np.random.random()
        torch.rand(1)
        if left[0] <= 0:
            raise error("now")

    network.model.layers[1].mlp.register_forward_hook(interrupt)
    before = state_of(network, network)
    asking: dict[str, Callable[[], object]] = {
        "letters": lambda: model.next_token_logprobs(PROMPTS, LETTERS, batch_size=1),
        "texts": lambda: list(model.generate(PROMPTS, max_new_tokens=30)),
        "planned": lambda: [model.planned([prompt]) for prompt in PROMPTS],  # type: ignore[attr-defined]
    }
    with pytest.raises(error, match="now"):
        asking[way]()
    assert state_of(network, network) == before


def test_an_error_in_the_trial_of_sharing_leaves_it_as_it_was() -> None:
    network = dropped()

    def fail(module: torch.nn.Module, *_: object) -> None:
        if network.config._attn_implementation == "veracal_tree":
            raise KeyboardInterrupt

    network.model.layers[1].mlp.register_forward_hook(fail)
    before = state_of(network, network)
    with pytest.raises(KeyboardInterrupt):
        borrowed(network).next_token_logprobs(PROMPTS, LETTERS)
    assert state_of(network, network) == before


def test_training_goes_on_as_if_it_had_not_been_asked() -> None:
    def trained(*, asked: bool) -> list[float]:
        network = tiny.network(attention_dropout=0.5)
        network.train()
        model = borrowed(network)
        optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
        torch.manual_seed(5)
        losses = []
        for step in range(4):
            tokens = torch.randint(0, 200, (2, 12))
            loss = network(input_ids=tokens, labels=tokens).loss
            loss.backward()
            if asked and step % 2:
                answers(model)  # with gradients there, before the step
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
        return losses

    assert trained(asked=True) == trained(asked=False)


@pytest.mark.parametrize(
    "context", [lambda: torch.autocast("cpu", dtype=torch.bfloat16), torch.no_grad, torch.inference_mode]
)
def test_contexts_of_the_caller_do_not_change_the_digits(context: Callable[[], Any]) -> None:
    network = dropped()
    digits = answers(borrowed(network))
    with context():
        before = state_of(network, network)
        assert answers(borrowed(network)) == digits
        assert state_of(network, network) == before
    tokens = torch.tensor([[1, 2, 3]])
    network(input_ids=tokens, labels=tokens).loss.backward()  # nothing in it was left for inference alone


def test_a_network_that_recomputes_activations_is_asked_without_and_goes_on_with_it() -> None:
    network = tiny.network()
    digits = answers(borrowed(network))
    network.train()
    network.activation_checkpointing_enable()
    network.enable_input_require_grads()
    before = state_of(network, network)
    assert answers(borrowed(network)) == digits
    assert state_of(network, network) == before


def test_settings_of_the_caller_do_not_change_the_digits() -> None:
    digits = answers(borrowed(dropped()))
    network = dropped()
    network.config.return_dict = False
    network.config.output_hidden_states = True
    network.generation_config.update(do_sample=True, temperature=0.1, repetition_penalty=9.0)
    network.activation_checkpointing_enable()
    before = state_of(network, network)
    assert answers(borrowed(network)) == digits
    assert state_of(network, network) == before


def test_mixed_precision_of_accelerate_is_left_out() -> None:
    network = dropped()
    digits = answers(borrowed(network))
    original = network.forward

    @functools.wraps(original)
    def mixed(*args: Any, **options: Any) -> Any:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return original(*args, **options)

    vars(network).update(_original_forward=original, forward=mixed)
    assert answers(borrowed(network)) == digits
    assert network.forward is mixed


def test_the_hooks_of_the_caller_run() -> None:
    network = dropped()
    plain = borrowed(network).next_token_logprobs(PROMPTS, LETTERS)
    network.model.layers[2].register_forward_hook(lambda _, __, out: out + 1.0)
    assert abs(borrowed(network).next_token_logprobs(PROMPTS, LETTERS) - plain).max() > 0.01


def test_a_tokenizer_stays_as_it_was(tmp_path: Path) -> None:
    tokenizer = tiny.tokenizer()
    tokenizer.backend_tokenizer.enable_padding(length=7)
    template = tmp_path / "template.jinja"
    template.write_text("{{ messages[0].content }}!")
    model = from_transformers(tiny.network(), tokenizer, name="mine", chat_template=str(template))
    assert model.chat([{"role": "user", "content": "Why"}]).text == "Why!"
    model.next_token_logprobs(PROMPTS, LETTERS)
    assert tokenizer.chat_template == tiny.CHAT_TEMPLATE
    assert tokenizer.backend_tokenizer.padding["length"] == 7


def test_a_run_is_continued_with_the_same_weights_alone(tmp_path: Path) -> None:
    network, items = dropped(), tiny.items(6)
    model = borrowed(network)
    run = extract(model, items, out=tmp_path / "run")
    assert extract(model, items, out=tmp_path / "run").frame.equals(run.frame)  # nothing left to ask
    assert extract(borrowed(network), items, out=tmp_path / "run").frame.equals(run.frame)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    optimizer.step()
    with pytest.raises(SettingsDifferError, match="weights"):
        extract(model, items, out=tmp_path / "run")
    changed = extract(model, items, out=tmp_path / "later")
    assert not np.array_equal(changed.probabilities, read_run(tmp_path / "run").probabilities)


QUESTIONS = [
    Question("q/0", "c", "Why is it one?", ("It is one", "One"), ("It is two", "It is not")),
    Question("q/1", "c", "When is it two?", ("Two", "It is two"), ("It is three", "Never")),
]
RUBRIC = Rubric(
    "kinds", "Which is it?", (RubricClass("one", "One", "It says one."), RubricClass("two", "Two", "It says two."))
)


@pytest.mark.filterwarnings("ignore:.*empty", "ignore:.*cut off", "ignore:.*of 2 answers", "ignore:2 of")
@pytest.mark.parametrize(
    "work",
    [
        lambda model: extract(model, tiny.items(4)).probabilities.tolist(),
        lambda model: ask(model, QUESTIONS, max_new_tokens=4).frame["response"].to_list(),
        lambda model: truthfulqa_mc(model, QUESTIONS).frame.to_dicts(),
        lambda model: p_true(model, Responses.from_texts({"q/0": "one", "q/1": "two"}, QUESTIONS)).frame.to_dicts(),
        lambda model: (
            classify(Responses.from_texts({"q/0": "one", "q/1": "two"}, QUESTIONS), RUBRIC, judge=model)
            .frame["probability"]
            .to_list()
        ),
        lambda model: (
            grade(Responses.from_texts({"q/0": "one", "q/1": "2"}, QUESTIONS), grader=model).frame["reason"].to_list()
        ),
        lambda model: load_grader(model, template="fact").judge(["one", "two"], QUESTIONS),
    ],
)
def test_it_goes_wherever_a_loaded_model_goes(work: Callable[[Model], object]) -> None:
    network = dropped()
    local = LocalModel("mine", "", network.eval(), tiny.tokenizer())
    expected = work(local)
    network.train()
    before = state_of(network, network)
    assert work(borrowed(network)) == expected
    assert state_of(network, network) == before


def test_a_judge_in_memory_is_told_by_its_weights() -> None:
    model = borrowed(tiny.network())
    answers = Responses.from_texts({"q/0": "one", "q/1": "two"}, QUESTIONS)
    weights = model_settings(model)["weights"]
    assert set(grade(answers, grader=model).frame["grader_model"]) == {f"weights {weights}"}
    with pytest.raises(ValueError, match="dtype: the judge mine is loaded, leave options of its loading out"):
        load_grader(model, dtype="float32")


def test_plans_and_dates_are_those_of_a_loaded_model() -> None:
    network = dropped()
    model = borrowed(network)
    before = state_of(network, network)
    planned = model.planned(PROMPTS)  # type: ignore[attr-defined]
    assert state_of(network, network) == before
    assert (planned.next_token_logprobs(PROMPTS, LETTERS) == model.next_token_logprobs(PROMPTS, LETTERS)).all()
    assert planned.planned(PROMPTS) is planned


def test_it_is_the_same_identity_after_saving_and_loading(tmp_path: Path) -> None:
    network = dropped()
    network.save_pretrained(tmp_path)
    again = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert borrowed(again).description == borrowed(network).description
