"""Named sources of items and questions: what each holds, how much, and its licence."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

_TYPES = ".jsonl, .csv or .parquet"
_OWN = "Apache-2.0"


@dataclass(frozen=True, kw_only=True)
class KnownSource:
    """A name that ``--items`` or ``--questions`` takes.

    Attributes
    ----------
    name : str
        As it is written.
    holds : str
        What it is.
    size : int or None
        Number of items or questions; None if the user's file decides.
    licence : str
        Its licence (SPDX); empty if the user's file decides.
    home : str
        Where it comes from; empty if it travels with the package, or is the user's file.
    """

    name: str
    holds: str
    size: int | None = None
    licence: str = ""
    home: str = ""

    def to_dict(self) -> dict[str, Any]:
        """What is known of it, as JSON."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


def item_sources() -> tuple[KnownSource, ...]:
    """What ``--items`` takes."""
    return (
        KnownSource(
            name="mmlu", holds="MMLU's test items, 57 subjects", size=14_042, licence="MIT",
            home="https://huggingface.co/datasets/cais/mmlu",
        ),
        KnownSource(name="mmlu:FOLDER", holds="MMLU in its original CSV layout"),
        KnownSource(
            name="demo", holds="items on the demo's invented world", size=_n_lines("veracal.demo", "items.jsonl"),
            licence=_OWN,
        ),
        KnownSource(name="FILE", holds=f"your items: {_TYPES}"),
    )  # fmt: skip


def question_sources() -> tuple[KnownSource, ...]:
    """What ``--questions`` takes."""
    return (
        KnownSource(
            name="truthfulqa", holds="TruthfulQA, 38 categories", size=817, licence=_OWN,
            home="https://huggingface.co/datasets/truthfulqa/truthful_qa",
        ),
        KnownSource(
            name="adversarial", holds="the project's misconceptions, controls",
            size=_n_lines("factuality.questions.adversarial", "questions.jsonl"), licence=_OWN,
        ),
        KnownSource(
            name="demo", holds="questions on the demo's invented world",
            size=_n_lines("veracal.demo", "questions.jsonl"), licence=_OWN,
        ),
        KnownSource(name="FILE", holds=f"your questions: {_TYPES}"),
    )  # fmt: skip


def _n_lines(package: str, name: str) -> int:
    """Number of rows of a file that travels with the package."""
    return len(Path(str(files(package) / name)).read_text(encoding="utf-8").splitlines())
