"""Results as JSON: named by their schema, every number finite."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from calibration.control_characters import escaped_json

SCHEMA_VERSION = 1
"""Goes up when a field is renamed, removed or given another meaning; docs/schema/ holds the schemas."""


def json_text(schema: str, data: Mapping[str, Any]) -> str:
    r"""Results as JSON, with the name and version of the schema in front.

    JSON has no number for what is undefined or infinite: it becomes null, and ``undefined`` tells which, by JSON
    pointer (RFC 6901).

    Parameters
    ----------
    schema : str
        Name of the file in ``docs/schema`` without its suffix.
    data : mapping
        The results.

    Examples
    --------
    >>> print(json_text("plan", {"half_width": 0.5}).replace("\n", ""))
    { "schema": "plan", "schema_version": 1, "half_width": 0.5}
    """
    undefined: dict[str, str] = {}
    finite = _finite(data, "", undefined)
    whole = {"schema": schema, "schema_version": SCHEMA_VERSION, **finite}
    whole |= {"undefined": undefined} if undefined else {}
    return escaped_json(json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False))


def _finite(value: Any, pointer: str, undefined: dict[str, str]) -> Any:
    if isinstance(value, Mapping):
        return {
            key: _finite(part, f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}", undefined)
            for key, part in value.items()
        }
    if isinstance(value, list | tuple):
        return [_finite(part, f"{pointer}/{index}", undefined) for index, part in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        undefined[pointer] = "not a number: undefined of these items" if math.isnan(value) else "infinite"
        return None
    return value
