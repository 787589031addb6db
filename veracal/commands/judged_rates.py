"""Rates of graded answers, as `grade` and `summarize` print them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import calibration
import factuality
from calibration.runs.folder import Run
from factuality.answers.cut_answers import CutAnswers
from factuality.confidence.confidences import scored_confidences
from factuality.grading.judgments import Judgments

from .. import console
from ..groups import answer_groups
from ..people_labels import corrections
from ..tables.answers import print_corrections, print_rates
from ..tables.groups import print_groups
from ..tables.predictions import print_summary


def print_judgments(
    run: Path,
    judgments: Judgments,
    by: Sequence[str],
    *,
    as_json: bool,
    notes: Sequence[str] = (),
    people: Path | None = None,
) -> None:
    """Rates of graded answers, the calibration of their confidence, and groups.

    Parameters
    ----------
    run : Path
        Their run folder.
    judgments : Judgments
        Verdicts of one grader.
    by : sequence of str
        Columns whose groups are shown too, each a name or several with commas.
    as_json : bool
        Whether JSON is printed instead of tables.
    notes : sequence of str
        Further sentences, without full stop.
    people : Path, optional
        File of people's labels of some answers, which correct what the grader says.
    """
    grader = str(judgments.frame["grader"][0])
    if short := CutAnswers.of(factuality.read_responses(run).frame).short:
        console.say(f"Note: {short}.")
    rates = factuality.rates(judgments)
    pairs = scored_confidences(judgments)
    summary = None if pairs is None else calibration.summarize(pairs.pairs)
    corrected = None if people is None else corrections(run, judgments, people)
    groups = [answer_groups(judgments, columns) for columns in by]
    if as_json:
        head = {"run": str(run), "model": judgments.model, "grader": grader, "n_answers": judgments.n_answers}
        if (grader_model := judgments.frame["grader_model"][0]) is not None:
            head["grader_model"] = grader_model
        confidence = {} if pairs is None or summary is None else {"kind": pairs.kind, **summary.to_dict()}
        console.print_json(
            "rates",
            {
                **head,
                **rates.to_dict(),
                **({"confidence": confidence} if confidence else {}),
                **({} if corrected is None else {"people": corrected.to_dict()}),
                **({"notes": list(notes)} if notes else {}),
                **({"groups": [group.to_dict() for group in groups]} if groups else {}),
            },
        )
        return
    title = f"{Run(run).name}, graded by {grader}: per cent of all answers, 95 % intervals"
    print_rates(title, rates)
    for note in notes:
        console.print_line(f"Note: {note}.")
    if pairs is not None and summary is not None:
        console.print_line()
        print_summary(f"Confidence ({pairs.kind}) of the answers that are right or wrong", summary)
        for note in pairs.notes:
            console.print_line(f"Note: {note}.")
    if corrected is not None:
        console.print_line()
        print_corrections(corrected.rate, corrected.calibration)
        for note in corrected.notes:
            console.print_line(f"Note: {note}.")
    for group in groups:
        print_groups(Run(run).name, group)
