"""Order of a page's models: as given, by date or by size."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, get_args

from .run_names import FoundRun

RunOrder = Literal["given", "date", "size"]
"""How the models of a page may be ordered."""

# Millions or billions of parameters in a model's name, of a mixture such as 8x7B each expert's.
_SIZE = re.compile(r"(?<![^\W_])(?:(\d+)x)?(\d+(?:\.\d+)?)([mb])(?![^\W_])", re.IGNORECASE)
_UNITS = {"m": 1e6, "b": 1e9}


def ordered_models(models: Sequence[str], names: Sequence[str], runs: Sequence[FoundRun], order: RunOrder) -> list[str]:
    """Models in the order of a page.

    Parameters
    ----------
    models : sequence of str
        Names of the models, as given.
    names, runs : sequence
        Every run, and the name of its model.
    order : {"given", "date", "size"}
        As given; by the beginning of a model's first run; or by the number of parameters in its name.

    Raises
    ------
    ValueError
        For an unknown order, runs that do not tell when they began, and models whose names do not tell their size.
    """
    if order not in get_args(RunOrder):
        raise ValueError(f"order must be one of {', '.join(get_args(RunOrder))}; got {order!r}")
    if order == "given":
        return list(models)
    of_model = {model: [run for name, run in zip(names, runs, strict=True) if name == model] for model in models}
    if order == "date":
        dates = {model: min(_date(run) for run in own) for model, own in of_model.items()}
        return sorted(models, key=dates.__getitem__)
    sizes = {model: _model_size(model, own) for model, own in of_model.items()}
    return sorted(models, key=sizes.__getitem__)


def named_size(name: str) -> float | None:
    """Number of parameters that a model's name tells, if it tells one.

    Examples
    --------
    >>> named_size("HuggingFaceTB/SmolLM2-135M-Instruct"), named_size("Mixtral-8x7B"), named_size("gpt-4o")
    (135000000.0, 56000000000.0, None)
    """
    match = _SIZE.search(name)
    if match is None:
        return None
    experts, number, unit = match.groups()
    return int(experts or 1) * float(number) * _UNITS[unit.lower()]


def _date(run: FoundRun) -> str:
    started = run.manifest.get("started")
    if not started:
        raise ValueError(f"{run.path}: order='date' needs runs that tell when they began, which this one does not")
    return str(started)


def _model_size(model: str, runs: Sequence[FoundRun]) -> float:
    texts = (model, *(str(run.settings.get("model") or "") for run in runs))
    size = next((size for size in map(named_size, texts) if size is not None), None)
    if size is None:
        raise ValueError(
            f"order='size' needs the number of parameters in the name of every model, such as 135M or 7B; {model} "
            "tells none"
        )
    return size
