"""The rows of a run with the texts of what was asked."""

from __future__ import annotations

import polars as pl

from calibration.logs.answer_likelihoods import SCHEMA, AnswerLikelihoods
from calibration.logs.graded_answers import ANSWERED, OF_ANSWERS, OF_CLASSES, OF_QUESTIONS, BareAnswers
from calibration.logs.stored_answers import ANSWERS
from calibration.logs.stored_run import LIKELIHOODS, TEXTS
from calibration.predictions.further_columns import joined
from factuality import Judgments

from .run_contents import RunContent


def exported_table(run: RunContent) -> pl.DataFrame:
    """The rows of a run with the texts of what was asked.

    What a run may know and this one does not is no column.
    """
    content = run.content
    rows = content.frame
    if isinstance(content, AnswerLikelihoods):
        primer = str(run.settings.get("primer", "none"))
        further = [name for name in rows.columns if name not in SCHEMA]
        table = rows.with_columns(model=pl.lit(run.model), primer=pl.lit(primer)).select(*LIKELIHOODS, *further)
        return _known(table, further)
    if isinstance(content, BareAnswers):
        named = rows.rename({"item": "question", "question": "text"}).with_columns(model=pl.lit(run.model))
        further = [name for name in rows.columns if name not in {*ANSWERED, *ANSWERS, *OF_CLASSES}]
        of_classes = [name for name in OF_CLASSES if name in rows.columns]
        return _known(named.select(*ANSWERS, *further, *of_classes), further)
    if run.texts is None:
        return rows
    if isinstance(content, Judgments):
        of_questions = [name for name in OF_QUESTIONS if name not in rows.columns]
        references = run.texts.select("question", *of_questions, references="correct")
        table = rows.join(references, on="question", how="left", maintain_order="left")
        table = table.select(*rows.columns, "references", *of_questions)
        if run.answers is None:
            return _known(table, of_questions)
        of_answers = [name for name in OF_ANSWERS if name in run.answers.columns]
        return _known(table.with_columns(run.answers.select(of_answers)), [*of_questions, *of_answers])
    known = [name for name in TEXTS if name in run.texts.columns]
    return joined(rows, run.texts.select("item", *known), key="item", besides=())


def _known(table: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """The table without those of some columns that hold nothing."""
    return table.drop(name for name in names if _is_empty(table[name]))


def _is_empty(column: pl.Series) -> bool:
    given = column.drop_nulls()
    if column.dtype == pl.String:
        return bool((given == "").all())
    return bool((given.list.len() == 0).all()) if column.dtype == pl.List else given.is_empty()
