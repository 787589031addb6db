"""Both trainings of the demo's models, a few steps each, on a small world."""

from __future__ import annotations

import pytest
import torch

from examples.tiny_pair import lessons, pretraining
from examples.tiny_pair import tokenizer as tokenizers
from examples.tiny_pair import world as worlds

pytestmark = [pytest.mark.real, pytest.mark.filterwarnings("default")]  # the trainer's own warnings are its business


def test_fine_tuning_and_reinforcement_move_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    from examples.tiny_pair.reinforcement import reinforce
    from examples.tiny_pair.sft import fine_tune

    world = worlds.make_world(7, n_benchmark=60, n_labelled=120)
    tokenizer = tokenizers.make_tokenizer(world)
    model = pretraining.make_model(tokenizer, 0)
    kept = model.lm_head.weight.detach().clone()
    tuned = fine_tune(model, world, tokenizer, seed=0, epochs=1)
    assert torch.equal(model.lm_head.weight, kept)
    assert not torch.equal(tuned.lm_head.weight, kept)
    # Untrained, it is never right; where every answer is worth the same there is nothing to learn.
    monkeypatch.setattr(lessons, "reward", lambda said, right: float(len(said)))  # noqa: ARG005
    rewarded = reinforce(tuned, world, tokenizer, seed=0, steps=3, n_prompts=4, n_samples=3)
    assert not torch.equal(rewarded.lm_head.weight, tuned.lm_head.weight)
    assert torch.isfinite(rewarded.lm_head.weight).all()
    # A new model, without what the trainer put around the old one.
    assert "forward" not in vars(rewarded)
