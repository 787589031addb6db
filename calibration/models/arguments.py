"""Arguments that every back end takes, as values, checked alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Batching:
    """Batches of a call: their size, and prompts that are left out.

    Attributes
    ----------
    size : int, optional
        How many prompts go through the model together at most; as many as suit its memory if omitted.
    done : frozenset of int
        Indices of prompts that are left out.

    Raises
    ------
    ValueError
        For a size below 1.

    Examples
    --------
    >>> Batching(done=frozenset({1})).left(3)
    [0, 2]
    """

    size: int | None = None
    done: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        refuse_small_batch(self.size)

    def left(self, n_prompts: int) -> list[int]:
        """Indices of the prompts that are not done."""
        return [row for row in range(n_prompts) if row not in self.done]

    def is_done(self, rows: Iterable[int]) -> bool:
        """Whether all of some prompts are done."""
        return self.done.issuperset(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How texts are written: their length, what ends them, how tokens are drawn.

    Attributes
    ----------
    max_new_tokens : int
        Tokens at which a text is cut.
    stop : tuple of str
        Texts that end one.
    temperature : float
        0: the likeliest token each time.
    seeds : tuple of int
        One a prompt, which decides its draws; none are needed at the temperature 0.

    Examples
    --------
    >>> drawn = Decoding(max_new_tokens=8, temperature=0.7, seeds=(5, 6, 7))
    >>> drawn.at([2, 0]).seeds, drawn.seed(1)
    ((7, 5), 6)
    """

    max_new_tokens: int
    stop: tuple[str, ...] = ()
    temperature: float = 0.0
    seeds: tuple[int, ...] = ()

    def seed(self, row: int) -> int | None:
        """Seed of a prompt; none if nothing is drawn."""
        return self.seeds[row] if self.temperature else None

    def at(self, rows: Sequence[int]) -> Decoding:
        """The same for some of the prompts."""
        return replace(self, seeds=tuple(self.seeds[row] for row in rows) if self.temperature else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Temperatures:
    """Temperatures above 0 that a back end samples at.

    Attributes
    ----------
    coldest, hottest : float
        The lowest and the highest; no temperature is infinite.
    back_end : str
        Named in a message if there is a highest one.
    """

    coldest: float = 0.0
    hottest: float = math.inf
    back_end: str = ""

    def refuse_others(self, temperature: float) -> None:
        """Raise for a temperature that is neither 0 nor among them.

        Raises
        ------
        ValueError
            With those that there are.
        """
        if not temperature or (self.coldest <= temperature <= self.hottest and math.isfinite(temperature)):
            return
        if math.isfinite(self.hottest):
            allowed = f"from {self.coldest} to {self.hottest} with {self.back_end}"
        else:
            allowed = f"from {self.coldest} up" if self.coldest else "more"
        raise ValueError(f"the temperature must be 0 (greedy) or {allowed}, got {temperature}")


ANY_TEMPERATURE = Temperatures()
"""All that are finite."""


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


def refuse_decoding(n_prompts: int, decoding: Decoding, temperatures: Temperatures = ANY_TEMPERATURE) -> None:
    """Raise for settings with which a back end cannot write texts.

    Parameters
    ----------
    n_prompts : int
        How many prompts are asked.
    decoding : Decoding
        How the texts are to be written.
    temperatures : Temperatures
        Those of the back end.

    Raises
    ------
    ValueError
        For less than one token, an empty stop text, a temperature out of range, a prompt without a seed.

    Examples
    --------
    >>> refuse_decoding(2, Decoding(max_new_tokens=1, temperature=0.5, seeds=(7,)))
    Traceback (most recent call last):
    ValueError: sampling takes a seed for each of 2 prompts, got 1
    """
    _refuse_below_one("max_new_tokens", decoding.max_new_tokens)
    if "" in decoding.stop:
        raise ValueError("a stop text must not be empty")
    temperatures.refuse_others(decoding.temperature)
    if decoding.temperature and len(decoding.seeds) != n_prompts:
        raise ValueError(f"sampling takes a seed for each of {n_prompts} prompts, got {len(decoding.seeds)}")


def _refuse_below_one(name: str, value: int | None) -> None:
    if value is not None and value < 1:
        raise ValueError(f"{name} must be at least 1, got {value}")
