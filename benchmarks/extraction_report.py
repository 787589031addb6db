"""Table and figure of `benchmarks.extraction`, also from numbers that it kept.

python -m benchmarks.extraction_report extraction.json [--figure extraction.svg]
"""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from benchmarks.floor import Sizes, Work
from plots import style
from plots.figures import to_svg
from plots.style_blocks import PAGE
from plots.theme import BLUE, GREEN, GREY, INK, ORANGE, VERMILION

Values = NDArray[np.float64]

_COLOURS = {"veracal": BLUE, "lm-eval": VERMILION, "llama.cpp": GREEN, "vllm": ORANGE}


@dataclass(frozen=True)
class Results:
    """What a run of the benchmark found.

    Attributes
    ----------
    model, items, machine : str
        What ran, on what, and where, in words.
    n_items, tokens : int
        Prompts, and tokens of all of them whole.
    sizes : Sizes
        Of the model.
    unique, lm_eval : Work
        Of the tokens computed once, and of lm-eval's path.
    runs : list of dict
        ``harness``, ``dtype`` and ``rounds``, each of which holds what `benchmarks.harnesses` printed: ``logprobs``
        with none for a prompt that was not asked, and ``seconds`` scaled to all of them.
    lm_eval_every : int
        Of how many of lm-eval's batches one was computed.
    died : list of str
        Harnesses that did not come to their end, and how they ended.
    """

    model: str
    items: str
    machine: str
    n_items: int
    tokens: int
    sizes: Sizes
    unique: Work
    lm_eval: Work
    runs: list[dict[str, Any]] = field(default_factory=list)
    lm_eval_every: int = 1
    died: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Results:
        """From the file that the benchmark wrote."""
        found = json.loads(path.read_text(encoding="utf-8"))
        works = {name: Work(**found[name]) for name in ("unique", "lm_eval")}
        return cls(**{**found, **works, "sizes": Sizes(**found["sizes"])})

    def add(self, harness: str, dtype: str, found: dict[str, Any]) -> None:
        """One more round of a harness."""
        for run in self.runs:
            if (run["harness"], run["dtype"]) == (harness, dtype):
                run["rounds"].append(found)
                return
        self.runs.append({"harness": harness, "dtype": dtype, "rounds": [found]})

    @property
    def dtypes(self) -> list[str]:
        """In the order in which they ran."""
        return list(dict.fromkeys(run["dtype"] for run in self.runs))

    def middle(self, harness: str, dtype: str, name: str) -> float | None:
        """The median over the rounds, none for what did not run."""
        for run in self.runs:
            if (run["harness"], run["dtype"]) == (harness, dtype):
                return float(median(each[name] for each in run["rounds"]))
        return None

    def letters(self, harness: str, dtype: str) -> Values | None:
        """Log-probabilities of a harness (n_items, n_letters), none where it did not run."""
        for run in self.runs:
            if (run["harness"], run["dtype"]) == (harness, dtype):
                return _first_letters(run)
        return None

    def share_of_rate(self, seconds: float, dtype: str) -> float | None:
        """Time that the unique tokens take at the measured rate of a matrix product, over the time taken."""
        rate = self.middle("veracal", dtype, "matrix_gflops")
        return None if rate is None else self.unique.flops(self.sizes) / (rate * 1e9) / seconds


def report(results: Results) -> str:
    """Everything in words: the table, the floor of work, the letters, and where the time goes."""
    unique, whole = results.unique.tokens, results.tokens
    head = f"{results.model}, {results.items}: {whole:,} tokens whole, {unique:,} unique. {results.machine}."
    parts = [
        head,
        "\n".join(_table(results)),
        *results.died,
        *_floors(results),
        *_letters(results),
        *_profiles(results),
    ]
    return "\n\n".join(parts)


