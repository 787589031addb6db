"""Subjects by name, by pattern and by MMLU's groups."""

from __future__ import annotations

import pytest

from calibration.items.mmlu_groups import MMLU_GROUPS, mmlu_groups
from calibration.items.subject_choice import chosen_subjects

SUBJECTS = ["anatomy", "high_school_physics", "high_school_us_history", "virology"]


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["virology", "anatomy"], ["anatomy", "virology"]),
        (["high_school_*"], ["high_school_physics", "high_school_us_history"]),
        (["*ology", "[a-b]*"], ["anatomy", "virology"]),
        (["other"], ["anatomy", "virology"]),
        (["stem", "humanities"], ["high_school_physics", "high_school_us_history"]),
    ],
    ids=["names", "pattern", "patterns", "group", "groups"],
)
def test_names_patterns_and_groups(names: list[str], chosen: list[str]) -> None:
    assert chosen_subjects(names, SUBJECTS) == chosen


def test_a_subject_goes_before_a_group_of_its_name() -> None:
    assert chosen_subjects(["other"], ["anatomy", "other"]) == ["other"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("anatomie", "no item has the subject 'anatomie'; there are: .*; the nearest: 'anatomy'"),
        ("humanites", "; the nearest: 'humanities'"),
        ("law*", r"no item has the subject 'law\*'; there are: "),
        ("social_sciences", "no item has the subject 'social_sciences'"),
    ],
)
def test_what_means_nothing_is_refused_with_the_nearest(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        chosen_subjects([name], SUBJECTS)


def test_the_groups_hold_each_of_57_subjects_once() -> None:
    """As the original code counts them: 18, 13, 12 and 14 subjects."""
    subjects = [subject for group in MMLU_GROUPS.values() for subject in group]
    assert [len(group) for group in MMLU_GROUPS.values()] == [18, 13, 12, 14]
    assert len(set(subjects)) == 57
    assert mmlu_groups(subjects) == [group for group, names in MMLU_GROUPS.items() for _ in names]
