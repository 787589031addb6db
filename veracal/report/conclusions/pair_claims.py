"""What the conclusions on two runs of predictions may claim, and its p-values."""

from __future__ import annotations

from calibration import Comparison, Diagnosis
from calibration.uncertainty.standard_errors import critical, two_sided

from .directions import AFTER, BEFORE, error_claim, lean_claim, p_value_of

# Fewest items for a conclusion on calibration: with fewer the noise floor alone is as high as most models' error.
_FEWEST = 100

_CHANGES = ("accuracy", "ece_choices", "signed_gap", "auroc")
FAVOURED = "favoured letter"
"""The claim that a letter is favoured after."""


def pair_claims(comparison: Comparison, diagnosis: Diagnosis | None) -> dict[str, float | None]:
    """P-values of all that the conclusions on two runs may claim, by claim.

    Claims are changes by the keys of their measures, leanings and errors of both runs, and the most favoured letter.
    """
    keys = _CHANGES if is_enough(comparison) else _CHANGES[:1]
    claims: dict[str, float | None] = {key: comparison.change[key].p_value for key in keys if key in comparison.change}
    if is_enough(comparison):
        for name, side in ((BEFORE, comparison.before), (AFTER, comparison.after)):
            claims[lean_claim(name)] = p_value_of(side, "signed_gap")
            claims[error_claim(name)] = p_value_of(side, "ece_choices")
        if diagnosis is not None:
            claims[FAVOURED] = _favoured_p_value(diagnosis)
    return claims


def is_enough(comparison: Comparison) -> bool:
    """Whether the items allow conclusions on calibration."""
    return comparison.before.point("n_items") >= _FEWEST


def _favoured_p_value(diagnosis: Diagnosis) -> float:
    """P-value that no letter is favoured.

    Of the most favoured one, for all letters that it might have been.
    """
    letters = diagnosis.letters.sort("excess", descending=True)
    letter = letters.row(0, named=True)
    error = (letter["excess"] - letter["excess_low"]) / critical(diagnosis.level, None)
    return min(1.0, letters.height * two_sided(letter["excess"], error, None))
