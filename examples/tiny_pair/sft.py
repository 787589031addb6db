"""Supervised fine-tuning: demonstrations of a chat, with true keys of facts that no evaluation asks about."""

from __future__ import annotations

import tempfile
from typing import Any

from datasets import Dataset
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from . import lessons
from . import world as worlds

# Settings of both trainers.
QUIET_ON_CPU: dict[str, Any] = {
    "use_cpu": True,
    "bf16": False,
    "save_strategy": "no",
    "report_to": "none",
    "logging_steps": 50,
    "disable_tqdm": True,
    "activation_checkpointing": False,
}


def fine_tune(
    model: GPT2LMHeadModel,
    world: worlds.World,
    tokenizer: PreTrainedTokenizerFast,
    *,
    seed: int,
    epochs: int = 3,
    rate: float = 1e-3,
) -> GPT2LMHeadModel:
    """A model that was trained on what the assistant says; the one given is left as it was."""
    with tempfile.TemporaryDirectory() as folder:
        settings = SFTConfig(
            output_dir=folder,
            num_train_epochs=epochs,
            per_device_train_batch_size=32,
            learning_rate=rate,
            lr_scheduler_type="cosine",
            warmup_steps=20,
            max_length=64,
            packing=False,
            seed=seed,
            dataset_num_proc=None,
            **QUIET_ON_CPU,
        )
        trainer = SFTTrainer(
            model=clean_copy(model),
            args=settings,
            train_dataset=Dataset.from_list(lessons.demonstrations(world, seed)),
            processing_class=tokenizer,
        )
        trainer.train()
        # The trainer puts a forward of its own into the model, which a copy of it would share.
        assert isinstance(trainer.model, GPT2LMHeadModel)  # noqa: S101
        return clean_copy(trainer.model)


def clean_copy(model: GPT2LMHeadModel) -> GPT2LMHeadModel:
    """The same weights in a new model, without what a trainer put around the old one."""
    copy = GPT2LMHeadModel(model.config)
    copy.load_state_dict(model.state_dict())
    return copy
