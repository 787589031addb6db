"""Remedies of miscalibration after post-training: a temperature, a correction of the letters."""

from __future__ import annotations

from collections.abc import Collection

from calibration import Comparison, Diagnosis, Estimate
from calibration.recalibration.diagnosis import StepName

from .directions import AFTER, is_off

# A share of the ECE that is worth telling if a correction takes it off; how much more two of them must take off; what
# they must take off at most for a word on their failure.
_LEAST, _MORE, _LITTLE = 0.25, 0.1, 0.4

# Beyond this temperature the letters are nearly equally likely.
_FLAT = 10


def remedy(comparison: Comparison, diagnosis: Diagnosis | None, shown: Collection[str]) -> str:
    """Remedy of the miscalibration after post-training.

    How much of its ECE a correction takes off at least. Empty unless the ECE's whole interval is above its noise floor,
    and where no share is shown.
    """
    floor = comparison.after.point("ece_choices_null95")
    if diagnosis is None or not is_off(comparison.after, "ece_choices", AFTER, shown, bound=floor):
        return ""
    if diagnosis.temperature is None or diagnosis.temperature.low > _FLAT:
        return "the temperature that fits best makes all letters nearly equally likely"
    now = diagnosis.step("as is").values["ece_choices"]
    temperature, letters, both = (_at_least(now, diagnosis, name) for name in ("temperature", "letter bias", "both"))
    named = f"one temperature, {_temperature(diagnosis.temperature.value)},"
    if letters >= _LEAST and letters > temperature + _MORE:
        words = f"correcting its letter bias takes at least {_share(letters)} off the ECE"
        return f"{words}, {named} at least {_share(temperature)}" if temperature >= _LEAST else words
    if temperature >= _LEAST:
        words = f"{named} takes at least {_share(temperature)} off the ECE"
        if both > temperature + _MORE:
            words += f", together with a correction of its letter bias at least {_share(both)}"
        return words
    if both >= _LEAST:
        return f"one temperature and a correction of its letter bias together take at least {_share(both)} off the ECE"
    most = max(_at_most(now, diagnosis, name) for name in ("temperature", "letter bias", "both"))
    if most <= _LITTLE:
        alone = "neither one temperature nor a correction of its letter bias"
        return f"{alone} takes more than {_share(most + 0.01)} off the ECE"
    return ""


def _at_least(now: Estimate, diagnosis: Diagnosis, name: StepName) -> float:
    """Least share of the ECE that a correction takes off.

    Of its lower limit, down to the upper one that is left.
    """
    return 1 - diagnosis.step(name).values["ece_choices"].high / now.low


def _at_most(now: Estimate, diagnosis: Diagnosis, name: StepName) -> float:
    return max(0.0, 1 - diagnosis.step(name).values["ece_choices"].low / now.high)


def _share(share: float) -> str:
    """A share in whole per cent, rounded down.

    Examples
    --------
    >>> _share(0.839)
    '83 %'
    """
    return f"{int(100 * share)} %"


def _temperature(value: float) -> str:
    return f"{value:.1f}" if value >= 1.5 else f"{value:.2f}"
