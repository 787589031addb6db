"""Resuming: only the rows that a run folder lacks are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import polars as pl

from ..errors import AnswerError, PromptTooLongError
from ..files.digest import digest
from ..models.protocol import Model, Prompt
from ..models.settings import model_settings
from .collection import Progress, collect
from .folder import Run
from .locks import locked
from .run_kinds import PREDICTIONS, Key, RunKind
from .run_writer import RunWriter

Answer = TypeVar("Answer")
Answers = TypeVar("Answers")


def resume(
    model: Model,
    prompts: Mapping[Key, Prompt],
    ask: Callable[[frozenset[int]], Iterator[tuple[list[int], Iterable[Answer]]]],
    row: Callable[[int, Answer], dict[str, Any]],
    *,
    out: str | Path | None,
    settings: Mapping[str, Any],
    kind: RunKind = PREDICTIONS,
    texts: pl.DataFrame | None = None,
    n_items: int | None = None,
    shard_prompts: Sequence[int] | None = None,
    notes: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Ask for the rows that a run folder lacks; return all.

    Rows come in the order of the run's prompts, those of one shard if there is one.

    Everything that can be refused is refused before a folder is made: the folder is locked, its rows are held against
    settings and prompts, `ask` validates the prompts that are missing, and only then is the folder made or continued.
    Answers are appended part by part as they come, whatever interrupts them, and the manifest follows.

    Two numberings are in use. A *prompt index* counts all prompts of the run, a *shard index* those of `shard_prompts`;
    without shards they are equal.

    Parameters
    ----------
    model : Model
        What is asked. Its settings, name and revision stand in manifest and rows.
    prompts : mapping of tuple to Prompt
        Every prompt of the run by its key (`RunKind.keys`), in the order of the run.
    ask : callable
        From the shard indexes that are done to an iterator of shard indexes and their answers, in any order. It must
        raise at the call for a prompt that cannot be asked; a generator function would do so too late.
    row : callable
        From a shard index and its answer to the row that is kept, without ``model``, ``revision`` and ``prompt``.
    out : str or Path, optional
        Run folder; if omitted, nothing is written.
    settings : mapping
        What decides the numbers beside model and prompts.
    kind : RunKind
        What the run holds.
    texts : polars.DataFrame, optional
        What is asked, for the folder (`RunWriter.open`).
    n_items : int, optional
        Number of items that the manifest names; if omitted, that of the texts.
    shard_prompts : sequence of int, optional
        Prompt indexes of the shard; if omitted, all.
    notes : mapping, optional
        What a new run's manifest says beside its settings (`RunWriter.open`).
    progress : callable, optional
        Called with the number of the shard's prompts that are done, and of all.

    Raises
    ------
    SettingsDifferError, ValueError
        As `Run.finished`, `RunWriter.open`, and what `ask` raises.
    MemoryError, OSError
        As `collect`.
    """
    shard_prompts = range(len(prompts)) if shard_prompts is None else shard_prompts
    keys, prompt_indexes = list(prompts), {key: index for index, key in enumerate(prompts)}
    hashes = {key: digest(prompt.text) for key, prompt in prompts.items()}
    texts_of_all = {key[:1] if kind.drawn else key: prompt.text for key, prompt in prompts.items()}
    settings = {
        **model_settings(model, chats=prompts[keys[0]].is_chat),
        **settings,
        "prompts": digest("\x1e".join(texts_of_all.values())),
    }

    def whole_row(shard_index: int, answer: Answer) -> dict[str, Any]:
        prompt = hashes[keys[shard_prompts[shard_index]]]
        return {"model": model.name, "revision": model.revision, **row(shard_index, answer), "prompt": prompt}

    with locked(out):
        finished = Run.finished(out, settings, kind=kind, hashes=hashes)
        finished_prompts = {prompt_indexes[key] for key in kind.keys(finished)}
        done = frozenset(index for index, prompt in enumerate(shard_prompts) if prompt in finished_prompts)
        answers = ask(done)
        # Nothing is refused from here on.
        run = None
        if out is not None:
            run = RunWriter.open(out, settings, kind=kind, texts=texts, n_items=n_items, notes=notes)
        frame = collect(
            ([whole_row(*pair) for pair in zip(indexes, values, strict=True)] for indexes, values in answers),
            run=run,
            finished=finished,
            n_items=len(prompts),
            progress=_shard_progress(progress, len(shard_prompts), len(finished_prompts) - len(done)),
        )
    of_rows = np.array([prompt_indexes[key] for key in kind.keys(frame)], dtype=np.intp)
    order = np.argsort(of_rows)
    return frame[order[np.isin(of_rows[order], shard_prompts)]]


def _shard_progress(progress: Progress | None, n_prompts: int, n_others: int) -> Progress | None:
    """Progress of a shard in a folder with `n_others` rows of other shards."""
    return None if progress is None else lambda n_done, _: progress(n_done - n_others, n_prompts)


def with_names(
    pieces: Iterable[tuple[list[int], Answers]], name: Callable[[int], str]
) -> Iterator[tuple[list[int], Answers]]:
    """Answers as they come; an error about a prompt names what was asked.

    Parameters
    ----------
    pieces : iterable
        Rows that were answered together, and their answers.
    name : callable
        The name of what a row asks.

    Raises
    ------
    ValueError
        If a model's answer cannot be used, or only its server finds a prompt too long.
    """
    try:
        yield from pieces
    except (AnswerError, PromptTooLongError) as error:
        raise ValueError(f"{name(error.row)}: {error}; what was done is kept") from None
