"""Precision of numbers: which differences between them, and from an edge, are rounding alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray


@dataclass(frozen=True)
class Precision:
    """Number type that values were computed in.

    Attributes
    ----------
    name : str
        As NumPy names it.
    digits : int
        Binary digits of its significand.
    tie_units : int
        Values closer than so many units in the last place are tied; 0 if only equal ones are.
    edge_units : int
        Values below an edge by less than so many units lie on it; 0 if values are compared with the rounded edge.
    rest_units : int
        Probabilities are also known to so many units of what is left to 1; 0 if their type says no more than above.
    """

    name: str
    digits: int
    tie_units: int = 4
    edge_units: int = 0
    rest_units: int = 0

    @property
    def widest_tie(self) -> float:
        """Largest difference of two values that may be tied, in units of the larger."""
        return float(2 * self.tie_units * 2.0**-self.digits)

    def unit(self, values: FloatArray) -> FloatArray:
        """Unit in the last place at each value."""
        return np.asarray(np.ldexp(1.0, np.frexp(values)[1] - self.digits))

    def rounded(self, values: FloatArray) -> FloatArray:
        """Nearest numbers of this type, as float64."""
        unit = self.unit(values)
        return np.asarray(np.round(values / unit) * unit)

    def tie_width(self, below: FloatArray, above: FloatArray) -> FloatArray:
        """Smallest difference of two neighbouring values that are not tied.

        Examples
        --------
        >>> low, high = np.array([1 - 2e-7]), np.array([1 - 1e-7])
        >>> [bool((high - low < known.tie_width(low, high))[0]) for known in (SINGLE, STORED)]
        [True, False]
        """
        return self._width(self.tie_units, np.maximum(np.abs(below), np.abs(above)), 1 - below)

    def lowest_at(self, edge: FloatArray) -> FloatArray:
        """Smallest value that counts as at least each edge.

        Examples
        --------
        >>> edge = np.array([0.7])
        >>> bool(np.float32(0.7) >= edge[0]), bool(np.float32(0.7) >= SINGLE.lowest_at(edge)[0])
        (False, True)
        """
        if self.edge_units:
            return np.asarray(np.nextafter(edge - self._width(self.edge_units, edge, 1 - edge), np.inf))
        return np.asarray(edge) if self is DOUBLE else self.rounded(edge)

    def _width(self, units: int, size: FloatArray, rest: FloatArray) -> FloatArray:
        """Width of so many units at each value.

        Or what is known of the values from their distance to 1, if that is less.
        """
        width = np.asarray(units * self.unit(size))
        if not self.rest_units:
            return width
        finest = DOUBLE.tie_units * DOUBLE.unit(size)
        near = np.maximum(self.rest_units * self.unit(rest) * (rest > 0), finest)
        return np.where(rest < 0.5, np.minimum(width, near), width)


# Four units in half precision are as wide as real differences (0.016 at 0.7 in bfloat16), and neighbours, a unit apart,
# would chain nearly all values of a large sample into one tie: only equal values tie.
BRAIN = Precision("bfloat16", 8, tie_units=0)
HALF = Precision("float16", 11, tie_units=0)
SINGLE = Precision("float32", 24)
DOUBLE = Precision("float64", 53)
# Probabilities made of stored float32 log-probabilities: these are rounded, and so is what they are divided by. What a
# probability lacks to 1 is the sum of the others, which are known as well near 0 as anywhere: in units of float32 at 1
# the sure answers of a saturated model would be one tie.
STORED = Precision("float32", 24, edge_units=4, rest_units=64)

_BY_NAME = {precision.name: precision for precision in (BRAIN, HALF, SINGLE)}


class RoundedArray(np.ndarray[Any, np.dtype[np.float64]]):
    """Float64 values that are known only as well as the type they come from.

    Views, selections and sorting keep the precision; arithmetic gives plain arrays.

    Attributes
    ----------
    precision : Precision
        Of that type.
    """

    precision: Precision

    def __array_finalize__(self, source: object) -> None:
        """Take the precision of the array that this one is a part of."""
        self.precision = getattr(source, "precision", DOUBLE)

    def __array_wrap__(self, array: Any, context: object = None, return_scalar: bool = False) -> Any:  # noqa: FBT001, FBT002 (NumPy's own signature)
        """Result of arithmetic, as a plain array or number."""
        plain = np.asarray(array)
        return plain[()] if return_scalar else plain

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with the precision."""
        return known_to, (np.asarray(self), self.precision)


def known_to(values: FloatArray, precision: Precision) -> FloatArray:
    """The values with the precision that `precision` holds.

    Examples
    --------
    >>> values = known_to(np.array([0.25, 0.7]), SINGLE)
    >>> carried_precision(values[1:]).name, carried_precision(values + 1).name
    ('float32', 'float64')
    """
    if precision is DOUBLE:
        return np.asarray(values)
    rounded = np.asarray(values).view(RoundedArray)
    rounded.precision = precision
    return rounded


def carried_precision(values: FloatArray) -> Precision:
    """Precision of the values: float64 unless they carry another."""
    return values.precision if isinstance(values, RoundedArray) else DOUBLE


def narrowest_type(values: FloatArray) -> Precision:
    """Narrowest number type that holds the values exactly.

    It is the one that they were computed in.

    Examples
    --------
    >>> narrowest_type(np.array([0.5, float(np.float32(0.7))])).name, narrowest_type(np.array([0.7])).name
    ('float32', 'float64')
    """
    held = (precision for precision in (BRAIN, HALF, SINGLE) if (precision.rounded(values) == values).all())
    return next(held, DOUBLE)


def precision_named(dtype: str) -> Precision:
    """Precision of a number type by its name in NumPy or torch.

    That of float64 for whole numbers.
    """
    return _BY_NAME.get(dtype.removeprefix("torch."), DOUBLE)


def count_decimals(values: ArrayLike, *, fewest: int, most: int) -> int | None:
    """Number of decimals that all values are rounded to.

    Given as float32 or better; None if to more than `most`.

    Examples
    --------
    >>> count_decimals(np.float32([-0.25, -1.5]), fewest=0, most=4), count_decimals([-1 / 3], fewest=0, most=4)
    (2, None)
    """
    numbers = np.asarray(values, dtype=np.float64)
    for decimals in range(fewest, most + 1):
        scaled = numbers * 10.0**decimals
        if (np.abs(scaled - np.round(scaled)) <= SINGLE.unit(scaled)).all():
            return decimals
    return None
