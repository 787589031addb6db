"""Every text that comes from outside reaches the page as text."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import numpy as np
import polars as pl
import pytest

import factuality
import veracal
from calibration import Item, Predictions
from calibration.files.atomic import write_parquet
from calibration.runs.manifests import write_manifest
from calibration.runs.run_writer import RunWriter
from factuality import Question
from factuality.answers.responses import RESPONSES
from factuality.multiple_choice.likelihoods import MULTIPLE_CHOICE
from factuality.questions.question import question_table
from tests.pages import unpacked

BREAKS = (
    """"><img src=x onerror=canary(1)>""",
    """'><svg onload=canary(1)>""",
    """</script><script>canary(1)</script>""",
    """-->]]><b onclick=canary(1)>&quot;&#34;""",
    """</title></style></svg></table><iframe srcdoc='<p>'>""",
    """{{ 7 * 7 }}{% raw %}$\\frac{1}{2}$""",
)


class Tags(HTMLParser):
    """What a browser would make elements and attributes of."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def runs(folder: Path, said: str) -> list[Path]:
    """Two models, each with letters, graded answers and multiple choice; `said` stands in every text there is."""
    items = [
        Item(f"{said} {row}", f"{said} {row % 3}", f"{said} {row}?", (said, f"q {said}", "r", "s"), row % 4)
        for row in range(24)
    ]
    questions = [
        Question(
            f"{said} {row}", f"{said} {row % 3}", f"{said} {row}?", (f"{said} true {row}",), (f"{said} false {row}",),
            said, adversarial=row % 4 > 0, best_incorrect=f"{said} false {row}",
        )
        for row in range(24)
    ]  # fmt: skip
    chance = np.random.default_rng(0)
    found = []
    for number in range(2):
        model = f"{said} {number}"
        settings = {
            "model": model,
            "weights": str(number),
            **dict.fromkeys(("revision", "style", "dtype", "primer", said), said),
        }
        letters = RunWriter.open(folder / f"letters {number}", settings, items=items)
        frame = Predictions.from_arrays(
            chance.normal(size=(24, 4)) * (1 + number), [item.answer for item in items],
            item=[item.id for item in items], subject=[item.subject for item in items], model=model,
        ).frame  # fmt: skip
        letters.append(frame.with_columns(revision=pl.lit(said), prompt=pl.lit(said)))
        asked = RunWriter.open(folder / f"asked {number}", settings, kind=RESPONSES, texts=question_table(questions))
        answers = [
            {"model": model, "revision": said, "question": question.id, "sample": 0, "prompt": said, "finish": said,
             "response": question.correct[0] if row % 3 else question.incorrect[0], "logprob": -1.0, "n_tokens": 1,
             "token_logprobs": [-1.0]}
            for row, question in enumerate(questions)
        ]  # fmt: skip
        asked.append(pl.DataFrame(answers, schema=RESPONSES.schema))
        judged = factuality.grade(asked.path, grader="match").frame
        write_parquet(
            judged.with_columns(grader=pl.lit(said), reason=pl.lit(said), confidence_kind=pl.lit(said)),
            asked.path / "judgments" / f"{quote(said, safe='')}.parquet",
        )
        (asked.path / "judgments" / "match.parquet").unlink()
        choices = RunWriter.open(
            folder / f"choices {number}",
            {**settings, "primer": "none"},
            kind=MULTIPLE_CHOICE,
            texts=question_table(questions),
        )
        scores = [
            {"model": model, "revision": said, "question": question.id, "prompt": said,
             "correct_logprobs": [-float(row % 3)], "incorrect_logprobs": [-1.5]}
            for row, question in enumerate(questions)
        ]  # fmt: skip
        choices.append(pl.DataFrame(scores, schema=MULTIPLE_CHOICE.schema))
        for run in (letters, asked, choices):
            write_manifest({**run.manifest, "packages": {said: said}}, run.path)
            found.append(run.path)
    return found


def page_of(folder: Path, text: str) -> str:
    """A page in which `text` stands wherever a run, a label or a footnote may have one."""
    page = folder / "page.html"
    veracal.write_report(runs(folder, text), page, labels=(f"{text} a", f"{text} b"), footnote=text)
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Tags:
    """A page of harmless text."""
    return Tags(page_of(tmp_path_factory.mktemp("plain"), "harmless"))


@pytest.mark.parametrize("number", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in (2, 4))])
def test_no_text_of_a_run_becomes_markup(number: int, plain: Tags, tmp_path: Path) -> None:
    said = " ".join(BREAKS[number : number + 2])  # a page takes seconds
    source = page_of(tmp_path, said)
    hostile = Tags(source)
    assert hostile.attributes <= plain.attributes
    assert not {name for name in hostile.attributes if name.startswith("on")}
    assert set(hostile.tags) <= set(plain.tags)
    for tag in ("script", "style", "table", "tr", "td", "th", "svg", "a", "p", "h2", "details", "input", "button"):
        assert hostile.tags.count(tag) == plain.tags.count(tag), tag
    # They are all there: in the tables, and in what the browsers unpack.
    assert said in hostile.text
    items, answers = unpacked(source, "items"), unpacked(source, "answers")
    assert items["question"][0] == f"{said} 0?"
    assert said in str(items["options"][0][0])
    assert said in answers["question"][0]
