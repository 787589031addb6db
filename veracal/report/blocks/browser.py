"""Browsers of the page: every item and every free-form answer, packed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from calibration import Predictions
from calibration.metrics.bins import assign_bins, bin_edges

from .first_rows import FirstRows, first_answers, first_items
from .pieces import Piece, WholeNumbers, packed_rows

PARTS = 65_535
"""Probabilities travel as whole numbers of this part; the page shows three decimals."""


@dataclass(frozen=True)
class Browser:
    """A browser of the page.

    Attributes
    ----------
    name : {"items", "answers"}
        Its id in the page, and the name of its rows.
    n_rows : int
        Number of rows.
    pieces : tuple of Piece
        Packed rows.
    first : FirstRows
        The rows that are shown without the script.
    notes : tuple of str
        Notes on the rows.
    """

    name: str
    n_rows: int
    pieces: tuple[Piece, ...]
    first: FirstRows
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
    ids = first.frame["item"].to_list()
    written: dict[str, Any] = {"id": ids}
    if texts is None:
        notes.append("The texts are absent: these runs were imported from bare numbers.")
    else:
        wanted = first.frame.select("item").join(
            texts.select("item", "question", "options"), on="item", how="left", maintain_order="left"
        )
        written["question"] = wanted["question"].fill_null("").to_list()
        written["options"] = [row or [] for row in wanted["options"].to_list()]
        absent = wanted["question"].null_count()
        if absent:
            notes.append(f"The texts of {absent:,} items are absent.")
    orders = [_orders(run) for run in runs]
    if any((order != np.arange(order.shape[1])).any() for order in orders):
        notes.append("Some items were asked with their options in another order; letters here are of the item's own.")
    subjects, subject = _coded(first.frame["subject"])
    rows = np.arange(first.n_items)
    key = orders[0][rows, first.answer]
    columns: dict[str, WholeNumbers] = {"subject": subject, "key": key, "size": np.asarray(first.n_options)}
    by_option = []
    edges = bin_edges(first.confidence)
    for number, (run, order) in enumerate(zip(runs, orders, strict=True)):
        probabilities = _in_own_order(run, order)
        by_option.append(probabilities)
        # Not found again from the rounded probabilities, where ties, near ties and edges of bins would look alike.
        predicted = order[rows, run.predicted]
        columns |= {
            f"predicted-{number}": predicted,
            f"confidence-{number}": probabilities[rows, predicted],
            f"key-{number}": probabilities[rows, key],
            f"bin-{number}": assign_bins(run.confidence, edges),
        }
    about = {
        "runs": list(names), "subjects": subjects, "texts": texts is not None, "parts": PARTS, "edges": edges.tolist(),
    }  # fmt: skip

    def letters(here: slice) -> WholeNumbers:
        shown = np.stack([probabilities[here] for probabilities in by_option], axis=1)  # (rows, runs, options)
        present = np.broadcast_to(first.present[here][:, None], shown.shape)
        return shown[present]

    return Browser(
        "items",
        first.n_items,
        packed_rows(about, columns, written, letters),
        first_items(names, subjects, written, columns, PARTS),
        tuple(notes),
    )


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
    answered = [
        asked.select("question", "sample").join(
            frame.select("question", "sample", "response", "grade", "tempted", "reason", "thoughts"),
            on=["question", "sample"],
            how="left",
            maintain_order="left",
        )
        for frame in runs
    ]
    # An answer that a run does not have is no grade.
    given = [frame["grade"].fill_null("not asked") for frame in answered]
    used = {grade for column in given for grade in column.unique()}
    grades = [grade for grade in _GRADES if grade in used] + sorted(used - {*_GRADES})
    several = asked["sample"].n_unique() > 1
    written: dict[str, Any] = {
        "id": [
            f"{question}, sample {sample}" if several else question
            for question, sample in zip(asked["question"], asked["sample"], strict=True)
        ],
        "question": asked["text"].to_list(),
        "ideal": asked["ideal"].to_list(),
        **{
            key: [list(row) for row in zip(*(frame[key].fill_null("") for frame in answered), strict=True)]
            for key in ("response", "reason", "thoughts")
        },
    }
    categories, category = _coded(asked["category"])
    columns: dict[str, WholeNumbers] = {
        "category": category,
        "adversarial": asked["adversarial"].cast(pl.Int64).to_numpy(),
    }
    for number, (frame, column) in enumerate(zip(answered, given, strict=True)):
        columns |= {
            f"grade-{number}": np.array([grades.index(grade) for grade in column]),
            f"tempted-{number}": frame["tempted"].fill_null(value=False).cast(pl.Int64).to_numpy(),
        }
    heading = {"runs": list(names), "categories": categories, "grades": grades}
    return Browser(
        "answers",
        asked.height,
        packed_rows(heading, columns, written),
        first_answers(names, categories, grades, written, columns),
        (),
    )


_GRADES = ("correct", "partial", "incorrect", "abstained", "ungraded", "not asked")


def _coded(column: pl.Series) -> tuple[list[str], WholeNumbers]:
    """Distinct values by their first rows, and the code of each row's value."""
    values = column.to_list()
    code = {value: number for number, value in enumerate(dict.fromkeys(values))}
    return list(code), np.array([code[value] for value in values], dtype=np.int64)


def _in_own_order(run: Predictions, order: WholeNumbers) -> WholeNumbers:
    """Probabilities of the item's own options, in parts."""
    by_option = np.zeros_like(run.probabilities)
    by_option[np.arange(run.n_items)[:, None], order] = run.probabilities
    return np.rint(by_option * PARTS).astype(np.uint16)


def _orders(run: Predictions) -> WholeNumbers:
    """Option under each letter, shape (n_items, n_options); padding holds its own index."""
    width = run.probabilities.shape[1]
    return np.array([[*order, *range(len(order), width)] for order in run.frame["order"].to_list()], dtype=np.int64)
