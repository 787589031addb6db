"""JSON that servers send: whole, and without an object that names two members alike."""

from __future__ import annotations

import json
from typing import Any

from ...errors import RepeatedNameError

# Answers have a handful; deeper ones would end what walks through them.
_DEEPEST = 64


def parsed_json(content: bytes) -> Any:
    """Value of JSON content; none if it is no JSON or too deep.

    Raises
    ------
    RepeatedNameError
        If an object names two members alike.

    Examples
    --------
    >>> parsed_json(b'{"a": [1]}'), parsed_json(b"<html>")
    ({'a': [1]}, None)
    >>> parsed_json(b'{"top": {" A": -1, " A": -9}}')
    Traceback (most recent call last):
    ...
    calibration.errors.RepeatedNameError: an object names ' A' twice
    """
    try:
        value = json.loads(content, object_pairs_hook=_without_repeats)
    except RepeatedNameError:
        raise
    # Also numbers of too many digits, bytes in no encoding.
    except (ValueError, RecursionError):
        return None
    return value if _is_shallow(value, _DEEPEST) else None


def _is_shallow(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels > 0 and all(_is_shallow(member, levels - 1) for member in inner)


def _without_repeats(members: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(members)
    if len(content) < len(members):
        names = [name for name, _ in members]
        raise RepeatedNameError(next(name for index, name in enumerate(names) if name in names[:index]))
    return content
