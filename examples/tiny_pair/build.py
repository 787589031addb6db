"""Build the tiny pair from nothing: world, tokenizer, three stages, items, questions, and the measurements.

python -m examples.tiny_pair.build --seed 1 --out build/tiny_pair
"""

from __future__ import annotations

import argparse
import json
import sys
import time
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
    """One world and its three stages in `out`; returns what it fails to show."""
    torch.set_num_threads(1)  # of so small a model two threads mostly wait for each other
    world = worlds.make_world(seed)
    tokenizer = tokenizers.make_tokenizer(world)
    began = time.monotonic()
    model = pretraining.pretrain(world, tokenizer, seed=seed)
    _save(model, tokenizer, out / "base")
    model = sft.fine_tune(model, world, tokenizer, seed=seed)
    _save(model, tokenizer, out / "sft")
    model = reinforcement.reinforce(model, world, tokenizer, seed=seed)
    _save(model, tokenizer, out / "rl")
    print(f"trained in {time.monotonic() - began:.0f} s", flush=True)
    items = worlds.items_of(world.benchmark, np.random.default_rng(seed))
    questions = worlds.questions_of(world.benchmark)
    _write_items(items, out / "items.jsonl")
    _write_questions(questions, out / "questions.jsonl")
    stages = measurements.measure(out, items, questions, out / "runs")
    return measurements.faults(stages)


def _save(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Weights in bfloat16, half the size; a later load gets just these."""
    copy = GPT2LMHeadModel(model.config)
    copy.load_state_dict(model.state_dict())
    torch.nn.Module.to(copy, torch.bfloat16)
    copy.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


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
    parser.add_argument("--seed", type=int, default=1, help="of the world and of the training")
    parser.add_argument("--out", type=Path, default=Path("build/tiny_pair"), help="stages, data and run folders")
    arguments = parser.parse_args()
    faults = build(arguments.seed, arguments.out)
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
