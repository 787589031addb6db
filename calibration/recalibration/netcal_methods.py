"""Recalibration by the methods of netcal, by their names."""

from __future__ import annotations

import contextlib
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TextIO, cast

import numpy as np
from numpy.typing import NDArray

from ..metrics.arrays import FloatArray
from ..nearest_names import nearest

PREFIX = "netcal:"
_TOP = ":top"
_TEMPERATURE = f"{PREFIX}TemperatureScaling"
_BINNING = ("BBQ", "ENIR", "HistogramBinning", "IsotonicRegression", "NearIsotonicRegression")
_SCALING = ("LogisticCalibration", "BetaCalibration", "TemperatureScaling")
_TOP_ONLY = frozenset({"NearIsotonicRegression"})
# Classes of netcal.regression under names of their own.
_OF_NUMBERS = frozenset({"VarianceScaling", "GPBeta", "GPNormal", "GPCauchy"})

METHODS = tuple(
    f"{PREFIX}{name}{part}" for name in (*_BINNING, *_SCALING) for part in ("", _TOP) if part or name not in _TOP_ONLY
)


class _Estimator(Protocol):
    def transform(self, values: FloatArray, /) -> Any: ...


@dataclass(frozen=True, eq=False)
class NetcalMap:
    """Fit of a method of netcal.

    Attributes
    ----------
    method : str
        Such as ``netcal:ENIR`` or ``netcal:ENIR:top``.
    estimator : object
        netcal's own, fitted: its parameters are attributes (a ``temperature`` there is 1/*T*).
    n_options : int or None
        How many options a row has; none for the confidence of the predicted letter.
    """

    method: str
    estimator: _Estimator
    n_options: int | None

    @property
    def temperature(self) -> float | None:
        """Divisor of log-probabilities, of the method that is a temperature.

        netcal's own is its inverse.
        """
        inverse = getattr(self.estimator, "temperature", None) if self.method.startswith(_TEMPERATURE) else None
        return None if inverse is None else 1 / float(np.squeeze(inverse))

    def apply(self, values: FloatArray, /) -> FloatArray:
        """Values recalibrated, of the same shape.

        Log-probabilities, shape (n_items, n_options), for whole rows (minus infinity where netcal gives a probability
        of 0); otherwise confidences, shape (n_items,).

        Raises
        ------
        ValueError
            If rows have another number of options, or netcal gives no probabilities.
        """
        if self.n_options is None:
            with _quiet(self.method):
                calibrated = np.asarray(
                    self.estimator.transform(np.asarray(values, dtype=np.float64)), dtype=np.float64
                )
            return _probabilities(calibrated.reshape(-1), values.shape, self.method)
        probabilities = _rows(values, self.method, self.n_options)
        with _quiet(self.method):
            calibrated = np.asarray(self.estimator.transform(probabilities), dtype=np.float64)
        if self.n_options == 2:
            # Of two options netcal gives the second alone.
            calibrated = np.column_stack([1 - calibrated.reshape(-1), calibrated.reshape(-1)])
        calibrated = _probabilities(calibrated, values.shape, self.method)
        total = calibrated.sum(axis=1)
        if (np.abs(total - 1) > 1e-6).any():
            row = int(np.abs(total - 1).argmax())
            raise ValueError(f"{self.method}: probabilities must sum to 1, those of row {row} sum to {total[row]:.6g}")
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(calibrated / total[:, None]))


def is_netcal(method: str) -> bool:
    """Whether a method is one of netcal's.

    Raises
    ------
    ValueError
        For a name of netcal's that is none of `METHODS`, with the reason.

    Examples
    --------
    >>> is_netcal("netcal:ENIR"), is_netcal("isotonic")
    (True, False)
    """
    if not method.startswith(PREFIX):
        return False
    name = method.removeprefix(PREFIX).removesuffix(_TOP)
    known = f"known are {', '.join(METHODS)}"
    if name.endswith("Dependent"):
        raise ValueError(f"{name} calibrates the boxes of object detection, not options; {known}")
    if name in _OF_NUMBERS or name.startswith("regression"):
        raise ValueError(f"netcal.regression calibrates distributions of a number, not options ({name}); {known}")
    if method not in METHODS:
        if name in _TOP_ONLY:
            raise ValueError(f"{name} takes one confidence an item, not whole rows: use {PREFIX}{name}{_TOP}")
        raise ValueError(f"netcal has no method {name!r} for options; {known}{nearest(method, METHODS)}")
    return True


