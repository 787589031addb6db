"""Rows of lighteval's details, in whichever version's layout, as records of options or answers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..lm_eval_logs.record import Record, number

_STRUCTS = frozenset({"doc", "model_response", "metric"})
_COLUMNS = frozenset({"predictions", "metrics", "choices"})
_NOT_FINITE = re.compile(r"(?<![\w'\"])(-?)(inf|nan)(?![\w'\"])")
_WRAPPED = re.compile(r"(?:np\.)?float(?:16|32|64)\(([^()]*)\)|tensor\(([^()]*)\)")
_BATCH = 2_000
_LONGEST_ID = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One row of a table of details.

    Attributes
    ----------
    record : Record
        What was asked and answered.
    gold : tuple of int
        Indices of all right options.
    task : str
        Name of the task with its shots; empty if the layout has none.
    n_mc1 : int or None
        How many of the options are those of TruthfulQA's mc1; None for other tasks.
    """

    record: Record
    gold: tuple[int, ...]
    task: str
    n_mc1: int | None


def is_details(columns: frozenset[str]) -> bool:
    """Whether a table with these columns holds details of lighteval."""
    return columns >= _STRUCTS or (
        columns >= _COLUMNS and bool(columns & {"gold_index", "gold"}) and bool(columns & {"full_prompt", "example"})
    )


def tasks_of(table: pl.DataFrame) -> dict[str, int]:
    """First row of each task by its name, in layouts that have names."""
    kind = table.schema.get("doc")
    if not isinstance(kind, pl.Struct) or "task_name" not in {field.name for field in kind.fields}:
        return {}
    names = table.select(name=pl.col("doc").struct.field("task_name").cast(pl.String)).with_row_index("row")
    first = names.drop_nulls().unique("name", keep="first", maintain_order=True)
    return dict(first.select("name", "row").iter_rows())


def details(table: pl.DataFrame, *, path: str) -> Iterator[Detail]:
    """Rows of a table of details.

    Raises
    ------
    ValueError
        For a cell that is not what its column should hold, naming the row.
    """
    for start in range(0, table.height, _BATCH):
        for number_of_row, row in enumerate(table.slice(start, _BATCH).iter_rows(named=True), start=start):
            where = f"row {number_of_row}"
            try:
                yield _nested(row, number_of_row, where) if row.keys() >= _STRUCTS else _flat(row, number_of_row, where)
            except (TypeError, AttributeError, KeyError, IndexError, OverflowError) as error:
                raise ValueError(f"{path}, {where}: not a row of lighteval's details ({error})") from None
            except ValueError as error:
                raise ValueError(f"{path}, {where}: {error}") from None


def _nested(row: Mapping[str, Any], number_of_row: int, where: str) -> Detail:
    """A row of version 0.11 and later: three structs."""
    doc, response, metric = (row[name] or {} for name in ("doc", "model_response", "metric"))
    choices = _texts(doc.get("choices"))
    logprobs = response.get("logprobs") or []
    written = _texts(response.get("text_post_processed")) or _texts(response.get("text"))
    tokens = _listed(response.get("output_tokens"))
    return _detail(
        row_number=number_of_row,
        where=where,
        id=doc.get("id"),
        query=str(doc.get("query") or ""),
        choices=choices,
        gold=doc.get("gold_index"),
        outputs=logprobs or written,
        metrics=metric,
        specific=doc.get("specific") or {},
        tokens=tokens if logprobs else [],
        task=str(doc.get("task_name") or ""),
    )


