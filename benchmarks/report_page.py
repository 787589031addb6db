"""The report page by size: seconds to make it, to open it, and its longest task.

    python -m benchmarks.report_page [--cases mmlu items subjects options single] [--tries 3]

Runs are made up (a seed fixes them), a page is written in a process of its own, and headless Chromium opens it: from
DOMContentLoaded to the first row of the item browser that is seen, and until it can be used; then the longest task
(PerformanceObserver, which tells those of 50 ms and more) while the page is scrolled and its rows are searched,
filtered, sorted and turned, and the longest task of all, loading included, in time of the processor (Chromium's trace).
The best of several tries counts, since a machine may have other work; by the clock, a shared one stretches every task.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.machines import machine
from calibration import Item, Predictions
from calibration.runs.run_writer import RunWriter

_WRITE = """
import sys, veracal
veracal.write_report(sys.argv[2:], sys.argv[1])
"""
_HEADINGS = (
    "case", "items", "subjects", "options", "made, s", "of processors, s", "MB", "row seen, s", "usable, s",
    "longest task, ms", "of the processor, ms",
)  # fmt: skip
_READY = "body:not(:has([data-browser][aria-busy]))"
# Runs before the page: when rows are seen, and what takes long.
_WATCH = """
window.watched = { longest: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) watched.longest = Math.max(watched.longest, entry.duration);
}).observe({ type: "longtask", buffered: true });
document.addEventListener("DOMContentLoaded", () => {
  const loaded = performance.now();
  const look = () => {
    const row = document.querySelector(".rows tbody tr");
    if (row && row.getBoundingClientRect().height > 0) watched.seen ??= performance.now() - loaded;
    if (document.querySelector("[data-browser][aria-busy]")) requestAnimationFrame(look);
    else watched.ready = performance.now() - loaded;
  };
  look();
});
"""


@dataclass(frozen=True)
class Case:
    """Sizes of two runs and their items."""

    items: int
    subjects: int
    options: int
    runs: int = 2


CASES = {
    "single": Case(1, 1, 4),
    "mmlu": Case(14_042, 57, 4),
    "items": Case(100_000, 50, 4),
    "subjects": Case(100_000, 5_000, 4),
    "options": Case(100_000, 50, 26),
}
"""Cases by name."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one try took."""

    seconds: float
    processor: float
    megabytes: float
    seen: float
    ready: float
    longest: float
    longest_processor: float


def write_runs(folder: Path, case: Case, seed: int = 0) -> list[Path]:
    """Made-up runs, each surer than the one before it.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in write_runs(Path(folder), Case(3, 2, 4))]
    ['run-0', 'run-1']
    """
    rng = np.random.default_rng(seed)
    answer = rng.integers(0, case.options, case.items)
    words = rng.zipf(1.3, (case.items, 20)) % 5_000
    options = rng.integers(0, 5_000, (case.items, case.options))
    items = [
        Item(
            f"subject_{row % case.subjects}/{row}",
            f"subject_{row % case.subjects}",
            f"Which {' '.join(f'w{word}' for word in words[row])}?",
            tuple(f"w{word} {letter}" for letter, word in enumerate(options[row])),
            int(answer[row]),
        )
        for row in range(case.items)
    ]
    known = rng.normal(size=(case.items, case.options))
    known[np.arange(case.items), answer] += 1.5
    paths = []
    for number in range(case.runs):
        noise = rng.normal(scale=0.5, size=known.shape)
        predictions = Predictions.from_arrays(
            (1 + 0.5 * number) * (known + noise), answer.tolist(), item=[item.id for item in items],
            subject=[item.subject for item in items], model=f"model-{number}",
        )  # fmt: skip
        run = RunWriter.open(folder / f"run-{number}", {"model": f"model-{number}"}, items=items)
        run.append(predictions.frame)
        run.update(state="complete")
        paths.append(run.path)
    return paths


def write_page(page: Path, runs: Sequence[Path]) -> tuple[float, float]:
    """Seconds by the clock and of processors, of a process that writes the page."""
    start, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, "-W", "ignore", "-c", _WRITE, page, *runs], check=True)
    after = os.times()
    spent = sum(after[2:4]) - sum(before[2:4])
    return time.perf_counter() - start, spent


