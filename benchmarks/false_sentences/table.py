"""Table of the pages with a false sentence, in docs/statistics.md."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import beta

from .record import Count, Record
from .scenes import Scene

BEGIN, END = "<!-- python -m benchmarks.false_sentences -->", "<!-- end -->"


def table(record: Record, scenes: Sequence[Scene]) -> str:
    """The table: a row a scene, a column a number of items, and all pages without a change together."""
    sizes = sorted({size for scene in scenes for size in scene.sizes})
    counted = [scene for scene in scenes if any(count.pages for count in record.get(scene.name, {}).values())]
    heading = ["pages of", *(f"{size:,}" for size in sizes)]
    rows = [[scene.name, *(_cell(record[scene.name].get(str(size))) for size in sizes)] for scene in counted]
    still = [scene for scene in counted if not scene.changed]
    rows.append(["**all without a change**", *(_cell(_together(record, still, [size])) for size in sizes)])
    lines = [heading, ["---"] * len(heading), *rows]
    whole = _together(record, still, sizes)
    low, high = _limits(whole)
    return "\n".join(
        [
            *("| " + " | ".join(cells) + " |" for cells in lines),
            "",
            f"Pages without a change that hold a false sentence: {whole.wrong:,} of {whole.pages:,}, "
            f"{100 * whole.wrong / max(whole.pages, 1):.1f} % (95 % limits {100 * low:.1f}–{100 * high:.1f} %).",
        ]
    )


def _cell(count: Count | None) -> str:
    return f"{count.wrong} of {count.pages}" if count is not None and count.pages else ""


def _together(record: Record, scenes: Sequence[Scene], sizes: Sequence[int]) -> Count:
    counts = [record[scene.name].get(str(size), Count()) for scene in scenes for size in sizes]
    return Count(sum(count.pages for count in counts), sum(count.wrong for count in counts))


def _limits(count: Count) -> tuple[float, float]:
    """Clopper and Pearson's limits of a share."""
    wrong, pages = count.wrong, count.pages
    low = beta.ppf(0.025, wrong, pages - wrong + 1) if wrong else 0.0
    high = beta.ppf(0.975, wrong + 1, pages - wrong) if wrong < pages else 1.0
    return float(low), float(high)