def _flat(row: Mapping[str, Any], number_of_row: int, where: str) -> Detail:
    """A row of version 0.10 and earlier, whose values may be texts."""
    cells = {
        name: _parsed(row.get(name))
        for name in ("choices", "gold_index", "gold", "predictions", "metrics", "specifics", "cont_tokens")
    }
    choices = _texts(cells["choices"])
    gold = cells["gold_index"]
    if gold is None:
        texts = _texts(cells["gold"]) or [str(row.get("gold"))]
        gold = [choices.index(text) for text in texts if text in choices]
    prompt = row.get("full_prompt") or row.get("example") or ""
    return _detail(
        row_number=number_of_row,
        where=where,
        id=None,
        query=str(row.get("example") or prompt),
        choices=choices,
        gold=gold,
        outputs=_listed(cells["predictions"]),
        metrics=cells["metrics"] or {},
        specific=cells["specifics"] or {},
        tokens=_listed(cells["cont_tokens"]),
        task="",
    )


def _detail(
    *,
    row_number: int,
    where: str,
    id: Any,
    query: str,
    choices: Sequence[str],
    gold: Any,
    outputs: Sequence[Any],
    metrics: Mapping[str, Any],
    specific: Mapping[str, Any],
    tokens: Sequence[Any],
    task: str,
) -> Detail:
    given = [number(index) for index in (gold if isinstance(gold, list) else [gold]) if index is not None]
    indices = tuple(int(index) for index in given if index is not None and index.is_integer())
    if len(indices) < len(given):
        raise ValueError(f"gold_index must be the index of a choice, or several, got {gold!r:.40}")
    likelihoods = tuple(_likelihoods(outputs, len(choices)))
    if not likelihoods and any(_likelihood(output) is not None for output in outputs):
        raise ValueError(f"there must be a log-likelihood of each of {len(choices)} choices, got {len(outputs)}")
    written = () if likelihoods else tuple(_texts(outputs))
    n_tokens = tuple(len(part) for part in tokens if isinstance(part, list))
    is_number = isinstance(id, str) and id.isascii() and id.isdigit() and len(id) < _LONGEST_ID
    named = int(id) if is_number or isinstance(id, int) else row_number
    references = [choices[index] for index in indices if 0 <= index < len(choices)] or list(choices)
    n_mc1 = specific.get("len_mc1") if isinstance(specific, Mapping) else None
    return Detail(
        record=Record(
            where=where,
            doc_id=named,
            doc={**(specific if isinstance(specific, Mapping) and not likelihoods else {}), "question": query},
            # Of options the index alone tells the right one: two may have one text.
            target=None if likelihoods else references[0] if len(references) == 1 else references,
            contexts=(query,) * len(likelihoods),
            continuations=tuple(choices) if likelihoods else (),
            likelihoods=likelihoods,
            texts=written,
            written=written,
            filter="",
            metrics=dict(metrics),
            doc_hash="",
            hashes="",
            gold=indices[0] if len(indices) == 1 else None,
            n_tokens=n_tokens if len(n_tokens) == len(likelihoods) else (),
        ),
        gold=indices,
        task=task,
        n_mc1=n_mc1 if isinstance(n_mc1, int) else None,
    )


def _likelihoods(outputs: Sequence[Any], n_choices: int) -> Iterator[float]:
    """Log-likelihoods of all choices; none if the outputs are something else."""
    values = [_likelihood(output) for output in outputs]
    if n_choices > 1 and len(values) == n_choices and None not in values:
        yield from (value for value in values if value is not None)


def _likelihood(output: Any) -> float | None:
    """A log-likelihood, alone or in front of whether greedy decoding would write the same."""
    if isinstance(output, Mapping):
        output = list(output.values())
    if isinstance(output, list | tuple):
        return _likelihood(output[0]) if output else None
    return None if isinstance(output, str | bool) else number(output)


def _parsed(value: Any) -> Any:
    """A value that may be written as the text of a Python literal."""
    if not isinstance(value, str) or value.strip()[:1] not in tuple("[({-0123456789N"):
        return value
    text = _WRAPPED.sub(lambda match: match[1] or match[2], value)
    text = _NOT_FINITE.sub(lambda match: f"{match[1]}1e999" if match[2] == "inf" else "None", text)
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _texts(value: Any) -> list[str]:
    return [str(part) for part in _listed(value) if part is not None]
