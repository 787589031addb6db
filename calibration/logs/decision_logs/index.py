"""Decision Index: results of an engine, and the rows that hold what was right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...predictions.letter_scores import letter_scores, padded
from ...predictions.letter_table import letter_table
from ...predictions.predictions import Predictions
from ..format import Format
from ..log import Log
from ..option_rows import OptionRow, item_table, option_table
from ..options import LogOptions
from ..source import Source

_RESULT, _ROW = frozenset({"run_id", "status"}), frozenset({"questions", "expected"})
# What the board's own kit lets probabilities be off together.
_TOLERANCE = 0.01 + 1e-9
_TRUE, _FALSE = frozenset({"true", "yes", "1"}), frozenset({"false", "no", "0"})


def _is_result(source: Source) -> bool:
    return source.columns >= _RESULT and bool({"response", "engine", "error"} & source.columns)


def _is_row(source: Source) -> bool:
    return source.columns >= _ROW


@dataclass
class Answers:
    """Answers of one model to one data set, and what was counted beside them.

    Attributes
    ----------
    rows : list of OptionRow
        The answers, with probabilities as scores.
    others : Counter
        Records that are left out, by why.
    n_unequal : int
        Answers that are not the most probable option.
    """

    rows: list[OptionRow] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    n_unequal: int = 0


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    results = [source for source in sources if _is_result(source)]
    asked = [source for source in sources if _is_row(source)]
    if not results:
        raise ValueError(
            f"{sources[0].path}: no results here; rows hold what was asked, results.jsonl what was answered"
        )
    if not asked:
        raise ValueError(
            f"{results[0].path}: the gold is not in it; give the suite's rows too: "
            "veracal import results.jsonl rows.jsonl"
        )
    rows = _rows(asked)
    logs = [log for source in results for log in _logs(source, rows, options)]
    return [replace(log, files=tuple(source.path for source in (*results, *asked))) for log in logs]


def _rows(sources: Sequence[Source]) -> dict[str, Mapping[str, Any]]:
    """Rows of the suite, by their run id."""
    rows: dict[str, Mapping[str, Any]] = {}
    for source in sources:
        for where, row in source.records():
            if not (isinstance(row, dict) and isinstance(row.get("questions"), dict)):
                raise ValueError(f"{source.path}, {where}: a row must have questions and expected")
            evaluation = row.get("_evaluation")
            name = evaluation.get("run_id") if isinstance(evaluation, dict) else row.get("run_id", row.get("id"))
            if not isinstance(name, str):
                raise ValueError(f"{source.path}, {where}: a row must have _evaluation.run_id")
            if name in rows:
                raise ValueError(f"{source.path}, {where}: run ids must be unique, {name} occurs twice")
            rows[name] = row
    return rows


def _logs(source: Source, rows: Mapping[str, Mapping[str, Any]], options: LogOptions) -> Iterator[Log]:
    answers: dict[str, Answers] = {}
    models: Counter[str] = Counter()
    taken: dict[str, str] = {}
    for where, record in source.records():
        position = f"{source.path}, {where}"
        if not (isinstance(record, dict) and isinstance(record.get("run_id"), str)):
            raise ValueError(f"{position}: a result must have run_id and status")
        name = record["run_id"]
        if name in taken:
            raise ValueError(f"{position}: run ids must be unique, {name} is at {taken[name]} too")
        taken[name] = where
        group = answers.setdefault(str(record.get("dataset") or record.get("track") or ""), Answers())
        if record.get("status") != "ok":
            group.others[str(record.get("status"))] += 1
            continue
        if name not in rows:
            group.others["without a row of the suite"] += 1
            continue
        if _is_another(record, rows[name]):
            group.others["asked with another text than the suite's row has (payload_sha256)"] += 1
            continue
        response = record.get("response")
        if not (isinstance(response, dict) and isinstance(response.get("answers"), dict)):
            raise ValueError(f"{position}: a result that is ok must have response.answers")
        models[str(response.get("model") or record.get("engine") or "")] += 1
        for row in _options(rows[name], response["answers"], name, position, group):
            group.rows.append(row)
    if len(models) > 1:
        raise ValueError(f"{source.path}: the results must be of one model, got {' and '.join(map(repr, models))}")
    model = options.model or next(iter(models), "") or source.path.stem
    if not any(group.rows for group in answers.values()):
        counted = ", ".join(f"{n} {what}" for group in answers.values() for what, n in group.others.items())
        raise ValueError(f"{source.path}: no answer with probabilities and a gold ({counted or 'the file holds none'})")
    yield from (_log(source, task, group, model) for task, group in answers.items() if group.rows)


def _is_another(record: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether a result was asked with another text than the row of its id."""
    evaluation = row.get("_evaluation")
    digests = (record.get("payload_sha256"), evaluation.get("payload_sha256") if isinstance(evaluation, dict) else None)
    return None not in digests and digests[0] != digests[1]


