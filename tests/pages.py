"""Runs and pages that tests of the report share."""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import factuality
from calibration import Item, Predictions
from calibration.runs.run_writer import RunWriter
from factuality import Question
from factuality.answers.responses import RESPONSES
from factuality.multiple_choice.likelihoods import MULTIPLE_CHOICE
from factuality.questions.question import question_table

# Texts that would break a page that took them for more than text.
HOSTILE = (
    "<script>alert('question')</script>",
    "</script><script>alert(1)</script>",
    "</SCRIPT ><img src=x onerror=alert(2)>",
    "<!-- <script> --> ]]> &lt;b&gt; &amp; &#0; <b>bold</b>",
    "quotes \" ' ` and \\ and ${alert(3)} and {{ 7 * 7 }} and {% raw %}",
    "right to left: \u202eabc\u202c \u2067def\u2069 \u05d0\u05d1\u05d2 \u200f",
    "escape \x1b[31mred\x1b[0m, bell \x07, null \x00, delete \x7f, separators \u2028 \u2029",
    "<",
    "</",
    "<style>* { display: none }</style>",
    '=HYPERLINK("http://example.invalid","x")',
    "lone tag <p onclick=alert(4)",
    "line\nbreaks\r\nof both kinds\tand a tab",
    "long " + "x" * 100_000,
    "<b>" * 500,
    "combining " + "e\u0301" * 50 + " and emoji \U0001f469\u200d\U0001f52c",
)


class Page(HTMLParser):
    """What a page holds: tags, addresses, ids, references to ids, files, and the text outside scripts and styles."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.named: list[str] = []
        self.files: dict[str, bytes] = {}
        self.text = ""
        self._silent = False
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.addresses += [attributes[name] for name in ("src", "href", "xlink:href") if name in attributes]
        self.ids += [attributes["id"]] if "id" in attributes else []
        for name in ("aria-labelledby", "aria-describedby"):
            self.named += attributes.get(name, "").split()
        if "download" in attributes:
            self.files[attributes["download"]] = base64.b64decode(attributes["href"].partition("base64,")[2])
        self._silent = tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._silent = self._silent and tag not in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data

    @property
    def words(self) -> str:
        """The text with single spaces."""
        return " ".join(self.text.split())


def hostile_runs(folder: Path) -> list[Path]:
    """Two runs on items whose texts, subjects and ids are hostile."""
    items = [
        Item(f"{text[:20]}/{number}", f"{text[:30]}", text, (text, "two", "three", "four"), number % 4)
        for number, text in enumerate(HOSTILE)
    ]
    return write_runs(folder, items)


def write_runs(folder: Path, items: list[Item], *, seed: int = 0) -> list[Path]:
    """Two runs on items, the second three times as sure."""
    honest = np.random.default_rng(seed).normal(size=(len(items), 4))
    folders = []
    for name, scale in (("before", 1.0), ("after", 3.0)):
        predictions = Predictions.from_arrays(
            scale * honest,
            [item.answer for item in items],
            item=[item.id for item in items],
            subject=[item.subject for item in items],
            model=f"model-{name}",
        )
        settings = {"model": f"model-{name}", "weights": f"weights of {name}"}
        run = RunWriter.open(folder / name, settings, items=items)
        run.append(predictions.frame)
        run.update(state="complete")
        folders.append(run.path)
    return folders


def unpacked(source: str, name: str) -> dict[str, Any]:
    """What a browser of a page will be given: a list a column, and a mapping a run."""
    found = re.findall(rf'id="{name}-([a-z0-9-]+)-data">([^<]*)</script>', source)
    pieces = {key: gzip.decompress(base64.b64decode(data)) for key, data in found}
    about = json.loads(pieces["about"])
    columns = {key: np.frombuffer(pieces[key], f"<u{size}").tolist() for key, size in about["columns"]}
    rows = [json.loads(content) for key, content in pieces.items() if key.startswith("rows-")]
    texts = {key: [text for piece in rows for text in piece[key]] for key in rows[0]}
    letters = [pieces[key] for key in pieces if key.startswith("letters-")]
    runs: list[dict[str, Any]] = [{"name": label} for label in about["runs"]]
    for number, run in enumerate(runs):
        ends = f"-{number}"
        run.update({key.removesuffix(ends): values for key, values in columns.items() if key.endswith(ends)})
        said = [key for key in ("response", "reason", "thoughts") if key in texts]
        run.update({key: [row[number] for row in texts[key]] for key in said})
        run.update({"grade": [about["grades"][code] for code in run["grade"]]} if "grade" in run else {})
        run.update({"letters": _letters(letters, columns["size"], about, number)} if letters else {})
    return {"question": [], **about, **columns, **texts, "runs": runs}


def _letters(pieces: list[bytes], sizes: list[int], about: dict[str, Any], run: int) -> list[list[float]]:
    """Probabilities of one run, a list an item."""
    values = iter(np.frombuffer(b"".join(pieces), "<u2") / about["parts"])
    rows = [[[next(values) for _ in range(size)] for _ in about["runs"]] for size in sizes]
    return [row[run] for row in rows]


QUESTIONS = [
    Question(
        f"{category}/{number}",
        category,
        f"What is true of {category} {number}?",
        (f"truth {number}",),
        (f"myth {number}",),
        adversarial=number % 4 > 0,
    )
    for category in ("history", "cost in $ and ^_{")
    for number in range(16)
]


def responses(
    folder: Path,
    model: str,
    wrong: int,
    *,
    graded: bool = True,
    thoughts: str | None = None,
    questions: Sequence[Question] = QUESTIONS,
) -> Path:
    """A run of answers to questions.

    The first answers of each category are the myth, one is an abstention, the others are true. With thoughts the first
    answer of all was cut off in them.
    """
    settings = {"model": model, "weights": f"weights of {model}", "style": "chat"}
    run = RunWriter.open(folder, settings, kind=RESPONSES, texts=question_table(questions))
    rows = []
    for question in questions:
        number = int(question.id.rpartition("/")[2])
        text = f"myth {number}" if number < wrong else "I don't know." if number == 15 else f"It is truth {number}."
        rows.append(
            {"model": model, "revision": "", "question": question.id, "sample": 0, "response": text, "logprob": -1.0,
             "n_tokens": 1, "token_logprobs": [-1.0], "finish": "end", "prompt": "", "thoughts": thoughts}
        )  # fmt: skip
    if thoughts is not None:
        rows[0] |= {"response": "", "finish": "length"}
    run.append(pl.DataFrame(rows, schema=RESPONSES.schema))
    run.update(state="complete")
    if graded:
        factuality.grade(run.path, grader="match")
    return run.path


def choices(folder: Path, model: str, primer: str, won: int, *, questions: Sequence[Question] = QUESTIONS) -> Path:
    """A run by likelihood that wins the first questions."""
    settings = {"model": model, "weights": f"weights of {model}", "style": "completion", "primer": primer}
    run = RunWriter.open(folder, settings, kind=MULTIPLE_CHOICE, texts=question_table(questions))
    rows = [
        {"model": model, "revision": "", "question": question.id, "correct_logprobs": [-1.0 if row < won else -3.0],
         "incorrect_logprobs": [-2.0], "prompt": ""}
        for row, question in enumerate(questions)
    ]  # fmt: skip
    run.append(pl.DataFrame(rows, schema=MULTIPLE_CHOICE.schema))
    run.update(state="complete")
    return run.path
