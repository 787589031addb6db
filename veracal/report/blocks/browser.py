"""Browsers of the page: every item and every free-form answer, packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from calibration import Predictions

from .download import packed

# Probabilities travel as whole numbers of this part; the page shows three decimals.
_PARTS = 100_000


@dataclass(frozen=True)
class Browser:
    """A browser of the page.

    Attributes
    ----------
    name : {"items", "answers"}
        Its id in the page, and the name of its rows.
    n_rows : int
        Number of rows.
    data : str
        Packed rows.
    notes : tuple of str
        Notes on the rows.
    """

    name: str
    n_rows: int
    data: str
    notes: tuple[str, ...]


def item_browser(runs: Sequence[Predictions], names: Sequence[str], texts: pl.DataFrame | None) -> Browser:
    """Every item with its texts and what each run answered.

    Letters are those of the item's own order of options, also if a run was asked in another.

    Parameters
    ----------
    runs : sequence of Predictions
        Aligned: the same items in the same order.
    names : sequence of str
        What to call them.
    texts : polars.DataFrame or None
        ``item``, ``question`` and ``options``; none for imports of bare numbers.
    """
    first = runs[0]
    notes = []
    questions: list[str] = []
    options: list[list[str]] = []
    if texts is None:
        notes.append("The texts are absent: these runs were imported from bare numbers.")
    else:
        wanted = first.frame.select("item").join(
            texts.select("item", "question", "options"), on="item", how="left", maintain_order="left"
        )
        questions = wanted["question"].fill_null("").to_list()
        options = [row or [] for row in wanted["options"].to_list()]
        absent = wanted["question"].null_count()
        if absent:
            notes.append(f"The texts of {absent:,} items are absent.")
    orders = [_orders(run) for run in runs]
    if any((order != np.arange(order.shape[1])).any() for order in orders):
        notes.append("Some items were asked with their options in another order; letters here are of the item's own.")
    subjects = list(dict.fromkeys(first.frame["subject"].to_list()))
    subject_index = {subject: index for index, subject in enumerate(subjects)}
    rows = np.arange(first.n_items)
    data: dict[str, Any] = {
        "id": first.frame["item"].to_list(),
        "subjects": subjects,
        "subject": [subject_index[subject] for subject in first.frame["subject"]],
        "question": questions,
        "options": options,
        "sizes": first.n_options.tolist(),
        "key": orders[0][rows, first.answer].tolist(),
        "parts": _PARTS,
        "runs": [_run(run, order, label) for run, order, label in zip(runs, orders, names, strict=False)],
    }
    return Browser("items", first.n_items, packed(data), tuple(notes))


def answer_browser(runs: Sequence[pl.DataFrame], names: Sequence[str]) -> Browser:
    """Every question with what each run answered to it, and how that was graded.

    Parameters
    ----------
    runs : sequence of polars.DataFrame
        Frames of judgments: ``question``, ``category``, ``adversarial``, ``sample``, ``text``, ``ideal``,
        ``response``, ``grade``, ``tempted``, ``reason``; and ``thoughts``, null without any.
    names : sequence of str
        What to call them.
    """
    about = ["question", "sample", "category", "adversarial", "text", "ideal"]
    asked = pl.concat([frame.select(about) for frame in runs]).unique(["question", "sample"], maintain_order=True)
    columns = []
    for label, frame in zip(names, runs, strict=False):
        mine = asked.select("question", "sample").join(
            frame.select("question", "sample", "response", "grade", "tempted", "reason", "thoughts"),
            on=["question", "sample"],
            how="left",
            maintain_order="left",
        )
        columns.append(
            {
                "name": label,
                "response": mine["response"].fill_null("").to_list(),
                # An answer that a run does not have is no grade.
                "grade": mine["grade"].fill_null("not asked").to_list(),
                "tempted": mine["tempted"].fill_null(value=False).cast(pl.Int8).to_list(),
                "reason": mine["reason"].fill_null("").to_list(),
                "thoughts": mine["thoughts"].fill_null("").to_list(),
            }
        )
    several = asked["sample"].n_unique() > 1
    data = {
        "id": [
            f"{question}, sample {sample}" if several else question
            for question, sample in zip(asked["question"], asked["sample"], strict=True)
        ],
        "category": asked["category"].to_list(),
        "adversarial": asked["adversarial"].cast(pl.Int8).to_list(),
        "question": asked["text"].to_list(),
        "ideal": asked["ideal"].to_list(),
        "runs": columns,
    }
    return Browser("answers", asked.height, packed(data), ())


def _run(run: Predictions, order: np.ndarray[Any, Any], label: str) -> dict[str, Any]:
    rows = np.arange(run.n_items)
    by_option = np.zeros_like(run.probabilities)
    by_option[rows[:, None], order] = run.probabilities
    return {
        "name": label,
        # Not found again from the rounded probabilities, where ties and near ties would look alike.
        "predicted": order[rows, run.predicted].tolist(),
        "probability": np.rint(by_option[run.present] * _PARTS).astype(int).tolist(),
    }


def _orders(run: Predictions) -> np.ndarray[Any, Any]:
    """Option under each letter, shape (n_items, n_options); padding holds its own index."""
    width = run.probabilities.shape[1]
    return np.array([[*order, *range(len(order), width)] for order in run.frame["order"].to_list()], dtype=np.int64)
