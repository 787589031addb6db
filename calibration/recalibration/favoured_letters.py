"""Letters of a run: how often each is right, predicted and favoured."""

from __future__ import annotations

import numpy as np
import polars as pl

from ..items.item import LETTERS
from ..predictions.predictions import Predictions
from ..uncertainty.standard_errors import critical, standard_error
from .letter_maps import Correction


def favoured_letters(run: Predictions, bias: Correction, both: Correction, level: float) -> pl.DataFrame:
    """One row a letter, with the columns of `Diagnosis.letters`.

    Parameters
    ----------
    run : Predictions
        The run.
    bias, both : Correction
        Fitted on all of its items: a letter bias alone, and beside a temperature.
    level : float
        Coverage of the intervals.
    """
    n_options = run.probabilities.shape[1]
    hit = np.arange(n_options)[None, :] == run.answer[:, None]
    excess = run.probabilities - hit  # (n_items, n_options)
    half = critical(level, None) * np.array([standard_error(column - column.mean()) for column in excess.T])
    mean = excess.mean(axis=0)
    return pl.DataFrame(
        {
            "letter": list(LETTERS[:n_options]),
            "key": hit.mean(axis=0),
            "predicted": (run.best / run.tied[:, None]).mean(axis=0),
            "mean_probability": run.probabilities.mean(axis=0),
            "excess": mean,
            "excess_low": mean - half,
            "excess_high": mean + half,
            "bias": bias.bias,
            "bias_error": bias.bias_error,
            "bias_both": both.bias,
            "bias_both_error": both.bias_error,
        }
    )
