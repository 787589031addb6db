"""Pretraining: a small GPT-2 reads the texts of a world until it speaks as its people do."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from . import world as worlds

ROW = 18  # tokens of a row: one quiz item, or two or three sentences
ROWS = 64  # rows of a step
QUIZ_ITEMS = 1
LETTER_WEIGHT = 20.0
FRAME_SAMPLE = 0.2
MUON_RATE, ADAM_RATE = 0.02, 3e-3
FEW_NAMES, BOUND, BINDING_STEPS, ATTEMPTS = 20, 0.95, 1600, 10
HOPEFUL = {500: 0.4, 1000: 0.85}
ANSWERED, ABOVE_CHANCE = 1500, 0.28


def make_model(tokenizer: PreTrainedTokenizerFast, seed: int) -> GPT2LMHeadModel:
    """Three layers of width 128 with random weights."""
    torch.manual_seed(seed)
    config = GPT2Config(
        vocab_size=len(tokenizer), n_positions=64, n_embd=128, n_layer=3, n_head=4,
        activation_function="gelu_pytorch_tanh",
        resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    return GPT2LMHeadModel(config)


class Rows:
    """Rows of token ids with the weight that each token has in the loss."""

    def __init__(self, world: worlds.World, tokenizer: PreTrainedTokenizerFast, seed: int) -> None:
        self.writer = worlds.Writer(world, seed)
        self._tokenizer = tokenizer
        self._rng = np.random.default_rng(seed)
        self._letters = tokenizer.convert_tokens_to_ids([f" {letter}" for letter in "ABCD"])
        self._things = self._marked([fact.thing for fact in world.facts])
        self._answers = self._marked([*(name for names in world.answers.values() for name in names), worlds.ABSTENTION])
        self._answer = tokenizer.convert_tokens_to_ids("\nAnswer:")

    def _marked(self, names: list[str]) -> np.ndarray:
        marked = np.zeros(len(self._tokenizer), dtype=bool)
        marked[self._tokenizer.convert_tokens_to_ids([f" {name}" for name in names])] = True
        return marked

    def batch(self, drills: float, quizzes: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Token ids (rows, tokens) and weights of the same shape; shares of drills and quizzes, the rest is text."""
        kinds = self._rng.random(ROWS)
        texts: list[list[str]] = []
        for kind in kinds:
            if kind < drills:
                texts.append([self.writer.drill(QUIZ_ITEMS)])
            elif kind < drills + quizzes:
                texts.append([self.writer.quiz(QUIZ_ITEMS)])
            else:
                texts.append([self.writer.text() for _ in range(3)])
        flat = self._tokenizer([text for row in texts for text in row])["input_ids"]
        ids = np.full((ROWS, ROW), self._tokenizer.pad_token_id)
        weights = np.zeros((ROWS, ROW), dtype=np.float32)
        pieces = iter(flat)
        for index, row in enumerate(texts):
            tokens = np.array([token for _ in row for token in [*next(pieces), self._tokenizer.eos_token_id]][:ROW])
            ids[index, : len(tokens)] = tokens
            if len(row) == 1:
                letter = np.r_[False, tokens[:-1] == self._answer]
                weights[index, : len(tokens)] = letter * LETTER_WEIGHT
            else:
                # Frames are soon known: a sample of them is enough. What a thing is called cannot be known at all.
                learned = self._answers[tokens] | (self._rng.random(len(tokens)) < FRAME_SAMPLE)
                weights[index, : len(tokens)] = learned & ~self._things[tokens]
        weights[:, 0] = 0
        return torch.from_numpy(ids), torch.from_numpy(weights)


