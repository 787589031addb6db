"""Scores of answer letters from sources: logits, probabilities or log-probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from ..items.item import LETTERS
from ..metrics.arrays import FloatArray
from ..metrics.letter_mass import LARGEST_MASS, largest_mass, mass_excess
from ..metrics.precision import carried_precision, count_decimals
from ..metrics.validation import float_array, unit_interval

Kind = Literal["logits", "probabilities", "log-probabilities", "log-likelihoods"]
Where = Callable[[int], str]

# Four probabilities of three decimals each are off by no more together; where there are more, half a thousandth each.
SUM_TOLERANCE, _EACH = 0.002, 0.0005
# Probabilities of so many decimals are rounded; their sums are then off by half a step an option, if that is no more.
_FEWEST_DECIMALS, _MOST_DECIMALS, _MOST_EXPLAINED = 2, 3, 0.05
# A sum of decimals is off by less in float64.
_SUM_ROUNDING = 1e-9
# Rows that look like probabilities may be rounded to two decimals.
_ROUGHLY = 0.02
# Fewer rows of whole numbers such as [0, 1], or with a sum below 1 such as [0.4, 0.2], may be logits made by hand.
_BY_HAND = 20
# Servers write this and less (-9999) for an unknown log-probability.
UNKNOWN = -1000.0
# Least mass outside the letters; rounding may leave less.
_LEAST_MASS = 1e-6
# Stored for a probability of exactly 0: the least normal float32 number is an upper bound for an underflow.
_LEAST = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterScores:
    """Log-probabilities of letters, with bounds and letter mass.

    Attributes
    ----------
    logprobs : array, shape (n_items, widest)
        Natural log-probabilities, −inf beyond an item's options.
    bounded : array of bool, shape (n_items, widest)
        Letters with only an upper bound.
    n_options : array of int, shape (n_items,)
        Options of each item.
    letter_mass : array, shape (n_items,), optional
        Total probability of the letters; None if the source gives them alone.
    step : float, optional
        Distance of neighbouring values, if probabilities are rounded to two or three decimals in many rows.
    """

    logprobs: FloatArray
    bounded: NDArray[np.bool_]
    n_options: NDArray[np.int64]
    letter_mass: FloatArray | None
    step: float | None = None


def padded(name: str, scores: Sequence[Sequence[float]]) -> tuple[FloatArray, NDArray[np.int64]]:
    """Lists of numbers as a padded matrix, and their lengths.

    The padding is −inf.

    Raises
    ------
    ValueError
        For a row that is no list of numbers.
    """
    rows = [np.asarray(float_array(f"{name} of row {number}", row)) for number, row in enumerate(scores)]
    for number, row in enumerate(rows):
        if row.ndim != 1:
            raise ValueError(f"{name} must be a list of numbers an item, row {number} has the shape {row.shape}")
    n_options = np.array([len(row) for row in rows], dtype=np.int64)
    values = np.full((len(rows), n_options.max(initial=2)), -np.inf)
    values[np.arange(values.shape[1]) < n_options[:, None]] = np.concatenate([np.empty(0), *rows])
    return values, n_options


def letter_scores(values: FloatArray, n_options: NDArray[np.int64], kind: Kind, *, where: Where) -> LetterScores:
    """Log-probabilities of letters from scores of one kind.

    Parameters
    ----------
    values : array, shape (n_items, widest)
        The scores; values beyond an item's options are ignored.
    n_options : array of int, shape (n_items,)
        Options of each item.
    kind : {"logits", "probabilities", "log-probabilities", "log-likelihoods"}
        *logits*: any real numbers; stored as their log-softmax. *probabilities*: in [0, 1], with a sum of 1 to within
        0.002 in each row (0.0005 an option if there are more than four, 0.008 for bfloat16, half a step an option if
        all are rounded to two or three decimals, 0.05 at most); stored as the logarithm of their share of it.
        *log-probabilities*: of the letters as the next token in one context; stored as they are, with their sum as the
        letter mass. If they are rounded to a few decimals, their sum may exceed 1 by as much as that explains
        (`calibration.metrics.letter_mass.largest_mass`), and they are lowered by the excess.
        *log-likelihoods*: of the texts of options, natural, not positive, or divided by a length; stored as their
        log-softmax, because no letter mass is known of texts.
    where : callable
        Names a row, for messages.

    Raises
    ------
    ValueError
        For fewer than 2 or more than 26 options, numbers that are not of their kind, and logits that are probabilities
        (most rows lie in [0, 1] and sum to 1, or in [0, 100] and sum to 100; or all of twenty rows or more lie in
        [0, 1] and sum to less than 1), naming a row.

    Notes
    -----
    A probability of exactly 0 has been rounded. It is stored as 1.2e-38 and flagged as an upper bound, so that a right
    option with probability 0 costs 87 nats in a log loss rather than infinitely many.

    A log-probability of -1000 and less, such as the -9999 that servers write for a token that is not among the
    likeliest, is unknown. It is stored as an upper bound: the least known one of another letter, or the logarithm of
    the mass outside the letters, whichever is less.

    A log-likelihood of −inf is that of a probability of 0, and is stored like one.
    """
    if kind not in get_args(Kind):
        raise ValueError(f"the kind of scores must be one of {', '.join(get_args(Kind))}, got {kind!r}")
    precision, values = carried_precision(values), np.asarray(values)
    absent = np.arange(values.shape[1]) >= n_options[:, None]
    _refuse((n_options < 2) | (n_options > len(LETTERS)), "there must be 2 to 26 letters", n_options, where)
    advice = "an option that an item does not have is left out: from_lists takes rows of different lengths"
    bounded = (kind == "log-likelihoods") & np.isneginf(values) & ~absent
    known = np.isfinite(values) | absent | bounded
    _refuse(~known.all(axis=1), f"{kind} must be finite", values, where, advice=advice)
    given = np.where(absent, 0.0, values)
    letter_mass = step = None
    if kind == "logits":
        _refuse_disguised(given, where)
        logprobs = np.asarray(log_softmax(np.where(absent, -np.inf, values), axis=1))
    elif kind == "probabilities":
        given = unit_interval(given)
        unit = _rounding_unit(np.asarray(given)[~absent])
        explained = min(unit * int(n_options.max(initial=2)) / 2, _MOST_EXPLAINED) + _SUM_ROUNDING
        tolerance = max(SUM_TOLERANCE, _EACH * values.shape[1], 2.0 ** (1 - precision.digits), explained)
        step = unit if unit and len(values) >= _BY_HAND else None
        _refuse_no_distribution(given, tolerance, where)
        bounded = (given == 0) & ~absent
        shares = given / given.sum(axis=1, keepdims=True)
        logprobs = np.log(np.where(bounded, _LEAST, np.where(absent, 1.0, shares)))
    elif kind == "log-likelihoods":
        _refuse((given > LARGEST_MASS - 1).any(axis=1), "log-likelihoods must not be positive", values, where)
        _refuse((bounded | absent).all(axis=1), "a log-likelihood of an option must be finite", values, where)
        _refuse((given >= 0).all(axis=1), "log-likelihoods of an item must not all be 0", values, where)
        likelihoods = np.asarray(log_softmax(np.where(absent, -np.inf, values), axis=1))
        logprobs = np.where(bounded, np.log(_LEAST), likelihoods)
    else:
        letter_mass = np.where(absent, 0.0, np.exp(given)).sum(axis=1)
        bounded = (given <= UNKNOWN) & ~absent
        _refuse((bounded | absent).all(axis=1), "a log-probability of a letter must be known", values, where)
        _refuse_excess(given, letter_mass, largest_mass(given[~absent]), where)
        lowered = given - mass_excess(letter_mass)[:, None]
        least = np.where(bounded | absent, np.inf, lowered).min(axis=1)
        bound = np.minimum(least, np.log(np.maximum(1.0 - letter_mass, _LEAST_MASS)))
        logprobs = np.minimum(np.where(bounded, bound[:, None], lowered), 0.0)
        letter_mass = np.minimum(letter_mass, 1.0)
    return LetterScores(
        logprobs=np.where(absent, -np.inf, logprobs),
        bounded=bounded,
        n_options=n_options,
        letter_mass=letter_mass,
        step=step,
    )


def _rounding_unit(values: FloatArray) -> float:
    """Distance of values rounded to two or three decimals; 0 for others."""
    decimals = count_decimals(values, fewest=_FEWEST_DECIMALS, most=_MOST_DECIMALS) if values.size else None
    whole = (values % 1 == 0).all()
    return 0.0 if decimals is None or whole else 10.0**-decimals


def _refuse_no_distribution(values: FloatArray, tolerance: float, where: Where) -> None:
    """Raise for a row of probabilities that is no distribution."""
    outside = ((values < 0) | (values > 1)).any(axis=1)
    percent = "percentages are divided by 100" if (values >= 0).all() and (values.sum(axis=1) > 50).all() else ""
    _refuse(outside, "probabilities must be in [0, 1]", values, where, advice=percent)
    total = values.sum(axis=1)
    advice = ""
    if (np.abs(total - 1) <= _ROUGHLY).all():
        advice = "if these were rounded to two decimals, divide each row by its sum"
    elif (total < 1).all():
        advice = "letters that hold only a part of the probability are given by their log-probabilities"
    rule = f"probabilities must sum to 1 in each row (to within {tolerance:g})"
    _refuse(np.abs(total - 1) > tolerance, rule, total, where, advice=advice)


def _refuse_excess(values: FloatArray, mass: FloatArray, most: float, where: Where) -> None:
    """Raise for a row of log-probabilities that are positive, or too large together."""
    _refuse((values > LARGEST_MASS - 1).any(axis=1), "log-probabilities must not be positive", values, where)
    rule = f"log-probabilities of letters in one context must not sum to more than {most:.4g} as probabilities"
    _refuse(mass > most, rule, mass, where)


def _refuse_disguised(values: FloatArray, where: Where) -> None:
    """Raise if given logits are probabilities, or percentages."""
    if not len(values):
        return
    total = values.sum(axis=1)
    for whole, tolerance in ((1.0, _ROUGHLY), (100.0, 0.2)):
        inside = ((values >= 0) & (values <= whole)).all(axis=1)
        shared = ((values > 0) & (values < whole)).any(axis=1)
        sums = inside & (np.abs(total - whole) <= tolerance)
        if (sums.all() and (shared.any() or len(values) >= _BY_HAND)) or (sums & shared).mean() > 0.5:
            advice = "give them as probabilities= (in CSV as prob_A, prob_B, …)"
            _raise_disguised(
                sums, f"to {whole:g}", advice if whole == 1 else f"{advice}, divided by 100", values, where
            )
    inside = ((values >= 0) & (values <= 1)).all(axis=1) & (total <= 1 + _ROUGHLY)
    if len(values) >= _BY_HAND and inside.all() and (total >= 0.5).mean() > 0.5 and (values % 1 != 0).any():
        _raise_disguised(
            total >= 0.5, "to less than 1", "give their logarithms (in CSV as logprob_A, logprob_B, …)", values, where
        )


def _raise_disguised(rows: NDArray[np.bool_], amount: str, advice: str, values: FloatArray, where: Where) -> None:
    row = int(np.argmax(rows))
    raise ValueError(
        f"these are probabilities, not logits: {int(rows.sum())} of {len(values)} rows hold no negative number and sum "
        f"{amount}, {where(row)} has {values[row].tolist()}; {advice}"
    )


def _refuse(
    broken: NDArray[np.bool_] | np.bool_, rule: str, values: NDArray[Any], where: Where, *, advice: str = ""
) -> None:
    if broken.any():
        row = int(np.argmax(broken))
        got = values[row].tolist()
        got = f"{got:.6g}" if isinstance(got, float) else got
        raise ValueError(f"{rule}, {where(row)} has {got}{advice and '; '}{advice}")
