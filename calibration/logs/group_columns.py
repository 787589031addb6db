"""Columns of a log's items that can group them, and name nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .option_rows import Cell

# Records hold names of people, hosts and paths too: only these words in a column's name let it pass.
_GROUPS = re.compile(
    r"(?:^|_|\b)(?:sub_?)?(?:category|subject|topic|type|difficulty|level|language|lang|dialect|domain|field|discipline"
    r"|task|mode|skill|grade|year|country|region|genre|era|variant|condition|polarity|dataset)s?(?:_(?:id|name))?$",
    re.IGNORECASE,
)
_LONGEST = 100


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
    return {
        name: value
        for name, value in record.items()
        if isinstance(value, str | int | float) and len(str(value)) <= _LONGEST and _GROUPS.search(name)
    }
