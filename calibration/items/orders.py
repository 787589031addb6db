"""Orders in which the options of an item are asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, get_args

from .item import Item

Permutations = Literal["none", "cyclic"]

PERMUTATIONS: tuple[Permutations, ...] = get_args(Permutations)

Order = tuple[int, ...]


def option_orders(item: Item, permutations: Permutations) -> list[Order]:
    """Orders in which an item is asked: its own, or every rotation of it.

    Examples
    --------
    >>> option_orders(Item("0", "", "Which?", ("x", "y", "z"), 0), "cyclic")
    [(0, 1, 2), (1, 2, 0), (2, 0, 1)]
    """
    own = tuple(range(len(item.options)))
    return [own[shift:] + own[:shift] for shift in (own if permutations == "cyclic" else own[:1])]


def reordered(item: Item, order: Order) -> Item:
    """The item with its options in another order; its id stays."""
    return replace(item, options=tuple(item.options[option] for option in order), answer=order.index(item.answer))
