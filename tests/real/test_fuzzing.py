"""Ten thousand damaged files: each is refused by name, or read as what it says."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import log_softmax

import factuality
from calibration import Item, Predictions, import_log, load_items, load_mmlu, read_run
from calibration.items.annotations import load_annotations
from calibration.items.item import LETTERS
from calibration.runs.run_writer import RunWriter
from factuality import Question, load_questions, load_rubric, load_truthfulqa, read_responses
from factuality.answers.responses import RESPONSES
from factuality.grading.human_labels import load_human_labels
from factuality.multiple_choice.likelihoods import MULTIPLE_CHOICE, read_multiple_choice
from factuality.questions.question import question_table
from tests import tiny

pytestmark = pytest.mark.slow  # thousands of damaged files

TEXTS = ("Which river?", 'He said "no", twice', "one; two", "a\nline", "Ünïcode – ☃", "/etc/passwd", "*.csv", "3")
SPLICES = (
    *(
        b'"',
        b'""',
        b",",
        b"\n",
        b"\r\n",
        b"\r",
        b"\x00",
        b"\xff",
        b"\xc3",
        b"\xef\xbb\xbf",
        b";",
        b"\\",
        b"\\ud800",
        b"A",
    ),
    *(b"E", b"-1", b"4", b"NaN", b"Infinity", b"1e999", b"-1e400", b"9" * 5000, "٣".encode(), "²".encode(), b"1_0"),
    *(b"null", b"true", b"{}", b"[]", b"[" * 3000, b'{"a":' * 3000, b"  ", b"\x1b[31m", b"\xe2\x80\xa8", b"0.5", b"e5"),
)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The same bytes after one to three accidents."""
    found = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 2, 3])):
        first = chance.randrange(len(found) + 1)
        last = min(len(found), first + chance.choice([1, 1, 2, 8, 40]))
        match chance.choice(["bit", "byte", "cut", "end", "splice", "splice", "twice", "zeros", "swap"]):
            case "bit" if first < len(found):
                found[first] ^= 1 << chance.randrange(8)
            case "byte" if first < len(found):
                found[first] = chance.randrange(256)
            case "cut":
                del found[first:last]
            case "end":
                del found[first:]
            case "splice":
                found[first:first] = chance.choice(SPLICES)
            case "twice":
                found[last:last] = found[first:last]
            case "zeros":
                found[first:last] = bytes(last - first)
            case "swap":
                lines = bytes(found).split(b"\n")
                chance.shuffle(lines)
                found = bytearray(b"\n".join(lines))
    return bytes(found)


def csv_of(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def jsonl_of(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=number % 2 == 0) + "\n" for number, row in enumerate(rows)).encode()


def text_of(content: bytes) -> str:
    """Without byte order marks in front of lines, and with one kind of line ends."""
    text = content.decode().replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(line.lstrip("\ufeff") for line in text.split("\n"))


