"""Table of false claims, in docs/statistics.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from .claims import CHANGES, RUNS, Cell, Claims
from .record import Record

BEGIN, END = "<!-- python -m benchmarks.margins -->", "<!-- /margins -->"
ALLOWED = 0.05


def table(record: Record, known: Sequence[Cell]) -> str:
    """A row a number: false claims at the boundary, and margins of ordinary calibrated models; then all above 5 %."""
    sizes = sorted({cell.n_items for cell in known if cell.name in record})
    lines = [
        "| claim | cells, samples | false *within*: mean, largest | false *beyond*: mean, largest | margin claimed, n "
        + " / ".join(f"{n:,}" for n in sizes)
        + " |",
        "| --- | --- | --- | --- | --- |",
    ]
    for label in (*RUNS.values(), *CHANGES.values()):
        every = [claims for _, name, claims in _counted(record, known) if _label(name) == label and claims.claimed]
        if not every:
            continue
        within, beyond = ([getattr(claims, key) / claims.times for claims in every] for key in ("within", "beyond"))
        margins = " / ".join(_margin(record, known, label, n) for n in sizes)
        lines.append(
            f"| {label} | {len(every)}, {sum(claims.times for claims in every):,} | {np.mean(within):.3f}, "
            f"{max(within):.3f} | {np.mean(beyond):.3f}, {max(beyond):.3f} | {margins} |"
        )
    above = list(_above(record, known))
    lines += ["", f"False claims in more than {100 * ALLOWED:.0f} % of samples: {'none' if not above else ''}."]
    return "\n".join([*lines[:-1], lines[-1].replace(": .", ":"), *([""] if above else []), *above])


def _counted(record: Record, known: Sequence[Cell]) -> Iterator[tuple[Cell, str, Claims]]:
    for cell in known:
        if cell.name in record:
            for name, claims in record[cell.name].claims.items():
                yield cell, name, claims


def _label(name: str) -> str:
    """What a claim is of, without the temperature of its run."""
    return name.partition("; temperature")[0]


def _above(record: Record, known: Sequence[Cell]) -> Iterator[str]:
    for cell, name, claims in _counted(record, known):
        if claims.largest > ALLOWED:
            error = (ALLOWED * (1 - ALLOWED) / claims.times) ** 0.5
            yield (
                f"- {name}: within {claims.within / claims.times:.3f}, beyond {claims.beyond / claims.times:.3f} of "
                f"{claims.times:,} samples (Monte-Carlo error {error:.3f}): {cell.name}"
            )


def _margin(record: Record, known: Sequence[Cell], label: str, n_items: int) -> str:
    """Mean margin of items alone, accuracy .7, temperature 1; of a change, to temperature .7."""
    for cell, name, claims in _counted(record, known):
        population = cell.population
        plain = population.accuracy == 0.7 and population.layout == "items" and population.temperatures[0] == 1
        if plain and cell.n_items == n_items and name in (f"{label}; temperature 1", label):
            return f"{claims.margins / claims.claimed:.3f}" if claims.claimed else "–"
    return "–"
