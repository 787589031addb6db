"""A record of lm-eval's samples, in whichever version's layout."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Keys of a record that are no metrics.
_OWN = frozenset(
    (
        "doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "scorer", "metrics", "doc_hash",
        "prompt_hash", "target_hash", "scores_per_repeat", "truth", "task",
    )
)  # fmt: skip
_REQUEST = re.compile(r"gen_args_(\d+)")
_WRITTEN_OUT = re.compile(r"(prompt|logit)_(\d+)")
_LENGTH_OF_PAIR = 2
_SHOWN = 60
_MOST_DOCUMENTS = 10**15


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What lm-eval logged of one document.

    Attributes
    ----------
    where : str
        The line or number of the record.
    doc_id : int
        Position in the split, or in what was asked of it.
    doc : mapping
        The document; empty if the log has none.
    target : object
        The right answer as the task gives it.
    contexts, continuations : tuple of str
        What was asked, a request each; shorter than the outputs if the log lacks some.
    likelihoods : tuple of float
        Log-likelihood of each continuation; empty if the task is none of likelihoods.
    texts : tuple of str
        What the filter left of the model's answer; empty if it wrote none.
    written : tuple of str
        What the model wrote, once for each repeat.
    filter : str
        Name of the filter; empty if the log names none.
    metrics : mapping
        Values of the metrics, as the log writes them.
    doc_hash : str
        Hash of the document; empty before version 0.4.3.
    hashes : str
        All hashes, as the harness joins them for the hash of a task.
    gold : int or None
        Index of the right option, if the log tells it as an index.
    n_tokens : tuple of int
        Tokens of each option; empty if the log has none.
    repeats : mapping
        Values of the metrics of each of several answers, as the log writes them; empty if they have one together.
    sample : int
        Which of several answers this is, from 0.
    """

    where: str
    doc_id: int
    doc: Mapping[str, Any]
    target: Any
    contexts: tuple[str, ...]
    continuations: tuple[str, ...]
    likelihoods: tuple[float, ...]
    texts: tuple[str, ...]
    written: tuple[str, ...]
    filter: str
    metrics: Mapping[str, Any]
    doc_hash: str
    hashes: str
    gold: int | None = None
    n_tokens: tuple[int, ...] = ()
    repeats: Mapping[str, Any] = field(default_factory=dict)
    sample: int = 0

    @property
    def name(self) -> str:
        """The record, for messages."""
        return f"{self.where} (doc_id {self.doc_id})"


def is_record(value: Any) -> bool:
    """Whether a JSON value may be a record of lm-eval's samples."""
    if not isinstance(value, dict) or "doc_id" not in value:
        return False
    return "filtered_resps" in value or "resps" in value or "logit_0" in value


def read_record(value: Any, where: str) -> Record:
    """A record from a JSON value.

    Raises
    ------
    ValueError
        For a value that is none; the message names what is missing.
    """
    if not is_record(value):
        raise ValueError("a record must be an object with doc_id and filtered_resps (or logit_0, logit_1, …)")
    doc_id = value["doc_id"]
    if not (isinstance(doc_id, int) or (isinstance(doc_id, str) and doc_id.isascii() and doc_id.isdigit())):
        raise ValueError(f"doc_id must be a number, got {_short(doc_id)}")
    if not 0 <= int(doc_id) < _MOST_DOCUMENTS:
        raise ValueError(f"doc_id must count documents from 0, got {_short(doc_id)}")
    contexts, continuations, outputs, written = _written_out(value) if "logit_0" in value else _requested(value)
    likelihoods = tuple(_likelihoods(outputs))
    if not likelihoods and 1 < len(continuations) == len(outputs) and all(map(_is_like_pair, outputs)):
        broken = next(output[0] for output in outputs if not _is_pair(output))
        raise ValueError(f"log-likelihoods must be numbers, got {_short(broken)}")
    if likelihoods and 1 < len(contexts) != len(likelihoods):
        raise ValueError(f"{len(contexts)} requests must have as many log-likelihoods, got {len(likelihoods)}")
    doc, repeats = value.get("doc"), value.get("scores_per_repeat")
    return Record(
        where=where,
        doc_id=int(doc_id),
        doc=doc if isinstance(doc, dict) else {},
        target=value.get("truth") if "logit_0" in value else value.get("target"),
        contexts=contexts,
        continuations=continuations,
        likelihoods=likelihoods,
        texts=() if likelihoods else tuple(_flat(outputs)),
        written=() if likelihoods else tuple(_flat(written)),
        filter=str(value.get("filter") or value.get("scorer") or ""),
        metrics=_metrics(value),
        doc_hash=str(value.get("doc_hash") or ""),
        hashes="".join(str(value.get(f"{name}_hash") or "") for name in ("doc", "prompt", "target")),
        repeats=repeats if isinstance(repeats, dict) else {},
    )