def cells(content: bytes) -> list[list[str]]:
    """What the standard reader makes of a CSV file, but for rows without a text."""
    return [row for row in csv.reader(io.StringIO(text_of(content), newline="")) if "".join(row).strip()]


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row under its names as we write them; letters of options are upper-case."""
    names = {"".join(name.lower().split()).replace("_", "").replace("-", ""): name for name in row}
    known = (
        "id", "subject", "index", "question", "options", "answer", "item", "error_type", "corrected_answer", "category",
        "ideal", "aliases", "incorrect", "adversarial", "human_truthful", "Type", "Category", "Question", "Best Answer",
        "Incorrect Answers", *(f"logit_{letter}" for letter in LETTERS), *LETTERS,
    )  # fmt: skip
    ours = {name: names.get("".join(name.lower().split()).replace("_", "")) for name in known}
    return {name: row[theirs] for name, theirs in ours.items() if theirs is not None and row[theirs] is not None}


def records(content: bytes) -> list[dict[str, str]]:
    head, *rows = cells(content)
    return [plain(dict(zip(head, row, strict=True))) for row in rows]


def objects(content: bytes) -> list[dict[str, Any]]:
    return [plain(json.loads(line)) for line in text_of(content).split("\n") if line.strip()]


def index(answer: object) -> int:
    """By the definition: a letter in either case, or a number from 0."""
    text = str(answer).strip().upper()
    return LETTERS.index(text) if text in LETTERS else int(text)


def indices(answers: list[Any]) -> list[int]:
    """Those of a file: all letters, or all numbers of which one is 0."""
    found = [index(answer) for answer in answers]
    letters = [str(answer).strip().isalpha() for answer in answers]
    assert all(letters) or (not any(letters) and 0 in found)
    return found


# What each accepted file must have been read as, without our loaders.


def check_items(items: list[Item], rows: list[dict[str, Any]]) -> None:
    assert len(items) == len(rows)
    for number, (item, row) in enumerate(zip(items, rows, strict=True)):
        options = row.get("options")
        if options is None:
            options = [row[letter] for letter in LETTERS if row.get(letter, "").strip()]
        elif isinstance(options, str):
            options = json.loads(options)
        name = row.get("id")
        assert item.id == str(number if name in (None, "") else name)
        assert (item.subject, item.question) == (row.get("subject") or "", row["question"])
        assert list(item.options) == list(options)
    assert [item.answer for item in items] == indices([row["answer"] for row in rows])


def check_mmlu(items: list[Item], content: bytes) -> None:
    rows = cells(content)
    assert [(item.question, item.options) for item in items] == [(row[0], tuple(row[1:5])) for row in rows]
    assert [item.answer for item in items] == indices([row[5] for row in rows])


def check_log(run: Predictions, content: bytes) -> None:
    rows = records(content)
    assert run.n_items == len(rows)
    for number, row in enumerate(rows):
        logits = [float(row[f"logit_{letter}"]) for letter in "ABCD" if row.get(f"logit_{letter}", "").strip()]
        np.testing.assert_allclose(run.frame["logprobs"][number].to_list(), log_softmax(logits), rtol=1e-5, atol=1e-5)
        if "subject" in row and "index" in row:
            assert run.frame["item"][number] == f"{row['subject']}/{int(row['index'])}"
    assert run.frame["answer"].to_list() == indices([row["answer"] for row in rows])


def check_questions(questions: list[Question], content: bytes) -> None:
    rows = objects(content)
    assert len(questions) == len(rows)
    for number, (question, row) in enumerate(zip(questions, rows, strict=True)):
        # Null, blank and absent fields are the same; damage may leave a field without its name.
        given = {name: value for name, value in row.items() if value is not None and str(value).strip()}
        assert (question.id, question.category) == (str(given.get("id", number)), given.get("category", ""))
        assert question.question == given["question"]
        assert question.correct == tuple(dict.fromkeys([given["ideal"], *given.get("aliases", [])]))
        assert question.incorrect == tuple(dict.fromkeys(given.get("incorrect", [])))
        assert question.adversarial is given.get("adversarial", bool(question.incorrect))


def check_truthfulqa(questions: list[Question], content: bytes) -> None:
    rows = records(content)
    assert len(questions) == len(rows)
    for question, row in zip(questions, rows, strict=True):
        assert question.question.strip() == row["Question"].strip()
        assert question.category.strip() == row["Category"].strip()
        assert question.adversarial == (row["Type"].strip() == "Adversarial")
        assert question.ideal == row["Best Answer"].strip()
        wrong = [text.strip() for text in row["Incorrect Answers"].split(";") if text.strip()]
        assert set(wrong) <= set(question.incorrect)


def check_labels(labels: Any, content: bytes) -> None:
    rows = records(content)
    assert labels.n_answers == len(rows)
    known = {"true": True, "false": False, "unclear": None}
    assert labels.frame["label"].to_list() == [known[row["human_truthful"].strip().lower()] for row in rows]
    assert labels.frame["text"].to_list() == [row["question"].strip() for row in rows]


def check_annotations(annotations: Any, content: bytes) -> None:
    rows = records(content)
    assert annotations.frame["error_type"].to_list() == [row["error_type"].strip() for row in rows]
    found = [row.get("corrected_answer", "") for row in rows]  # the column may be missing
    given = [number for number, text in enumerate(found) if text.strip()]
    wanted = dict(zip(given, indices([found[number] for number in given]), strict=True)) if given else {}
    assert annotations.frame["corrected_answer"].to_list() == [wanted.get(number) for number in range(len(rows))]


def check_rubric(rubric: Any, content: bytes) -> None:
    values = json.loads(text_of(content))
    assert rubric.title == values["title"].strip()
    assert [one.key for one in rubric.classes] == [row["key"].strip() for row in values["classes"]]


@dataclass(frozen=True)
class Loader:
    """A file that is sound, how it is read, and what must hold of what was read of another one."""

    file: str
    content: bytes
    load: Callable[[Path], Any]
    check: Callable[[Any, bytes], None]
    inputs: int


ITEMS = [
    {"id": f"{number}", "subject": "law", "question": f"{text} {number}", "options": [text, "b", "c 3"], "answer": "B"}
    for number, text in enumerate(TEXTS)
]
QUESTIONS = [
    {"id": f"q/{number}", "category": "any", "question": text, "ideal": f"yes {number}", "aliases": ["aye"],
     "incorrect": [f"no {number}"], "adversarial": number % 2 == 0}
    for number, text in enumerate(TEXTS)
]  # fmt: skip
TRUTHFULQA = [
    ["Type", "Category", "Question", "Best Answer", "Correct Answers", "Incorrect Answers", "Source"],
    *(["Adversarial", "Law", text, "Yes it is", "Yes it is; So it is", "No; Never;", "a book"] for text in TEXTS),
]
LABELS = [
    [
        "category",
        "question",
        "model",
        "model_answer",
        "human_truthful",
        "best_answer",
        "correct_answers",
        "incorrect_answers",
    ],
    *(
        ["law", text, "m", "A: It is.", ("true", "false", "unclear")[n % 3], "Yes", "Aye", "No"]
        for n, text in enumerate(TEXTS)
    ),
]
RUBRIC = {
    "title": "Kinds",
    "instruction": "Sort them.",
    "classes": [
        {"key": key, "name": f"kind {key}", "description": f"It is {key}.", "good": key == "A"} for key in "AB"
    ],
}
LOADERS = {
    "mmlu": Loader(
        "test/law_test.csv",
        csv_of([[text, "a", "b", "c", "d", "C"] for text in TEXTS]),
        lambda path: load_mmlu(path.parent.parent),
        check_mmlu,
        1500,
    ),
    "items jsonl": Loader(
        "items.jsonl", jsonl_of(ITEMS), load_items, lambda items, raw: check_items(items, objects(raw)), 1500
    ),
    "items csv": Loader(
        "items.csv",
        csv_of(
            [
                ["id", "subject", "question", "A", "B", "C", "answer"],
                *(
                    [f"{n}", "law", text, "x 1", "x 2", "" if n % 2 else "3", f"{n % 2}"]
                    for n, text in enumerate(TEXTS)
                ),
            ]
        ),
        load_items,
        lambda items, raw: check_items(items, records(raw)),
        1200,
    ),
    "log": Loader(
        "log.csv",
        csv_of(
            [
                ["subject", "index", "logit_A", "logit_B", "logit_C", "answer"],
                *(["law", f"{n}", f"{n / 7:.6f}", "-1.25", "" if n % 2 else "3e-1", "A"] for n in range(8)),
            ]
        ),
        import_log,
        check_log,
        1500,
    ),
    "questions": Loader("questions.jsonl", jsonl_of(QUESTIONS), load_questions, check_questions, 1000),
    "truthfulqa": Loader("TruthfulQA.csv", csv_of(TRUTHFULQA), load_truthfulqa, check_truthfulqa, 800),
    "labels": Loader("labels.csv", csv_of(LABELS), load_human_labels, check_labels, 700),
    "annotations": Loader(
        "notes.csv",
        csv_of(
            [
                ["item", "error_type", "corrected_answer"],
                *([f"{n}", "ok" if n else "bad", "B" * (n % 2)] for n in range(8)),
            ]
        ),
        load_annotations,
        check_annotations,
        400,
    ),
    "rubric": Loader("rubric.json", json.dumps(RUBRIC).encode(), load_rubric, check_rubric, 300),
}
FOREIGN, RUNS = 50, 1050


def test_there_are_ten_thousand() -> None:
    assert sum(loader.inputs for loader in LOADERS.values()) + FOREIGN + RUNS == 10_000


def read(load: Callable[[], Any], name: str, accident: object) -> Any:
    """What was read, or none where it was refused as it must be."""
    try:
        return load()
    except (ValueError, FileNotFoundError) as error:
        refusal = error
    # Of our own, not of a library; with the file.
    assert type(refusal) in (ValueError, FileNotFoundError), (accident, repr(refusal))
    assert refusal.__suppress_context__ or refusal.__context__ is None, (accident, repr(refusal))
    assert name in str(refusal), (accident, str(refusal))
    return None


@pytest.mark.parametrize("name", LOADERS)
def test_damaged_files(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    loader = LOADERS[name]
    path = tmp_path / loader.file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(loader.content)
    loader.check(loader.load(path), loader.content)
    outcomes: Counter[bool] = Counter()
    for number in range(loader.inputs):
        content = damaged(loader.content, random.Random(f"{name} {number}"))
        path.write_bytes(content)
        loaded = read(lambda: loader.load(path), loader.file, (number, content))
        outcomes[loaded is None] += 1
        for sound in [] if loaded is None else [loaded]:
            loader.check(sound, content)
    assert min(outcomes[True], outcomes[False]) > loader.inputs / 20, outcomes
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", [*LOADERS, "items parquet"])
def test_files_that_are_something_else(name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    loader = LOADERS.get(name) or replace(LOADERS["items jsonl"], file="items.parquet")
    path = tmp_path / loader.file
    path.parent.mkdir(exist_ok=True)
    for content in (
        b"",
        b"\n\n",
        b"\xef\xbb\xbf",
        bytes(1000),
        b"[" * 10**5,
        b'{"a":' * 10**5,
        b"\xff" * 99,
        b"PAR1PAR1",
    ):
        path.write_bytes(content)
        assert read(lambda: loader.load(path), loader.file, content[:9]) is None, content[:9]
    path.unlink()
    path.mkdir()
    with pytest.raises((OSError, ValueError), match=path.stem):
        loader.load(path)
    assert capfd.readouterr() == ("", "")


def test_damaged_parquet_of_others(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Polars may abort on such bytes; then the file is refused, and the program lives."""
    path = tmp_path / "items.parquet"
    pl.DataFrame(ITEMS).write_parquet(path)
    sound = path.read_bytes()
    outcomes: Counter[bool] = Counter()
    for number in range(FOREIGN):
        chance = random.Random(number)
        content = bytearray(sound)
        # The data, where only some bytes show, or the footer.
        first, last = (4, len(sound) // 3) if number % 2 else (len(sound) // 3, len(sound))
        for _ in range(chance.choice([1, 1, 2, 8])):
            content[chance.randrange(first, last)] = chance.randrange(256)
        path.write_bytes(content)
        loaded = read(lambda: load_items(path), "items.parquet", number)
        outcomes[loaded is None] += 1
        # No checksum tells whether a text was another once; what was read are items.
        items = loaded or []
        assert all(isinstance(item, Item) for item in items)
        assert len({item.id for item in items}) == len(items)
    assert outcomes[True] > FOREIGN / 5, outcomes
    assert capfd.readouterr() == ("", "")


# Runs: a checksum tells, so that what is read is what was written.


def letters(folder: Path) -> Callable[[], pl.DataFrame]:
    items = tiny.items(24)
    run = RunWriter.open(folder, {"model": "m", "shots": 0}, items=items)
    frame = tiny.rows(items)
    for first in range(0, 24, 8):
        run.append(frame[first : first + 8])
    run.update(state="complete")
    return lambda: read_run(folder).frame


def answers(folder: Path) -> Callable[[], pl.DataFrame]:
    questions = [Question(f"q/{row}", "law", f"{text}?", ("yes",), ("no",)) for row, text in enumerate(TEXTS)]
    run = RunWriter.open(folder, {"model": "m"}, kind=RESPONSES, texts=question_table(questions))
    rows = [
        {"model": "m", "revision": "", "question": question.id, "sample": 0, "response": text, "logprob": -1.0,
         "n_tokens": 2, "token_logprobs": [-0.5, -0.5], "finish": "end", "prompt": ""}
        for question, text in zip(questions, TEXTS, strict=True)
    ]  # fmt: skip
    run.append(pl.DataFrame(rows[:5], schema=RESPONSES.schema))
    run.append(pl.DataFrame(rows[5:], schema=RESPONSES.schema))
    run.update(state="complete")
    factuality.grade(folder, grader="match")

    def table() -> pl.DataFrame:
        responses, judgments = read_responses(folder), factuality.read_judgments(folder)
        texts = question_table(responses.questions).select("question", "correct", "incorrect")
        judged = judgments.frame.select("question", "grade", "ideal", "reason")
        return responses.frame.join(texts, on="question").join(judged, on="question")

    return table


def choices(folder: Path) -> Callable[[], pl.DataFrame]:
    questions = [Question(f"q/{row}", "law", f"{text}?", ("yes",), ("no",)) for row, text in enumerate(TEXTS)]
    run = RunWriter.open(
        folder, {"model": "m", "primer": "none"}, kind=MULTIPLE_CHOICE, texts=question_table(questions)
    )
    rows = [
        {"model": "m", "revision": "", "question": question.id, "correct_logprobs": [-float(row)],
         "incorrect_logprobs": [-2.5], "prompt": ""}
        for row, question in enumerate(questions)
    ]  # fmt: skip
    run.append(pl.DataFrame(rows, schema=MULTIPLE_CHOICE.schema))
    run.update(state="complete")
    return lambda: read_multiple_choice(folder).frame.drop("primer", strict=False)


def cases(folder: Path) -> Iterator[Path]:
    """Each file of a run in turn but its lock, which holds nothing; the manifest every other time."""
    apart = {"run.json", "run.lock"}
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in apart)
    while True:
        for file in files:
            yield file
            yield folder / "run.json"


