from __future__ import annotations

import itertools

import numpy as np
import pytest

from calibration import Predictions, brier_score, change, compare
from calibration.predictions.pairing import common_rows
from calibration.uncertainty.overlap import change_bounds

LOGITS = np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 3.0], [0.5, 0.0], [0.0, 0.2]])
ANSWER = np.array([0, 1, 1, 1, 0, 0])
IDS = np.array(list("abcdef"))


def _run(rows: list[int], scale: float = 1.0) -> Predictions:
    return Predictions.from_arrays(
        scale * LOGITS[rows], ANSWER[rows], item=IDS[rows].tolist(), subject=["s"] * len(rows)
    )


def test_the_default_refuses_other_items_and_names_the_way_out() -> None:
    with pytest.raises(
        ValueError, match=r"only in before: a \(1 in all\).*--items common` \(in Python items='common'\)"
    ):
        compare(_run([0, 1, 2, 3]), _run([1, 2, 3]))
    with pytest.raises(ValueError, match="items must be 'same' or 'common', got 'all'"):
        compare(_run([0, 1]), _run([0, 1]), items="all")  # type: ignore[call-overload]


def test_what_both_hold_is_compared_as_if_they_held_nothing_else() -> None:
    before, after = _run([0, 1, 2, 3, 4]), _run([5, 4, 3, 2, 1], scale=2.0)
    got = compare(before, after, items="common")
    expected = compare(_run([1, 2, 3, 4]), _run([1, 2, 3, 4], scale=2.0))
    assert got.change == expected.change
    assert got.before == expected.before
    assert change(before, after, brier_score, items="common") == expected.change["brier"]
    assert got.items is not None
    assert (got.items.n_common, got.items.n_only_before, got.items.n_only_after) == (4, 1, 1)
    assert got.notes[0] == (
        "compared on the 4 items that both hold; left out are 1 that only the first holds and 1 that only the second "
        "holds"
    )
    plain = got.to_dict()["items"]
    assert (plain["common"], plain["only_before"], plain["only_after"]) == (4, 1, 1)
    # Right before: a b d e of a–e; after: b d e of b–f. Over six items: from (3 − 4) / 6 with the missing answer wrong
    # after and right before, to (3 + 1 − 4) / 6 the other way round.
    assert plain["change_bounds"]["accuracy"] == {"low": pytest.approx(-2 / 6), "high": pytest.approx(0.0)}
    assert {"brier", "signed_gap", "mean_confidence"} <= set(plain["change_bounds"])
    assert not {"ece_top", "auroc", "nll", "temperature"} & set(plain["change_bounds"])


def test_the_same_items_are_bounded_by_the_change_itself() -> None:
    got = compare(_run([0, 1, 2, 3]), _run([0, 1, 2, 3], scale=2.0), items="common")
    assert got.items is not None
    for key, (low, high) in got.items.bounds.items():
        assert low == pytest.approx(high) == pytest.approx(got.change[key].value)
    assert len(got.items.notes) == 1
    assert "items" not in compare(_run([0, 1, 2, 3]), _run([0, 1, 2, 3])).to_dict()


def test_bounds_are_the_extremes_over_every_way_to_fill_in_what_is_missing() -> None:
    before, after = np.array([1.0, 0.0, 1.0, 0.0]), np.array([1.0, 1.0, 0.0])  # ids a b c d and c d e
    rows = common_rows("abcd", "cde")
    assert rows == ([2, 3], [0, 1])
    filled = [
        np.mean([first, second, after[0], after[1], after[2]]) - np.mean([*before, third])
        for first, second, third in itertools.product([0.0, 1.0], repeat=3)
    ]
    assert change_bounds(before, after, rows, (0.0, 1.0)) == pytest.approx((min(filled), max(filled)))


def test_nothing_in_common_is_refused() -> None:
    with pytest.raises(ValueError, match="two runs must have items in common, got 2 and 1 of which none is"):
        compare(_run([0, 1]), _run([2]), items="common")