def _options(
    row: Mapping[str, Any], answers: Mapping[str, Any], name: str, position: str, group: Answers
) -> Iterator[OptionRow]:
    """The options of each question of a row, with their probabilities."""
    questions = row["questions"]
    expected = row["expected"] if isinstance(row.get("expected"), dict) else {}
    metadata = row["metadata"] if isinstance(row.get("metadata"), dict) else {}
    for key, question in questions.items():
        answer = answers.get(key)
        if not (isinstance(question, dict) and isinstance(answer, dict)):
            raise ValueError(f"{position}: no answer to the question {key!r}")
        criteria = question.get("criteria")
        texts = criteria if isinstance(criteria, dict) else {}
        probabilities = _probabilities(answer, position)
        if probabilities is None:
            group.others["without probabilities"] += 1
            continue
        names = list(texts) or sorted(probabilities)
        if set(names) != set(probabilities):
            raise ValueError(f"{position}: probabilities of {', '.join(probabilities)}, asked were {', '.join(names)}")
        gold = _gold(expected.get(key), names)
        if gold is None:
            group.others["without a gold among the options"] += 1
            continue
        values = np.array([probabilities[option] for option in names])
        if abs(values.sum() - 1) > _TOLERANCE or (values < 0).any() or (values > 1).any():
            raise ValueError(f"{position}: probabilities must be in [0, 1] and sum to 1, got {values.tolist()}")
        group.n_unequal += answer.get("choice") in probabilities and values.max() > probabilities[answer["choice"]]
        item = str(row.get("id") or name)
        state = str(row.get("state") or "")
        yield OptionRow(
            item=item if len(questions) == 1 else f"{item}/{key}",
            scores=values.tolist(),
            where=position,
            subject=str(metadata.get("subject") or metadata.get("category") or row.get("family") or ""),
            answer=gold,
            question="\n".join(filter(None, (state, str(question.get("instructions") or "")))),
            options=[str(texts.get(option) or option) for option in names],
        )


def _probabilities(answer: Mapping[str, Any], position: str) -> dict[str, float] | None:
    """Probabilities by option; a yes or no question may have one number."""
    given = answer.get("probabilities")
    if given is None and isinstance(answer.get("noul"), int | float) and not isinstance(answer["noul"], bool):
        return {"true": float(answer["noul"]), "false": 1.0 - float(answer["noul"])}
    if given is None:
        return None
    if not isinstance(given, dict) or not all(map(_is_number, given.values())):
        raise ValueError(f"{position}: probabilities must be numbers by option, got {given!r}")
    return {str(name): float(value) for name, value in given.items()} if len(given) > 1 else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _gold(expected: Any, names: Sequence[str]) -> int | None:
    """Index of the right option; None for a distribution, a rate or no option."""
    if isinstance(expected, bool) or expected is None or isinstance(expected, dict | list):
        if not isinstance(expected, bool):
            return None
        words = _TRUE if expected else _FALSE
        return next((index for index, name in enumerate(names) if name.casefold() in words), None)
    text = str(expected).strip()
    return names.index(text) if text in names else None


def _log(source: Source, task: str, group: Answers, model: str) -> Log:
    table = option_table(group.rows)
    values, n_options = padded("probabilities", table["scores"].to_list())
    total = np.where(np.isfinite(values), values, 0.0).sum(axis=1)
    where = [row.where for row in group.rows]
    items = [row.item for row in group.rows]
    repeated = next((item for item, n in Counter(items).items() if n > 1), None)
    if repeated is not None:
        raise ValueError(f"{source.path}: each item must occur once, {repeated} occurs twice in {task}")
    try:
        scores = letter_scores(values, n_options, "probabilities", where=where.__getitem__)
    except ValueError:  # sums that the kit allows, and that no rounding explains
        scores = letter_scores(values / total[:, None], n_options, "probabilities", where=where.__getitem__)
    answer = np.array([row.answer for row in group.rows])
    frame = letter_table(scores, answer, items, [row.subject for row in group.rows], model=model)
    remarks = [f"{n} record{' is' if n == 1 else 's are'} left out: {what}" for what, n in group.others.items()]
    if group.n_unequal:
        are = "answer is" if group.n_unequal == 1 else "answers are"
        remarks.append(f"{group.n_unequal} {are} not the most probable option; the probabilities are what counts")
    if (np.abs(total - 1) > 1e-6).any():
        remarks.append(f"probabilities sum to {total.min():.6g} to {total.max():.6g}; each row is divided by its sum")
    return Log(
        format="decision-index",
        task=task,
        model=model,
        content=Predictions(frame.with_columns(content=table["content"])),
        items=item_table(table),
        origin={"n_records": len(group.rows) + sum(group.others.values()), "n_items": len(group.rows)},
        remarks=tuple(remarks),
    )


DECISION_INDEX = Format(
    name="decision-index",
    what="results.jsonl of the Decision Index together with the suite's rows.jsonl, in any order",
    recognises=lambda source: _is_result(source) or _is_row(source),
    read=_read,
)
