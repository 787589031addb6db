"""Intervals of an ECE against resampling, and how cost grows with the number of items.

    python benchmarks/intervals.py [--items 14042] [--largest 10000000]

Everything runs in turn in one process, on one thread where OMP_NUM_THREADS=1 is set, imports excluded; the best of
several goes. What counts is the ratio: machines differ and are shared.
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from calibration import Predictions, change, ece, estimate, summarize
from calibration.uncertainty.drawn_units import ITEMS
from calibration.uncertainty.kinds.binned import Binned
from calibration.uncertainty.measure_table import MEASURES

RESAMPLES = 1_000


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=14_042)
    parser.add_argument("--largest", type=int, default=10_000_000)
    options = parser.parse_args()
    _ratios(options.items)
    _pair(options.items)
    _growth(options.largest)


def _ratios(n_items: int) -> None:
    from netcal.metrics import ECE

    run = _run(n_items, 1.5)
    measure = MEASURES["ece_top"](run)
    assert isinstance(measure, Binned)  # noqa: S101
    confidence, correct = run.confidence, run.correct.astype(int)
    rng = np.random.default_rng(0)

    def peer() -> None:  # a tenth of the resamples, times ten below
        for _ in range(RESAMPLES // 10):
            rows = rng.integers(0, n_items, n_items)
            ECE(10).measure(confidence[rows], correct[rows])

    ours = _best(lambda: measure.limits(ITEMS, level=0.95, seed=0), 10)
    whole = _best(lambda: estimate(run, ece), 10)
    loop, rows = 10 * _best(peer, 1), _best(lambda: _resampled(confidence, correct, rng), 2)
    print(f"interval of the top ECE, {n_items:,} items; {RESAMPLES:,} resamples of the others")
    print(f"  loop over netcal's ECE             {1e3 * loop:9.1f} ms   {loop / ours:6.0f} times ours")
    print(f"  vectorised resampling of rows      {1e3 * rows:9.1f} ms   {rows / ours:6.0f} times ours")
    print(f"  veracal, covariance of the bins    {1e3 * ours:9.1f} ms")
    print(f"  veracal, estimate with noise floor {1e3 * whole:9.1f} ms")


def _resampled(confidence: NDArray[np.float64], correct: NDArray[np.int64], rng: np.random.Generator) -> None:
    """ECEs of resampled rows, as many at a time as fit into memory well."""
    place = np.minimum((confidence * 10).astype(np.int64), 9)
    gap = confidence - correct
    for _ in range(RESAMPLES // 50):
        rows = rng.integers(0, len(gap), (50, len(gap)))
        cell = place[rows] + 10 * np.arange(50)[:, None]
        np.abs(np.bincount(cell.ravel(), weights=gap[rows].ravel(), minlength=500).reshape(50, 10)).sum(axis=1)


def _pair(n_items: int) -> None:
    before, after = _run(n_items, 1.5), _run(n_items, 3.0)

    def pair() -> None:
        for run in (before, after):
            summarize(Predictions(run.frame))  # nothing derived yet
        change(before, after, ece)

    seconds = _best(pair, 3)
    print(f"summarize of two runs and one change, {n_items:,} items: {seconds:.2f} s")


def _growth(largest: int) -> None:
    print("estimate of the top ECE with its noise floor, from a table in memory")
    sizes = [n for n in (100_000, 1_000_000, 10_000_000) if n <= largest]
    for n_items in sizes:
        run = _run(n_items, 1.5)
        size = run.frame.estimated_size()
        tracemalloc.start()
        start = time.perf_counter()
        estimate(run, ece)
        seconds = time.perf_counter() - start
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        copies = f"table {size / 1e6:8.0f} MB  peak above it {peak / size:5.1f} copies"
        print(f"  {n_items:>10,} items  {seconds:7.2f} s  {copies}")


def _run(n_items: int, sharpness: float) -> Predictions:
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(n_items, 4)) * 1.5
    answer = np.argmax(logits + rng.gumbel(size=(n_items, 4)), axis=1)
    subject = np.char.add("subject ", (np.arange(n_items) % 57).astype(str)).tolist()
    return Predictions.from_arrays(logits * sharpness / 1.5, answer, subject=subject)


def _best(work: Callable[[], object], times: int) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


if __name__ == "__main__":
    main()
