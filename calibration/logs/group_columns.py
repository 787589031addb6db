"""Columns of a log's items that can group them, and name nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .option_rows import Cell

# Records hold names of people, hosts and paths too: only these words in a column's name let it pass.
_GROUPS = re.compile(
    r"(?:^|_|\b)(?:sub_?)?(?:category|subject|topic|type|difficulty|level|language|lang|dialect|domain|field|discipline"
    r"|task|mode|skill|grade|year|country|region|genre|era|variant|condition|polarity|dataset)s?(?:_(?:id|name))?$",
    re.IGNORECASE,
)
_LONGEST, _SHOWN = 100, 8


def group_columns(record: Mapping[str, Any]) -> dict[str, Cell]:
    """Columns of a record that can group its items.

    Parameters
    ----------
    record : mapping
        What a log holds of an item beside question, options and answer.

    Examples
    --------
    >>> group_columns({"subject": "law", "high_school_level": 3, "added_by": "me", "path": "/home", "topic": ["a"]})
    {'subject': 'law', 'high_school_level': 3}
    """
    return {name: value for name, value in record.items() if _is_short(value) and _GROUPS.search(name)}


def left_out(record: Mapping[str, Any]) -> dict[str, Cell]:
    """Short values of a record whose names say no group."""
    return {name: value for name, value in record.items() if _is_short(value) and not _GROUPS.search(name)}


def left_out_remarks(records: Iterable[Mapping[str, Any]], *, besides: Collection[str] = ()) -> list[str]:
    """Which short values of records are no columns.

    Parameters
    ----------
    records : iterable of mapping
        What a log holds of its items.
    besides : collection of str
        Names, in small letters, of what was read otherwise.

    Examples
    --------
    >>> left_out_remarks([{"subject": "law", "added_by": "me", "answer": "B"}], besides=["answer"])
    ['not kept, because their names say no group such as a language or a year: added_by']
    """
    names = dict.fromkeys(name for record in records for name in left_out(record) if name.casefold() not in besides)
    if not names:
        return []
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    listed = ", ".join(list(names)[:_SHOWN])
    return [f"not kept, because their names say no group such as a language or a year: {listed}{more}"]


def _is_short(value: object) -> bool:
    return isinstance(value, str | int | float) and value != "" and len(str(value)) <= _LONGEST
