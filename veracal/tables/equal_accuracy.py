"""Tables of changes of calibration at equal accuracy."""

from __future__ import annotations

from calibration import EqualAccuracy

from ..console import print_line, show_table


def print_equal_accuracy(matched: EqualAccuracy) -> None:
    """Changes on equally hard items, and over the same candidates."""
    for table in matched.tables:
        print_line()
        show_table(table)
