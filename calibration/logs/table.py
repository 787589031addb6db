"""Tables of answers: letters, confidences, verdicts or graded free answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl

from ..files.csv_layouts import csv_layout
from ..files.field_names import ALIASES, Fields
from ..predictions.confidence_columns import confidences, credited_grades, refuse_verdicts
from ..predictions.graded_columns import GRADED_FIELDS, graded_columns, optional_texts, question_ids
from ..predictions.grades import PARTIAL, cell_credit
from ..predictions.letter_cells import CELL_SCHEMA
from ..predictions.letter_columns import LETTER_FIELDS
from ..predictions.letter_table import SCHEMA
from ..predictions.pairs import Pairs
from ..predictions.predictions import Predictions
from ..predictions.verdicts import CREDIT, Verdicts
from ..predictions.verdicts import SCHEMA as VERDICTS
from ..tables.chosen_columns import only_model, refuse_repeats, with_further
from ..tables.given_table import GivenTable
from ..tables.stored_tables import stored_names
from ..tables.table_files import read_table_file
from ..tables.table_kinds import CSV_SUFFIXES, JSON_SUFFIXES, TABLE_SUFFIXES, table_kind
from .credit_remarks import partial_remarks
from .format import Format
from .graded_answers import GradedAnswers
from .log import Log
from .options import OWN_TABLE, LogOptions
from .source import Source

Reading = Literal["letters", "graded answers", "confidences", "verdicts"]

_NEEDED: dict[Reading, tuple[str, ...]] = {
    "letters": ("gold",),
    "graded answers": ("question", "response", "correct"),
    "confidences": ("confidence", "correct"),
    "verdicts": ("correct",),
}
_SCORES = ("logits", "logprobs", "probabilities")
CHOSEN = {
    "question": "question", "response": "response", "answer": "response", "verdict": "correct", "correct": "correct",
    "confidence": "confidence", "item": "row_id", "id": "row_id", "subject": "group", "category": "group",
    "reference": "references", "reason": "reason", "model": "model",
}  # fmt: skip
"""What a caller can name a column for, and the field that it becomes."""

# Columns that a message shows, and how near a name must come.
_FEW, _NEAR = 20, 0.75


def reading_of(header: Sequence[str], chosen: Mapping[str, str] | None = None) -> Reading | None:
    """What a table with these columns holds; None if it holds none of it.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    chosen : mapping of str to str, optional
        Columns that the caller names, by what they hold.

    Raises
    ------
    ValueError
        For two columns that mean one field.
    """
    chosen = chosen or {}
    rest = [name for name in header if name not in chosen.values()]
    letters = Fields((*_SCORES, "gold"), lettered=LETTER_FIELDS.lettered).match(rest)
    several = any(len(letters.lettered.get(kind, ())) > 1 for kind in _SCORES)
    if several or any(kind in letters.named for kind in _SCORES):
        return "letters"
    named = graded_columns(GivenTable({name: [None] for name in header}), _graded_fields(chosen))
    return next((reading for reading in ("graded answers", "confidences", "verdicts") if _holds(reading, named)), None)


def _holds(reading: Reading, named: Mapping[str, str]) -> bool:
    return all(field in named for field in _NEEDED[reading])


def _graded_fields(chosen: Mapping[str, str]) -> dict[str, str | None]:
    """Columns that the caller names, by field of tables of answers."""
    return {CHOSEN[name]: column for name, column in chosen.items()}


def _is_table(source: Source) -> bool:
    kind = table_kind(source.path)
    is_named = source.path.suffix.lower() in TABLE_SUFFIXES
    if kind in CSV_SUFFIXES and not is_named:
        return _has_reading(source)
    if kind in JSON_SUFFIXES or source.is_parquet:
        try:
            return bool(source.columns) and (
                set(SCHEMA) <= source.columns or reading_of(sorted(source.columns)) is not None
            )
        except ValueError:  # two columns of one meaning, which the reader names
            return True
    return bool(kind)


def _has_reading(source: Source) -> bool:
    """Whether a text has a header that means something."""
    try:
        return reading_of(csv_layout(source.path, GRADED_FIELDS).header) is not None
    except ValueError:
        return False


def _read(sources: Sequence[Source], options: LogOptions) -> list[Log]:
    return [_log(source, options) for source in sources]


def _log(source: Source, options: LogOptions) -> Log:
    table = read_table_file(source.path, GRADED_FIELDS)
    chosen = options.columns or {}
    try:
        fields = _graded_fields(chosen)
    except KeyError as error:
        fillable = ", ".join(CHOSEN)
        raise ValueError(f"--column must name what a column holds ({fillable}), got {error.args[0]!r}") from None
    if len(fields) < len(chosen):
        raise ValueError(f"--column must name one column a field, got {', '.join(chosen)}")
    try:
        reading = "letters" if set(SCHEMA) <= set(table.names) else reading_of(table.names, chosen)
    except ValueError as error:
        raise table.named(error) from None
    if reading is None:
        raise ValueError(_no_reading(table))
    # The columns that are looked for decide the delimiter of a CSV file; a table of our own has a reader of its own.
    is_read_again = table_kind(source.path) in CSV_SUFFIXES or set(SCHEMA) <= set(table.names)
    given = source.path if is_read_again else table
    if _is_our_own(source, table):
        options.refuse_without_use(("answers", "scale", "columns", "partial"), where=source.path, got=OWN_TABLE)
    if reading != "letters":
        options.refuse_without_use(("answers",), where=source.path, got=reading)
    if reading == "letters":
        of_letters = {name: column for name, column in chosen.items() if name in ("answer", "item", "subject")}
        if len(of_letters) < len(chosen):
            raise ValueError(f"{source.path}: holds letters, of which answer, item and subject are columns to name")
        run = Predictions.from_frame(
            given, answers=options.answers, scale=options.scale, model=options.model, **of_letters
        )
        named_run = run.frame.with_columns(model=pl.lit(run.model or source.path.stem))
        return _made(source, options, Predictions(named_run), reading, [])
    return _answered(source, options, table, graded_columns(table, fields), reading=reading, given=given)


def _answered(
    source: Source,
    options: LogOptions,
    table: GivenTable,
    named: Mapping[str, str],
    *,
    reading: Reading,
    given: Path | GivenTable,
) -> Log:
    """What a table of right and wrong answers holds."""
    model = options.model or only_model(table, named.get("model")) or source.path.stem
    if "confidence" not in named:
        options.refuse_without_use(("scale",), where=source.path, got=f"{reading} without confidences")
    verdicts, credit = credited_grades(table, named["correct"], partial=options.partial)
    remarks = _credit_remarks(table, named["correct"], options)
    scale = options.scale
    if reading == "verdicts":
        content: Any = Verdicts.from_frame(
            given, correct=named["correct"], item=named.get("row_id"), subject=named.get("group"), model=model,
            partial=options.partial,
        )  # fmt: skip
        return _made(source, options, content, reading, [*_counts(verdicts), *remarks])
    known = "confidence" in named
    values = confidences(table, named["confidence"], scale=scale, missing=True) if known else None
    if reading == "graded answers":
        content = _graded(table, named, verdicts, credit, values, grader=named["correct"])
        return _made(source, options, content, reading, [*_counts(verdicts), *remarks], model=model)
    if PARTIAL in verdicts:
        raise ValueError(
            f"{table.prefix}a confidence is of right or wrong: partial must be incorrect or ungraded, got 'half'"
        )
    content, left_out = _pairs(table, named, verdicts, np.asarray(values), model)
    return _made(source, options, content, reading, [*left_out, *remarks])


def _credit_remarks(table: GivenTable, column: str, options: LogOptions) -> list[str]:
    """What values between right and wrong became, if the caller says what."""
    if options.partial is None:
        return []
    return partial_remarks([cell_credit(value) for value in table.values(column)], options.partial)


def _is_our_own(source: Source, table: GivenTable) -> bool:
    """Whether veracal wrote it, so that its columns are read as they are."""
    names = set(table.names)
    if set(SCHEMA) <= names or set(VERDICTS) - set(CREDIT) <= names:
        return True
    return table_kind(source.path) in CSV_SUFFIXES and set(CELL_SCHEMA) <= set(stored_names(source.path))


def _made(
    source: Source, options: LogOptions, content: Any, reading: Reading, remarks: Sequence[str], *, model: str = ""
) -> Log:
    return Log(
        format="table", task="", model=model or content.model, content=content, files=(source.path,),
        settings={**options.choices, "reading": reading}, remarks=tuple(remarks),
    )  # fmt: skip


def _counts(verdicts: Sequence[str]) -> list[str]:
    counts = Counter(verdicts)
    return [
        f"{counts[grade]} of {len(verdicts)} answers {single if counts[grade] == 1 else several}"
        for grade, single, several in (
            ("abstained", "is an abstention", "are abstentions"),
            ("ungraded", "is ungraded", "are ungraded"),
        )
        if counts[grade] and counts[grade] < len(verdicts)
    ]


def _pairs(
    table: GivenTable, named: Mapping[str, str], verdicts: Sequence[str], values: np.ndarray[Any, Any], model: str
) -> tuple[Pairs, list[str]]:
    """Pairs of the rows that have both, and what was left out."""
    items = table.texts(named["row_id"]) if "row_id" in named else [str(row) for row in range(table.n_rows)]
    refuse_repeats(table, items)
    grade = np.array(verdicts)
    unknown = np.isnan(values)
    kept = ~unknown & np.isin(grade, ("correct", "incorrect"))
    remarks = [
        f"{int(rows.sum())} of {table.n_rows} rows {'is' if rows.sum() == 1 else 'are'} left out: {why}"
        for why, rows in (
            ("without a confidence", unknown),
            ("abstained", ~unknown & (grade == "abstained")),
            ("ungraded", ~unknown & (grade == "ungraded")),
        )
        if rows.any()
    ]
    refuse_verdicts(table, named["confidence"], values[kept], (grade[kept] == "correct").tolist())
    if not kept.any():
        raise ValueError(f"{table.prefix}no row has a confidence and is right or wrong")
    frame = pl.DataFrame(
        {
            "item": items,
            "cluster": items,
            "subject": table.texts(named["group"]) if "group" in named else [""] * table.n_rows,
            "confidence": values,
            "correct": grade == "correct",
        }
    ).with_columns(model=pl.lit(model), revision=pl.lit(""), weight=pl.lit(1.0))
    taken = {*named.values()} - {named.get("question", ""), named.get("response", "")}
    try:
        return Pairs(with_further(frame, table, taken).filter(kept)), remarks
    except ValueError as error:
        raise table.named(error) from None


def _graded(
    table: GivenTable,
    named: Mapping[str, str],
    verdicts: Sequence[str],
    credit: Sequence[float | None],
    values: np.ndarray[Any, Any] | None,
    *,
    grader: str,
) -> GradedAnswers:
    items, samples = question_ids(table, named)
    references = optional_texts(table, named.get("references"))
    frame = pl.DataFrame(
        {
            "item": items,
            "sample": samples,
            "category": optional_texts(table, named.get("group")),
            "question": table.texts(named["question"]),
            "response": optional_texts(table, named["response"]),
            "references": [[text] if text else [] for text in references],
            "grade": list(verdicts),
            "confidence": None if values is None else pl.Series(values).fill_nan(None),
            "reason": optional_texts(table, named.get("reason")),
            "credit": pl.Series(credit, dtype=pl.Float64),
        }
    )
    try:
        return GradedAnswers(with_further(frame, table, named.values()), grader)
    except ValueError as error:
        raise table.named(error) from None


def _no_reading(table: GivenTable) -> str:
    """A message with the columns of a table, and known names near them."""
    header = table.names
    known = {alias for field in ("question", "response", "confidence", "correct") for alias in _spelt(field)}
    near = {name: get_close_matches(name.casefold(), known, n=1, cutoff=_NEAR) for name in header}
    hint = ", ".join(f"{name!r} to {others[0]!r}" for name, others in near.items() if others and others[0] != name)
    shown = ", ".join(map(repr, header[:_FEW])) + (" …" if len(header) > _FEW else "")
    return (
        f"{table.prefix}the columns must hold letters (answer, and either logit_A, … or prob_A, … or logprob_A, …), "
        "confidences (confidence and correct), verdicts (correct) or graded answers (question, response and correct), "
        f"got {shown}{hint and '; the nearest: '}{hint}; columns of other names: --column confidence={header[0]}"
    )


def _spelt(field: str) -> tuple[str, ...]:
    return (field, *ALIASES.get(field, ()))


TABLE = Format(
    name="table",
    what="CSV, TSV, JSONL, Parquet, Arrow or Excel: confidence and correct; verdicts; question, response and verdict; "
    "letters",
    recognises=_is_table,
    read=_read,
    options=("answers", "scale", "columns", "partial"),
    last=True,
)
