"""Options of readers that say nothing are refused."""

from __future__ import annotations

from typing import Any

import pytest

from calibration.logs.options import LogOptions


@pytest.mark.parametrize(
    "given",
    [
        {"epoch": "2"}, {"epoch": 0}, {"epoch": True}, {"epoch": 1.0}, {"partial": "Half"}, {"normalize": "char"},
        {"answers": "1"},
    ],
)  # fmt: skip
def test_an_option_takes_no_word_of_its_own(given: dict[str, Any]) -> None:
    (name,) = given
    with pytest.raises(ValueError, match=rf"^{name} must be (one of|a number from 1)"):
        LogOptions(**given)
