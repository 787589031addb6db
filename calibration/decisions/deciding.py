"""Holding a change, or a value beside a bound, against a margin."""

from __future__ import annotations

from ..uncertainty.changes import Change
from ..uncertainty.estimates import Estimate
from ..uncertainty.measure_names import direction, text_label, unit
from .decision import Decision, Word
from .needed_items import needed_items

_WITHHELD = "the tests of all that is claimed beside it do not show a direction"


def decide(
    number: Change | Estimate,
    *,
    margin: float = 0.0,
    bound: float | None = None,
    measure: str | None = None,
    shown: bool = True,
) -> Decision:
    r"""Whether a change is larger than a margin, within it, or neither.

    Parameters
    ----------
    number : Change or Estimate
        Of `change`, `compare`, `estimate` or `summarize`.
    margin : float
        How much may be called none, in the units of the measure. With 0 nothing but an exact 0 is within.
    bound : float, optional
        Of an estimate: what it is held against, 0 if omitted (``decide(estimate(run, ece), margin=0.05)``,
        ``decide(estimate(run, "accuracy"), bound=0.7)``).
    measure : str, optional
        Key of the measure, for a number that does not tell it.
    shown : bool
        Whether the tests of all that is claimed beside it show a direction (`shown_together`); if not, the word is no
        direction, wherever the interval lies.

    Returns
    -------
    Decision

    Raises
    ------
    ValueError
        For a margin below 0, and for a bound of a change.

    Notes
    -----
    *Worse* and *better* are told where the interval lies beyond the margin, so that with a margin of 0 they agree with
    it. *Within* is told where both limits of which each holds alone lie inside the margin (two one-sided tests, each
    at 5 %). A number that was computed without these limits, such as that of a
    recalibration, has those of its interval, which are wider.

    References
    ----------
    Schuirmann (1987), doi:10.1007/BF01068419 (two one-sided tests).

    Examples
    --------
    >>> from calibration.uncertainty.estimates import Origin
    >>> origin = Origin("ece_top", 1000)
    >>> moved = Change(
    ...     value=0.004, low=-0.012, high=0.02, least=-0.009, most=0.017, level=0.95, p_value=0.6, clustered=None,
    ...     origin=origin,
    ... )
    >>> decide(moved, margin=0.02).word, decide(moved, margin=0.01).word
    ('within', 'cannot tell')
    >>> print(decide(moved, margin=0.02))
    ECE (top) changed by no more than 0.02: +0.004, between -0.009 and +0.017 (95 %, each end alone)
    >>> sure = Change(value=-0.02, low=-0.03, high=-0.01, level=0.95, p_value=0.02, clustered=None, origin=origin)
    >>> decide(sure).word, decide(sure, shown=False).word, decide(sure, margin=0.03, shown=False).word
    ('better', 'cannot tell', 'within')
    >>> ece = Estimate(value=0.08, low=0.06, high=0.1, least=0.063, most=0.097, level=0.95, origin=origin)
    >>> print(decide(ece, margin=0.05))
    ECE (top) is above 0.05: 0.080 [0.060, 0.100]
    """
    if not margin >= 0:
        raise ValueError(f"margin must be 0 or more, got {margin}")
    if isinstance(number, Change):
        if bound is not None:
            raise ValueError(f"a change is held against 0: leave bound={bound} out")
    elif bound is None:
        bound = 0.0
    key = measure or (number.origin.measure if number.origin is not None else "")
    better = direction(key)
    alone = number.least == number.least  # NaN if there are none
    least, most = (number.least, number.most) if alone else (number.low, number.high)
    off = [end - (bound or 0.0) for end in (number.low, number.high, least, most)]
    word: Word = "cannot tell"
    beyond = number.known and (off[0] > margin or off[1] < -margin)
    if beyond and shown:
        upwards = off[0] > margin
        word = "higher" if upwards else "lower"
        if better is not None:
            word = "better" if upwards == (better == "higher") else "worse"
    elif number.known and off[2] >= -margin and off[3] <= margin:
        word = "within"
    n_items = None if number.origin is None else number.origin.n_items
    withheld = beyond and word == "cannot tell"
    needed = None
    if word == "cannot tell" and number.known and not withheld and n_items is not None:
        needed = needed_items(n_items, number.value - (bound or 0.0), off, margin, level=number.level)
    return Decision(
        word=word, measure=key, label=text_label(key) if key else "", unit=unit(key), direction=better,
        value=number.value, low=number.low, high=number.high, least=least, most=most, level=number.level, margin=margin,
        bound=bound, n_items=n_items, n_needed=needed, reason=_WITHHELD if withheld else number.reason,
        note=number.label,
    )  # fmt: skip
