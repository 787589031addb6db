"""What each command prints with --json, a schema an output."""

from __future__ import annotations

from collections.abc import Mapping

from calibration.runs.run_kinds import PAIRS, PREDICTIONS, VERDICTS
from factuality.answers.responses import RESPONSES
from factuality.multiple_choice.likelihoods import MULTIPLE_CHOICE
from factuality.multiple_choice.scores import KNOWN

from .definitions import (
    CHANGE_ROW,
    CHANGES,
    COUNT,
    DEFINITIONS,
    ESTIMATE,
    FLAG,
    NOTES,
    NUMBER,
    PLAIN,
    SETTINGS_DIFFER,
    SHARE,
    TEXT,
    TEXTS,
    Schema,
    array,
    by_key,
    measures,
    null_or,
    record,
    ref,
)

_EQUAL_ACCURACY = record(
    {
        "equally_hard": by_key(
            record(
                {
                    "measure": TEXT,
                    "before": NUMBER,
                    "after": NUMBER,
                    "all_items": NUMBER,
                    "accuracy": array(NUMBER),
                    "effective_items": array(NUMBER),
                    "value": NUMBER,
                    "level": SHARE,
                },
                CHANGES,
            )
        ),
        "same_candidates": by_key(ref("change")),
    },
    NOTES,
)
_POSITION_BIAS = record(
    {
        "flip_rate": ref("estimate"),
        "accuracy": ref("estimate"),
        "letters": array(
            record(
                {
                    "letter": TEXT,
                    "n_items": COUNT,
                    "expected": SHARE,
                    "mean_probability": ref("estimate"),
                    "predicted": ref("estimate"),
                }
            )
        ),
        "orders": array(record({"first_option": COUNT, "n_items": COUNT, "accuracy": ref("estimate")})),
    }
)
_ANNOTATIONS = record(
    {
        **dict.fromkeys(("as_keyed", "without_faulty", "corrected"), ref("summary")),
        **dict.fromkeys(("dropping", "correcting"), by_key({"anyOf": [ref("change"), NUMBER]})),
        "types": array({"type": "object"}),
        "n_not_annotated": COUNT,
        "n_not_in_run": COUNT,
        "notes": TEXTS,
    }
)
_PEOPLE = record(
    {"correct": ref("estimate"), "n_labels": COUNT},
    {
        "calibration": record(
            {
                "corrected": by_key(ref("estimate")),
                "judged": by_key(ref("estimate")),
                "curve": array({"type": "object"}),
                "n": COUNT,
                "n_labels": COUNT,
                "n_questions": COUNT,
                "disagreements": COUNT,
            }
        )
    },
)
_RUN = {"run": {"type": "string", "description": "Folder of the run."}, "model": TEXT}
_KIND = {"enum": [kind.name for kind in (PREDICTIONS, PAIRS, VERDICTS, RESPONSES, MULTIPLE_CHOICE)]}
_IMPORTED = {"run": TEXT, "n_items": COUNT, "kind": TEXT, "model": TEXT, "format": TEXT}
_IMPORTED_TOO = {"task": TEXT, "date": TEXT, "remarks": TEXTS}
_LISTED = {"kind": _KIND, "model": TEXT, "task": TEXT, "n_items": COUNT, "n_done": COUNT, "headline": ref("headline")}
_SOURCES = array(record({"name": TEXT, "holds": TEXT}, {"size": COUNT, "licence": TEXT, "home": TEXT}))
_SETTLED = {"items": ref("overlap"), "settings": SETTINGS_DIFFER}
_GRADED = {
    **_RUN,
    "grader": TEXT,
    "n_answers": COUNT,
    "categories": DEFINITIONS["all_rates"]["properties"]["categories"],
}

_CLASS = record({"name": TEXT, "good": null_or(FLAG), "value": NUMBER}, ESTIMATE)

