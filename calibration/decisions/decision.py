"""A decision: worse or better by more than a margin, within it, or neither."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import polars as pl

from ..number_texts import interval_text
from ..result_tables.result_table import ResultTable, result_columns
from ..result_tables.shown_result import ShownResult
from ..uncertainty.intervals import without_none

Word = Literal["worse", "better", "higher", "lower", "within", "cannot tell"]


@dataclass(frozen=True, kw_only=True, repr=False)
class Decision(ShownResult):
    """What is shown of a change, or of a value beside a bound.

    Attributes
    ----------
    word : {"worse", "better", "higher", "lower", "within", "cannot tell"}
        *Worse* or *better*: by more than the margin, since the whole interval is (*higher* or *lower* of a measure
        without a better direction). *Within*: no farther off than the margin, to either side. *Cannot tell*: neither
        is shown.
    measure, label, unit : str
        Key of the measure, its name and its unit; empty if not known, and for measures without a unit.
    direction : {"lower", "higher"} or None
        Which direction of the measure is better; None if neither is.
    value : float
        The change, after − before; or the measure itself.
    low, high : float
        Its interval; NaN if there is none.
    least, most : float
        Limits of which each holds alone at `level`; NaN if there are none.
    level : float
        Coverage of the interval, and of each limit that holds alone.
    margin : float
        How far off may be called within; NaN where none may be claimed.
    bound : float or None
        What the value is held against; None for a change.
    n_items : int or None
        Number of items.
    n_needed : int or None
        If it cannot be told: number of such items that would show it with a probability of 80 %, were the value the
        true one; None if no number would, or none is known.
    reason : str or None
        Why it cannot be told at all, as that there is no interval.
    note : str or None
        What must be told beside the interval.
    """

    word: Word
    measure: str = ""
    label: str = ""
    unit: str = ""
    direction: Literal["lower", "higher"] | None = None
    value: float
    low: float
    high: float
    least: float
    most: float
    level: float
    margin: float
    bound: float | None = None
    n_items: int | None = None
    n_needed: int | None = None
    reason: str | None = None
    note: str | None = None

    @property
    def side(self) -> Literal[-1, 0, 1]:
        """Sign of the direction that the word names, 0 if it names none.

        Examples
        --------
        >>> Decision(word="worse", value=0.2, low=0.1, high=0.3, least=0.1, most=0.3, level=0.95, margin=0.0).side
        1
        """
        if self.word in ("within", "cannot tell"):
            return 0
        return 1 if self.low > (self.bound or 0.0) + self.margin else -1

    @property
    def is_not_worse(self) -> bool:
        """Whether it is shown that nothing is worse by more than the margin.

        So it is where the word is *better* or *within*, and also if only the better side is open.

        Raises
        ------
        ValueError
            For a measure of which neither direction is better.
        """
        if self.direction is None:
            raise ValueError(f"neither direction of {self.label or 'the measure'} is better")
        bound = self.bound or 0.0
        if self.direction == "lower":
            return self.most <= bound + self.margin
        return self.least >= bound - self.margin

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without those that are None or NaN."""
        return without_none(asdict(self))

    @property
    def frame(self) -> pl.DataFrame:
        """One row, a column an attribute."""
        texts = ("word", "measure", "label", "unit", "direction", "reason", "note")
        schema = {
            name: pl.String if name in texts else pl.Int64 if name.startswith("n_") else pl.Float64
            for name in asdict(self)
        }
        return pl.DataFrame([asdict(self)], schema=schema).fill_nan(None)

    @property
    def table(self) -> ResultTable:
        """One row, under the decision in a sentence."""
        cells = {
            "decision": self.word,
            "value"
            if self.bound is not None
            else "change": f"{self.value:{'.3f' if self.bound is not None else '+.3f'}}",
            f"{100 * self.level:g} % interval": interval_text(self.low, self.high),
            "margin": "" if math.isnan(self.margin) else f"{self.margin:g}",
            "items": "" if self.n_items is None else f"{self.n_items:,}",
            "items needed": "" if self.n_needed is None else f"{self.n_needed:,}",
        }
        known = {heading: cell for heading, cell in cells.items() if cell}
        return ResultTable(
            columns=result_columns(("", *known)),
            rows=((self.label, *known.values()),),
            heading=(f"{self}.",),
            caption=f"{self}.",
        )

    def __repr__(self) -> str:
        return f"<Decision: {self}>"

    def __str__(self) -> str:
        return _sentence(self)


def _sentence(decision: Decision) -> str:
    """A decision in a plain sentence, without a full stop."""
    name = decision.label or "the measure"
    if decision.reason is not None:
        return f"{name}: cannot tell: {decision.reason}"
    if decision.word == "cannot tell":
        text = f"{name}: cannot tell whether {_question(decision)}: {_interval(decision)}{_open_side(decision)}"
        return _with_note(f"{text}{_more_items(decision)}", decision)
    if decision.word == "within" and decision.bound is None and decision.margin == 0:
        return _with_note(f"{name} did not change", decision)
    if decision.word == "within":
        return _with_note(f"{name} {_claim(decision)}: {_alone(decision)}", decision)
    return _with_note(f"{name} is {_beyond(decision)}: {_interval(decision)}", decision)