@pytest.mark.parametrize("kind", [letters, answers, choices])
def test_damaged_runs(
    kind: Callable[[Path], Callable[[], pl.DataFrame]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    table = kind(folder)
    sound = table()
    outcomes: Counter[tuple[str, bool]] = Counter()
    for number, file in zip(range(RUNS // 3), cases(folder), strict=False):
        content = file.read_bytes()
        file.write_bytes(damaged(content, random.Random(f"{kind.__name__} {number}")))
        # Of a run that is gone the folder is named.
        found = read(table, "run", (number, file))
        outcomes[file.name, found is None] += 1
        assert found is None or found.equals(sound), (number, file)
        assert found is None or file.name == "run.json" or file.read_bytes() == content, (number, file)
        file.write_bytes(content)
    assert table().equals(sound)
    assert outcomes["run.json", True] > 20, outcomes
    assert outcomes["run.json", False] > 5, outcomes  # what is damaged there has no rule: a version, a time
    assert capfd.readouterr() == ("", "")


def test_accidents_of_known_effect(tmp_path: Path) -> None:
    """To whole parts of a run."""
    folder = tmp_path / "run"
    sound = letters(folder)()
    first, second, third = sorted((folder / "parts").iterdir())
    contents = [part.read_bytes() for part in (first, second, third)]
    # In another order: the items' order counts.
    first.write_bytes(contents[2])
    third.write_bytes(contents[0])
    assert read_run(folder).frame.equals(sound)
    # One twice, and one less: refused.
    first.write_bytes(contents[0])
    with pytest.raises(ValueError, match="each item must be answered once in each order"):
        read_run(folder)
    third.unlink()
    with pytest.raises(ValueError, match="'n_done' is 24, but the parts hold 16"):
        read_run(folder)
