"""Remedies of miscalibration after post-training: a temperature, a correction of the letters."""

from __future__ import annotations

from calibration import Comparison, Diagnosis, Estimate

from .signs import direction

# How much of the excess over the noise floor a correction undoes -> the words for it, from the largest share down.
_UNDOES = (
    (0.9, "undoes nearly all"),
    (0.6, "undoes most"),
    (0.4, "undoes about half"),
    (0.15, "undoes some"),
)

# Beyond this temperature the letters are nearly equally likely.
_FLAT = 10


def remedy(comparison: Comparison, diagnosis: Diagnosis | None) -> str:
    """Remedy of the miscalibration after post-training, of its part above the noise floor.

    Empty unless the ECE's whole interval is above the floor: otherwise most of what is undone may be noise.
    """
    error = comparison.after.values["ece_choices"]
    sure = isinstance(error, Estimate) and error.low > comparison.after.point("ece_choices_null95")
    if diagnosis is None or not sure:
        return ""
    now = diagnosis.step("as is").values["ece_choices"].value
    excess = now - diagnosis.step("as is").floors["ece_choices"]
    if excess <= 0:
        return ""
    temperature, letters, both = (
        (now - diagnosis.step(name).values["ece_choices"].value) / excess
        for name in ("temperature", "letter bias", "both")
    )
    worse = direction(comparison.change["ece_choices"]) > 0
    it = "of it" if worse else "of what there is"
    if diagnosis.temperature is None or diagnosis.temperature.value > _FLAT:
        what = "it" if worse else "what there is"
        return f"a temperature undoes {what} only by making all letters nearly equally likely"
    named = f"one temperature, {_temperature(diagnosis.temperature.value)},"
    if letters >= _UNDOES[2][0] and letters > temperature + 0.1:
        alone = f"correcting its letter bias {_undoes(letters)} {it}"
        if temperature < _UNDOES[-1][0]:
            return f"{alone}, one temperature next to none"
        return f"{alone}, {named} {_undoes(temperature).removeprefix('undoes ')}"
    if temperature >= _UNDOES[-1][0]:
        words = f"{named} {_undoes(temperature)} {it}"
        together = _undoes(both).removeprefix("undoes ")
        if both > temperature and together != _undoes(temperature).removeprefix("undoes "):
            words += f", {together} together with a correction of its letter bias"
        return words
    if both >= _UNDOES[2][0]:
        return f"neither one temperature nor a correction of its letter bias alone, but both {_undo(both)} {it}"
    return "neither one temperature nor a correction of its letter bias undoes much of it"


def _undoes(share: float) -> str:
    return next((words for least, words in _UNDOES if share >= least), "undoes next to none")


def _undo(share: float) -> str:
    return _undoes(share).replace("undoes", "undo", 1)


def _temperature(value: float) -> str:
    return f"{value:.1f}" if value >= 1.5 else f"{value:.2f}"
