"""Units of work: prompts alone decide them."""

from __future__ import annotations

from calibration.models.workers.units import work_units


def test_units_of_work_depend_on_the_prompts_alone() -> None:
    prompts = [f"subject {row % 5}: question {row * 7919 % 1000}" for row in range(2000)]
    units = work_units(prompts)
    assert len(units) == 16
    assert sorted(row for unit in units for row in unit) == list(range(2000))
    assert len(work_units(prompts[:24])) == 8
    assert work_units(["a", "b"]) == [[0], [1]]
    assert work_units([]) == []
