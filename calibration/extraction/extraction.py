"""Extraction: items to prompts to answer-letter log-probabilities, kept part by part."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import AnswerError, PromptTooLongError
from ..files.digest import digest
from ..items.item import Item, unique_ids
from ..items.orders import PERMUTATIONS, Order, Permutations, option_orders, reordered
from ..models.first_prompts import ShowPrompt, look_at_prompt
from ..models.protocol import Model, Prompt
from ..models.settings import model_settings
from ..predictions.predictions import Predictions
from ..runs.clashes import refuse_clashes
from ..runs.collection import Progress
from ..runs.dates import dated_as_run
from ..runs.item_texts import hash_of_items, item_texts
from ..runs.resuming import resume
from ..runs.shards import Shard, members, shard_note
from .letter_forms import FormName, LetterForm, letter_forms
from .prompts import ANSWER, STYLES, Style, completion, messages, shots_of

# Probability on the other letter form from which a reader is told.
_NOTABLE_MASS = 0.05


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
    def prompts_by_key(self) -> dict[tuple[str, Order], str]:
        """Text of every prompt, by item and order."""
        keys = ((item.id, order) for item, order in zip(self.items, self.orders, strict=True))
        return {key: prompt.text for key, prompt in zip(keys, self.prompts, strict=True)}

    def only(self, prompt_indexes: Sequence[int]) -> Plan:
        """The same of some of the prompts."""
        return replace(
            self,
            items=tuple(self.items[index] for index in prompt_indexes),
            orders=tuple(self.orders[index] for index in prompt_indexes),
            prompts=tuple(self.prompts[index] for index in prompt_indexes),
        )


def extract(
    model: Model,
    items: Sequence[Item],
    *,
    style: Style = "completion",
    shots: int = 0,
    dev: Mapping[str, Sequence[Item]] | Sequence[Item] = (),
    form: FormName | Literal["auto"] = "auto",
    permutations: Permutations = "none",
    batch_size: int | None = None,
    shard: Shard | None = None,
    out: str | Path | None = None,
    progress: Progress | None = None,
    show_prompt: ShowPrompt | None = None,
) -> Predictions:
    """Answer-letter log-probabilities of a model on items.

    Parameters
    ----------
    model : Model
        From `load_model`.
    items : sequence of Item
        What is asked.
    style : {"completion", "chat", "chat-prefill"}
        Text as it is (lm-eval's MMLU prompt), the model's chat template, or the chat template with the assistant's
        turn opened by ``Answer:``.
    shots : int
        How many solved items of the same subject stand in front.
    dev : sequence of Item, or mapping of subject to such
        Where the solved items come from.
    form : {"auto", "space", "bare"}
        How letters are written after the prompt: `` A``, ``A``, or the form that the tokenizer turns into one
        distinct token a letter.
    permutations : {"none", "cyclic"}
        Orders in which the options of an item are asked: their own, or every rotation of it, which costs as many
        prompts as there are options. Solved items keep theirs.
    batch_size : int, optional
        Most prompts in one batch; if omitted, as many as suit the memory.
    shard : (int, int), optional
        Ask only a part of the items: which one, from 1, of how many. The list of items alone decides what it holds,
        subjects are kept together, and it is never empty. The folder of a shard is that of the whole run, begun;
        `merge_runs` puts shards together.
    out : str or Path, optional
        Run folder. One that was interrupted is continued, with the same digits in the end; one made with other
        settings is refused. Without it nothing is written. A chat template writes the date of the run that is
        continued, unless the model was loaded with another.
    progress : callable, optional
        Called with the number of prompts done and of all.
    show_prompt : callable, optional
        Called with what is known of the first prompt (`calibration.models.PromptView`), before any is asked.

    Returns
    -------
    Predictions
        In the order of `items`, those of the shard. With ``permutations="cyclic"`` one row an item and order, of which
        `average_permutations` makes one an item and `position_bias` says what the place of an option does.

    Raises
    ------
    ValueError
        For a prompt longer than the context window (by item, nothing is cut), letters that the tokenizer cannot tell
        apart, too few dev items, a missing chat template, repeated ids, other settings in the folder, more shards than
        items.

    Warns
    -----
    UserWarning
        If the chat template opens the model's thoughts, inside which the letters are then read, or does not open the
        assistant's turn.

    Examples
    --------
    >>> from calibration import load_items, load_model
    >>> model = load_model("HuggingFaceTB/SmolLM2-135M")  # doctest: +SKIP
    >>> run = extract(model, load_items("items.jsonl"), out="runs/base")  # doctest: +SKIP
    """
    model = dated_as_run(model, out)
    plan = make_plan(model, items, style=style, shots=shots, dev=dev, form=form, permutations=permutations)
    look_at_prompt(model, plan.prompts[0], reads="letters", show=show_prompt)
    settings = _settings(model, plan, items, style=style, shots=shots, permutations=permutations)
    shard_items = _shard_items(items, shard)
    shard_prompts = [index for index, item in enumerate(plan.items) if item.id in shard_items]
    shard_plan = plan.only(shard_prompts)
    frame = resume(
        plan.prompts_by_key,
        lambda done: stream(model, shard_plan, batch_size=batch_size, done=done),
        lambda shard_index, logprobs: _row(model, shard_plan, shard_index, logprobs),
        out=out,
        settings=settings,
        texts=item_texts(items),
        shard_prompts=shard_prompts,
        notes=shard_note(shard, len(shard_items)),
        progress=progress,
    )
    predictions = Predictions(frame)
    _warn_of_other_form(predictions, plan)
    _warn_of_bounds(predictions)
    return predictions


def make_plan(
    model: Model,
    items: Sequence[Item],
    *,
    style: Style = "completion",
    shots: int = 0,
    dev: Mapping[str, Sequence[Item]] | Sequence[Item] = (),
    form: FormName | Literal["auto"] = "auto",
    permutations: Permutations = "none",
) -> Plan:
    """Prompts of items, and the forms of the letters after them.

    The model's tokenizer decides which forms there are.
    """
    solved = _checked_shots(items, style=style, shots=shots, dev=dev, permutations=permutations)
    n_options = max(len(item.options) for item in items)
    orders = tuple(order for item in items for order in option_orders(item, permutations))
    items = tuple(item for item in items for _ in option_orders(item, permutations))
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


def refuse_extraction(
    items: Sequence[Item],
    *,
    style: Style,
    shots: int,
    dev: Mapping[str, Sequence[Item]] | Sequence[Item],
    permutations: Permutations,
    shard: Shard | None,
    out: str | Path | None,
    spec: str = "",
    trust_remote_code: bool = False,
) -> None:
    """Raise for what `extract` would refuse whatever the model.

    The model that `spec` names is not loaded; its files are compared with those of the run in the folder.

    Raises
    ------
    ValueError
        As `extract`.
    """
    _checked_shots(items, style=style, shots=shots, dev=dev, permutations=permutations)
    _shard_items(items, shard)
    settings = _item_settings(items, style=style, shots=shots, permutations=permutations)
    refuse_clashes(out, settings, spec=spec, trust_remote_code=trust_remote_code)


def _checked_shots(
    items: Sequence[Item],
    *,
    style: Style,
    shots: int,
    dev: Mapping[str, Sequence[Item]] | Sequence[Item],
    permutations: Permutations,
) -> dict[str, tuple[Item, ...]]:
    """Solved items by subject, after a check of everything that needs no model."""
    if style not in STYLES:
        raise ValueError(f"style must be one of {', '.join(STYLES)}, got {style!r}")
    if permutations not in PERMUTATIONS:
        raise ValueError(f"permutations must be one of {', '.join(PERMUTATIONS)}, got {permutations!r}")
    if not items:
        raise ValueError("there must be at least one item, got none")
    unique_ids(items)
    if not isinstance(dev, Mapping):
        by_subject: dict[str, list[Item]] = {}
        for item in dev:
            by_subject.setdefault(item.subject, []).append(item)
        dev = by_subject
    return shots_of(items, dev, shots)


def _shard_items(items: Sequence[Item], shard: Shard | None) -> set[str]:
    """Ids of the items of a shard."""
    texts = ["\n".join((item.subject, item.question, *item.options)) for item in items]
    return {items[index].id for index in members(texts, shard, what="items")}


def stream(
    model: Model, plan: Plan, *, batch_size: int | None = None, done: frozenset[int] = frozenset()
) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """Prompt indexes and their log-probabilities (n_rows, n_forms × n_letters), as they come.

    Bad prompts fail at the call; one that only the source finds too long fails when it is asked.

    Raises
    ------
    ValueError
        For a prompt longer than the context window, naming the item.
    """
    try:
        pieces = model.stream_logprobs(plan.prompts, plan.candidates, batch_size=batch_size, done=done)
    except PromptTooLongError as error:
        raise _too_long(plan, error) from None
    except AnswerError as error:
        raise ValueError(f"item {plan.items[error.row].id}: {error}") from None

    def named() -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        try:
            yield from pieces
        except PromptTooLongError as error:
            raise _too_long(plan, error) from None
        except AnswerError as error:
            raise ValueError(f"item {plan.items[error.row].id}: {error}; what was done is kept") from None

    return named()


def _too_long(plan: Plan, error: PromptTooLongError) -> ValueError:
    return ValueError(f"item {plan.items[error.row].id}: {error}; nothing is cut, leave it out or use fewer shots")


def _row(model: Model, plan: Plan, index: int, logprobs: NDArray[np.float32]) -> dict[str, Any]:
    """Row of the run for a prompt, from its log-probabilities (n_forms × n_letters)."""
    item, order = plan.items[index], plan.orders[index]
    n_options, n_letters = len(item.options), len(plan.forms[0].texts)
    bounded = np.ma.getmaskarray(logprobs)  # what the source does not give
    letters = logprobs[:n_options]
    other = logprobs[n_letters : n_letters + n_options]
    return {
        "model": model.name,
        "revision": model.revision,
        "item": item.id,
        "subject": item.subject,
        "content": item.content,
        "order": list(order),
        "answer": order.index(item.answer),
        "logprobs": np.ma.getdata(letters).tolist(),
        "bounded": bounded[:n_options].tolist(),
        "letter_mass": _mass(letters),
        "other_form_mass": _mass(other) if len(other) else None,
        "prompt": digest(plan.prompts[index].text),
    }


def _mass(logprobs: NDArray[np.float32]) -> float:
    """Probability on the letters that the source gives."""
    return math.fsum(np.exp(np.ma.compressed(logprobs).astype(np.float64)))


def _settings(
    model: Model, plan: Plan, items: Sequence[Item], *, style: Style, shots: int, permutations: Permutations
) -> dict[str, Any]:
    """Everything that decides the numbers of a run, by name."""
    return {
        **model_settings(model, chats=style != "completion"),
        "letter_form": plan.forms[0].name + ("" if plan.forms[0].single else ", several tokens"),
        **_item_settings(items, style=style, shots=shots, permutations=permutations),
        "prompts": digest("\x1e".join(prompt.text for prompt in plan.prompts)),
    }


def _item_settings(items: Sequence[Item], *, style: Style, shots: int, permutations: Permutations) -> dict[str, Any]:
    """Those that are known without the model."""
    return {
        "style": style,
        "shots": shots,
        "permutations": permutations,
        "n_items": len(items),
        "items": hash_of_items(item_texts(items)),
    }


def _warn_of_other_form(predictions: Predictions, plan: Plan) -> None:
    frame = predictions.frame
    other, mass = frame["other_form_mass"].mean(), frame["letter_mass"].mean()
    if isinstance(other, float) and isinstance(mass, float) and other > max(mass, _NOTABLE_MASS):
        warnings.warn(
            f"the model puts {other:.2f} on letters written like {plan.forms[1].texts[0]!r} and {mass:.2f} on the form "
            f"that was scored, {plan.forms[0].texts[0]!r}; compare both with --audit",
            stacklevel=3,
        )


def _warn_of_bounds(predictions: Predictions) -> None:
    flags = predictions.frame["bounded"].list
    some, every = int(flags.any().sum()), int(flags.all().sum())
    if some:
        warnings.warn(
            f"of {predictions.frame.height} rows {some} have letters that the source did not give, and {every} have no "
            "other; their log-probabilities are upper bounds (column bounded)",
            stacklevel=3,
        )
