"""Reinforcement: answers in a chat are rewarded for being right, and the model learns to sound certain.

Policy gradient with a leave-one-out baseline (RLOO: Ahmadian et al. 2024, arXiv:2402.14740) and a penalty for leaving
the fine-tuned model (Ouyang et al. 2022, arXiv:2203.02155). Only the chat is rewarded, never the raw prompt.
"""

from __future__ import annotations

import tempfile

from datasets import Dataset
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast
from trl.trainer.rloo_config import RLOOConfig
from trl.trainer.rloo_trainer import RLOOTrainer

from . import lessons
from . import world as worlds
from .sft import QUIET_ON_CPU, clean_copy


def reinforce(
    model: GPT2LMHeadModel,
    world: worlds.World,
    tokenizer: PreTrainedTokenizerFast,
    *,
    seed: int,
    steps: int = 220,
    n_prompts: int = 16,
    n_samples: int = 8,
    rate: float = 3e-4,
    penalty: float = 0.05,
) -> GPT2LMHeadModel:
    """A model that was rewarded for its answers; the one given is left as it was.

    Half of the prompts are multiple choice, half are open questions.
    """
    with tempfile.TemporaryDirectory() as folder:
        # The trainer reads the model twice: to train it, and as what it must not leave.
        start = f"{folder}/start"
        model.save_pretrained(start)
        settings = RLOOConfig(
            output_dir=folder,
            model_init_kwargs={"dtype": "float32"},
            max_steps=steps,
            per_device_train_batch_size=n_prompts * n_samples,
            num_generations=n_samples,
            max_completion_length=4,
            learning_rate=rate,
            lr_scheduler_type="constant_with_warmup",
            warmup_steps=20,
            beta=penalty,
            seed=seed,
            **QUIET_ON_CPU,
        )
        trainer = RLOOTrainer(
            model=start,
            reward_funcs=_rewards,
            args=settings,
            train_dataset=Dataset.from_list(lessons.tasks(world, seed)),
            processing_class=tokenizer,
        )
        trainer.train()
        assert isinstance(trainer.model, GPT2LMHeadModel)  # noqa: S101
        return clean_copy(trainer.model)


def _rewards(completions: list[list[dict[str, str]]], right: list[str], **_: object) -> list[float | None]:
    return [lessons.reward(turns[0]["content"], answer) for turns, answer in zip(completions, right, strict=True)]
