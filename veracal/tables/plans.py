"""Tables of items that a wanted precision needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from calibration.uncertainty.measure_names import run_label

from ..console import print_line, print_table


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Items that a measure needs.

    Attributes
    ----------
    n_items, n_clusters : int or None
        None if the pilot cannot tell, or if items are drawn one by one.
    reason : str or None
        Why it cannot tell.
    """

    n_items: int | None = None
    n_clusters: int | None = None
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


def wanted_text(*, half_width: float | None, change: float | None, power: float, after: bool) -> str:
    """What is wanted, in words.

    Examples
    --------
    >>> wanted_text(half_width=None, change=0.02, power=0.8, after=True)
    'to show a paired change of 0.02 in 80 % of samples'
    >>> wanted_text(half_width=None, change=0.02, power=0.8, after=False)
    'of each run to show a change of 0.02 between runs on different items in 80 % of samples'
    >>> wanted_text(half_width=0.01, change=None, power=0.8, after=False)
    'for an interval of ±0.01'
    """
    if half_width is not None:
        return f"for an interval of {'the paired change, ' if after else ''}±{half_width:g}"
    samples = f"in {100 * power:g} % of samples"
    if after:
        return f"to show a paired change of {change:g} {samples}"
    return f"of each run to show a change of {change:g} between runs on different items {samples}"


def print_plans(name: str, plans: Mapping[str, Plan], wanted: str, *, whole: bool) -> None:
    """A row a measure, and why where the pilot cannot tell.

    Views are named of `whole` distributions.
    """
    has_clusters = any(plan.n_clusters is not None for plan in plans.values())
    print_table(
        f"Items needed {wanted}, judged by {name}",
        ("", "items", "clusters") if has_clusters else ("", "items"),
        [
            [
                run_label(key, whole=whole),
                "cannot tell" if plan.n_items is None else f"{plan.n_items:,}",
                *(["" if plan.n_clusters is None else f"{plan.n_clusters:,}"] if has_clusters else []),
            ]
            for key, plan in plans.items()
        ],
        frame=pl.DataFrame([{"measure": key, **plan.to_dict()} for key, plan in plans.items()]),
    )
    for key, plan in plans.items():
        if plan.reason is not None:
            print_line(f"{run_label(key, whole=whole)}: {plan.reason}.")
