"""The section of subjects: its caption names the parts that its figure has."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from calibration import Predictions, subject_changes
from veracal.report.pair_results import PairResults
from veracal.report.sections.subjects import subjects


def drawn_run(n_subjects: int, *, scale: float) -> Predictions:
    """Fifty items a subject, with the same ids, subjects and answers whatever the scale of the logits."""
    rng = np.random.default_rng(3)
    n_items = 50 * n_subjects
    names = [f"subject {number % n_subjects:02}" for number in range(n_items)]
    ids = [str(number) for number in range(n_items)]
    logits = scale * rng.normal(size=(n_items, 4))
    return Predictions.from_arrays(logits, answer=rng.integers(0, 4, n_items), item=ids, subject=names)


@pytest.mark.parametrize(("n_subjects", "has_line"), [(12, True), (6, False)])
def test_the_line_for_new_subjects_is_spoken_of_where_it_is_drawn(n_subjects: int, has_line: bool) -> None:
    before, after = drawn_run(n_subjects, scale=1.0), drawn_run(n_subjects, scale=3.0)
    runs: Any = SimpleNamespace(before=before, after=after, names=("before", "after"))
    section = subjects(cast("PairResults", SimpleNamespace(runs=runs)), subject_changes(before, after), shown=True)
    assert ("the line through it for new ones" in section.figures[0].caption) == has_line


def test_of_many_subjects_the_clearest_are_shown_and_the_file_has_all() -> None:
    before, after = drawn_run(120, scale=1.0), drawn_run(120, scale=3.0)
    runs: Any = SimpleNamespace(before=before, after=after, names=("before", "after"))
    changes = subject_changes(before, after)
    section = subjects(cast("PairResults", SimpleNamespace(runs=runs)), changes, shown=True)
    (figure,), (table,) = section.figures, section.tables
    assert len(table.rows) == 100
    least = changes.frame.sort("p_value", -changes.frame["change"].abs())["subject"].head(100)
    assert {row[0] for row in table.rows} == set(least.to_list())
    assert figure.download.table.height == 120
    assert "Shown are the 100 of 120 subjects with the smallest p" in table.caption
    assert figure.draw is not None
    labels = [label.get_text() for label in cast("Any", figure.draw()).get_yticklabels()]
    assert len(labels) == 101
    assert labels[-1] == "all subjects (6000)"
