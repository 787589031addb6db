"""Answers by letters: their log-probabilities, else their verdicts alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from ...predictions.credit import partial_credit
from ...predictions.grades import PARTIAL
from ...predictions.pairs import Pairs
from ...predictions.predictions import Predictions
from ...predictions.verdicts import Verdicts
from ..group_columns import group_columns
from ..log import Content
from ..mean_predictions import mean_predictions
from ..mean_verdicts import MEAN_OF_VERDICTS, mean_verdicts
from ..option_rows import OptionRow, excess_of, item_table, option_table, predictions_of
from .answer_letter import AnswerLetter
from .credit import Scorer
from .document import Document
from .gold_letters import are_shuffled, gold_of, obstacle, readable_letters, refuse_other_choices, shortfall
from .items import group_of, item_ids
from .sample import Sample
from .selection import Selection

# Servers without log-probabilities write 0; so many answers may be that sure.
_FEW_SURE = 0.1


def lettered_answers(
    document: Document, selection: Selection, scorer: Scorer, model: str
) -> tuple[Content, pl.DataFrame | None, tuple[str, ...]]:
    """What answers by letters become, their items, and remarks.

    Predictions if the likeliest letters are listed, pairs if the written letter has a probability, else verdicts.

    Raises
    ------
    ValueError
        If a verdict contradicts its letter, or probabilities of single letters are to be averaged.
    """
    samples = selection.samples
    reason = obstacle(document, samples)
    letters = {} if reason else readable_letters(samples, scorer)
    listed = ((_place(document, samples[number]), letter.logprobs) for number, letter in letters.items())
    reason = reason or shortfall(samples, letters) or excess_of(listed)
    if reason:
        refuse_other_choices(document, samples, scorer)
        content, items = _verdicts(document, selection, scorer, model)
        of_several = [MEAN_OF_VERDICTS] if len(samples) > content.frame.height else []
        return content, items, (f"right and wrong alone: {reason}", *of_several)
    remarks = []
    if are_shuffled(document):
        remarks.append("options were shuffled for each answer: letters that the model saw are led back to the options")
    if len(letters) < len(samples):
        others = [sample for number, sample in enumerate(samples) if number not in letters]
        n_right = sum(scorer.credit(sample) == 1 for sample in others)
        are, were = ("is", "was") if len(others) == 1 else ("are", "were")
        remarks.append(
            f"{len(others)} of {len(samples)} answers {are} no letter alone and {were} left out; {scorer.title} calls "
            f"{n_right} of them right"
        )
    n_zero = sum(letter.is_placeholder for letter in letters.values())
    if n_zero > _FEW_SURE * len(letters):
        remarks.append(
            f"{n_zero} of {len(letters)} log-probabilities are exactly 0, which may stand for none: their confidence "
            "is 1"
        )
    if not all(letter.logprobs for letter in letters.values()):
        if len(letters) > len({samples[number].id for number in letters}):
            raise ValueError(
                f"{document.source.path}: the log lists no other letters than the written one, whose probability has "
                "no mean over epochs: the epoch must be a number, got 'mean'"
            )
        remarks.append("the log lists no other letters: of each answer the written letter's probability is known")
        pairs = _pairs(document, selection, letters, model)
        if pairs.n_items < len(letters):
            remarks.append(f"{len(letters) - pairs.n_items} of {len(letters)} answers left out: not right or wrong")
        return pairs, None, tuple(remarks)
    n_drawn = sum(not letter.is_likeliest for letter in letters.values())
    if n_drawn:
        are = "is" if n_drawn == 1 else "are"
        remarks.append(f"{n_drawn} of {len(letters)} answers {are} not the likeliest letter: answers were drawn")
    return *_predictions(document, samples, letters, model), tuple(remarks)


def _place(document: Document, sample: Sample) -> str:
    """The record of a sample, without its file."""
    return sample.where.removeprefix(f"{document.source.path}, ")


def _rows(document: Document, samples: Sequence[Sample], letters: Sequence[AnswerLetter | None]) -> pl.DataFrame:
    """Table of options; without a letter their log-probabilities are unknown."""
    ids = item_ids(document)
    return option_table(
        OptionRow(
            item=ids[sample.id],
            scores=letter.logprobs if letter else [None] * len(sample.choices),
            where=_place(document, sample),
            subject=group_of(document, sample),
            answer=gold_of(sample),
            most=letter.most if letter else None,
            question=sample.question,
            options=sample.choices,
            columns=group_columns(sample.metadata),
        )
        for sample, letter in zip(samples, letters, strict=True)
    )


def _predictions(
    document: Document, samples: Sequence[Sample], letters: Mapping[int, AnswerLetter], model: str
) -> tuple[Predictions, pl.DataFrame | None]:
    """Predictions, averaged over epochs if there are several, and the texts of their items."""
    by_epoch: dict[int, list[int]] = defaultdict(list)
    for number in letters:
        by_epoch[samples[number].epoch].append(number)
    tables = [
        _rows(document, [samples[number] for number in numbers], [letters[number] for number in numbers])
        for numbers in by_epoch.values()
    ]
    path = str(document.source.path)
    runs = [predictions_of(table, "log-probabilities", source=path, model=model) for table in tables]
    texts = pl.concat(tables, how="diagonal_relaxed").unique("item", keep="first", maintain_order=True)
    return mean_predictions(runs), item_table(texts)


def _pairs(document: Document, selection: Selection, letters: Mapping[int, AnswerLetter], model: str) -> Pairs:
    ids, samples, grades = item_ids(document), selection.samples, selection.grades
    graded = [number for number in letters if grades[number] not in ("ungraded", PARTIAL)]
    return Pairs.from_arrays(
        np.array([letters[number].confidence for number in graded]),
        np.array([grades[number] == "correct" for number in graded]),
        item=[ids[samples[number].id] for number in graded],
        group=[group_of(document, samples[number]) for number in graded],
        model=model,
    )


def _verdicts(
    document: Document, selection: Selection, scorer: Scorer, model: str
) -> tuple[Verdicts, pl.DataFrame | None]:
    ids, samples = item_ids(document), selection.samples
    graded = list(zip(samples, selection.grades, strict=True))
    frame = pl.DataFrame(
        {
            "item": [ids[sample.id] for sample in samples],
            "subject": [group_of(document, sample) for sample in samples],
            "grade": list(selection.grades),
            "credit": [partial_credit(grade, scorer.credit(sample)) for sample, grade in graded],
        },
        schema_overrides={"credit": pl.Float64},
    )
    first: dict[int | str, Sample] = {}
    for sample in samples:
        first.setdefault(sample.id, sample)
    texts = item_table(_rows(document, list(first.values()), [None] * len(first)))
    frame = mean_verdicts(frame)
    return Verdicts(frame.with_columns(model=pl.lit(model), revision=pl.lit(""))), texts
