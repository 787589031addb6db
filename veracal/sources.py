"""Where items and questions come from: what ``--items``, ``--questions`` and ``--dev`` may name."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from calibration import Item, load_items, load_mmlu
from calibration.items import select
from factuality import Question, load_questions
from factuality.questions import select as select_questions

HELP = "mmlu (the hub's cais/mmlu), mmlu:FOLDER (original CSV layout), demo, or a .jsonl, .csv or .parquet file"
QUESTIONS_HELP = "demo, or a .jsonl file"


def items_of(source: str, *, subjects: Sequence[str] | None = None, limit: int | None = None) -> list[Item]:
    """Items that a source names.

    Parameters
    ----------
    source : str
        ``mmlu``, ``mmlu:FOLDER``, ``demo`` or a file.
    subjects : sequence of str, optional
        Keep these subjects.
    limit : int, optional
        Keep the first items of each subject.
    """
    if _is_mmlu(source):
        return select(load_mmlu(_mmlu_folder(source), subjects=subjects), limit=limit)
    if source == "demo":
        path = Path(str(files("veracal.demo") / "items.jsonl"))
        return select(load_items(path), subjects=subjects, limit=limit)
    return select(load_items(source), subjects=subjects, limit=limit)


def dev_of(source: str, dev: str | None, *, subjects: Sequence[str] | None = None) -> list[Item]:
    """Solved items for the shots: those of `dev`, or MMLU's own dev split.

    Raises
    ------
    ValueError
        Where the source has no dev items and none are named.
    """
    if dev is not None:
        return items_of(dev)
    if _is_mmlu(source):
        return load_mmlu(_mmlu_folder(source), split="dev", subjects=subjects)
    raise ValueError(f"shots need solved items: {source} has no dev split, name a file with --dev")


def questions_of(source: str, *, limit: int | None = None) -> list[Question]:
    """Open questions that a source names.

    Parameters
    ----------
    source : str
        ``demo`` or a file.
    limit : int, optional
        Keep the first questions of each category, adversarial and calm ones counted apart.
    """
    path = Path(str(files("veracal.demo") / "questions.jsonl")) if source == "demo" else Path(source)
    return select_questions(load_questions(path), limit=limit)


def _is_mmlu(source: str) -> bool:
    return source == "mmlu" or source.startswith("mmlu:")


def _mmlu_folder(source: str) -> str | None:
    return source.removeprefix("mmlu:") if ":" in source else None
