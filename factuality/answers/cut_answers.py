"""Answers that were cut at their number of tokens, or withheld by a server."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from calibration.models.tokenizing.thoughts import begins_thoughts, split_thoughts

from ..words import split_words

CUT_OFF = "cut off"
"""Why an answer that had not begun is ungraded."""
WITHHELD = "withheld by the server"
"""Why an answer that a filter, the call of a tool or a fault of the server ended is ungraded."""


def without_thoughts(frame: pl.DataFrame) -> pl.DataFrame:
    """Responses with thoughts moved from the text to a column of their own.

    If other answers of the run end thoughts that they did not begin, the prompt began them; an answer that was cut at
    its number of tokens and ends no thoughts is then still inside them.

    Parameters
    ----------
    frame : polars.DataFrame
        Columns ``response``, ``finish`` and ``thoughts`` (null if nothing was taken from the text).
    """
    if frame.is_empty():
        return frame
    responses, thoughts = frame["response"].to_list(), frame["thoughts"].to_list()
    for row, text in enumerate(responses):
        if thoughts[row] is None:
            split = split_thoughts(text)
            responses[row], thoughts[row] = split.answer, split.thoughts or None
    if any(_begun_by_the_prompt(text) for text in thoughts if text):
        for row, finish in enumerate(frame["finish"]):
            if finish == "length" and thoughts[row] is None:
                responses[row], thoughts[row] = "", responses[row]
    return frame.with_columns(
        response=pl.Series(responses, dtype=pl.String), thoughts=pl.Series(thoughts, dtype=pl.String)
    )


def why_missing(answer: Mapping[str, Any]) -> str:
    """The reason why an answer is missing; empty if there is an answer.

    The reasons are: withheld by the server, cut off in the thoughts, cut off before the first word.

    An answer without words and thoughts that was not cut is not missing: it is empty.

    Parameters
    ----------
    answer : mapping
        ``response``, ``finish`` and ``thoughts``, as `without_thoughts` leaves them.

    Examples
    --------
    >>> why_missing({"response": "", "finish": "length", "thoughts": "<think>Hm"})
    'cut off'
    >>> why_missing({"response": "", "finish": "end", "thoughts": None})
    ''
    """
    if answer["finish"] == "withheld":
        return WITHHELD
    if split_words(answer["response"]):
        return ""
    if answer["finish"] == "length" or (answer["thoughts"] and answer["finish"] != "end"):
        return CUT_OFF
    return f"{CUT_OFF}: the model ended without an answer behind its thoughts" if answer["thoughts"] else ""


def answered(frame: pl.DataFrame) -> list[bool]:
    """Whether each response has an answer that is not missing, by `why_missing`."""
    return [not why_missing(row) for row in frame.select("response", "finish", "thoughts").iter_rows(named=True)]


@dataclass(frozen=True, slots=True)
class CutAnswers:
    """Counts of the answers of a run that were cut.

    Attributes
    ----------
    n_answers : int
        All answers.
    n_missing : int
        Those that had not begun: ungraded.
    n_short : int
        Those that had begun and were cut at their number of tokens: graded as they are.
    n_withheld : int
        Those that a server withheld: ungraded.
    """

    n_answers: int
    n_missing: int
    n_short: int
    n_withheld: int = 0

    @classmethod
    def of(cls, frame: pl.DataFrame) -> CutAnswers:
        """Count the rows of responses."""
        begun = answered(frame)
        short = sum(has_begun and finish == "length" for has_begun, finish in zip(begun, frame["finish"], strict=True))
        withheld = frame["finish"].to_list().count("withheld")
        return cls(frame.height, begun.count(False) - withheld, short, withheld)

    @property
    def missing(self) -> str:
        """A warning of the answers that had not begun; empty if there are none."""
        if not self.n_missing:
            return ""
        return (
            f"{self._share(self.n_missing)} cut off in the model's thoughts or before an "
            f"answer: {self._those(self.n_missing)} ungraded, neither wrong nor abstained; ask again with more tokens "
            "(--max-new-tokens), or without thoughts"
        )

    @property
    def withheld(self) -> str:
        """A warning of the answers that a server withheld; empty if there are none."""
        if not self.n_withheld:
            return ""
        return (
            f"{self._share(self.n_withheld)} ended by the server (by a filter, the call of a "
            f"tool or a fault), not by the model: {self._those(self.n_withheld)} ungraded, neither wrong nor abstained"
        )

    @property
    def short(self) -> str:
        """A note on answers cut after they had begun; empty if there are none."""
        if not self.n_short:
            return ""
        return (
            f"{self._share(self.n_short)} cut at the number of tokens that was allowed "
            f"(--max-new-tokens) and {'is graded as it is' if self.n_short == 1 else 'are graded as they are'}"
        )

    def _share(self, count: int) -> str:
        return f"{count:,} of {self.n_answers:,} answer{'s' * (self.n_answers != 1)} {'was' if count == 1 else 'were'}"

    @staticmethod
    def _those(count: int) -> str:
        return "it is" if count == 1 else "they are"

    def warn(self, stacklevel: int = 2) -> None:
        """Warn of answers that are missing."""
        for sentence in (self.missing, self.withheld):
            if sentence:
                warnings.warn(sentence, stacklevel=stacklevel + 1)


def _begun_by_the_prompt(thoughts: str) -> bool:
    return not begins_thoughts(thoughts) and split_thoughts(thoughts, opened=True).closed
