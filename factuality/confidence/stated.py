"""Stated confidence of answers, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from .confidences import KEY, Confidences

if TYPE_CHECKING:
    from ..answers.responses import Responses


def stated_confidences(responses: Responses) -> Confidences:
    """Stated confidence of answers to ``ask(..., state_confidence=True)``.

    Parameters
    ----------
    responses : Responses
        The answers, with the column ``stated_confidence``; null if none was stated or it could not be read.

    Returns
    -------
    Confidences
        Of the kind ``stated``; `calibration.ece` and all that take (confidence, correct) apply to `confidence_pairs`.

    Raises
    ------
    ValueError
        If no answer states one.

    Examples
    --------
    >>> answers = ask(model, questions, style="chat", state_confidence=True)  # doctest: +SKIP
    >>> judgments = with_confidence(grade(answers), stated_confidences(answers))  # doctest: +SKIP
    """
    frame = responses.frame.select(*KEY, confidence="stated_confidence")
    if frame["confidence"].null_count() == frame.height:
        raise ValueError("no answer states a confidence; ask for it with state_confidence=True")
    return Confidences(frame.with_columns(confidence_kind=pl.lit("stated")))
