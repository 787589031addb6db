"""The page docs/simulation.md, from what was counted."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scipy.stats import binom

from .analyses import analysis_cells
from .cells import named_cells
from .counting import Counts
from .plan import ENOUGH, HELD, PRINTED, is_clear
from .rates import rate_cells
from .record import Record, Tally

_INTRODUCTION = """\
`python -m benchmarks.coverage` counts and writes this page; it can be interrupted and continues, and `--page` writes
the page of what `docs/simulation.json` holds. A *population* has a signal of its own for each item; two models see it
through noise that is the same to the stated correlation, and state probabilities with a temperature. What is then
expected of each answer is known, so that the truth of every measure is a mean over 38,000 to 200,000 items without the
noise of their answers; in quantile bins it is that in the bins of the sample, of a log loss that of probabilities of at
least 10⁻⁶, and no temperature has one where probabilities are exactly 0. A *sample* of n items goes through the
functions behind `estimate` and `change` as a user's run does, letters as `Predictions`, stated confidences and weights
as `Pairs`. *Clusters* have a sharpness of their own. The interval of a group is that of its items alone: a cell of as
few items. *Corrected rates* are those of a grader and few labels, of *these* answers and of those to *new* questions.
All numbers of a cell are of the same samples, so that their misses go together.

A band of the curve counts once a sample: it holds the population's curve of the sample's knots everywhere, or not.
So do the intervals of the groups that may be the worst, which must have the worst of all among them. Halves of a
hard–easy gap are those on either side of the sample's median, by the items' signal or by the confidence of the
other run. Groups have a sharpness of their own and count one by one. The temperature of a quartile of lengths is
the population's between its ends.

