"""Extraction: items to prompts to answer-letter log-probabilities, kept part by part."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from ..items.item import Item
from ..items.orders import Permutations
from ..models.first_prompts import ShowPrompt, longest, look_at_prompt
from ..models.prompt_errors import prompts_named
from ..models.protocol import Model
from ..models.settings import model_settings
from ..predictions.predictions import Predictions
from ..runs.clashes import refuse_clashes
from ..runs.collection import AskedRun, Progress, resumed
from ..runs.dates import dated_as_run
from ..runs.item_texts import item_texts
from ..runs.shards import Shard, members, shard_note
from .letter_forms import FormName
from .plans import IF_TOO_LONG, PromptOptions, make_plan
from .prompts import Style


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
        Number of few-shot examples of the same subject.
    dev : sequence of Item, or mapping of subject to such
        What few-shot examples are taken from.
    form : {"auto", "space", "bare"}
        How letters are written after the prompt: `` A``, ``A``, or the form that the tokenizer turns into one
        distinct token a letter.
    permutations : {"none", "cyclic"}
        Orders in which the options of an item are asked: their own, or every rotation of it, which costs as many
        prompts as there are options. Few-shot examples keep theirs.
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
        Called with what is known of the first prompt (`calibration.models.protocol.PromptView`), before any is asked.

    Returns
    -------
    Predictions
        In the order of `items`, those of the shard, with the further columns of the items. With
        ``permutations="cyclic"`` an item has a row for each order; `average_permutations` averages them to one row an
        item, `position_bias` measures what an option's place does.

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
        assistant's turn; if the model prefers the other form of the letters; if the source gives only some letters.

    Examples
    --------
    >>> from calibration import load_items, load_model
    >>> model = load_model("HuggingFaceTB/SmolLM2-135M")  # doctest: +SKIP
    >>> run = extract(model, load_items("items.jsonl"), out="runs/base")  # doctest: +SKIP
    """
    options = PromptOptions(style=style, shots=shots, dev=dev, form=form, permutations=permutations)
    model = dated_as_run(model, out)
    plan = make_plan(model, items, options)
    look_at_prompt(model, plan.prompts[0], reads="letters", show=show_prompt)
    texts = item_texts(items)
    shard_ids = _shard_ids(items, shard)
    prompts = plan.prompts_by_key
    keys = [key for key in prompts if key[0] in shard_ids]
    asked = AskedRun(
        prompts=prompts,
        keys=keys,
        settings={
            **model_settings(model, chats=plan.prompts[0].is_chat),
            "letter_form": plan.letter_form,
            **options.settings(texts),
        },
        texts=texts,
        notes=shard_note(shard, len(shard_ids)),
        if_too_long=IF_TOO_LONG,
    )
    with resumed(out, asked) as run:
        rows = plan.stream_rows(model, keys, batch_size=batch_size, done=run.done)
        predictions = Predictions(run.filled(rows, progress=progress))
    plan.warn_of_other_form(predictions)
    _warn_of_bounds(predictions)
    return predictions


def refuse_extraction(
    items: Sequence[Item],
    options: PromptOptions,
    *,
    shard: Shard | None,
    out: str | Path | None,
    spec: str = "",
    trust_remote_code: bool = False,
    adapter: str | None = None,
) -> None:
    """Raise for what `extract` would refuse whatever the model.

    The model that `spec` names is not loaded; its files are compared with those of the run in the folder.

    Raises
    ------
    ValueError
        As `extract`.
    """
    _ = options.solved(items), _shard_ids(items, shard)  # for their errors
    refuse_clashes(
        out, options.settings(item_texts(items)), spec=spec, trust_remote_code=trust_remote_code, adapter=adapter
    )


def refuse_long_items(
    model: Model,
    items: Sequence[Item],
    options: PromptOptions,
    *,
    shard: Shard | None,
    out: str | Path | None,
) -> None:
    """Raise if the longest prompts are too long for a model without weights.

    Those of most characters are looked at: all would take as long as `extract` takes to look at them.

    Parameters
    ----------
    model : Model
        From `calibration.models.loading.without_weights`.
    items, options, shard, out
        As in `refuse_extraction`.

    Raises
    ------
    ValueError
        As `extract`, of a prompt that is too long.
    """
    plan = make_plan(dated_as_run(model, out), items, options)
    shard_ids = _shard_ids(items, shard)
    prompts = {key: prompt for key, prompt in plan.prompts_by_key.items() if key[0] in shard_ids}
    keys = longest(prompts)
    with prompts_named([f"item {key[0]}" for key in keys], if_too_long=IF_TOO_LONG):
        plan.stream_rows(model, keys)


def _shard_ids(items: Sequence[Item], shard: Shard | None) -> set[str]:
    """Ids of the items of a shard."""
    texts = ["\n".join((item.subject, item.question, *item.options)) for item in items]
    return {items[index].id for index in members(texts, shard, what="items")}


def _warn_of_bounds(predictions: Predictions) -> None:
    """Warn of letters that the source did not give; their log-probabilities are upper bounds."""
    flags = predictions.frame["bounded"].list
    n_some, n_all = int(flags.any().sum()), int(flags.all().sum())
    if n_some:
        warnings.warn(
            f"of {predictions.frame.height} rows {n_some} have letters that the source did not give, and {n_all} have "
            "no other; their log-probabilities are upper bounds (column bounded)",
            stacklevel=3,
        )
