"""Decisions on changes, as sentences."""

from __future__ import annotations

from collections.abc import Mapping

from calibration import Decision

from ..console import print_line


def print_decisions(decisions: Mapping[str, Decision]) -> None:
    """A line a decision, the word in front."""
    if not decisions:
        return
    print_line()
    for decision in decisions.values():
        print_line(f"{decision}.")
