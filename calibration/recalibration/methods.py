"""Methods of recalibration by their names, and how each is fitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from ..metrics.arrays import FloatArray
from ..metrics.temperature import Temperature, optimal_temperature
from ..nearest_names import nearest
from .confidence_maps import BetaMap, LinearMap, StepMap, fit_bbq, fit_beta, fit_histogram, fit_isotonic, fit_platt
from .letter_maps import Correction, VectorScaling, fit_correction, fit_vector_scaling
from .netcal_methods import NetcalMap, is_netcal, netcal_fit, of_rows

Method = Literal["temperature", "vector scaling", "letter bias", "platt", "beta", "isotonic", "histogram", "bbq"]
LetterMap = Temperature | VectorScaling | Correction
ConfidenceMap = BetaMap | LinearMap | StepMap

# Of whole rows of letters; the others of the confidence in the predicted letter.
_OF_LETTERS = ("temperature", "vector scaling", "letter bias")
_FITS: dict[Method, Callable[[FloatArray, Any], LetterMap | ConfidenceMap]] = {
    "temperature": lambda letters, answer: Temperature(optimal_temperature(letters, answer)),
    "vector scaling": fit_vector_scaling,
    "letter bias": lambda letters, answer: fit_correction(letters, answer, bias=True, sharpness=False),
    "platt": fit_platt,
    "beta": fit_beta,
    "isotonic": fit_isotonic,
    "histogram": fit_histogram,
    "bbq": fit_bbq,
}


def method_fit(method: str) -> tuple[Callable[[FloatArray, Any], LetterMap | ConfidenceMap | NetcalMap], bool]:
    """How a method is fitted, and whether on whole rows of letters.

    Raises
    ------
    ValueError
        For an unknown method, with the known ones.
    """
    if is_netcal(method):
        return netcal_fit(method), of_rows(method)
    if method not in _FITS:
        raise ValueError(
            f"method must be one of {', '.join(_FITS)}, or netcal's by its name, such as netcal:ENIR, got {method!r}"
            f"{nearest(method, _FITS)}"
        )
    return _FITS[method], method in _OF_LETTERS
