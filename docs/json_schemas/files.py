"""The files of docs/schema/."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from veracal.json_output import SCHEMA_VERSION

from .definitions import DEFINITIONS, TEXT, Schema, by_key, record
from .outputs import OUTPUTS


def schema(name: str) -> Schema:
    """The schema of an output, with all that it refers to."""
    printed_by, required, optional, rest = OUTPUTS[name]
    marks: dict[str, Schema] = {"schema": {"const": name}, "schema_version": {"const": SCHEMA_VERSION}}
    undefined = {"undefined": {"description": "Why values are null, by their JSON pointers.", **by_key(TEXT)}}
    fields = record({**marks, **required}, {**optional, **undefined}, rest=rest)
    needed: dict[str, Schema] = {}
    waiting = list(_references(fields))
    while waiting:
        wanted = waiting.pop()
        if wanted not in needed:
            needed[wanted] = DEFINITIONS[wanted]
            waiting += _references(DEFINITIONS[wanted])
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:veracal:schema:{name}:{SCHEMA_VERSION}",
        "title": name,
        "description": f"Printed with --json by {printed_by}.",
    }
    return {**head, **fields, **({"$defs": dict(sorted(needed.items()))} if needed else {})}


def _references(part: Any) -> Iterator[str]:
    values = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for value in values:
        yield from _references(value)
    if isinstance(part, dict) and isinstance(part.get("$ref"), str):
        yield part["$ref"].rpartition("/")[2]


def files() -> dict[str, str]:
    """The text of each file, by its name."""
    return {f"{name}.json": json.dumps(schema(name), indent=1, ensure_ascii=False) + "\n" for name in OUTPUTS}
