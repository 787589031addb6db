"""The table of a comparison: every measure before and after, and its change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..number_texts import interval_text
from ..result_tables.result_table import ResultTable, result_columns
from ..uncertainty.changes import Change
from ..uncertainty.intervals import Interval
from ..uncertainty.measure_names import run_label
from .summary import Summary
from .summary_table import how_measured, level_text, sizes_text


def comparison_table(
    before: Summary, after: Summary, changes: Mapping[str, Change], notes: Iterable[str], *, names: tuple[str, str]
) -> ResultTable:
    """A row a measure of both runs, noise floors under theirs.

    Parameters
    ----------
    before, after : Summary
        Each run by itself.
    changes : mapping of str to Change
        Their changes, by key.
    notes : iterable of str
        On the changes.
    names : pair of str
        Names of the models; empty if they have none.
    """
    rows = []
    wide = any(change.clustered is not None and change.clustered.known for change in changes.values())
    whole = "ece_choices" in before
    keys = [key for key in before if key in after]
    for key in keys:
        change = changes.get(key)
        cells = ["", "", ""]
        if change is not None:
            last = _known_interval(change.clustered) if wide else _number_or_blank(change.visible)
            cells = [f"{change.value:+.3f}", _known_interval(change), last]
        rows.append((run_label(key, whole=whole), _number(before, key), _number(after, key), *cells))
    # Beside both intervals there is no room for another column in 80 characters.
    columns = ("", "before", "after", "change", "these subjects", "new subjects" if wide else "visible")
    named = any(names)
    sides = [
        (f"Note on {name or side}", summary.notes)
        for name, side, summary in zip(names, ("before", "after"), (before, after), strict=True)
    ]
    return ResultTable(
        columns=result_columns(columns),
        rows=tuple(rows),
        heading=(f"Before: {names[0]}", f"After:  {names[1]}", "") if named else (),
        notes=(
            *_visible_notes(changes, listed=wide, whole=whole),
            *(f"{heading}: {note}." for heading, side_notes in sides for note in side_notes),
            *(f"Note on the changes: {note}." for note in notes),
        ),
        caption=_caption(names if named else ("one run", "another"), keys, before, changes, wide=wide),
    )


def _caption(
    names: tuple[str, str], keys: list[str], before: Summary, changes: Mapping[str, Change], *, wide: bool
) -> str:
    level = level_text(changes.values())
    drawn = "new items of these subjects, and for new subjects" if wide else "new items of these subjects"
    intervals = f", with {level} intervals for {drawn}" if level else ""
    visible = "" if wide else " Visible: the smallest change that 80 % of such samples of items would show."
    return (
        f"{names[0]} before and {names[1]} after on the same {sizes_text(before.values)}; changes are "
        f"after − before{intervals}.{visible}{how_measured(keys)}"
    )


def _visible_notes(changes: Mapping[str, Change], *, listed: bool, whole: bool) -> tuple[str, ...]:
    """What could have been seen; the numbers too if no column has them."""
    visible = {key: change.visible for key, change in changes.items() if change.visible is not None}
    if not visible:
        return ()
    text = "The smallest change that 80 % of such samples of items would show"
    numbers = "; ".join(f"{run_label(key, whole=whole)} {value:.3f}" for key, value in visible.items())
    return (f"{text}: {numbers}." if listed else f"visible: {text[0].lower()}{text[1:]}.",)


def _known_interval(interval: Change | Interval | None) -> str:
    """An interval of a change; empty if it is left blank."""
    return "" if interval is None or not interval.known else interval_text(interval.low, interval.high)


def _number(summary: Summary, key: str) -> str:
    value = summary[key]
    return str(value) if isinstance(value, int) else f"{summary.point(key):.3f}"


def _number_or_blank(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
