"""Values that several outputs hold, as definitions of JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from calibration.decisions.decision import Word
from calibration.uncertainty.measure_table import TABLE
from factuality.outcomes.by_category import MEASURES

Schema = dict[str, Any]

NUMBER: Schema = {"type": "number"}
TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
FLAG: Schema = {"type": "boolean"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
TEXTS: Schema = {"type": "array", "items": TEXT}
PLAIN: Schema = {"description": "As run.json has it."}


def ref(name: str) -> Schema:
    """A definition of the same file."""
    return {"$ref": f"#/$defs/{name}"}


def array(items: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": items}


def null_or(schema: Schema) -> Schema:
    """A value that may be unknown."""
    return {"anyOf": [schema, {"type": "null"}]}


def by_key(schema: Schema) -> Schema:
    """An object of values by their keys."""
    return {"type": "object", "additionalProperties": schema}


def record(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] = {}, *, rest: Schema | None = None
) -> Schema:
    """An object of known fields, and of others where `rest` says what they are."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False if rest is None else rest,
    }


def measures() -> dict[str, Schema]:
    """Numbers of a summary by key: with an interval, or bare."""
    numbers = {}
    for row in TABLE:
        unit = f", {row.unit}" if row.unit else ""
        name = (row.long or row.label.strip()) + unit
        bare = COUNT if row.key.startswith("n_") else NUMBER
        numbers[row.key] = {"description": name, **({"anyOf": [ref("estimate"), NUMBER]} if row.measure else bare)}
    return numbers


_INTERVAL = {"low": NUMBER, "high": NUMBER}
_WHY = {
    "reason": {"type": "string", "description": "Why there is no interval."},
    "label": {"type": "string", "description": "What must be told beside the interval."},
}
ESTIMATE = {**_INTERVAL, "level": SHARE, "p_value": SHARE, **_WHY}
_PAIRED: Schema = {"dependentRequired": {"low": ["high"], "high": ["low"]}}
CHANGE_ROW = {name: null_or(NUMBER) for name in ("before", "after", "change", "low", "high", "p_value", "q_value")}
NOTES = {"notes": TEXTS}
CHANGES = {
    "value": NUMBER,
    **ESTIMATE,
    "clustered": ref("interval"),
    "visible": NUMBER,
    "n_items": COUNT,
    "q_value": SHARE,
}
_GROUP = {
    "n_items": COUNT,
    "value": NUMBER,
    "low": NUMBER,
    "high": NUMBER,
    "noise_floor": NUMBER,
    "p_value": SHARE,
    "q_value": SHARE,
    "difference": NUMBER,
    "difference_p_value": SHARE,
    "difference_q_value": SHARE,
    **dict.fromkeys(("before", "after", "change", "n_questions"), NUMBER),
}
_RATES = {"n": COUNT, "n_answers": COUNT, "n_partial": COUNT, **dict.fromkeys(MEASURES, ref("estimate"))}
_GROUP_TABLE = {
    "groups": array({**record({"n_items": COUNT}, _GROUP, rest={"type": ["string", "null"]})}),
    "overall": ref("estimate"),
    "across": ref("across"),
    **NOTES,
}
SETTINGS_DIFFER = by_key({"type": "array", "minItems": 2, "maxItems": 2})

DEFINITIONS: dict[str, Schema] = {
    "estimate": {
        "description": "A number with its interval; without one, reason says why.",
        **record({"value": NUMBER}, ESTIMATE),
        **_PAIRED,
    },
    "interval": {"description": "An interval for new subjects.", **record({}, {**_INTERVAL, "p_value": SHARE, **_WHY})},
    "change": {
        "description": "After − before, with its interval for these subjects and, as clustered, for new ones. visible "
        "is the smallest change that 80 % of such samples would show; q_value the false discovery rate over all tests.",
        **record({"value": NUMBER, "level": SHARE}, CHANGES),
        **_PAIRED,
    },
    "summary": {"description": "Every measure of a run by its key.", **record({"n_items": COUNT}, measures() | NOTES)},
    "across": {
        "description": "The groups as a sample of groups.",
        **record(
            {"mean": NUMBER, "n_groups": COUNT, "level": SHARE},
            dict.fromkeys(("low", "high", "between", "between_low", "between_high", "new_low", "new_high"), NUMBER),
        ),
    },
    "groups": {
        "description": "Measures of a run by group.",
        **record(
            {"by": TEXTS, "measures": by_key(record({"groups": _GROUP_TABLE["groups"]}, _GROUP_TABLE))},
            {
                "worst": by_key(
                    record(
                        {"by": TEXTS, "measure": TEXT, "n_groups": COUNT, "groups": array({"type": "object"})}, NOTES
                    )
                )
            },
        ),
    },
    "group_changes": {
        "description": "Changes between two runs by group.",
        **record({"by": TEXTS, "changes": by_key(record({"groups": _GROUP_TABLE["groups"]}, _GROUP_TABLE))}),
    },
    "decision": {
        "description": "What is shown of a change, by more than a margin.",
        **record(
            {"word": {"enum": list(get_args(Word))}, "level": SHARE, "margin": NUMBER},
            {
                **dict.fromkeys(("measure", "label", "unit", "reason", "note"), TEXT),
                **dict.fromkeys(("value", "low", "high", "least", "most", "bound"), NUMBER),
                "direction": {"enum": ["lower", "higher"]},
                "n_items": COUNT,
                "n_needed": COUNT,
            },
        ),
    },
    "overlap": {
        "description": "Items that both runs hold, those that one holds, and what these could change.",
        **record(
            {
                "common": COUNT,
                "only_before": COUNT,
                "only_after": COUNT,
                "change_bounds": by_key(record({"low": NUMBER, "high": NUMBER})),
            }
        ),
    },
    "rates": {"description": "Shares of answers.", **record({"n": COUNT}, _RATES)},
    "all_rates": {
        "description": "Rates over adversarial and over control (calm) questions, and by category.",
        **record(
            {"categories": array(record({"category": TEXT, "adversarial": FLAG, "n": COUNT}, _RATES))},
            {"adversarial": ref("rates"), "calm": ref("rates")},
        ),
    },
    "recalibration": {
        "description": "Every measure before and after a recalibration, on items that it was not fitted on.",
        **record(
            {
                "method": TEXT,
                "n_items": COUNT,
                "before": ref("measured"),
                "after": ref("measured"),
                "change": by_key(ref("change")),
            },
            {"by": {"enum": ["items", "subjects"]}, "temperature": NUMBER, **NOTES},
        ),
    },
    "measured": {
        "description": "Numbers by their keys, noise floors bare.",
        **by_key({"anyOf": [ref("estimate"), NUMBER]}),
    },
    "measured_run": {
        "description": "Numbers of a run by their keys, with notes.",
        "type": "object",
        "properties": {"notes": TEXTS},
        "additionalProperties": {"anyOf": [ref("estimate"), NUMBER]},
    },
    "headline": {"description": "Chief numbers.", **by_key(ref("estimate"))},
}
