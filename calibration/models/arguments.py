"""Arguments that every back end takes, checked alike."""

from __future__ import annotations

import math
from collections.abc import Sequence


def refuse_small_batch(batch_size: int | None) -> None:
    """Raise for a batch size below 1.

    Raises
    ------
    ValueError
        With the size.
    """
    _refuse_below_one("batch_size", batch_size)


def refuse_continuations(n_prompts: int, n_continuations: int) -> None:
    """Raise unless every prompt has its continuations.

    Raises
    ------
    ValueError
        With both numbers.
    """
    if n_prompts != n_continuations:
        raise ValueError(f"there must be continuations for each of {n_prompts} prompts, got {n_continuations}")


def refuse_generation(
    n_prompts: int,
    *,
    max_new_tokens: int,
    stop: Sequence[str],
    temperature: float,
    seeds: Sequence[int],
    coldest: float = 0.0,
    hottest: float = math.inf,
    back_end: str = "",
) -> None:
    """Raise for arguments with which no back end can generate.

    Parameters
    ----------
    n_prompts : int
        How many prompts are asked.
    max_new_tokens, stop, temperature, seeds
        As `calibration.models.Model.generate` takes them.
    coldest, hottest : float
        Temperatures above 0 that the back end samples at; no temperature is infinite.
    back_end : str
        Named in the message if its temperatures have an upper limit.

    Raises
    ------
    ValueError
        For less than one token, an empty stop text, a temperature out of range, a prompt without a seed.

    Examples
    --------
    >>> refuse_generation(2, max_new_tokens=1, stop=(), temperature=0.5, seeds=[7])
    Traceback (most recent call last):
    ValueError: sampling takes a seed for each of 2 prompts, got 1
    """
    _refuse_below_one("max_new_tokens", max_new_tokens)
    if "" in stop:
        raise ValueError("a stop text must not be empty")
    if temperature and not (coldest <= temperature <= hottest and math.isfinite(temperature)):
        if math.isfinite(hottest):
            allowed = f"from {coldest} to {hottest} with {back_end}"
        else:
            allowed = f"from {coldest} up" if coldest else "more"
        raise ValueError(f"the temperature must be 0 (greedy) or {allowed}, got {temperature}")
    if temperature and len(seeds) != n_prompts:
        raise ValueError(f"sampling takes a seed for each of {n_prompts} prompts, got {len(seeds)}")


def _refuse_below_one(name: str, value: int | None) -> None:
    if value is not None and value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
