"""What all tests share: data, models, and the rule that a skip in CI must be a known one."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

# One thread for arrays too, in subprocesses as well: a quarter of all processor time was threads that waited.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from hypothesis import settings

mpl.use("Agg")

# Tests hold no timing, not even Hypothesis's own: machines are shared. The same examples in every run; `make test-real`
# tries more of them.
settings.register_profile("veracal", deadline=None, derandomize=True, max_examples=20)
settings.register_profile("thorough", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("veracal")

ROOT = Path(__file__).parent.parent
# Run folders of earlier versions, which stay readable.
KEPT = ROOT / "tests" / "kept_runs"

# Reasons for which a test may be left out in CI.
ALLOWED_SKIPS = (
    "VERACAL_DATA is not set",
    "all tests skipped by +SKIP option",
    "chromium cannot start",
    "playwright is not installed",
    "vLLM or its GPU is not here",
    "a file system cannot be mounted here",
    "node is not installed",
    "R's package rms is not here",
    "nbclient is not installed",
    "the folder of the cases is not here",
    "pdflatex is not installed",
    "xelatex is not installed",
    "LaTeX's package cm-super is not installed",
)


@pytest.fixture(autouse=True)
def _no_figures_left_open() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(autouse=True)
def _threads_to_match(request: pytest.FixtureRequest) -> None:
    """One thread for tiny models: on a busy machine threads of tiny work wait for each other most of the time."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads((os.cpu_count() or 1) if request.node.get_closest_marker("real") else 1)


@pytest.fixture(scope="session")
def data() -> Path:
    """The development data; a test that asks for it skips where there is none."""
    folder = os.environ.get("VERACAL_DATA")
    if not folder:
        pytest.skip("VERACAL_DATA is not set")
    path = Path(folder)
    assert (path / "mmlu" / "test").is_dir(), f"VERACAL_DATA must name the development data, got {folder}"
    return path


@pytest.fixture(scope="session")
def recorded() -> Path:
    """Letters that the project recorded itself: one small model, asked in two styles."""
    return ROOT / "examples" / "data"


_unknown_skips: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = str(report.longrepr[2])
        if not any(allowed in reason for allowed in ALLOWED_SKIPS):
            _unknown_skips.append(f"{report.nodeid}: {reason}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if os.environ.get("CI") and _unknown_skips:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("CI") and _unknown_skips:
        terminalreporter.section("skips that CI does not allow")
        for line in _unknown_skips:
            terminalreporter.line(line)
