"""From run folders to one self-contained HTML file."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import calibration
from calibration import Diagnosis
from calibration.runs import HASHES, Run

from . import sections
from .answers import answers_section, factuality_section, read_answers
from .browser import item_browser
from .definitions import CALIBRATION, FACTUALITY, TRUTHFULQA
from .inputs import Inputs, read_inputs
from .multiple_choice import multiple_choice_section
from .sections import Section
from .tables import change_table
from .texts import minus, visible
from .words import verdict


def write_page(
    runs: Sequence[str | Path],
    path: str | Path,
    *,
    labels: Sequence[str] | None = None,
    footnote: str | None = None,
) -> None:
    """See `veracal.write_report`."""
    inputs = read_inputs(runs, labels)
    target = Path(path)
    if target.exists() and not target.is_file():
        raise ValueError(f"{target}: the page must be a new or an ordinary file, this is something else")
    if any(source.path.resolve() in target.resolve().parents for source in inputs.sources):
        raise ValueError(f"{target}: the page must stand outside the run folders")
    page = _page(inputs, footnote)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(page, encoding="utf-8")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def setting_differences(before: str | Path, after: str | Path) -> dict[str, tuple[Any, Any]]:
    """Every setting in which two runs differ, by name; hashes of what stands beside them are left out."""
    left, right = (Run(Path(path)).manifest.get("settings", {}) for path in (before, after))
    return {
        name: (left.get(name, "unknown"), right.get(name, "unknown"))
        for name in {**left, **right}
        if name not in HASHES and left.get(name) != right.get(name)
    }


def _page(inputs: Inputs, footnote: str | None) -> str:
    comparison = calibration.compare(inputs.before, inputs.after)
    diagnoses = _diagnoses(inputs)
    changed = sections.subjects_of(inputs)
    answers = read_answers(inputs)
    parts = [sections.reliability(inputs, comparison)]
    parts.append(
        Section(
            "changes",
            "What changed",
            ("These subjects: new items of the same subjects. New subjects: other subjects, with their items.",),
            tables=(change_table(comparison, inputs.names),),
        )
    )
    if diagnoses:
        parts.append(sections.diagnosis(inputs, comparison, diagnoses))
    if changed is not None:
        parts.append(sections.subjects(inputs, changed))
    parts.append(sections.letters(inputs))
    definitions = [*CALIBRATION]
    if answers is not None:
        parts += [factuality_section(answers), answers_section(answers)]
        definitions += FACTUALITY
    if inputs.multiple_choice:
        parts.append(multiple_choice_section(inputs.multiple_choice))
        definitions += TRUTHFULQA
    browser = item_browser((inputs.before, inputs.after), inputs.names, inputs.texts)
    parts.append(Section("items", "Item browser", browser.notes, browser=browser))
    parts.append(sections.settings(inputs))

    script = _file("page.js")
    environment = Environment(
        loader=PackageLoader("veracal", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    environment.filters["minus"] = minus
    return environment.get_template("page.html.jinja").render(
        title=f"{inputs.names[0]} → {inputs.names[1]}",
        names=inputs.names,
        verdict=verdict(
            comparison,
            diagnosis=diagnoses[1] if diagnoses else None,
            rates=answers.changes.frame() if answers and answers.changes else None,
            subject="The change of settings" if inputs.one_model else "Post-training",
        ),
        notes=sections.notes(inputs, comparison),
        footnote=footnote,
        sections=parts,
        definitions=definitions,
        downloads=[file for part in parts for file in part.downloads],
        n_items=inputs.before.n_items,
        version=metadata.version("veracal"),
        # Both are the project's own files; the policy lets no other script run, whatever stands in the page.
        css=Markup(_file("page.css")),  # noqa: S704
        script=Markup(script),  # noqa: S704
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _diagnoses(inputs: Inputs) -> tuple[Diagnosis, Diagnosis] | None:
    """Of both runs; none where there are too few items for folds."""
    if inputs.before.n_items < _FEWEST:
        return None
    return calibration.diagnose(inputs.before), calibration.diagnose(inputs.after)


# Items below which nothing can be fitted on some folds and tried on another.
_FEWEST = 10


def _file(name: str) -> str:
    return (files(__package__ or "veracal.report") / name).read_text(encoding="utf-8")