def use_page(browser: Any, page: Path) -> tuple[float, float, float]:
    """Seconds until a row is seen and until the browser of items can be used, and of the longest task afterwards."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.set_default_timeout(600_000)
    tab.add_init_script(_WATCH)
    tab.goto(page.as_uri())
    tab.wait_for_selector(_READY, state="attached")
    tab.wait_for_timeout(500)
    seen, ready = tab.evaluate("[watched.seen, watched.ready]")
    tab.evaluate("watched.longest = 0")
    for _ in range(40):
        tab.mouse.wheel(0, 1_500)
        tab.wait_for_timeout(20)
    rows = tab.locator("#items-browser")
    search = rows.get_by_label("Search (all words)")
    with _settled(tab):
        search.press_sequentially("w12 w7", delay=60)
    for steps in ((search.fill, "1999"), (search.fill, "")):
        with _settled(tab):
            steps[0](steps[1])
    for select in rows.locator("div > select").all()[:2]:
        for option in (1, 0):
            if select.locator("option").count() > option:
                with _settled(tab):
                    select.select_option(index=option)
    low = rows.get_by_label("Confidence, from")
    for value in ("0.9", "0"):
        with _settled(tab):
            low.fill(value)
    for button in rows.locator("thead button").all():
        for _ in range(2):
            with _settled(tab):
                button.click()
    following = rows.get_by_role("button", name="Next")
    for _ in range(3):
        if following.is_enabled():
            with _settled(tab):
                following.click()
    longest = tab.evaluate("watched.longest")
    tab.close()
    return seen / 1_000, ready / 1_000, longest / 1_000


@contextmanager
def _settled(tab: Any) -> Iterator[None]:
    yield
    tab.wait_for_selector(_READY, state="attached")
    tab.wait_for_timeout(50)  # the observer tells a task after it ended


def measure(case: Case, tries: int, program: str) -> Measured:
    """The least of several tries, number by number."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        runs, page = write_runs(Path(folder), case), Path(folder) / "page.html"
        made = [write_page(page, runs) for _ in range(tries)]
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        used, tasks = [], []
        for _ in range(tries):
            browser.start_tracing(categories=["toplevel"])
            used.append(use_page(browser, page))
            tasks.append(longest_task(browser.stop_tracing()))
        browser.close()
        return Measured(
            seconds=min(seconds for seconds, _ in made),
            processor=min(spent for _, spent in made),
            megabytes=page.stat().st_size / 1e6,
            seen=min(seen for seen, _, _ in used),
            ready=min(ready for _, ready, _ in used),
            longest=min(longest for _, _, longest in used),
            longest_processor=min(tasks),
        )


def longest_task(trace: bytes) -> float:
    """Seconds of the processor of the longest task on a page's main thread.

    Examples
    --------
    >>> names = {"name": "thread_name", "pid": 1, "tid": 2, "args": {"name": "CrRendererMain"}}
    >>> task = {"name": "ThreadControllerImpl::RunTask", "ph": "X", "pid": 1, "tid": 2, "tdur": 57_000}
    >>> longest_task(json.dumps({"traceEvents": [names, task]}).encode())
    0.057
    """
    events = json.loads(trace)["traceEvents"]
    main_threads = {
        (event["pid"], event["tid"])
        for event in events
        if event.get("name") == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    tasks = (
        event.get("tdur", 0)
        for event in events
        if "RunTask" in event.get("name", "") and (event["pid"], event["tid"]) in main_threads
    )
    return max(tasks, default=0) / 1e6


def row(name: str, case: Case, measured: Measured) -> str:
    """A row of the table.

    Examples
    --------
    >>> numbers = Measured(
    ...     seconds=9.04, processor=8.0, megabytes=1.25, seen=0.01, ready=0.3, longest=0, longest_processor=0.04
    ... )
    >>> row("mmlu", Case(14042, 57, 4), numbers)
    '| mmlu | 14,042 | 57 | 4 | 9.0 | 8.0 | 1.2 | 0.01 | 0.30 | < 50 | 40 |'
    """
    longest = f"{1_000 * measured.longest:.0f}" if measured.longest else "< 50"
    opened = f"{measured.seen:.2f} | {measured.ready:.2f} | {longest} | {1_000 * measured.longest_processor:.0f}"
    return (
        f"| {name} | {case.items:,} | {case.subjects:,} | {case.options} | {measured.seconds:.1f} | "
        f"{measured.processor:.1f} | {measured.megabytes:.1f} | {opened} |"
    )


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--tries", type=int, default=3)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    chosen = parser.parse_args()
    print(machine("cpu", os.cpu_count() or 1), end="\n\n")
    print("| " + " | ".join(_HEADINGS) + " |")
    print("| --- |" + " --: |" * (len(_HEADINGS) - 1))
    for name in chosen.cases:
        print(row(name, CASES[name], measure(CASES[name], chosen.tries, chosen.chromium)), flush=True)


if __name__ == "__main__":
    main()