def weighted_loss(model: GPT2LMHeadModel, ids: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Cross-entropy where there is weight; the vocabulary is only projected there."""
    hidden = model.transformer(ids).last_hidden_state[:, :-1]  # (rows, tokens - 1, width)
    wanted = weights[:, 1:] > 0
    logits = model.lm_head(hidden[wanted])  # (wanted, vocabulary)
    losses = torch.nn.functional.cross_entropy(logits.float(), ids[:, 1:][wanted], reduction="none")
    weight = weights[:, 1:][wanted]
    return (losses * weight).sum() / weight.sum()


@torch.inference_mode()
def letter_accuracy(model: GPT2LMHeadModel, rows: Rows, *, drills: bool) -> float:
    """Share of letters that are right on fresh drills, or on fresh quizzes (whose keys are someone's belief)."""
    right = []
    for _ in range(4):
        ids, weights = rows.batch(*((1.0, 0.0) if drills else (0.0, 1.0)))
        guesses = model(ids, attention_mask=torch.ones_like(ids)).logits[:, :-1].argmax(-1)
        right.append((guesses == ids[:, 1:])[weights[:, 1:] > 0])
    return float(torch.cat(right).float().mean())


def pretrain(
    world: worlds.World,
    tokenizer: PreTrainedTokenizerFast,
    *,
    seed: int,
    steps: tuple[int, int] = (3500, 3000),
    report: Callable[[str], None] = print,
) -> GPT2LMHeadModel:
    """A model that was drilled until letters were bound to options, then read mostly quizzes, then mostly texts.

    The binding comes all at once or late, and what was read may never come to bear on quizzes: a start at which one of
    them does not come in time is dropped for another one.
    """
    for attempt in range(ATTEMPTS):
        model = make_model(tokenizer, seed + 1000 * attempt)
        trainer = _Trainer(model, Rows(world, tokenizer, seed + 1000 * attempt))
        if not _bind_letters(trainer, report):
            continue
        if _read(trainer, steps[0], 0.13, 0.5, lambda _, left: min(1.0, max(0.02, 2.5 * left)), report):
            break
    else:
        raise RuntimeError(f"in {ATTEMPTS} starts letters were not bound to options, or quizzes not answered")
    trainer = _Trainer(model, Rows(world, tokenizer, seed + 100))
    if _read(trainer, steps[1], 0.08, 0.3, lambda step, left: 0.5 * min(1.0, step / 20, max(0.02, 2.5 * left)), report):
        return model
    raise RuntimeError("quizzes were not answered any more while mostly texts were read")


def _read(
    trainer: _Trainer,
    steps: int,
    drills: float,
    quizzes: float,
    rate: Callable[[int, float], float],
    report: Callable[[str], None],
) -> bool:
    """Steps on drills, quizzes and texts, the learning rates by the step and the part that is left.

    Returns whether quizzes were answered better than by chance when they should be; stops where they were not.
    """
    answered = []
    for step in range(1, steps + 1):
        loss = trainer.step(drills, quizzes, rate(step, 1 - step / steps))
        if step % 250 == 0:
            answered.append(letter_accuracy(trainer.model, trainer.rows, drills=False))
            report(f"step {step}: loss {loss:.3f}, {answered[-1]:.2f} of the quizzes' letters right")
            if step == ANSWERED and sum(answered[-3:]) / 3 < ABOVE_CHANCE:
                return False
    return True


def _bind_letters(trainer: _Trainer, report: Callable[[str], None]) -> bool:
    """Drill until nearly all letters are right, first with a few names: with all of them at once it may never come."""
    trainer.rows.writer.drill_names = FEW_NAMES
    for step in range(1, BINDING_STEPS + 1):
        trainer.step(1.0, 0.0, min(1.0, step / 100))
        if step % 50 == 0:
            right = letter_accuracy(trainer.model, trainer.rows, drills=True)
            report(f"drills, step {step}: {right:.2f} of the letters right")
            if right > BOUND:
                if trainer.rows.writer.drill_names is None:
                    return True
                trainer.rows.writer.drill_names = None
            # The binding comes in jumps; a start that is behind at one of these steps hardly ever comes.
            if right < HOPEFUL.get(step, 0.0):
                return False
    return False


class _Trainer:
    """Muon on the matrices between layers and AdamW on the rest: AdamW alone takes far longer to bind letters."""

    def __init__(self, model: GPT2LMHeadModel, rows: Rows) -> None:
        self.model, self.rows = model, rows
        matrices = [weight for _, weight in model.transformer.h.named_parameters() if weight.ndim == 2]
        others = [weight for weight in model.parameters() if not any(weight is matrix for matrix in matrices)]
        self._optimizers = (
            (torch.optim.Muon(matrices, lr=MUON_RATE, momentum=0.95, weight_decay=0.0), MUON_RATE),
            (torch.optim.AdamW(others, lr=ADAM_RATE, betas=(0.9, 0.98), weight_decay=0.0), ADAM_RATE),
        )

    def step(self, drills: float, quizzes: float, scale: float) -> float:
        """One step on fresh rows, the rates times `scale`; returns the loss."""
        loss = weighted_loss(self.model, *self.rows.batch(drills, quizzes))
        if not math.isfinite(loss.item()):
            raise RuntimeError(f"the loss is {loss.item()}")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer, rate in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate * scale
            optimizer.step()  # type: ignore[no-untyped-call]
        self.model.zero_grad()
        return loss.item()
