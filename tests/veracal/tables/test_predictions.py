"""Tables of multiple-choice predictions on stdout."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import Predictions, compare, summarize
from tests.veracal.terminal import EVIL, SHOWN, printed
from veracal.tables.predictions import print_comparison, print_summary


@pytest.mark.usefixtures("wide_terminal")
def test_names_are_shown_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    run = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0]] * 6, [0, 1] * 6)
    print_summary(EVIL, summarize(run))
    assert SHOWN in printed(capsys)
    print_comparison((EVIL, EVIL), compare(run, run))
    shown = printed(capsys)
    assert f"Before: {SHOWN}\nAfter:  {SHOWN}\n" in shown
    assert f"Note on {SHOWN}: " in shown


@pytest.mark.usefixtures("wide_terminal")
def test_a_column_without_intervals_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    logits = np.random.default_rng(0).normal(size=(60, 3))
    for n_subjects, there in ((1, False), (12, True)):
        subject = [f"s{row % n_subjects}" for row in range(60)]
        sides = [Predictions.from_arrays(scale * logits, [0, 1] * 30, subject=subject) for scale in (1.0, 2.0)]
        print_comparison(("base", "tuned"), compare(sides[0], sides[1]))
        head = next(line for line in printed(capsys).splitlines() if "these subjects" in line)
        assert ("new subjects" in head) == there


@pytest.mark.usefixtures("wide_terminal")
def test_a_result_prints_itself_as_the_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    logits = np.random.default_rng(0).normal(size=(60, 3))
    sides = [
        Predictions.from_arrays(scale * logits, [0, 1] * 30, model=name)
        for name, scale in (("base", 1.0), ("模型[x]", 2.0))
    ]
    summary, comparison = summarize(sides[1]), compare(*sides)
    print_summary("模型[x]", summary)
    print_comparison(("base", "模型[x]"), comparison)
    lines = [line.rstrip() for line in printed(capsys).splitlines()]
    assert lines == f"{summary}\n{comparison}".splitlines()
