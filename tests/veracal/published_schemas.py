"""The schemas of docs/schema, and outputs that are held against them."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.conftest import ROOT

FOLDER = ROOT / "docs" / "schema"


@functools.cache
def validator(path: Path) -> Any:
    """What holds an output against a schema, which must be one."""
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def refuse_other_json(data: dict[str, Any]) -> None:
    """Fail for an output that its schema does not describe."""
    validator(FOLDER / f"{data['schema']}.json").validate(data)