def _table(results: Results) -> Iterator[str]:
    names = ["", "type", "seconds", "items/s", "unique tokens/s", "over lm-eval", "of the matrix rate", "peak MB"]
    names.append("above the model")
    yield f"| {' | '.join(names)} |"
    yield f"| --- | --- |{' --: |' * (len(names) - 2)}"
    for run in results.runs:
        harness, dtype = run["harness"], run["dtype"]
        seconds, loaded, peak = (
            median(each[name] for each in run["rounds"]) for name in ("seconds", "loaded_mb", "peak_mb")
        )
        theirs = results.middle("lm-eval", dtype, "seconds")
        share = results.share_of_rate(seconds, dtype)
        cells = [
            harness,
            dtype,
            f"{seconds:.1f}",
            f"{results.n_items / seconds:.2f}",
            f"{results.unique.tokens / seconds:,.0f}",
            "" if theirs is None else f"{theirs / seconds:.2f} ×",
            "" if share is None else f"{share:.0%}",
            f"{peak:,.0f}",
            f"{peak - loaded:,.0f}",
        ]
        yield f"| {' | '.join(cells)} |"


def _floors(results: Results) -> Iterator[str]:
    """The floor of work and how much of it is reached, in each dtype."""
    sizes, once, whole = results.sizes, results.unique, results.lm_eval
    floor, of_weights = whole.flops(sizes) / once.flops(sizes), whole.of_weights(sizes) / once.of_weights(sizes)
    yield (
        f"Floor of work, operations of lm-eval's path over those of the unique tokens: {floor:.2f} (products with "
        f"weights and attention; with weights alone {of_weights:.2f})."
    )
    if results.lm_eval_every > 1:
        yield (
            f"lm-eval computed one of every {results.lm_eval_every} of its batches of falling length; its seconds are "
            "scaled by operations to all of them."
        )
    for dtype in results.dtypes:
        ours, theirs = (results.middle(name, dtype, "seconds") for name in ("veracal", "lm-eval"))
        rate = results.middle("veracal", dtype, "matrix_gflops")
        if ours is None or rate is None:
            continue
        reached = once.flops(sizes) / ours / 1e9
        text = (
            f"{dtype}: {reached:,.0f} GFLOP/s of unique work, {reached / rate:.0%} of the {rate:,.0f} GFLOP/s that a "
        )
        text += "product of the model's own shape reaches here"
        if theirs is not None:
            ratio = theirs / ours
            text += f"; {ratio:.2f} times lm-eval, {ratio / floor:.0%} of the floor"
            text += f" ({ratio / of_weights:.0%} of that of weights alone)"
        yield f"{text}."


def _letters(results: Results) -> Iterator[str]:
    """How far each harness's letters are from veracal's, in the same dtype and in float32, whose rounding is least."""
    lines = []
    for run in results.runs:
        harness, dtype = run["harness"], run["dtype"]
        found = _first_letters(run)
        cells = [
            "" if harness == "veracal" else _difference(found, results.letters("veracal", dtype)),
            "" if dtype == "float32" else _difference(found, results.letters("veracal", "float32")),
        ]
        if any(cells):
            asked = [values is not None for values in run["rounds"][0]["logprobs"]]
            lines.append(f"| {harness} | {dtype} | {' | '.join(cells)} | {np.isfinite(found[asked]).mean():.0%} |")
    if lines:
        head = "|  | letters differ, nats: | from veracal in that type | from veracal in float32 | told |"
        yield "\n".join([head, "| --- | --- | --: | --: | --: |", *lines])


def _first_letters(run: dict[str, Any]) -> Values:
    """Log-probabilities of a run's first round (n_items, n_letters), NaN where there are none."""
    rows = run["rounds"][0]["logprobs"]
    n_letters = max(len(values) for values in rows if values is not None)
    return np.array([values or [None] * n_letters for values in rows], dtype=np.float64)


