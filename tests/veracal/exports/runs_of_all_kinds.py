"""Run folders of every kind, with texts that a table may break."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from calibration import Pairs, Predictions, Verdicts
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.run_folders import write_rows
from calibration.runs.run_kinds import PAIRS, PREDICTIONS, VERDICTS
from factuality import grade
from factuality.answers.responses import RESPONSES, hash_of_questions
from factuality.logs.graded_answers import write_answers
from factuality.multiple_choice.likelihoods import MULTIPLE_CHOICE
from factuality.questions.question import Question, question_table
from tests.conftest import ROOT
from veracal import import_logs

KEPT_RUNS = ROOT / "tests" / "kept_runs"

ODD = [
    "=1+1",
    "+a",
    "-5",
    "@x",
    "'quoted",
    'say "a"',
    "a,b;c",
    "two\nlines",
    "cr\r\nlf",
    "Ünïcødé ＝ 語",
    " blanks ",
    "'=",
    "null",
]


def further(n_rows: int) -> list[pl.Series]:
    """Columns of every type, with missing values."""
    return [
        pl.Series("note", [None, "", *ODD][:n_rows], dtype=pl.String),
        pl.Series("year", [str(1990 + row) for row in range(n_rows)]),
        pl.Series("truth", ["true", "false"] * n_rows, dtype=pl.String)[:n_rows],
        pl.Series("level", [None, *range(1, n_rows)], dtype=pl.Int64),
        pl.Series("share", [0.1 + row / 3 for row in range(n_rows)]),
        pl.Series("seen", [row % 2 == 0 for row in range(n_rows)]),
        pl.Series("nothing", [None] * n_rows, dtype=pl.String),
    ]


def letters(folder: Path) -> None:
    """Predictions with bounds, ties and different numbers of options."""
    n_rows = len(ODD)
    rows = [[-1.5, -0.7, -9999.0, -2.5][: 2 + row % 3] for row in range(n_rows)]
    rows[1] = [-0.75, -0.75, -3.0]
    run = Predictions.from_lists(logprobs=rows, answer=[row % 2 for row in range(n_rows)], item=ODD, model="m,1")
    write_rows(run.frame.with_columns(further(n_rows)), folder, {"model": "m,1"}, kind=PREDICTIONS)


def turned_letters(folder: Path) -> None:
    """Predictions in several orders of the options, with their texts."""
    frame = Predictions.from_arrays(
        probabilities=[[0.6, 0.3, 0.1]] * 3, answer=[0, 2, 1], item=["=a"] * 1 + ["b", "c"]
    ).frame
    turns = [[0, 1, 2], [1, 2, 0], [2, 0, 1]]
    rows = pl.concat(
        frame.with_columns(
            item=pl.lit("=a"), answer=pl.lit(turn.index(0), dtype=pl.Int8),
            order=pl.lit(turn, dtype=pl.List(pl.Int8)), prompt=pl.lit(str(turn)),
        )[:1]
        for turn in turns
    )  # fmt: skip
    texts = pl.DataFrame(
        {"item": ["=a"], "subject": [""], "question": ["=Why,\n\"so\"?\r\n"], "options": [["=x", "y\"", "[1]"]],
         "answer": [0], "content": [""]}
    )  # fmt: skip
    write_rows(rows, folder, {"model": "", "permutations": "cyclic"}, kind=PREDICTIONS, texts=texts)


def pairs(folder: Path) -> None:
    """Confidences with clusters and weights."""
    n_rows = len(ODD)
    run = Pairs.from_arrays(
        np.linspace(0, 1, n_rows) ** 3, np.arange(n_rows) % 2, item=ODD, group=ODD[::-1],
        cluster=["c"] * n_rows, weight=np.arange(1, n_rows + 1) / 3, model="=m",
    )  # fmt: skip
    write_rows(run.frame.with_columns(further(n_rows)), folder, {"model": "=m"}, kind=PAIRS)


def verdicts(folder: Path) -> None:
    """Verdicts of every grade, with questions."""
    grades = (["correct", "incorrect", "abstained", "ungraded", "partial"] * 4)[: len(ODD)]
    rows = {"item": ODD, "grade": grades, "model": "m", "revision": "", "subject": ODD[::-1]}
    texts = pl.DataFrame({"item": ODD, "question": ODD[::-1]})
    credit = pl.when(pl.col("grade") == "partial").then(pl.lit(1 / 3))
    run = Verdicts(pl.DataFrame(rows).with_columns(*further(len(ODD)), credit=credit))
    write_rows(run.frame, folder, {"model": "m"}, kind=VERDICTS, texts=texts)


def graded_answers(folder: Path) -> None:
    """Free answers of every grade."""
    grades = (["correct", "incorrect", "abstained", "ungraded"] * 4)[: len(ODD)]
    lines = [
        json.dumps(
            {"question": f"{text}?", "response": text, "correct": grade, "ideal": text, "confidence": 0.1, "reason": ""}
        )
        for text, grade in zip(ODD, grades, strict=True)
    ]  # fmt: skip
    source = folder.with_suffix(".jsonl")
    source.write_text("\n".join(lines), encoding="utf-8")
    import_logs(source, folder)


def partial_answers(folder: Path) -> None:
    """Free answers of which some are partly right."""
    rows = [
        {"item": text, "sample": 0, "category": text, "question": f"{text}?", "response": text, "references": [text],
         "grade": ("correct", "partial", "incorrect")[row % 3], "confidence": None, "reason": "",
         "credit": 1 / 3 if row % 3 == 1 else None}
        for row, text in enumerate(ODD)
    ]  # fmt: skip
    source = folder.with_suffix(".txt")
    source.write_text("partial")
    content = GradedAnswers(pl.DataFrame(rows, infer_schema_length=None), "judge")
    write_answers(Log(format="made", task="", model="m", content=content, files=(source,)), content, folder)


def answers(folder: Path) -> None:
    """Answers with all that a run keeps of them: samples, stated confidences, thoughts, log-probabilities of tokens."""
    asked = tuple(
        Question(
            text, "law" if row % 2 else "", f"{text}?", (f"white {row}", "white"), (f"yellow {row}", "red"),
            "a book", adversarial=row % 3 > 0, best_incorrect=f"yellow {row}" if row % 2 else "",
        )
        for row, text in enumerate(ODD)
    )  # fmt: skip
    rows = [
        {
            "model": "org/m", "revision": "r1", "question": text, "sample": sample,
            "response": f" It is {'yellow' if (row + sample) % 3 else 'white'} {row}.\nConfidence: {10 * sample + 5}%",
            "logprob": -1 / 3 - row, "n_tokens": 3, "token_logprobs": [-0.1, -0.25 * row], "finish": "stop",
            "prompt": f"p{row}", "thoughts": "=so, \"it\"" if row % 2 else None,
        }
        for row, text in enumerate(ODD)
        for sample in range(2)
    ]  # fmt: skip
    settings = {
        "model": "org/m", "weights": "w1", "style": "chat", "primer": "none", "samples": 2, "temperature": 0.5,
        "state_confidence": True, "n_items": len(asked), "questions": hash_of_questions(asked),
    }  # fmt: skip
    write_rows(
        pl.DataFrame(rows, schema=RESPONSES.schema), folder, settings, kind=RESPONSES, texts=question_table(asked),
        notes={"remarks": ["made here"], "origin": {"harness": "ours", "shots": 3}},
    )  # fmt: skip


def own_verdicts(folder: Path) -> None:
    """The same answers, graded: tempting ones, abstentions, scores, stated confidences."""
    answers(folder)
    grade(folder, grader="match")


def classes(folder: Path) -> None:
    """Answers that a judge put into the classes of a rubric."""
    shutil.copytree(KEPT_RUNS / "rubric", folder)


def likelihoods(folder: Path) -> None:
    """Log-likelihoods of true and false answers."""
    questions = tuple(
        Question(
            text, text, f"{text}?", ("=right", f"{text} x"), (f"{text} y",), "a book", adversarial=row % 2 > 0,
            best_incorrect=f"{text} y",
        )
        for row, text in enumerate(ODD)
    )  # fmt: skip
    rows = [
        {"model": "m", "revision": "r1", "question": text, "correct_logprobs": [-1 / 3, -0.5 * row],
         "incorrect_logprobs": [-2.0 / 7], "prompt": f"p{row}"}
        for row, text in enumerate(ODD)
    ]  # fmt: skip
    settings = {"model": "m", "primer": "qa-6", "questions": hash_of_questions(questions)}
    write_rows(
        pl.DataFrame(rows, schema=MULTIPLE_CHOICE.schema), folder, settings, kind=MULTIPLE_CHOICE,
        texts=question_table(questions),
    )  # fmt: skip


RUNS: dict[str, Callable[[Path], None]] = {
    "letters": letters,
    "several orders": turned_letters,
    "pairs": pairs,
    "verdicts": verdicts,
    "graded answers": graded_answers,
    "partial answers": partial_answers,
    "own verdicts": own_verdicts,
    "answers": answers,
    "classes": classes,
    "multiple choice": likelihoods,
}
