"""What is kept of where a log of Inspect comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..bare_names import without_folders
from .document import Document

# Arguments of a task that say how it asks, and cannot name anybody.
_HARMLESS = frozenset({"fewshot", "few_shot", "num_fewshot", "n_fewshot", "shots", "n_shots", "num_shots", "cot"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[_-][A-Za-z]{2,4})?")
# The R package vitals writes the call of a function, with its arguments.
_NAME = re.compile(r"[\w./:-]+")


def task_of(document: Document) -> str:
    """Name of the task."""
    return without_folders(str(document.part("eval").get("task") or ""))


def model_of(document: Document) -> str:
    """Name of the model; the file's if the log names none."""
    return without_folders(str(document.part("eval").get("model") or "")) or document.source.path.stem


def origin_of(document: Document, n_items: int) -> dict[str, Any]:
    """Harness and its version, dataset, shots, solvers, epochs, counts.

    Parameters
    ----------
    document : Document
        The log.
    n_items : int
        How many items were imported.
    """
    dataset, config = document.part("eval", "dataset"), document.part("eval", "config")
    packages = document.part("eval", "packages")
    name = dataset.get("name")
    kept = {
        "harness": "inspect_ai",
        "version": packages.get("inspect_ai"),
        "dataset": without_folders(name) if isinstance(name, str) else None,
        "items": n_items,
        "of": _count(dataset.get("samples")),
        "epochs": _count(config.get("epochs")),
        "limit": config.get("limit") if isinstance(config.get("limit"), int | list) else None,
        "solvers": _solvers(document.part("plan")),
        **_arguments(document.part("eval", "task_args")),
    }
    return {key: value for key, value in kept.items() if value not in (None, [], "")}


def count_remarks(document: Document, n_items: int) -> list[str]:
    """Remarks on the share of the dataset and the end of the log."""
    remarks = []
    status = document.header.get("status")
    dataset = document.part("eval", "dataset")
    n_dataset, n_answers = _count(dataset.get("samples")), len(document.samples)
    if status not in (None, "success"):
        ids, epochs = dataset.get("sample_ids"), _count(document.part("eval", "config").get("epochs")) or 1
        n_asked = f" of {len(ids) * epochs:,}" if isinstance(ids, list) else ""
        answers = "answer" if n_answers == 1 and not n_asked else "answers"
        remarks.append(f"the log is unfinished (status {status}): it holds {n_answers:,}{n_asked} {answers}")
    if document.n_invalid:
        n_all = n_answers + document.n_invalid
        were, are = ("was", "is") if document.n_invalid == 1 else ("were", "are")
        remarks.append(f"{document.n_invalid:,} of {n_all:,} answers {were} invalidated and {are} left out")
    elif document.header.get("invalidated"):
        remarks.append("the log is marked as invalidated")
    if n_dataset and n_items < n_dataset:
        remarks.append(f"{n_items:,} of the dataset's {n_dataset:,} items")
    return remarks


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _solvers(plan: Mapping[str, Any]) -> list[str]:
    steps = plan.get("steps")
    names = [step.get("solver") for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    return [match[0] for name in names if isinstance(name, str) and (match := _NAME.match(name))]


def _arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        name: value for name, value in given.items() if name in _HARMLESS and isinstance(value, int)
    }
    language = given.get("language")
    return kept | ({"language": language} if isinstance(language, str) and _LANGUAGE.fullmatch(language) else {})