def _difference(found: Values, beside: Values | None) -> str:
    if beside is None:
        return ""
    difference = np.abs(found - beside)
    return f"at most {np.nanmax(difference):.2g}, {np.nanmean(difference):.2g} on average"


def _profiles(results: Results) -> Iterator[str]:
    found = {run["dtype"]: run["rounds"][0]["shares"] for run in results.runs if "shares" in run["rounds"][0]}
    if found:
        lines = [f"| where veracal's time goes | {' | '.join(found)} |", f"| --- |{' --: |' * len(found)}"]
        kinds = next(iter(found.values()))
        lines += [f"| {kind} | {' | '.join(f'{shares[kind]:.0%}' for shares in found.values())} |" for kind in kinds]
        yield "\n".join(lines)


def draw(results: Results, path: Path) -> None:
    """Items per second and peak memory of every harness, and what the matrix rate allows."""
    runs = results.runs
    # Those of one dtype stand together.
    steps = [
        1.0 if run["dtype"] == before["dtype"] else 1.6 for before, run in zip(runs[:1] + runs, runs, strict=False)
    ]
    places = np.cumsum(steps)
    colours = [_COLOURS[run["harness"]] for run in runs]
    speeds, peaks = (
        np.array([median(each[name] for each in run["rounds"]) for run in runs]) for name in ("seconds", "peak_mb")
    )
    speeds = results.n_items / speeds
    with style():
        figure, (left, right) = plt.subplots(
            1, 2, figsize=(PAGE, 0.9 + 0.26 * places[-1]), sharey=True, width_ratios=(3, 2)
        )
        _bars(left, places, speeds, colours)
        _bars(right, places, peaks / 1000, colours)
        _marks(left, places, results)
        left.set_yticks(places, [f"{run['harness']}  {run['dtype']}" for run in runs])
        left.set_ylim(places[-1] + 0.7, 0.3)
        left.set_xlabel("items per second")
        right.set_xlabel("peak memory, GB")
        where = f"{results.model}, {results.items}. {results.machine}."
        figure.supxlabel(
            "\n".join(textwrap.wrap(where, 140, break_on_hyphens=False)), fontsize=6, color=GREY, x=0.01, ha="left"
        )
        if path.suffix == ".svg":
            path.write_text(to_svg(figure), encoding="utf-8")
        else:
            figure.savefig(path)
            plt.close(figure)


def _bars(ax: Axes, places: Values, values: Values, colours: list[str]) -> None:
    """Lying bars with their values behind them."""
    bars = ax.barh(places, values, height=0.8, color=colours, edgecolor=INK, linewidth=0.5)
    texts = [f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}" for value in values]
    for label in ax.bar_label(bars, texts, padding=3, fontsize=7):
        label.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # a mark may pass behind
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 1.15 * values.max())


def _marks(ax: Axes, places: Values, results: Results) -> None:
    """Where the bars would end if the unique tokens were computed at the measured matrix rate."""
    rates = [results.middle("veracal", run["dtype"], "matrix_gflops") for run in results.runs]
    work = results.unique.flops(results.sizes) / results.n_items
    marks = [(rate * 1e9 / work, place) for rate, place in zip(rates, places, strict=True) if rate is not None]
    if marks:
        at, middle = np.array(marks).T
        ax.vlines(
            at, middle - 0.5, middle + 0.5, color=INK, linewidth=1, linestyle=(0, (2, 1)),
            label="unique tokens at the measured matrix rate",
        )  # fmt: skip
        ax.set_xlim(0, max(ax.get_xlim()[1], 1.02 * at.max()))
        ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), borderaxespad=0.2)


def main() -> None:
    """The table and the figure anew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, help="what benchmarks.extraction kept with --json")
    parser.add_argument("--figure", type=Path, metavar="FILE")
    options = parser.parse_args()
    results = Results.read(options.results)
    print(report(results))
    if options.figure:
        draw(results, options.figure)


if __name__ == "__main__":
    main()
