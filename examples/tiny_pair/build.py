"""Build the tiny pair from nothing: world, tokenizer, three stages, items, questions, and the measurements.

python -m examples.tiny_pair.build --seed 13 --out build/tiny_pair

An interrupted build continues with the last finished stage. The stages and both files of data then belong into
veracal/demo, and the tables of examples.tiny_pair.table into its CARD.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast

from calibration import Item
from factuality import Question

from . import measurements, pretraining, reinforcement, sft
from . import tokenizer as tokenizers
from . import world as worlds


def build(seed: int, out: Path) -> list[str]:
    """One world and its three stages in `out`; returns what it fails to show. Stages that are there are kept."""
    torch.set_num_threads(1)  # of so small a model two threads mostly wait for each other
    world = worlds.make_world(seed)
    tokenizer = tokenizers.make_tokenizer(world)
    stages: dict[str, Callable[[], GPT2LMHeadModel]] = {
        "base": lambda: pretraining.pretrain(world, tokenizer, seed=seed),
        "sft": lambda: sft.fine_tune(_load(out / "base"), world, tokenizer, seed=seed),
        "rl": lambda: reinforcement.reinforce(_load(out / "sft"), world, tokenizer, seed=seed),
    }
    for stage, train in stages.items():
        if not (out / stage).exists():
            # What was measured of other weights says nothing of these.
            shutil.rmtree(out / "runs", ignore_errors=True)
            began = time.monotonic()
            save(train(), tokenizer, out / stage)
            print(f"{stage}: {time.monotonic() - began:.0f} s", flush=True)
    items = worlds.make_items(world.benchmark, np.random.default_rng(seed))
    questions = worlds.make_questions(world.benchmark)
    _write_items(items, out / "items.jsonl")
    _write_questions(questions, out / "questions.jsonl")
    return measurements.faults(measurements.measure(out, items, questions, out / "runs"))


def save(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Weights in bfloat16, half the size; the next stage begins with just these. The folder is there whole or not."""
    model = sft.clean_copy(model)
    torch.nn.Module.to(model, torch.bfloat16)
    partial = folder.with_name(f"{folder.name}.partial")
    model.save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    partial.rename(folder)


def _load(folder: Path) -> GPT2LMHeadModel:
    model: GPT2LMHeadModel = GPT2LMHeadModel.from_pretrained(folder, dtype=torch.float32)
    return model


def _write_items(items: list[Item], path: Path) -> None:
    rows = [
        {"id": item.id, "subject": item.subject, "question": item.question, "options": item.options,
         "answer": item.letter}
        for item in items
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def _write_questions(questions: list[Question], path: Path) -> None:
    rows = [
        {"id": asked.id, "category": asked.category, "adversarial": asked.adversarial, "question": asked.question,
         "ideal": asked.ideal, "incorrect": asked.incorrect, "source": asked.source}
        for asked in questions
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def main() -> None:
    """Build, and fail where the guards do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=13, help="of the world and of the training")
    parser.add_argument("--out", type=Path, default=Path("build/tiny_pair"), help="stages, data and run folders")
    arguments = parser.parse_args()
    faults = build(arguments.seed, arguments.out)
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