*Coverage* is the share of printed 95 % intervals that hold the truth; its Monte-Carlo error, of a true 95 %, is 2.2
points for 100 printed intervals, 1.1 for 400 and 0.3 for 4,000. A number that is printed in under 5 % of samples counts
as none. What covers under 94 % is looked at again in twice as many samples, and again, until it covers 94 %, lies below
93 % by four standard errors, or the time is up: *samples* says how far. To stop there moves a true 95 % up by 0.9
points on average (0.3 where the first samples are 200 instead of 50), a true 93.5 % by 1.5 (0.8); of numbers that
cover 92 %, half (four in five) end under 93 %, and of those that cover 90 %, three in four (nearly all).
*Width / known σ* is the mean width over that of a normal interval whose standard error is known.
"""

# Standard errors below what must hold of what is named in bold.
_BOLD = 3.0


@dataclass(frozen=True)
class Result:
    """A number of a cell with its counts."""

    cell: str
    tally: Tally
    quantity: str
    counts: Counts

    @property
    def is_printed(self) -> bool:
        """Whether it has intervals often enough."""
        return self.counts.share >= PRINTED

    @property
    def side(self) -> str:
        """Of which run, or of the change."""
        return self.quantity.split()[1]

    @property
    def key(self) -> str:
        """Of which measure."""
        return self.quantity.split()[0]

    @property
    def name(self) -> str:
        """What it is, with its coverage and what that is known to."""
        counts = self.counts
        return (
            f"`{self.key}`, {self.side} – {self.cell}: {_rate(counts.coverage)} ± {_rate(counts.error)} "
            f"({counts.below} below and {counts.above} above of {counts.printed:,} printed, {counts.times:,} samples)"
        )


def page(record: Record) -> str:
    """The page of a record."""
    results = [Result(*row) for row in record.results()]
    kinds = list(dict.fromkeys(result.tally.kind for result in results))
    parts = ["# How often the intervals hold", "", *_first_paragraph(results), "", _INTRODUCTION]
    for kind in kinds:
        of_kind = [result for result in results if result.tally.kind == kind]
        parts += [f"## {kind.capitalize()}", "", *_by_measure(of_kind), "", *_by_cell(of_kind), ""]
    return "\n".join(parts).rstrip() + "\n"


def _first_paragraph(results: Sequence[Result]) -> Iterator[str]:
    """The worst, and everything under .93 by name."""
    printed = sorted((result for result in results if result.is_printed), key=lambda result: result.counts.coverage)
    if not printed:
        yield "Nothing was counted yet."
        return
    worst, low = printed[0], [result for result in printed if result.counts.coverage < HELD]
    kinds = {result.cell: result.tally.kind for result in results}
    of_grid = sum(kind == "grid" for kind in kinds.values())
    cells, named = len(kinds) - of_grid, len([*named_cells(), *rate_cells(), *analysis_cells()])
    times = [result.counts.times for result in printed]
    chance = sum(_chance_of_less(result.counts.printed) for result in printed)
    clear = sum(is_clear(result.counts, errors=_BOLD) for result in low)
    yield (
        f"In {cells:,} cells (of {named} with a name; {of_grid} of the grid beside them) "
        f"{len(printed):,} numbers (a measure of a run, or of the change between two) have an "
        f"interval, from {min(times):,} to {max(times):,} samples each; {len(results) - len(printed):,} more have "
        f"none, or in under 5 % of samples. The least coverage is {_rate(worst.counts.coverage)}. Under .93 are "
        f"{len(low):,}; if all covered exactly 95 %, chance would bring about {chance:.0f} there. Below .93 by more "
        f"than three standard errors are {clear:,}, in **bold**."
    )
    if low:
        yield ""
    for result in low:
        yield f"- **{result.name}**" if is_clear(result.counts, errors=_BOLD) else f"- {result.name}"


def _chance_of_less(printed: int) -> float:
    """Chance that a coverage of .95 comes out under .93."""
    return float(binom.cdf(math.ceil(HELD * printed - 1e-9) - 1, printed, 0.95))


def _by_measure(results: Sequence[Result]) -> Iterator[str]:
    """A row a measure and side, over all cells of a kind."""
    yield (
        "| number | cells printed | least coverage | mean | under .94 | share printed | truth below | truth above "
        "| mean width | width / known σ | p < .05 at no change | samples |"
    )
    yield "| --- |" + " --- |" * 11
    for key, side in dict.fromkeys((result.key, result.side) for result in results):
        of_name = [result for result in results if (result.key, result.side) == (key, side)]
        printed = [result for result in of_name if result.is_printed]
        if of_name:
            yield (
                f"| `{key}`, {side} | {len(printed)} of {len(of_name)} | "
                + " | ".join(_summed(of_name, printed))
                + " |"
            )


def _summed(of_name: Sequence[Result], printed: Sequence[Result]) -> Iterator[str]:
    whole = Counts()
    for result in of_name:
        whole.add(result.counts)
    tested = f"{_rate(whole.rejected / whole.tested)} of {whole.tested:,}" if whole.tested else ""
    if not printed:
        yield from ("", "", "", _rate(whole.share), "", "", "", "", tested, f"{whole.times:,}")
        return
    coverages = [result.counts.coverage for result in printed]
    shown = Counts()
    for result in printed:
        shown.add(result.counts)
    yield _rate(min(coverages))
    yield _rate(sum(coverages) / len(coverages))
    yield str(sum(coverage < ENOUGH for coverage in coverages))
    yield _rate(whole.share)
    yield _rate(shown.below / shown.printed)
    yield _rate(shown.above / shown.printed)
    yield f"{shown.width / shown.printed:.3g}"
    ratios = [ratio for result in printed if (ratio := _over_known(result.counts))]
    yield f"{sum(ratios) / len(ratios):.2f}" if ratios else ""
    yield tested
    yield f"{whole.times:,}"


def _over_known(counts: Counts) -> float | None:
    """Mean width over that of an interval whose error is known.

    None if the estimates are all alike.
    """
    variance = counts.off_squared / counts.printed - (counts.off / counts.printed) ** 2
    if counts.printed < 20 or variance <= 1e-15:
        return None
    return counts.width / counts.printed / (2 * 1.96 * math.sqrt(variance))


def _by_cell(results: Sequence[Result]) -> Iterator[str]:
    """A row a cell and side, its coverages by measure."""
    keys = list(dict.fromkeys(result.key for result in results))
    yield "Coverage by cell; in brackets the share printed where it is under .95, – for none."
    yield ""
    yield "| cell | of | " + " | ".join(f"`{key}`" for key in keys) + " |"
    yield "| --- | --- |" + " --- |" * len(keys)
    cells = dict.fromkeys(result.cell for result in results)
    by_name = {(result.cell, result.quantity): result for result in results}
    sides = dict.fromkeys(result.side for result in results)
    for cell in cells:
        for side in sides:
            row = [by_name.get((cell, f"{key} {side}")) for key in keys]
            yield f"| {cell} | {side} | " + " | ".join(_cell(result) for result in row) + " |"


def _cell(result: Result | None) -> str:
    if result is None:
        return ""
    if not result.is_printed:
        return "–"
    text = _rate(result.counts.coverage)
    text = f"**{text}**" if result.counts.coverage < HELD else text
    return text if result.counts.share >= 0.95 else f"{text} ({result.counts.share:.2f})"


def _rate(value: float) -> str:
    """A share with three decimals, without the nought in front."""
    return "–" if math.isnan(value) else f"{value:.3f}".removeprefix("0")
