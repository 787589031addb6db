"""Predictions: the interchange between extraction and all numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import polars as pl
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax, softmax

from ..files.row_rules import own_columns
from ..items.answer_keys import Answers
from ..items.item import LETTERS
from ..metrics.arrays import FloatArray, IntArray
from ..metrics.precision import STORED, known_to
from ..metrics.ties import level_rows
from ..result_tables.preview import N_ROWS
from ..result_tables.result_table import ResultTable
from ..tables.chosen_columns import with_further
from ..tables.table_files import given_table
from ..tables.written_tables import write_table
from .answered_items import AnsweredItems
from .further_columns import refuse_several_values, with_further_columns
from .given_values import answer_array, given_scores
from .letter_cells import CELL_SCHEMA, letter_cells, read_stored_letters
from .letter_columns import LETTER_FIELDS, letter_columns
from .letter_scores import padded
from .letter_table import SCHEMA, STEP_COLUMN, refuse_bad_rows
from .previews import run_preview
from .score_tables import score_matrix, score_table

View = Literal["top", "choices"]


@dataclass(frozen=True, eq=False, repr=False)
class Predictions(AnsweredItems):
    """The answer-letter log-probabilities of one model on a set of items.

    Attributes
    ----------
    frame : polars.DataFrame
        One row an item, or one for each order in which its options were asked, with the columns ``model``,
        ``revision``, ``item``, ``subject``, ``content`` (hash of the text, empty if it is unknown), ``order`` (the
        option under each letter), ``answer`` (index of the right letter in that order), ``logprobs`` (natural
        log-probability of each letter as the next token, not renormalised), ``bounded``, ``letter_mass`` (total
        probability on the letters, null if unknown), ``other_form_mass`` and ``prompt`` (hash of the exact prompt).
        Further columns, such as a language, stand behind these; they can group.

    Raises
    ------
    ValueError
        For an empty table, missing columns, further ones that hold lists or objects, a repeated item in one order of
        its options, a log-probability that is NaN or infinite on every letter, letters and order of different lengths,
        an answer beyond them. The message names row and item. Also from everything derived, if an item stands in
        several orders (`permuted`).

    Notes
    -----
    Everything derived is float64 and never stored. Items may have different numbers of options: matrices are then as
    wide as the longest item, with probability 0 if an item has no such option.

    If items were asked in several orders of their options, nothing is derived but `n_items` and `permuted`, so that
    no measure counts an item several times: `calibration.predictions.rotations` makes one row an item of them.

    Examples
    --------
    >>> run = Predictions.from_arrays([[2.0, 1.0, 0.0], [0.0, 0.5, 0.1]], answer=[0, 2])
    >>> run.n_items, run.predicted.tolist(), run.correct.tolist()
    (2, [0, 1], [True, False])
    """

    schema: ClassVar[pl.Schema] = SCHEMA

    def __post_init__(self) -> None:
        own = own_columns(self.frame, SCHEMA, table="predictions", row="item")
        refuse_bad_rows(own)
        object.__setattr__(self, "frame", with_further_columns(own, self.frame))
        if self.permuted:
            refuse_several_values(self.frame, self.frame.columns[len(SCHEMA) :])

    @classmethod
    def from_arrays(
        cls,
        scores: ArrayLike | None = None,
        answer: ArrayLike | None = None,
        *,
        logits: ArrayLike | None = None,
        logprobs: ArrayLike | None = None,
        probabilities: ArrayLike | None = None,
        item: Sequence[str] | None = None,
        subject: Sequence[str] | None = None,
        model: str = "",
    ) -> Predictions:
        """Predictions from a matrix of letter logits, log-probabilities or probabilities.

        Parameters
        ----------
        scores, logits : array_like, shape (n_items, n_options)
            Logits, or natural log-probabilities of anything. They are stored as their log-softmax over the letters, so
            the letter mass is unknown. NaN or −inf behind the last number of a row marks an option that the item does
            not have, here and below.
        answer : array_like of int or str, shape (n_items,)
            Index of the right option, from 0, or its letter.
        logprobs : array_like, shape (n_items, n_options)
            In place of `logits`: natural log-probabilities of the letters as the next token in one context, which may
            sum to less than 1. They are stored as they are, with their sum as the letter mass; one of -1000 or less is
            unknown.
        probabilities : array_like, shape (n_items, n_options)
            In place of `logits`: probabilities that sum to 1 in each row, to within 0.002, or 0.0005 an option if
            that is more, or as far as their rounding to two or three decimals explains (they are divided by their sum,
            and twenty rows or more keep the step as `probability_step`). One of exactly 0 is stored as an upper bound
            (`calibration.predictions.letter_scores.letter_scores`).
        item, subject : sequence of str, optional
            Pairing keys (the row number if omitted) and groups (one group if omitted).
        model : str
            A name for tables and figures.

        Raises
        ------
        ValueError
            For NaN in front of a number, shapes that do not fit, logits that are probabilities, and everything that
            `Predictions` refuses.
        TypeError
            Unless scores of exactly one kind are given, and the answers.

        Examples
        --------
        >>> Predictions.from_arrays([[0.5, 1.5]], answer=[1]).accuracy
        1.0
        >>> Predictions.from_arrays(probabilities=[[0.2, 0.8]], answer=["B"]).confidence.round(6)
        array([0.8])
        """
        named = {"logits": logits, "logprobs": logprobs, "probabilities": probabilities}
        name, given, kind = given_scores(scores, named, answer)
        right = answer_array(answer)
        values, n_options = score_matrix(name, given, right)
        return cls(score_table(values, n_options, kind, right, item=item, subject=subject, model=model))

    @classmethod
    def from_lists(
        cls,
        scores: Sequence[Sequence[float]] | None = None,
        answer: Sequence[int] | Sequence[str] | None = None,
        *,
        logits: Sequence[Sequence[float]] | None = None,
        logprobs: Sequence[Sequence[float]] | None = None,
        probabilities: Sequence[Sequence[float]] | None = None,
        item: Sequence[str] | None = None,
        subject: Sequence[str] | None = None,
        model: str = "",
    ) -> Predictions:
        """`from_arrays` for items with different numbers of options: one list of scores an item.

        Examples
        --------
        >>> Predictions.from_lists(probabilities=[[0.2, 0.8], [0.5, 0.3, 0.2]], answer=["B", "C"]).n_options
        array([2, 3])
        """
        named = {"logits": logits, "logprobs": logprobs, "probabilities": probabilities}
        name, given, kind = given_scores(scores, named, answer)
        values, n_options = padded(name, given)
        right = answer_array(answer)
        return cls(score_table(values, n_options, kind, right, item=item, subject=subject, model=model))

    @classmethod
    def from_frame(
        cls,
        data: object,
        *,
        logits: str | Sequence[str] | None = None,
        logprobs: str | Sequence[str] | None = None,
        probabilities: str | Sequence[str] | None = None,
        answer: str | None = None,
        item: str | None = None,
        subject: str | None = None,
        answers: Answers | None = None,
        scale: float | None = None,
        model: str | None = None,
    ) -> Predictions:
        """Predictions from a data frame, a dict of arrays or a file.

        Parameters
        ----------
        data : frame, mapping or path
            A frame of polars, pandas, pyarrow or DuckDB; a dict of arrays; a CSV, TSV, JSONL, Parquet, Arrow or Excel
            file; a table that `save` wrote.
        logits, logprobs, probabilities : str or sequence of str, optional
            Columns of scores, one an option, or one column of lists (or of objects: a number by the name of each
            option), as in `from_arrays`. If omitted ``logit_A``, …,
            ``logprob_A``, …, ``prob_A``, … or a column of lists under these names. The last ones of a row may be empty.
        answer, item, subject : str, optional
            Names of columns. If omitted they are recognised: ``answer``, ``target``, ``gold`` or ``label`` (an index,
            a letter, the name of a column of scores, or the text of an option, if there are columns ``options`` or
            ``A``, ``B``, …); ``item``, ``id``, ``question_id`` or ``doc_id`` (otherwise ``subject/index``, otherwise
            the row number); ``subject``, ``category`` or ``task``.
        answers : {"letters", "from-zero", "from-one", "text"}, optional
            How right answers are written, if they do not decide it.
        scale : float, optional
            What probabilities are divided by: 100 for per cent.
        model : str, optional
            A name for tables and figures; if omitted, that of a column ``model``.

        Raises
        ------
        ValueError
            As `from_arrays`; for two columns that mean one field, missing values, repeated ids, rows of several models,
            answers that are no number of the options' columns, and a column ``correct`` that is not what the scores
            say, naming column and row.
        TypeError
            For what is no table, and for several kinds of scores.

        Examples
        --------
        >>> table = {"p_yes": [0.9, 0.2], "p_no": [0.1, 0.8], "gold": ["yes", "yes"]}
        >>> Predictions.from_frame(table, probabilities=["p_yes", "p_no"]).correct.tolist()
        [True, False]
        """
        stored = read_stored_letters(data)
        if stored is not None:
            return cls(stored)
        table = given_table(data, LETTER_FIELDS)
        if set(SCHEMA) <= set(table.names):
            return cls(table.whole())
        scores = {"logits": logits, "logprobs": logprobs, "probabilities": probabilities}
        columns = letter_columns(
            table, scores, {"gold": answer, "row_id": item, "group": subject}, answers, scale=scale
        )
        try:
            rows = score_table(
                columns.values, columns.n_options, columns.kind, columns.answer, item=columns.item,
                subject=columns.subject, model=columns.model if model is None else model,
            )  # fmt: skip
            run = cls(rows)
        except ValueError as error:
            raise table.named(error) from None
        return cls(with_further(run.frame, table, columns.taken))

    def save(self, path: str | Path) -> None:
        """Write the table as a file, which `from_frame` and `read_run` read back.

        Raises
        ------
        ValueError
            As `calibration.Pairs.save`.
        """
        if Path(path).suffix == ".csv":
            write_table(letter_cells(self.frame), path, own=CELL_SCHEMA)
        else:
            super().save(path)

    @property
    def probability_step(self) -> float | None:
        """Distance of neighbouring probabilities if these are rounded; otherwise None."""
        return float(self.frame[STEP_COLUMN][0]) if STEP_COLUMN in self.frame.columns else None

    @cached_property
    def n_items(self) -> int:
        """Number of items, each counted once."""
        return self.frame["item"].n_unique()

    @property
    def permuted(self) -> bool:
        """Whether items were asked in more than one order of options."""
        return self.n_items < self.frame.height

    @property
    def rows(self) -> pl.DataFrame:
        """The table with one row an item, from which everything is derived."""
        if self.permuted:
            raise ValueError(
                f"these predictions hold {self.frame.height} rows of {self.n_items} items in several orders of their "
                "options; average_permutations(predictions) makes one row an item, position_bias(predictions) tells "
                "how the orders differ"
            )
        return self.frame

    @property
    def table(self) -> ResultTable:
        """Its sizes, and its first rows."""
        if self.permuted:
            orders = ["".join(LETTERS[index] for index in order) for order in self.frame["order"].head(N_ROWS)]
            several = "Items stand in several orders of their options; average_permutations(run) makes one row an item."
            return run_preview(self.frame, {"order": orders}, n_items=self.n_items, numbers={}, remarks=[several])
        head = Predictions(self.frame.head(N_ROWS))
        shown: dict[str, list[object]] = {
            "answer": [LETTERS[index] for index in head.answer],
            "predicted": [LETTERS[index] for index in head.predicted],
            "confidence": head.confidence.tolist(),
            "correct": head.correct.tolist(),
        }
        numbers = {"accuracy": self.accuracy, "mean confidence": float(self.confidence.mean())}
        return run_preview(self.frame, shown, n_items=self.n_items, numbers=numbers)

    @cached_property
    def n_options(self) -> IntArray:
        """Number of options of each item, shape (n_items,)."""
        return self.rows["logprobs"].list.len().to_numpy().astype(np.int64)

    @cached_property
    def answer(self) -> IntArray:
        """Index of the right letter, shape (n_items,)."""
        return self.rows["answer"].to_numpy().astype(np.int64)

    @cached_property
    def logprobs(self) -> FloatArray:
        """Log-probabilities as stored, shape (n_items, n_options).

        −inf if an item has no such option.
        """
        matrix = np.full((self.n_items, int(self.n_options.max())), -np.inf, order="F")  # sums over few options
        matrix[self.present] = self.rows["logprobs"].explode(empty_as_null=False).to_numpy()
        return matrix

    @cached_property
    def present(self) -> NDArray[np.bool_]:
        """Whether options exist, shape (n_items, n_options)."""
        return np.asarray(np.arange(int(self.n_options.max()))[None, :] < self.n_options[:, None])

    @property
    def log_probabilities(self) -> FloatArray:
        """Log-softmax of the letters in float64, shape (n_items, n_options).

        It is computed anew each time, for it is large and needed by few.
        """
        return np.asarray(log_softmax(self.logprobs, axis=1))

    @cached_property
    def probabilities(self) -> FloatArray:
        """Probability of each letter given that a letter is answered, shape (n_items, n_options)."""
        return known_to(np.ascontiguousarray(softmax(self.logprobs, axis=1)), STORED)

    @cached_property
    def best(self) -> NDArray[np.bool_]:
        """Whether letters share the largest log-probability, shape (n_items, n_options).

        Differences by rounding are none.
        """
        levelled = np.asarray(level_rows(known_to(self.logprobs, STORED)))
        return np.asarray(levelled == levelled.max(axis=1, keepdims=True))

    @cached_property
    def predicted(self) -> IntArray:
        """The first maximal letter, shape (n_items,)."""
        return np.asarray(np.argmax(self.best, axis=1))

    @cached_property
    def confidence(self) -> FloatArray:
        """Probability of the predicted letter, shape (n_items,)."""
        return self.probabilities[np.arange(self.n_items), self.predicted]

    @cached_property
    def correct(self) -> NDArray[np.bool_]:
        """Whether the predicted letter is right, shape (n_items,)."""
        return np.asarray(self.predicted == self.answer)

    @cached_property
    def choice_confidence(self) -> FloatArray:
        """Probability of each letter, right or not, shape (number of options of all items,)."""
        if self.present.all():
            return self.probabilities.ravel()  # no copy: there are as many as items times letters
        return self.probabilities[self.present]

    @cached_property
    def choice_correct(self) -> NDArray[np.bool_]:
        """Whether each letter is the right one, aligned with `choice_confidence`."""
        is_answer = np.arange(self.present.shape[1])[None, :] == self.answer[:, None]
        return np.asarray(is_answer[self.present])

    @cached_property
    def choice_item(self) -> IntArray:
        """Row of the item that each entry of `choice_confidence` belongs to."""
        return np.repeat(np.arange(self.n_items), self.n_options)

    @cached_property
    def tied(self) -> IntArray:
        """Number of letters with the largest log-probability, shape (n_items,).

        1 if nothing is tied.
        """
        return np.asarray(self.best.sum(axis=1))

    @cached_property
    def credit(self) -> FloatArray:
        """Credit: 1 if right, 0 if wrong, split over tied letters, shape (n_items,)."""
        return np.asarray(self.best[np.arange(self.n_items), self.answer] / self.tied)

    def view(self, view: View) -> tuple[FloatArray, NDArray[np.bool_], IntArray]:
        """Confidence, correctness and item row of a view.

        Parameters
        ----------
        view : {"top", "choices"}
            *top*: the predicted letter of each item. *choices*: every letter of every item, pooled.

        Returns
        -------
        confidence, correct, item : arrays of one length
        """
        if view == "top":
            return self.confidence, self.correct, np.arange(self.n_items)
        if view == "choices":
            return self.choice_confidence, self.choice_correct, self.choice_item
        raise ValueError(f"the view must be 'top' or 'choices', got {view!r}")
