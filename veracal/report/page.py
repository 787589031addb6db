"""From run folders to one self-contained HTML file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

import calibration
from calibration.files.atomic import write_bytes
from calibration.predictions.pairing import ItemChoice
from calibration.recalibration.cross_fitting import FoldKind
from calibration.runs.folder import HASHES, Run

from ..recalibrations import known_methods
from .definitions import CALIBRATION, FACTUALITY, RECALIBRATION, TRUTHFULQA, Definition
from .escaping import minus, visible
from .inputs import Inputs, read_inputs
from .parts.section import Section, settings
from .sections.diagnosis import diagnoses, items_section, notes_of, overlap_notes, pair_sections
from .sections.factuality import Answers, answers_section, factuality_section, read_answers
from .sections.multiple_choice import multiple_choice_section, multiple_choice_verdict, read_choices
from .sections.recalibration import recalibration_section
from .verdict.predictions import answers_verdict, verdict


def write_report(
    runs: Sequence[str | Path],
    path: str | Path,
    *,
    labels: Sequence[str] | None = None,
    grader: str | None = None,
    footnote: str | None = None,
    items: ItemChoice = "same",
    recalibrate: Sequence[str] = (),
    by: FoldKind = "items",
) -> None:
    r"""Write the report of runs, before and after post-training, as one self-contained HTML page.

    Parameters
    ----------
    runs : sequence of paths
        Run folders: two of predictions, before and after in this order, or none; graded responses and multiple-choice
        (TruthfulQA) runs, any number. Runs of several kinds are joined by the weights of their models. What changed is
        told of before and after; without predictions, of the first two models. More are shown in the figures of
        factuality.
    path : str or Path
        The page; its folder is made where it is missing.
    labels : sequence of str, optional
        What to call the models: one label a model, in the order in which every kind of run has them, or one a run,
        equal for runs of one model. If omitted, the models' names. Runs of several kinds that do not name the weights
        (recorded answers, runs of earlier versions) need one a run.
    grader : str, optional
        Whose judgments of responses are shown; the only ones that there are where absent.
    footnote : str, optional
        A text at the end of the verdict, such as what a reader must know of the data.
    items : {"same", "common"}
        Whether two runs must hold the same items, or those that both hold are compared; a note then says how many each
        lost and bounds what these could change.
    recalibrate : sequence of str
        Methods of `calibration.recalibrate`: a section shows what each does to both runs of predictions on held-out
        items. No such section if empty.
    by : {"items", "subjects"}
        What `recalibrate` splits into folds.

    Raises
    ------
    ValueError
        For another number of prediction runs, labels of another number, runs of several kinds of which it is not
        known which are of one model, runs on other items, responses that were not graded, or by several graders of
        which none is named; for an unknown method of recalibration, one that cannot be fitted on a run, and one
        without predictions.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from calibration import import_log
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> rows = "".join(f"{number % 3},1,{'AB'[number % 2]}\n" for number in range(30))
    >>> _ = (folder / "log.csv").write_text("logit_A,logit_B,answer\n" + rows)
    >>> _ = import_log(folder / "log.csv", out=folder / "run")
    >>> write_report([folder / "run", folder / "run"], folder / "page.html", labels=("before", "after"))
    >>> (folder / "page.html").read_text()[:15]
    '<!doctype html>'
    """
    methods = known_methods(recalibrate)
    inputs = read_inputs(runs, labels, items=items)
    if methods and inputs.letters is None:
        raise ValueError("recalibrate is for runs of letters, before and after; these runs hold none")
    target = Path(path)
    if target.exists() and not target.is_file():
        raise ValueError(f"{target}: the page must be a new or an ordinary file, this is something else")
    if any(source.path.resolve() in target.resolve().parents for source in inputs.sources):
        raise ValueError(f"{target}: the page must be outside the run folders")
    # First, since a method that a run cannot take is an error.
    recalibration = recalibration_section(inputs.letters, methods, by) if methods and inputs.letters else None
    page = _page(inputs, grader, footnote, recalibration)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(page.encode(), target)


def setting_differences(before: str | Path, after: str | Path) -> dict[str, tuple[Any, Any]]:
    """Every setting in which two runs differ, by name; hashes of what stands beside them are left out."""
    left, right = (Run(Path(path)).manifest.get("settings", {}) for path in (before, after))
    return {
        name: (left.get(name, "unknown"), right.get(name, "unknown"))
        for name in {**left, **right}
        if name not in HASHES and left.get(name) != right.get(name)
    }


def _page(inputs: Inputs, grader: str | None, footnote: str | None, recalibration: Section | None) -> str:
    answers = read_answers(inputs, grader)
    parts: list[Section] = []
    definitions: list[Definition] = []
    said: list[str] = []
    notes: list[tuple[str, str]] = []
    pair = inputs.letters
    if pair is not None:
        comparison = replace(calibration.compare(pair.before, pair.after), items=pair.overlap)
        found = diagnoses(pair)
        parts += pair_sections(pair, comparison, found)
        definitions += CALIBRATION
        subject = "The change of settings" if pair.one_model else "Post-training"
        said += verdict(comparison, diagnosis=found[1] if found else None, subject=subject)
        notes += notes_of(pair, comparison)
    if recalibration is not None:
        parts.append(recalibration)
        definitions += RECALIBRATION
    if answers is not None:
        parts += [factuality_section(answers), answers_section(answers)]
        definitions += FACTUALITY
        said += answers_verdict([source.name for source in answers.sources], answers.judgments, answers.changes)
        notes += overlap_notes(answers.overlap)
    choices = read_choices(inputs)
    if choices is not None:
        parts.append(multiple_choice_section(choices))
        definitions += TRUTHFULQA
        notes += overlap_notes(choices.overlap)
        if not said:
            said += multiple_choice_verdict(choices)
    if pair is not None:
        parts.append(items_section(pair))
    parts.append(settings(inputs))

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
        title=" → ".join(inputs.names),
        names=inputs.names,
        subtitle=_subtitle(inputs, answers),
        verdict=said,
        notes=notes,
        footnote=footnote,
        sections=parts,
        definitions=definitions,
        downloads=[file for part in parts for file in part.downloads],
        version=metadata.version("veracal"),
        # Both are the project's own files; the policy lets no other script run, whatever stands in the page.
        css=Markup(_file("page.css")),  # noqa: S704
        script=Markup(script),  # noqa: S704
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _subtitle(inputs: Inputs, answers: Answers | None) -> str:
    if inputs.letters is not None:
        return f"What changed between two runs on the same {inputs.letters.before.n_items:,} items."
    if answers is not None:
        n_questions = answers.judgments[0].frame["question"].n_unique()
        what = "What changed between two runs on" if answers.changes else "Answers to"
        return f"{what} {n_questions:,} open questions."
    return "TruthfulQA's multiple choice, by likelihood."


def _file(name: str) -> str:
    return (files(__package__ or "veracal.report") / name).read_text(encoding="utf-8")
