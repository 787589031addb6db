"""Split conformal prediction: thresholds from some items, sets for the others."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import get_args

import numpy as np

from ..items.item import LETTERS
from ..metrics.arrays import FloatArray, IntArray
from ..metrics.validation import level_in_range
from ..predictions.held_out import fitted_and_scored, share_in_range
from ..predictions.predictions import Predictions
from .scores import SAME_SCORE, Score, find_threshold, letter_scores
from .sets import ConformalSets


def conformal_sets(
    predictions: Predictions,
    *,
    error: float = 0.1,
    score: Score = "lac",
    class_conditional: bool = False,
    fit: float | Predictions = 0.5,
    level: float = 0.95,
    seed: int = 0,
) -> ConformalSets:
    r"""Conformal sets: they hold the right letter with probability at least ``1 − error``.

    With the scores :math:`s_i` of the right letters of :math:`n` items to fit on, the set of another item holds each
    letter whose score is at most

    .. math:: \hat q = \text{the } \lceil (n + 1)(1 - \mathrm{error}) \rceil \text{-th smallest } s_i,
              \quad \infty \text{ if there are fewer than that}

    - *lac*: one minus the letter's probability. The smallest sets on average.
    - *aps*: the total probability of the letters at least as likely as this one. Larger sets if the model is unsure.
    - *randomized aps*: the same minus ``u`` times the probability of the letters exactly as likely as this one (of
      itself, if nothing is tied), ``u`` uniform on [0, 1], drawn once an item.

    Parameters
    ----------
    predictions : Predictions
        The run.
    error : float
        Largest allowed share of sets without the right letter, strictly between 0 and 1.
    score : {"lac", "aps", "randomized aps"}
        Score of a letter, from 0 for the most likely to 1.
    class_conditional : bool
        Whether each letter has its own threshold, from the items of which it is the right one (Mondrian).
    fit : float or Predictions
        Items to fit thresholds on: a share of the items, drawn by id, with sets for the rest; or another run of the
        same model on other items of the same kind, with sets for all of `predictions`.
    level : float
        Coverage of the intervals.
    seed : int
        Of the draws; same seed, same digits, whatever the order of rows.

    Returns
    -------
    ConformalSets

    Raises
    ------
    ValueError
        For an error, a share or a level outside (0, 1), another score, a share that leaves either side without items,
        an item in both runs.

    Notes
    -----
    *Guarantee.* If the items fitted on and the new ones are exchangeable (as those of one random sample are),
    the right letter is in the set with probability at least 1 − error, whatever the model and for every score; with
    `class_conditional`, for each right letter. The probability is over both samples. With these thresholds the
    coverage of new items is itself random: if scores do not tie it follows
    :math:`\mathrm{Beta}(k, n + 1 - k)`, :math:`k = \lceil (n + 1)(1 - \mathrm{error}) \rceil`, so that its mean is
    below 1 − error + 1/(n + 1), and the covered among m items are beta-binomial (`expected`). Ties only raise it.
    Scores of *aps* do tie, at 1, if the right letter is the least likely: with few letters that is common, and if it
    happens to more than `error` of the items every set holds every letter (a note says so). Those of *randomized
    aps* do not, and if the probabilities are right it also covers each single item with probability 1 − error; but
    the same item may have another set with another seed. Sets of every score may be empty.

    *No guarantee.* Nothing holds for a subject, nor for subjects that were not fitted on: their items are not
    exchangeable with the others. Items may have different numbers of options; a letter that an item does not have is
    never in its set. Letters that are exactly as likely enter a set together.

    Fitting on a share of the items is split conformal prediction. Cross-conformal prediction would make sets for all
    items, but guarantees only about 1 − 2 × error; it is not offered.

    References
    ----------
    Vovk, Gammerman and Shafer (2005), doi:10.1007/b106715 (split and Mondrian). Sadinle, Lei and Wasserman (2019),
    doi:10.1080/01621459.2017.1395341, arXiv:1609.00451 (LAC). Romano, Sesia and Candès (2020), arXiv:2006.02544 (APS).
    Vovk (2012), arXiv:1209.2673, and Angelopoulos and Bates (2021), arXiv:2107.07511 (distribution of the coverage).

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> logits = rng.normal(size=(2000, 4)) * 2
    >>> answer = (logits + rng.gumbel(size=logits.shape)).argmax(axis=1)  # drawn from the model's probabilities
    >>> conformal = conformal_sets(Predictions.from_arrays(logits, answer), error=0.1)
    >>> print(conformal.coverage)
    0.910 [0.891, 0.926]
    >>> print(f"{conformal.mean_size:.2f} letters, one {conformal.singletons:.2f}, none {conformal.empty:.2f}")
    1.83 letters, one 0.38, none 0.00
    >>> conformal.frame["set"].head(4).to_list()
    ['ACD', 'CD', 'CD', 'CD']
    """
    share_in_range("error", error)
    level_in_range(level)
    if score not in get_args(Score):
        raise ValueError(f"score must be one of {', '.join(get_args(Score))}, got {score!r}")
    fitted, scored = fitted_and_scored(predictions, fit, seed=seed)
    # Two streams: an item and the one of its rank in the other part must not share a draw.
    first, second = np.random.SeedSequence(seed).spawn(2)
    right = letter_scores(fitted, score, first)[np.arange(fitted.n_items), fitted.answer]
    n_options = scored.present.shape[1]
    if class_conditional:
        groups = [right[fitted.answer == letter] for letter in range(n_options)]
    else:
        groups = [right] * n_options
    n_fitted = np.array([len(group) for group in groups])
    threshold = np.array([find_threshold(group, error) for group in groups])
    return ConformalSets(
        item=scored.item,
        subject=scored.subject,
        answer=scored.answer,
        sets=(letter_scores(scored, score, second) <= threshold + SAME_SCORE) & scored.present,
        threshold=threshold,
        n_fitted=n_fitted,
        error=error,
        score=score,
        class_conditional=class_conditional,
        level=level,
        notes=_notes(threshold, n_fitted, error, score, class_conditional=class_conditional),
    )


def _notes(
    threshold: FloatArray, n_fitted: IntArray, error: float, score: Score, *, class_conditional: bool
) -> tuple[str, ...]:
    needed = math.ceil(1 / Fraction(repr(float(error))) - 1)
    notes = []
    for index in range(len(threshold)) if class_conditional else [0]:
        letter, right = (LETTERS[index], f"right {LETTERS[index]}s") if class_conditional else ("every letter", "items")
        if np.isinf(threshold[index]):
            notes.append(
                f"{letter} is in every set: an error of {error:g} needs at least {needed} {right} to fit on, "
                f"got {n_fitted[index]}"
            )
        elif score == "aps" and threshold[index] >= 1 - SAME_SCORE:
            notes.append(
                f"{letter} is in every set: in more than about {error:g} of the {right} to fit on the right letter "
                "is the least likely, and these scores tie; 'randomized aps' tells them apart"
            )
    return tuple(notes)
