"""Joint multiple choice of HELM: one generated letter an item."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ...predictions.grades import AnswerGrade
from ...predictions.pairs import Pairs
from ..option_rows import excess_of, item_table, option_table, predictions_of
from .likeliest_letters import likeliest_letters
from .log_values import HelmLog, item_id, item_texts, plain_text, real_logprob, subject_of, verdicts
from .members import HelmRun, reading
from .requests import Request, Requests, completion_remarks
from .scores import EXACT, Scores

# Servers without log-probabilities write 0; so many answers may be that sure.
_FEW_SURE = 0.1
_LONGEST = 40


def read_joint(run: HelmRun, requests: Requests, scores: Scores) -> HelmLog:
    """A run whose model generated the letter of an option.

    With the likeliest tokens (`top_logprobs`, until early 2024) it becomes predictions; with the generated letter's own
    log-probability pairs, whose confidence is the probability of that letter; otherwise verdicts.

    Raises
    ------
    ValueError
        For a record that is not as HELM writes it, an instance that occurs twice, and grades that disagree with
        HELM's.
    """
    rows = {row.id: row for row in requests.rows}
    _refuse_repeats(run, requests.rows)
    mappings = {name: _mapping(run, row) for name, row in rows.items()}
    right = {name: _is_right(row, mappings[name]) for name, row in rows.items()}
    _refuse_other_grades(run, right, scores)
    missed = [row.text.strip() for name, row in rows.items() if row.text.strip() not in mappings[name]]
    remarks = [*requests.remarks]
    if missed:
        shown = repr(missed[0][:_LONGEST])
        are = "is" if len(missed) == 1 else "are"
        remarks.append(f"{len(missed)} of {len(rows)} answers {are} no letter of an option, such as {shown}: wrong")
    unknown = [row.id for row in rows.values() if not row.correct]
    if len(unknown) == len(rows):
        raise ValueError(f"{run.path}: no item has a reference that is tagged as correct: nothing says what is right")
    if unknown:
        have, them = ("has", "it wrong, and so it is") if len(unknown) == 1 else ("have", "them wrong, and so they are")
        remarks.append(
            f"{len(unknown)} of {len(rows)} items {have} no reference that is tagged as correct, such as {unknown[0]}: "
            f"HELM counts {them} here"
        )
    remarks += completion_remarks(requests.rows)
    values = [float(value) for value in right.values()]
    options = likeliest_letters(run, requests.rows, mappings, remarks)
    excess = excess_of((option.where, option.scores) for option in options or ())
    if excess:
        remarks.append(f"right and wrong alone: {excess}")
    elif options is not None:
        chosen = float(np.mean([row.answer == _argmax(row.scores) for row in options]))
        if not math.isclose(chosen, float(np.mean(values)), abs_tol=1e-12):
            remarks.append(
                f"the generated letters are right in {np.mean(values):.4f}, the likeliest ones in {chosen:.4f}"
            )
        table = option_table(options)
        content = predictions_of(table, "log-probabilities", source=str(run.path), model=run.model)
        return HelmLog(run=run, content=content, items=item_table(table), values=values, remarks=tuple(remarks))
    pairs = None if excess else _pairs(run, rows, right, remarks)
    if pairs is not None:
        return HelmLog(run=run, content=pairs, items=item_texts(run, rows), values=values, remarks=tuple(remarks))
    grades: dict[str, AnswerGrade] = {name: "correct" if value else "incorrect" for name, value in right.items()}
    return HelmLog(
        run=run, content=verdicts(run, grades, {}), items=item_texts(run, rows), values=values, remarks=tuple(remarks)
    )


def _pairs(run: HelmRun, rows: Mapping[str, Request], right: Mapping[str, bool], remarks: list[str]) -> Pairs | None:
    """Probabilities of the generated letters; None if the log has none."""
    logprobs = {name: _generated(row) for name, row in rows.items()}
    known = {name: value for name, value in logprobs.items() if value is not None}
    if not any(known.values()):
        why = "every log-probability is 0.0, which stands for none" if known else "the log has no log-probabilities"
        remarks.append(f"right and wrong alone: {why}")
        return None
    remarks.append("the confidence is the probability of the generated letter; those of other letters are unknown")
    n_zero = sum(value == 0 for value in known.values())
    if n_zero > _FEW_SURE * len(known):
        remarks.append(
            f"{n_zero} of {len(known)} log-probabilities are exactly 0, which may stand for none: their confidence is 1"
        )
    if len(known) < len(rows):
        share, of_all = np.mean([right[name] for name in known]), np.mean(list(right.values()))
        remarks.append(
            f"{len(rows) - len(known)} of {len(rows)} answers left out: without a log-probability; the accuracy of "
            f"those with one is {share:.4f}, of all {of_all:.4f}"
        )
    return Pairs.from_arrays(
        [math.exp(value) for value in known.values()],
        [right[name] for name in known],
        item=[item_id(run, name) for name in known],
        group=[subject_of(run)] * len(known),
        model=run.model,
    )


def _refuse_repeats(run: HelmRun, rows: Sequence[Request]) -> None:
    seen: dict[str, str] = {}
    for row in rows:
        if row.id in seen:
            raise ValueError(f"{run.path}: each instance must occur once, {seen[row.id]} and {row.where} are the same")
        seen[row.id] = row.where


def _mapping(run: HelmRun, row: Request) -> dict[str, str]:
    """Texts of the options by letter."""
    with reading(run.path, row.where):
        return {str(letter): str(text) for letter, text in row.state["output_mapping"].items()}


def _is_right(row: Request, mapping: dict[str, str]) -> bool:
    """Whether the chosen option has the text of a right one, as HELM compares."""
    chosen = mapping.get(row.text.strip())
    return chosen is not None and chosen.strip() in {row.references[index].strip() for index in row.correct}


def _refuse_other_grades(run: HelmRun, right: dict[str, bool], scores: Scores) -> None:
    for name, value in right.items():
        logged = scores.get(name, {}).get(EXACT)
        if logged is not None and logged != float(value):
            raise ValueError(
                f"{run.path}: {EXACT} of {name} is {logged:g}, but its answer is {'right' if value else 'wrong'} by "
                "the references that are tagged as correct"
            )


def _generated(row: Request) -> float | None:
    """Log-probability of the generated letter, or of an answer that is no letter."""
    letter = row.text.strip()
    written = [token for token in row.tokens if plain_text(str(token.get("text", ""))).strip()]
    own = [token for token in written if plain_text(str(token["text"])).strip() == letter]
    values = [real_logprob(token) for token in own[:1] or written]
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _argmax(scores: Sequence[float | None]) -> int:
    return int(np.argmax([-np.inf if score is None else score for score in scores]))
