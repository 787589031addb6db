"""Plans: prompts of items, and the letters that are read after them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ..errors import AnswerError
from ..items.item import Item, unique_ids
from ..items.orders import PERMUTATIONS, Order, Permutations, option_orders, reordered
from ..models.protocol import Model, Prompt
from ..predictions.predictions import Predictions
from ..runs.item_texts import hash_of_items
from ..runs.run_kinds import Key
from .letter_forms import FormName, LetterForm, letter_forms
from .prompts import ANSWER, STYLES, Style, completion, messages, shots_of

IF_TOO_LONG = "leave it out or use fewer shots"
"""What helps if a prompt is too long."""

# Probability on the form of letters that is not scored (`A` beside ` A`) from which a warning is given.
_NOTABLE_MASS = 0.05


@dataclass(frozen=True, kw_only=True)
class PromptOptions:
    """Options that make prompts of items, as `calibration.extract` describes them.

    Raises
    ------
    ValueError
        For an unknown style or unknown permutations.
    """

    style: Style = "completion"
    shots: int = 0
    dev: Mapping[str, Sequence[Item]] | Sequence[Item] = ()
    form: FormName | Literal["auto"] = "auto"
    permutations: Permutations = "none"

    def __post_init__(self) -> None:
        if self.style not in STYLES:
            raise ValueError(f"style must be one of {', '.join(STYLES)}, got {self.style!r}")
        if self.permutations not in PERMUTATIONS:
            raise ValueError(f"permutations must be one of {', '.join(PERMUTATIONS)}, got {self.permutations!r}")

    def solved(self, items: Sequence[Item]) -> dict[str, tuple[Item, ...]]:
        """Few-shot examples in front of items, by subject.

        Raises
        ------
        ValueError
            For no items, repeated ids, and as `shots_of`.
        """
        if not items:
            raise ValueError("there must be at least one item, got none")
        unique_ids(items)
        dev = self.dev
        if not isinstance(dev, Mapping):
            by_subject: dict[str, list[Item]] = {}
            for item in dev:
                by_subject.setdefault(item.subject, []).append(item)
            dev = by_subject
        return shots_of(items, dev, self.shots)

    def settings(self, texts: pl.DataFrame) -> dict[str, Any]:
        """Settings of a run that are known without the model, from its `item_texts`."""
        return {
            "style": self.style,
            "shots": self.shots,
            "permutations": self.permutations,
            "n_items": texts.height,
            "items": hash_of_items(texts),
        }


@dataclass(frozen=True)
class Plan:
    """Prompts of a run and the letters that are read after them.

    Attributes
    ----------
    items : tuple of Item
        What is asked, one a prompt: an item that is asked in several orders of its options stands in each of them.
    orders : tuple of tuple of int
        Which option of the item stands under each letter, one a prompt.
    prompts : tuple of Prompt
        Texts or chats.
    forms : tuple of LetterForm
        The form that is scored, then the other one where the tokenizer has it.
    """

    items: tuple[Item, ...]
    orders: tuple[Order, ...]
    prompts: tuple[Prompt, ...]
    forms: tuple[LetterForm, ...]

    @property
    def candidates(self) -> list[str]:
        """Every letter in every form, form by form."""
        return [text for form in self.forms for text in form.texts]

    @property
    def letter_form(self) -> str:
        """The form that is scored, as a run's manifest records it."""
        return self.forms[0].name + ("" if self.forms[0].single else ", several tokens")

    @property
    def prompts_by_key(self) -> dict[Key, Prompt]:
        """Every prompt, by item and order."""
        keys = ((item.id, order) for item, order in zip(self.items, self.orders, strict=True))
        return dict(zip(keys, self.prompts, strict=True))

    def stream_rows(
        self,
        model: Model,
        keys: Sequence[Key],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[list[dict[str, Any]]]:
        """Rows of a run on some of the prompts, as they come.

        Parameters
        ----------
        model : Model
            What is asked.
        keys : sequence of tuple
            Which prompts, by item and order, in the order of the plan.
        batch_size : int, optional
            Most prompts in one batch; if omitted, as many as suit the memory.
        done : frozenset of int
            Indexes of keys that are left out.

        Raises
        ------
        PromptTooLongError
            At the call, if the model knows by then; otherwise when the prompt is asked.
        AnswerError
            If an answer of the model cannot be used.
        """
        part = self._only(frozenset(keys))
        pieces = model.stream_logprobs(part.prompts, part.candidates, batch_size=batch_size, done=done)
        return (
            [part.answer_row(*pair) for pair in zip(indexes, logprobs, strict=True)] for indexes, logprobs in pieces
        )

    def _only(self, keys: frozenset[Key]) -> Plan:
        """The same of some of the prompts."""
        prompt_indexes = [index for index, key in enumerate(self.prompts_by_key) if key in keys]
        return replace(
            self,
            items=tuple(self.items[index] for index in prompt_indexes),
            orders=tuple(self.orders[index] for index in prompt_indexes),
            prompts=tuple(self.prompts[index] for index in prompt_indexes),
        )

    def answer_row(self, index: int, logprobs: NDArray[np.float32]) -> dict[str, Any]:
        """Row of the run for a prompt, from its log-probabilities (n_forms × n_letters)."""
        item, order = self.items[index], self.orders[index]
        n_options, n_letters = len(item.options), len(self.forms[0].texts)
        bounded = np.ma.getmaskarray(logprobs)  # what the source does not give
        letters = logprobs[:n_options]
        other = logprobs[n_letters : n_letters + n_options]
        return {
            "item": item.id,
            "subject": item.subject,
            "content": item.content,
            "order": list(order),
            "answer": order.index(item.answer),
            "logprobs": np.ma.getdata(letters).tolist(),
            "bounded": bounded[:n_options].tolist(),
            "letter_mass": _mass(letters),
            "other_form_mass": _mass(other) if len(other) else None,
        }

    def warn_of_other_form(self, predictions: Predictions) -> None:
        """Warn if a run's model prefers the other letter form."""
        frame = predictions.frame
        other, mass = frame["other_form_mass"].mean(), frame["letter_mass"].mean()
        if isinstance(other, float) and isinstance(mass, float) and other > max(mass, _NOTABLE_MASS):
            warnings.warn(
                f"the model puts {other:.2f} on letters written like {self.forms[1].texts[0]!r} and {mass:.2f} on the "
                f"form that was scored, {self.forms[0].texts[0]!r}; compare both with --audit",
                stacklevel=3,
            )


def make_plan(model: Model, items: Sequence[Item], options: PromptOptions) -> Plan:
    """Prompts of items, and the forms of the letters after them.

    The model's tokenizer decides which forms there are.
    """
    style, form = options.style, options.form
    solved = options.solved(items)
    n_options = max(len(item.options) for item in items)
    orders = tuple(order for item in items for order in option_orders(item, options.permutations))
    items = tuple(item for item in items for _ in option_orders(item, options.permutations))
    asked = [reordered(item, order) for item, order in zip(items, orders, strict=True)]
    if style == "completion":
        prompts = [Prompt(completion(item, solved[item.subject])) for item in asked]
    else:
        prefill = ANSWER if style == "chat-prefill" else ""
        prompts = [model.chat(messages(item, solved[item.subject]), prefill=prefill) for item in asked]
    try:
        forms = letter_forms(lambda text: model.added_tokens(prompts[0], text), n_options, style)
    except AnswerError as error:
        raise ValueError(f"item {items[0].id}: {error}") from None
    if form != "auto":
        if form not in {available.name for available in forms}:
            raise ValueError(f"the letter form {form!r} is not to be had with this tokenizer, only {forms[0].name!r}")
        forms = tuple(sorted(forms, key=lambda available: available.name != form))
    return Plan(items, orders, tuple(prompts), forms)


def _mass(logprobs: NDArray[np.float32]) -> float:
    """Probability on the letters that the source gives."""
    return math.fsum(np.exp(np.ma.compressed(logprobs).astype(np.float64)))