# Name of a schema, what prints it, and its fields: those that must be there, those that may, what others are.
OUTPUTS: dict[str, tuple[str, Mapping[str, Schema], Mapping[str, Schema], Schema | None]] = {
    "summary": (
        "veracal summarize, of runs with right and wrong answers",
        {"n_items": COUNT},
        {
            **measures(),
            **NOTES,
            "position_bias": _POSITION_BIAS,
            "annotations": _ANNOTATIONS,
            "groups": array(ref("groups")),
            "recalibration": array(ref("recalibration")),
        },
        None,
    ),
    "comparison": (
        "veracal compare, of two runs with right and wrong answers, and veracal demo",
        {"before": ref("summary"), "after": ref("summary"), "change": by_key(ref("change"))},
        {
            **_SETTLED,
            "paired_by": {"const": "row"},
            "decisions": by_key(ref("decision")),
            "page": TEXT,
            "groups": array(ref("group_changes")),
            "equal_accuracy": _EQUAL_ACCURACY,
        },
        None,
    ),
    "rate-changes": (
        "veracal compare, of two runs of graded answers",
        {
            "before": ref("all_rates"),
            "after": ref("all_rates"),
            "settings": SETTINGS_DIFFER,
            "change": array(
                record({"measure": TEXT, "category": TEXT, "adversarial": null_or(FLAG), "n": COUNT, **CHANGE_ROW})
            ),
        },
        {**_SETTLED, "groups": array(ref("group_changes"))},
        None,
    ),
    "score-changes": (
        "veracal compare, of two runs of answers by likelihood",
        {
            "before": by_key(ref("estimate")),
            "after": by_key(ref("estimate")),
            "settings": SETTINGS_DIFFER,
            "change": by_key(array(record({"category": TEXT, "n": COUNT, **CHANGE_ROW}))),
        },
        _SETTLED,
        None,
    ),
    "runs-comparison": (
        "veracal compare, of three runs or more",
        {
            "reference": TEXT,
            "runs": by_key(ref("measured_run")),
            "changes": array(record({"before": TEXT, "after": TEXT, "change": by_key(ref("change"))})),
        },
        {**NOTES, "n_common": COUNT, "groups": by_key(by_key(TEXT))},
        None,
    ),
    "recalibration": (
        "veracal recalibrate",
        {name: DEFINITIONS["recalibration"]["properties"][name] for name in DEFINITIONS["recalibration"]["required"]},
        DEFINITIONS["recalibration"]["properties"],
        None,
    ),
    "plan": (
        "veracal plan",
        {
            "pilot": TEXT,
            "after": null_or(TEXT),
            "half_width": null_or(NUMBER),
            "change": null_or(NUMBER),
            "power": null_or(SHARE),
            "sampling": {"enum": ["items", "clusters", "subjects"]},
            "measures": by_key(
                record({"n_items": null_or(COUNT), "n_clusters": null_or(COUNT), "reason": null_or(TEXT)})
            ),
        },
        {},
        None,
    ),
    "run-list": (
        "veracal runs",
        {
            "runs": array(
                record(
                    {"run": TEXT, "state": {"enum": ["complete", "unfinished", "unreadable"]}, "note": TEXT}, _LISTED
                )
            )
        },
        {},
        None,
    ),
    "sources": ("veracal sources", {"items": _SOURCES, "questions": _SOURCES}, {}, None),
    "rates": (
        "veracal grade; veracal summarize, of graded answers without confidences",
        _GRADED,
        {
            **DEFINITIONS["all_rates"]["properties"],
            "grader_model": TEXT,
            "people": _PEOPLE,
            **NOTES,
            "confidence": record({"kind": TEXT, "n_items": COUNT}, measures() | NOTES),
            "groups": array(ref("groups")),
        },
        None,
    ),
    "grader-validation": (
        "veracal grade FILE --format truthfulqa-labels",
        {
            "rate": ref("estimate"),
            "human_rate": ref("estimate"),
            "corrected_rate": ref("estimate"),
            "n": COUNT,
            "n_unclear": COUNT,
            "n_ungraded": COUNT,
            "n_labels": COUNT,
            "failures": array({"type": "object"}),
        },
        dict.fromkeys(("accuracy", "balanced_accuracy", "kappa", "auroc"), ref("estimate")),
        None,
    ),
    "class-rates": (
        "veracal grade --rubric FILE",
        {"run": TEXT, "judge": TEXT, "rubric": TEXT, "n": COUNT, "classes": by_key(_CLASS)},
        {"flips": SHARE},
        None,
    ),
    "scores": (
        "veracal truthfulqa",
        {
            "run": TEXT,
            "n_questions": COUNT,
            "categories": array(record({"category": TEXT, "n": COUNT}, dict.fromkeys(KNOWN, ref("estimate")))),
        },
        dict.fromkeys(KNOWN, ref("estimate")),
        PLAIN,
    ),
    "letters-run": ("veracal extract", {**_RUN, "n_items": COUNT, "headline": ref("headline")}, {}, PLAIN),
    "letter-audit": (
        "veracal extract --audit",
        {
            "rows": array(
                record(
                    {
                        "style": TEXT,
                        "form": TEXT,
                        "chosen": FLAG,
                        **dict.fromkeys(("accuracy", "letter_mass", "ece_top", "ece_choices"), NUMBER),
                    },
                    rest=PLAIN,
                )
            ),
            "skipped": TEXTS,
        },
        {},
        None,
    ),
    "answers-run": ("veracal ask", {**_RUN, "n_answers": COUNT, "headline": ref("headline")}, {}, PLAIN),
    "merged-run": ("veracal merge", {**_RUN, "n_rows": COUNT}, {}, PLAIN),
    "imported-run": ("veracal import, of one run", _IMPORTED, _IMPORTED_TOO, None),
    "imported-runs": ("veracal import, of several", {"runs": array(record(_IMPORTED, _IMPORTED_TOO))}, {}, None),
    "exported-run": (
        "veracal export",
        {**_RUN, "kind": TEXT, "format": TEXT, "n_rows": COUNT, "files": TEXTS},
        {"remarks": TEXTS},
        None,
    ),
    "formats": ("veracal import --list; veracal export --list", {"formats": by_key(TEXT)}, {}, None),
    "citation": ("veracal cite", {"paragraphs": TEXTS, "bibtex": by_key(TEXT)}, {}, None),
}