def of_rows(method: str) -> bool:
    """Whether a method of netcal maps whole rows of letters."""
    return not method.endswith(_TOP)


def netcal_fit(method: str) -> Callable[[FloatArray, NDArray[Any]], NetcalMap]:
    """Fit of a method by its name.

    Of log-probabilities and answers for whole rows, otherwise of confidence and correctness.

    Parameters
    ----------
    method : str
        One of `METHODS`.
    """

    def fit(values: FloatArray, target: NDArray[Any]) -> NetcalMap:
        name = method.removeprefix(PREFIX).removesuffix(_TOP)
        n_options = values.shape[1] if of_rows(method) else None
        _refuse_missing(method, np.asarray(target, dtype=np.int64), n_options)
        # netcal computes in the precision it is given, and its temperature does not move in float32.
        scores = np.asarray(values if n_options is None else _rows(values, method, n_options), dtype=np.float64)
        with _quiet(method):
            estimator = _load(name)()
            options = {"tensorboard": False} if name in _SCALING else {}
            estimator.fit(scores, np.asarray(target, dtype=np.int64), **options)
        return NetcalMap(method, estimator, n_options)

    return fit


def _load(name: str) -> Any:
    if name in _BINNING:
        from netcal import binning

        return getattr(binning, name)
    from netcal import scaling

    return getattr(scaling, name)


class _SilentThread:
    """A stream that drops writes of this thread.

    A progress bar draws itself from another one.

    Parameters
    ----------
    stream : file
        What the other threads write to.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._thread = threading.get_ident()

    def write(self, text: str) -> int:
        """Write a text, or drop it."""
        return len(text) if threading.get_ident() == self._thread else self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def _quiet(method: str) -> Iterator[None]:
    """Silence for netcal: no prints, bars or warnings.

    Its exceptions become a ValueError that names the method.
    """
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(cast("TextIO", _SilentThread(sys.stdout))),
        contextlib.redirect_stderr(cast("TextIO", _SilentThread(sys.stderr))),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        try:
            yield
        except ImportError:
            raise
        except Exception as error:  # what it meets with is told by many kinds of errors, asserts among them
            raise ValueError(f"{method}: netcal cannot do it ({type(error).__name__}: {error})") from error


def _refuse_missing(method: str, target: NDArray[np.int64], n_options: int | None) -> None:
    if n_options is None:
        if target.min(initial=1) == target.max(initial=0):
            raise ValueError(
                f"{method}: there must be right and wrong answers to fit on, all {len(target)} are the same"
            )
        return
    missing = sorted(set(range(n_options)) - set(target.tolist()))
    if missing:
        letters = ", ".join(chr(ord("A") + option) for option in missing)
        raise ValueError(
            f"{method}: every letter must be right at least once among the {len(target)} items to fit on, {letters} "
            f"never {'is' if len(missing) == 1 else 'are'}; {method}{_TOP} needs only right and wrong answers"
        )


def _rows(log_probabilities: FloatArray, method: str, n_options: int) -> FloatArray:
    """Probabilities of the options, each item with the same ones."""
    if log_probabilities.ndim != 2 or log_probabilities.shape[1] != n_options:
        raise ValueError(f"{method}: rows must have {n_options} options, got the shape {log_probabilities.shape}")
    absent = np.isneginf(log_probabilities).any(axis=1)
    if absent.any():
        raise ValueError(
            f"{method}: all items must have {n_options} options with a probability, row {int(absent.argmax())} has "
            f"fewer; {method}{_TOP} takes items of any number"
        )
    return np.asarray(np.exp(log_probabilities), dtype=np.float64)


def _probabilities(values: FloatArray, shape: tuple[int, ...], method: str) -> FloatArray:
    if values.shape != shape:
        raise ValueError(f"{method}: netcal gave values of the shape {values.shape}, not {shape}")
    wrong = ~((values >= -1e-9) & (values <= 1 + 1e-9))
    if wrong.any():
        row = int(np.argwhere(wrong)[0][0])
        raise ValueError(f"{method}: netcal gave {values[wrong][0]}, no probability, for row {row}")
    return np.asarray(np.clip(values, 0.0, 1.0))