def number(value: Any) -> float | None:
    """A number that is written as one, as text or as truth value.

    Examples
    --------
    >>> number("True"), number("-1.5"), number(2), number("two")
    (1.0, -1.5, 2.0, None)
    """
    if isinstance(value, str):
        if value in {"True", "False"}:
            return float(value == "True")
        try:
            return float(value)
        except ValueError:
            return None
    try:
        return float(value) if isinstance(value, int | float) else None
    except OverflowError:
        return None


def _written_out(value: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...], list[Any], list[Any]]:
    """Prompts and log-likelihoods that version 0.3 writes side by side."""
    columns: dict[str, dict[int, Any]] = {"prompt": {}, "logit": {}}
    for key, cell in value.items():
        match = _WRITTEN_OUT.fullmatch(key)
        if match:
            columns[match[1]][int(match[2])] = cell
    prompts, outputs = ([cells[index] for index in sorted(cells)] for cells in columns.values())
    is_text = any(isinstance(output, str) and number(output) is None for output in outputs)
    pairs = outputs if is_text else [[output, False] for output in outputs]
    return tuple(map(str, prompts)), (), pairs, outputs


def _requested(value: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...], list[Any], list[Any]]:
    """Requests and what was answered to each, from version 0.4 on."""
    requests = list(_arguments(value.get("arguments")))
    raw = value.get("resps")
    written = raw if isinstance(raw, list) else []
    outputs = value.get("filtered_resps")
    if outputs is None:
        outputs = [repeats[0] if isinstance(repeats, list) and repeats else repeats for repeats in written]
    if not isinstance(outputs, list):
        outputs = [outputs]
    contexts = tuple(_text(request[0]) for request in requests if request)
    continuations = tuple(request[1] for request in requests if len(request) > 1 and isinstance(request[1], str))
    return contexts, continuations, outputs, written


def _arguments(given: Any) -> Iterator[Sequence[Any]]:
    """Arguments of each request, in the order in which they were made."""
    if isinstance(given, dict):  # as text gen_args_10 would come before gen_args_2
        numbered = [(match, request) for key, request in given.items() if (match := _REQUEST.fullmatch(key))]
        for _, request in sorted(numbered, key=lambda pair: int(pair[0][1])):
            yield [request[key] for key in sorted(request)] if isinstance(request, dict) else []
    elif isinstance(given, list):
        if given and not isinstance(given[0], list):  # the first request alone
            yield given
        else:
            yield from given


def _likelihoods(outputs: Sequence[Any]) -> Iterator[float]:
    """Log-likelihoods, if all outputs are pairs of one and of a truth value."""
    if outputs and all(map(_is_pair, outputs)):
        for likelihood, _ in outputs:
            value = number(likelihood)
            yield math.nan if value is None else value


def _is_pair(output: Any) -> bool:
    return _is_like_pair(output) and (output[0] is None or number(output[0]) is not None)


def _is_like_pair(output: Any) -> bool:
    """Whether something stands beside a truth value."""
    return (
        isinstance(output, list)
        and len(output) == _LENGTH_OF_PAIR
        and (isinstance(output[1], bool) or output[1] in ("True", "False"))
    )


def _flat(outputs: Any) -> Iterator[str]:
    if isinstance(outputs, list):
        for output in outputs:
            yield from _flat(output)
    elif outputs is not None:
        yield _text(outputs)


def _metrics(value: Mapping[str, Any]) -> dict[str, Any]:
    """Metrics that the record names; otherwise all keys of its own."""
    listed = value.get("metrics")
    if isinstance(listed, list):
        return {name: value.get(name) for name in listed if isinstance(name, str)}
    return {key: cell for key, cell in value.items() if key not in _OWN and not _WRITTEN_OUT.fullmatch(key)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
