"""Where items come from: what ``--items`` and ``--dev`` may name."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from calibration import Item, load_items, load_mmlu
from calibration.items import select

HELP = "mmlu (the hub's cais/mmlu), mmlu:FOLDER (original CSV layout), demo, or a .jsonl, .csv or .parquet file"


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


def _is_mmlu(source: str) -> bool:
    return source == "mmlu" or source.startswith("mmlu:")


def _mmlu_folder(source: str) -> str | None:
    return source.removeprefix("mmlu:") if ":" in source else None
