"""The table of powers, in docs/statistics.md."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .cells import Cell, true_change
from .curves import power_at, power_error
from .record import Record

BEGIN, END = "<!-- power: python -m benchmarks.power -->", "<!-- /power -->"


def table(record: Record, known: Sequence[Cell]) -> str:
    """A row a cell of which pilots and samples were drawn, in Markdown."""
    lines = [
        "| change of | from → to | items | pilot | true change | pilots that tell | items asked for: median (tenth to "
        "nine tenths) | power | of the third of pilots that asks for fewest, most | pilots, samples |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    order = {cell.measure: at for at, cell in reversed(list(enumerate(known)))}
    for cell in sorted(known, key=lambda cell: (order[cell.measure], not cell.paired, cell.kind, cell.pilot)):
        pilots, samples = record.pilots.get(cell.name, []), record.samples.get(cell.sampled, {})
        told = sorted(n for n in pilots if n is not None)
        if not pilots or (told and len(samples) < 2):
            continue
        row = [cell.measure, cell.kind, "same" if cell.paired else "different", f"{cell.pilot:,}"]
        row += [f"{true_change(cell):+.4f}", f"{len(told) / len(pilots):.2f}"]
        if told:
            power, third = power_at(told, samples), max(len(told) // 3, 1)
            low, middle, high = np.quantile(told, [0.1, 0.5, 0.9])
            row += [
                f"{middle:,.0f} ({low:,.0f} to {high:,.0f})",
                f"**{power.mean():.2f}** ± {power_error(told, samples):.2f}",
                f"{power[:third].mean():.2f}, {power[-third:].mean():.2f}",
            ]
        else:
            row += ["–", "–", "–"]
        row.append(f"{len(pilots)}, {sum(times for times, _ in samples.values()):,}")
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)
