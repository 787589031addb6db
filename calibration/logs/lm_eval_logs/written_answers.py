"""Free answers with verdicts, from lm-eval's samples."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import polars as pl

from ...predictions.credit import Partial, credit_grade
from ...predictions.further_columns import further_columns
from ...predictions.grades import PARTIAL
from ..credit_remarks import partial_remarks
from ..graded_answers import OF_ANSWERS, OF_QUESTIONS, OF_VERDICTS, SCHEMA, GradedAnswers
from ..group_columns import group_columns, left_out, left_out_remarks
from ..option_rows import Cell
from ..options import Epoch
from .document_texts import TEXTS, question_of
from .exported_rows import EXPORTED, exported_columns, exported_row
from .record import Record, number
from .repeats import each_repeat, repeat_remarks

INVALID = "[invalid]"
_BATCH = 5_000
_HALF = 0.5
_SHOWN = 40
_GRADES = {0.0: "incorrect", 1.0: "correct"}
_FURTHER = {**OF_QUESTIONS, **OF_ANSWERS, **OF_VERDICTS}
_ANSWERS = ("correct_answers", "answers")


def written_answers(
    records: Iterable[Record],
    *,
    path: str,
    task: str,
    metric: str | None,
    partial: Partial | None = None,
    epoch: Epoch | None = None,
) -> tuple[GradedAnswers, float, tuple[str, ...]]:
    """Answers with one metric as the verdict, its mean, and remarks.

    A verdict is 0 or 1; with `partial` values between are credit, and it says what they become. `epoch` says which of
    several answers with verdicts of their own count; all if None.

    Raises
    ------
    ValueError
        If nothing was graded, no metric is a verdict, or several are and none is named.
    """
    metrics: dict[str, str] = {}
    n_graded: dict[str, int] = {}
    columns: list[dict[str, Cell]] = []
    others: dict[str, Any] = {}
    repeats: list[int] = []
    reduced: dict[str, list[float]] = {}
    single = each_repeat(records, epoch, reduced, path)
    left = _rows(_with_columns(single, columns, others, repeats), metrics, n_graded, task, between=partial is not None)
    tables = list(iter(lambda: list(islice(left, _BATCH)), []))
    frames = [_frame(batch, path) for batch in tables]
    if not frames:
        raise ValueError(f"{path}: holds no records")
    verdicts = [name for name, cell in metrics.items() if not cell and n_graded[name]]
    name = _chosen(verdicts, metrics, path, metric)
    frame = pl.concat(frames, how="diagonal")
    groups = further_columns(columns, besides=(*SCHEMA, *_FURTHER))
    values = frame[f"metric.{name}"]
    grades = values.replace_strict(_GRADES, default="ungraded", return_dtype=pl.String).fill_null("ungraded")
    given, between = values.fill_nan(None).to_list(), (values > 0) & (values < 1)
    became = credit_grade(_HALF, "half" if partial is None else partial)
    graded = frame.select(
        pl.when(pl.col("abstained") & (grades == "incorrect"))
        .then(pl.lit("abstained"))
        .when(between)
        .then(pl.lit(became))
        .otherwise(grades)
        .alias("grade"),
        credit=pl.when(between & pl.lit(became == PARTIAL)).then(values),
    )
    grades = graded["grade"]
    further = [kept for kept in _FURTHER if frame[kept].null_count() < frame.height]
    graders = frame["grader"].unique().to_list()
    spec = graders[0] if len(graders) == 1 and graders[0] and not graders[0].startswith("log:") else ""
    answers = GradedAnswers(
        frame.with_columns(*graded, *groups)
        .sort("doc_id", maintain_order=True)
        .select(*SCHEMA, *further, *(column.name for column in groups)),
        name,
        spec,
    )
    n_invalid, n_ungraded = int(frame["invalid"].sum()), given.count(None)
    counted_as = "half" if partial is None and between.any() else partial
    remarks = [f"the verdict is the metric {name}", *partial_remarks(given, counted_as)]
    if n_invalid:
        remarks.append(f"no answer could be read from {n_invalid} of {frame.height}: the log's own grades are kept")
    if n_ungraded:
        those = "it is" if n_ungraded == 1 else "they are"
        remarks.append(f"{name} says nothing of {n_ungraded} of {frame.height} answers: {those} ungraded")
    if max(repeats) > 1 and not reduced:
        remarks.append(
            f"the log has up to {max(repeats)} answers to a question and one verdict for all: they are one answer here"
        )
    remarks += left_out_remarks([others], besides=TEXTS)
    answers, own, of_repeats = repeat_remarks(answers, epoch, reduced)
    if own is None:
        own = float(values.filter(values.is_not_nan()).mean())  # type: ignore[arg-type]
    return answers, own, (*remarks, *of_repeats)


def _with_columns(
    records: Iterable[Record], columns: list[dict[str, Cell]], others: dict[str, Any], repeats: list[int]
) -> Iterator[Record]:
    """The records; columns of each are appended, other values collected by name, answers counted."""
    for record in records:
        kept = exported_row(record)
        columns.append(exported_columns(kept) if kept else group_columns(record.doc))
        repeats.append(len(record.written))
        if not kept:
            others.update(left_out(record.doc))
        yield record


def _rows(
    records: Iterable[Record], metrics: dict[str, str], n_graded: dict[str, int], task: str, *, between: bool
) -> Iterator[dict[str, Any]]:
    """Rows of answers; the first cell of each metric without verdict is kept."""
    for record in records:
        kept = exported_row(record)
        with_credit = between or kept.get("grade") == PARTIAL
        values: dict[str, float] = {}
        for name, value in record.metrics.items():
            logged = math.nan if value is None else number(value)
            # A verdict is 0 or 1, or credit between; nothing is known of an answer without a number.
            is_known = logged is not None and (logged in _GRADES or (with_credit and 0 < logged < 1))
            holds = is_known or (logged is not None and math.isnan(logged))
            metrics[name] = metrics.get(name, "") or ("" if holds else f"{value!r:.{_SHOWN}} in {record.name}")
            n_graded[name] = n_graded.get(name, 0) + is_known
            values[f"metric.{name}"] = logged if holds and logged is not None else math.nan
        left = " ".join(record.texts)
        # What was graded of several repeats is what the filter made of them all.
        response = record.written[0] if len(record.written) == 1 else left
        yield {
            "item": kept.get("item", f"{task}/{record.doc_id}"),
            "doc_id": record.doc_id,
            "sample": record.sample,
            "category": kept.get("category", _category(record, task)),
            "question": question_of(record) or next(iter(record.contexts), ""),
            "response": response,
            "references": kept.get("references", _references(record)),
            "confidence": kept.get("confidence"),
            "reason": kept.get("reason", f"{record.filter or 'none'}: {left}"),
            "invalid": left.strip() == INVALID,
            "abstained": kept.get("grade") == "abstained",
            "grader": kept.get("grader"),
            "further": kept.get("further", {}),
            **values,
        }


def _frame(rows: list[dict[str, Any]], path: str) -> pl.DataFrame:
    metrics = dict.fromkeys(name for row in rows for name in row if name.startswith("metric."))
    schema = {
        **{name: kind for name, kind in SCHEMA.items() if name not in ("grade", "credit")},
        "doc_id": pl.Int64(),
        "invalid": pl.Boolean(),
        "abstained": pl.Boolean(),
        "grader": pl.String(),
        **dict.fromkeys(metrics, pl.Float64()),
    }
    further = [row.pop("further") for row in rows]
    frame = pl.DataFrame([{**dict.fromkeys(schema), **row} for row in rows], schema=schema)
    try:
        columns = [pl.Series(name, [kept.get(name) for kept in further], dtype=kind) for name, kind in _FURTHER.items()]
    except (TypeError, AttributeError, pl.exceptions.PolarsError):
        raise ValueError(f"{path}: what an export keeps in doc[{EXPORTED!r}] must be as it was written") from None
    return frame.with_columns(columns)


def _chosen(verdicts: list[str], metrics: dict[str, str], path: str, metric: str | None) -> str:
    if metric is not None:
        if metric not in metrics:
            raise ValueError(f"{path}: no metric {metric!r}; there are: {', '.join(metrics) or 'none'}")
        if metric not in verdicts:
            raise ValueError(
                f"{path}: {metric} is no verdict: it must be 0 or 1 of each answer{_got(metrics[metric])}; --partial "
                "half, incorrect or ungraded says what values between become (partial= in Python)"
            )
        return metric
    if not verdicts:
        names = f"{', '.join(metrics)} are no verdicts of 0 and 1" if metrics else "it has no metrics"
        first = next((cell for cell in metrics.values() if cell), "")
        raise ValueError(f"{path}: nothing says which answers are right: {names}{_got(first)}")
    if len(verdicts) > 1:
        raise ValueError(
            f"{path}: several metrics are verdicts: {', '.join(verdicts)}; say which with --metric (metric= in Python)"
        )
    return verdicts[0]


def _got(cell: str) -> str:
    """A cell that is no verdict, for messages."""
    return f", got {cell}" if cell else ""


def _category(record: Record, task: str) -> str:
    given = record.doc.get("category", record.doc.get("subject"))
    return given if isinstance(given, str) and given else task


def _references(record: Record) -> list[str]:
    """Right answers: the target, or what the document calls so if that is blank."""
    target = record.target
    if isinstance(target, str) and target.strip().startswith("["):
        try:
            target = ast.literal_eval(target.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            target = record.target
    given = target if isinstance(target, list) else [target]
    texts = [str(text) for text in given if text is not None and str(text).strip()]
    if texts:
        return texts
    listed = next((value for name in _ANSWERS if isinstance(value := record.doc.get(name), list)), [])
    return [text for text in listed if isinstance(text, str)]
