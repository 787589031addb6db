"""Where items and questions come from: what ``--items``, ``--questions`` and ``--dev`` may name."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from calibration import Item, load_items, load_mmlu
from calibration.items.answer_keys import Answers
from calibration.items.item import select
from calibration.nearest_names import nearest
from factuality import Question, load_questions
from factuality.questions.question import select as select_questions
from factuality.questions.truthfulqa import is_truthfulqa, load_truthfulqa

ITEM_NAMES = ("mmlu", "mmlu:FOLDER", "demo")
QUESTION_NAMES = ("truthfulqa", "adversarial", "demo")
HELP = "mmlu (the hub's cais/mmlu), mmlu:FOLDER (original CSV layout), demo, or a .jsonl, .csv or .parquet file"
QUESTIONS_HELP = (
    "truthfulqa (the hub's truthfulqa/truthful_qa), a .csv file with TruthfulQA's header or a folder that holds "
    "TruthfulQA.csv, adversarial (the project's own set), demo, or a .jsonl, .csv or .parquet file with question and "
    "answer"
)


def read_items(
    source: str,
    *,
    subjects: Sequence[str] | None = None,
    limit: int | None = None,
    answers: Answers | None = None,
) -> list[Item]:
    """Items that a source names.

    Parameters
    ----------
    source : str
        ``mmlu``, ``mmlu:FOLDER``, ``demo`` or a file.
    subjects : sequence of str, optional
        Keep these subjects.
    limit : int, optional
        Keep the first items of each subject.
    answers : {"letters", "from-zero", "from-one", "text"}, optional
        How a file or folder writes its answers; decided from all of them if omitted.
    """
    if _is_mmlu(source):
        return select(load_mmlu(_mmlu_folder(source), subjects=subjects, answers=answers), limit=limit)
    if source == "demo":
        path = Path(str(files("veracal.demo") / "items.jsonl"))
        return select(load_items(path), subjects=subjects, limit=limit)
    _refuse_unknown(source, "items", ITEM_NAMES, HELP)
    return select(load_items(source, answers=answers), subjects=subjects, limit=limit)


def answers_are_open(source: str) -> bool:
    """True if a source may write its answers in several ways.

    The hub's MMLU and the demo do not.
    """
    return source not in ("mmlu", "demo")


def read_dev_items(
    source: str, dev: str | None, *, subjects: Sequence[str] | None = None, answers: Answers | None = None
) -> list[Item]:
    """Few-shot examples: the items of `dev`, or MMLU's own dev split.

    Raises
    ------
    ValueError
        Where the source has no dev items and none are named.
    """
    if dev is not None:
        return read_items(dev, answers=answers)
    if _is_mmlu(source):
        return load_mmlu(_mmlu_folder(source), split="dev", subjects=subjects, answers=answers)
    raise ValueError(f"few-shot examples are missing: {source} has no dev split, name a file with --dev")


def read_questions(source: str, *, limit: int | None = None) -> list[Question]:
    """Open questions that a source names.

    Parameters
    ----------
    source : str
        ``truthfulqa``, ``adversarial``, ``demo``, a folder or a file.
    limit : int, optional
        Keep the first questions of each category, adversarial and control ones counted apart.
    """
    return select_questions(_questions(source), limit=limit)


def read_solved_questions(dev: str | None) -> list[Question]:
    """Few-shot questions for the primer 5-shot.

    They are those of `dev`, or one of each category of the project's own set.

    No question of that set is one of TruthfulQA's.
    """
    return read_questions("adversarial", limit=1) if dev is None else read_questions(dev)


def _questions(source: str) -> list[Question]:
    packaged = {"adversarial": "factuality.questions.adversarial", "demo": "veracal.demo"}
    if source in packaged:
        return load_questions(Path(str(files(packaged[source]) / "questions.jsonl")))
    if source == "truthfulqa":
        return load_truthfulqa()
    path = Path(source)
    if not path.is_dir():
        _refuse_unknown(source, "questions", QUESTION_NAMES, QUESTIONS_HELP)
    if path.is_dir() or (path.suffix.lower() in (".csv", ".tsv") and is_truthfulqa(path)):
        return load_truthfulqa(path)
    return load_questions(path)


def _refuse_unknown(source: str, what: str, names: Sequence[str], known: str) -> None:
    """Refuse what is neither a file nor a name, with what there is."""
    path = Path(source)
    if path.is_file():
        return
    if path.is_dir():
        raise ValueError(f"{source}: is a folder, which {what} are not read from; they are {known}")
    beside = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
    near = nearest(source, names) or nearest(path.name, beside)
    raise FileNotFoundError(f"no such file: {source}; {what} are {known}{near}")


def _is_mmlu(source: str) -> bool:
    return source == "mmlu" or source.startswith("mmlu:")


def _mmlu_folder(source: str) -> str | None:
    return source.removeprefix("mmlu:") if ":" in source else None