def _beyond(decision: Decision) -> str:
    """Beyond what it lies."""
    more = f" by more than {margin_text(decision)}" if decision.margin else ""
    if decision.bound is None:
        return f"{decision.word}{more}"
    side = 1 if decision.low > decision.bound else -1
    where = "above" if side > 0 else "below"
    if decision.bound == 0 and decision.margin:
        return f"{where} {'-' * (side < 0)}{margin_text(decision)}"
    return f"{where} {_with_unit(f'{decision.bound:g}', decision)}{more}"


def _claim(decision: Decision) -> str:
    """What is shown where it is within the margin."""
    if decision.bound is None:
        return f"changed by no more than {margin_text(decision)}"
    return f"is within {margin_text(decision)} of {decision.bound:g}"


def _question(decision: Decision) -> str:
    """What cannot be told."""
    if decision.bound is None:
        if decision.margin:
            return f"it changed by more than {margin_text(decision)}"
        return "it is " + ("higher or lower" if decision.direction is None else "better or worse")
    if decision.margin:
        return f"it is within {margin_text(decision)} of {decision.bound:g}"
    return f"it is above or below {decision.bound:g}"


def _open_side(decision: Decision) -> str:
    """What is shown of the worse side alone."""
    if decision.bound is not None or decision.direction is None or not decision.margin or not decision.is_not_worse:
        return ""
    return f"; it is not worse by more than {margin_text(decision)} ({_percent(decision)}, one-sided)"


def _more_items(decision: Decision) -> str:
    needed = needed_text(decision)
    return f"; {needed}, were this value the true one" if needed else ""


def needed_text(decision: Decision) -> str:
    """How many items would do, in words; empty if it is not known.

    Examples
    --------
    >>> ends = {"value": 0.0, "low": -0.1, "high": 0.1, "least": -0.1, "most": 0.1, "level": 0.95}
    >>> needed_text(Decision(word="cannot tell", margin=0.03, n_needed=1234, **ends))
    'about 1,300 such items would do'
    """
    return "" if decision.n_needed is None else f"about {_rounded(decision.n_needed):,} such items would do"


def _rounded(count: int) -> int:
    """A number of items to two digits, rounded up."""
    unit: int = 10 ** max(len(str(count)) - 2, 0)
    return -(-count // unit) * unit


def _interval(decision: Decision) -> str:
    digits = _digits(decision)
    return f"{_value(decision)} [{decision.low:.{digits}f}, {decision.high:.{digits}f}]"


def _alone(decision: Decision) -> str:
    """The value with its limits that hold alone, rounded outwards."""
    scale = 10 ** _digits(decision)
    least, most = math.floor(decision.least * scale) / scale, math.ceil(decision.most * scale) / scale
    if decision.bound == 0 and decision.least >= 0:
        return f"{_value(decision)}, at most {_number(most, decision)} ({_percent(decision)})"
    ends = f"between {_number(least, decision)} and {_number(most, decision)}"
    return f"{_value(decision)}, {ends} ({_percent(decision)}, each end alone)"


def _value(decision: Decision) -> str:
    return _number(decision.value, decision)


def _number(value: float, decision: Decision) -> str:
    """A number; a change has its sign."""
    return f"{value:{'' if decision.bound is not None else '+'}.{_digits(decision)}f}"


def _digits(decision: Decision) -> int:
    """Decimal places: more where an interval is narrow."""
    return 3 if decision.most - decision.least >= 0.01 else 5


def _percent(decision: Decision) -> str:
    return f"{100 * decision.level:g} %"


def margin_text(decision: Decision) -> str:
    """The margin, rounded up where it has many digits.

    Examples
    --------
    >>> ends = {"value": 0.0, "low": 0.0, "high": 0.1, "least": 0.0, "most": 0.1, "level": 0.95}
    >>> [margin_text(Decision(word="within", margin=margin, **ends)) for margin in (0.05, 0.04311, 0.0000312)]
    ['0.05', '0.044', '0.000032']
    """
    margin = decision.margin
    if margin == 0 or math.isclose(margin, round(margin, 4), rel_tol=1e-9):
        return _with_unit(f"{margin:g}", decision)
    digits = max(3, 1 - math.floor(math.log10(margin)))
    return _with_unit(f"{math.ceil(margin * 10**digits) / 10**digits:.{digits}f}", decision)


def _with_unit(text: str, decision: Decision) -> str:
    return f"{text} {decision.unit}" if decision.unit else text


def _with_note(text: str, decision: Decision) -> str:
    return f"{text} ({decision.note})" if decision.note else text
