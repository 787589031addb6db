"""From run folders to one self-contained HTML file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from calibration.files.atomic import write_bytes
from calibration.number_texts import counted
from calibration.predictions.pairing import ItemChoice
from calibration.predictions.scored_runs import ScoredRun
from calibration.recalibration.cross_fitting import FoldKind
from calibration.runs.scored_runs import read_scored_run

from ..recalibrations import known_methods
from .answer_results import AnswerResults
from .blocks.section import Section
from .conclusions.conclusions import conclusions, run_notes
from .conclusions.shown_claims import SUBJECTS, equal_accuracy_part, shown_claims
from .definitions import definitions
from .escaping import minus, visible
from .group_sentences import SUBJECT_GAP
from .inputs import Inputs, read_inputs
from .pair_results import PairResults
from .results import GRADED, Results, compute_results
from .runs_in_memory import RunInMemory, run_folders
from .scored_results import ScoredResults
from .sections.answers import answers
from .sections.changes import changes
from .sections.diagnosis import diagnosis
from .sections.equal_accuracy import equal_accuracy as equal_accuracy_section
from .sections.factuality import factuality
from .sections.groups import groups as groups_sections
from .sections.items import items as items_section
from .sections.letter_audit import letter_audit
from .sections.multiple_choice import multiple_choice
from .sections.people import people as people_section
from .sections.recalibration import recalibration
from .sections.reliability import reliability
from .sections.runs import runs as runs_section
from .sections.scored import scored as scored_section
from .sections.subjects import subjects
from .single_results import SingleResults


def write_report(
    runs: Sequence[str | Path | RunInMemory],
    path: str | Path,
    *,
    labels: Sequence[str] | None = None,
    grader: str | None = None,
    footnote: str | None = None,
    items: ItemChoice = "same",
    recalibrate: Sequence[str] = (),
    by: FoldKind = "items",
    groups: Sequence[str] = (),
    equal_accuracy: bool = False,
    difficulty: str | Path | ScoredRun | None = None,
    people: Sequence[str | Path] = (),
) -> None:
    r"""Write the report of one run, or of several, as one HTML page.

    Parameters
    ----------
    runs : sequence of paths, or of runs in memory
        Run folders, or what they hold: Predictions, Pairs, Verdicts, Judgments and MultipleChoice. One run of
        predictions, or two, before and after in this order; runs of pairs, of verdicts, graded responses and
        multiple-choice (TruthfulQA) runs, any number. Runs of several kinds are joined by the weights of their models,
        or by labels. What changed is told of before and after, the first two models; a run alone is told by itself.
        More are shown in the figures of factuality.
    path : str or Path
        The page; its folder is made if it is missing.
    labels : sequence of str, optional
        What to call the models: one label a model, in the order in which every kind of run has them, or one a run,
        equal for runs of one model. If omitted, the models' names. Runs of several kinds that do not name the weights
        (recorded answers, runs of earlier versions) need one a run.
    grader : str, optional
        Whose judgments of responses are shown; required if there are several.
    footnote : str, optional
        A text at the end of the conclusions, such as what a reader must know of the data.
    items : {"same", "common"}
        Whether two runs must hold the same items, or those that both hold are compared; a note then says how many each
        lost and bounds what these could change.
    recalibrate : sequence of str
        Methods of `calibration.recalibrate`: a section shows what each does on held-out items to runs of predictions,
        or to runs of pairs if there are none. No such section if empty.
    by : {"items", "subjects"}
        What `recalibrate` splits into folds.
    groups : sequence of str
        Columns by which a section each tells what changed, or a run alone, such as ``language``; several with commas
        cross. As in `calibration.by_group`.
    equal_accuracy : bool
        Whether a section compares two runs at equal accuracy, as `calibration.compare_at_equal_accuracy`.
    difficulty : path, or run in memory, optional
        A third run that tells how hard the items are there.
    people : sequence of paths
        Files of people's labels of some answers, one a run of graded answers in their order, as ``veracal grade RUN
        --people FILE`` takes them: a section shows rates and calibration that they correct.

    Raises
    ------
    ValueError
        For more prediction runs, labels of another number, runs of several kinds of which it is not known which are of
        one model, runs on other items, responses that were not graded, or by several graders of which none is named;
        for a column that no run can be grouped by, an unknown method of recalibration, one that cannot be fitted on a
        run, and one without predictions or pairs.
    TypeError
        For what is no run.

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
    if difficulty is not None and not equal_accuracy:
        raise ValueError("difficulty has no effect without equal_accuracy=True")
    third = read_scored_run(difficulty) if isinstance(difficulty, str | Path) else difficulty
    target = Path(path)
    with TemporaryDirectory() as folder:
        folders = runs if isinstance(runs, str | Path) else run_folders(runs, Path(folder))
        inputs = read_inputs(folders, labels, items=items)
        if methods and not inputs.predictions and not inputs.pairs:
            raise ValueError("recalibrate is for runs of multiple-choice items or of confidences; there are none")
        _refuse_target(target, inputs)
        results = compute_results(
            inputs, grader=grader, methods=methods, by=by, groups=groups, equal_accuracy=equal_accuracy,
            difficulty=third, people=[Path(file) for file in people],
        )  # fmt: skip
        page = _render(results, footnote)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(page.encode(), target)


def _refuse_target(target: Path, inputs: Inputs) -> None:
    """Raise if the page is no ordinary file or in a run folder."""
    if target.exists() and not target.is_file():
        raise ValueError(f"{target}: the page must be a new or an ordinary file, this is something else")
    if any(source.path.resolve() in target.resolve().parents for source in inputs.sources):
        raise ValueError(f"{target}: the page must be outside the run folders")


def laid_out(results: Results) -> tuple[list[str], list[Section]]:
    """The conclusions of a page, and its sections."""
    shown = shown_claims(results)
    return conclusions(results, shown), _sections(results, shown)


# Claims that are shown, by part of a page.
_Shown = Mapping[str, frozenset[str]]


def _sections(results: Results, shown: _Shown) -> list[Section]:
    """The sections in the order of reading."""
    pair, graded, choices = results.pair, results.answers, results.choices
    return [
        *(_pair_sections(pair, results, shown) if pair else ()),
        *(
            section
            for numbers in results.scored_runs
            for section in (
                scored_section(numbers),
                *_equal_accuracy(results, numbers.name, numbers.compared_names, shown),
                *_groups(results, numbers.name, shown),
                *_pairs_recalibration(numbers),
            )
        ),
        *(_letter_sections(results.single) if results.single else ()),
        *(_answer_sections(results, graded, shown) if graded else ()),
        *((multiple_choice(choices),) if choices else ()),
        *_item_sections(results),
        runs_section(results.inputs),
    ]


def _answer_sections(results: Results, graded: AnswerResults, shown: _Shown) -> list[Section]:
    return [
        factuality(graded),
        *((people_section(graded),) if graded.corrections else ()),
        *_groups(results, GRADED, shown),
        answers(graded),
    ]


def _groups(results: Results, kind: str, shown: _Shown) -> list[Section]:
    """Groups of the runs of one kind."""
    return [
        section
        for grouped in results.groups
        if grouped.name == kind
        for section in groups_sections(grouped, shown[grouped.part])
    ]


def _equal_accuracy(results: Results, kind: str, names: Sequence[str], shown: _Shown) -> list[Section]:
    """Changes of runs of one kind at equal accuracy, if asked for."""
    matched = results.equal_accuracy.get(kind)
    if matched is None:
        return []
    return [equal_accuracy_section(matched, names, shown=shown[equal_accuracy_part(kind)], kind=kind)]


def _pairs_recalibration(results: ScoredResults) -> list[Section]:
    if not results.recalibrations:
        return []
    return [recalibration(results.names, results.recalibrations, results.by, what="The confidence")]


def _letter_sections(single: SingleResults) -> list[Section]:
    names = [single.run.source.name]
    return [
        letter_audit([single.run.source], single.letters, single.letter_shares),
        *((recalibration(names, single.recalibrations, single.by),) if single.recalibrations else ()),
    ]


def _item_sections(results: Results) -> list[Section]:
    """The item browser, of runs of predictions."""
    if (pair := results.pair) is not None:
        return [items_section((pair.runs.before, pair.runs.after), pair.runs.names, pair.runs.texts)]
    if (single := results.single) is not None:
        return [items_section([single.run.predictions], [single.run.source.name], single.run.texts)]
    return []


def _pair_sections(pair: PairResults, results: Results, shown: _Shown) -> list[Section]:
    return [
        reliability(pair),
        changes(pair),
        *_equal_accuracy(results, "", pair.runs.names, shown),
        *((diagnosis(pair, pair.diagnoses),) if pair.diagnoses else ()),
        *((subjects(pair, pair.subjects, shown=SUBJECT_GAP in shown[SUBJECTS]),) if pair.subjects else ()),
        *_groups(results, "", shown),
        letter_audit(pair.runs.predictions, pair.letters, pair.letter_shares),
        *((recalibration(pair.runs.names, pair.recalibrations, pair.by),) if pair.recalibrations else ()),
    ]


def _render(results: Results, footnote: str | None) -> str:
    sentences, sections = laid_out(results)
    script = _script()
    environment = Environment(
        loader=PackageLoader("veracal", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    environment.filters["minus"] = minus
    names = results.inputs.names
    return environment.get_template("page.html.jinja").render(
        title=" → ".join(names),
        names=names,
        subtitle=_subtitle(results),
        conclusions=sentences,
        notes=run_notes(results),
        footnote=footnote,
        sections=sections,
        definitions=definitions(results),
        downloads=[file for section in sections for file in section.downloads],
        version=metadata.version("veracal"),
        # Both are the project's own files; the policy lets no other script run, whatever stands in the page.
        css=Markup(_file("page.css")),  # noqa: S704
        script=Markup(script),  # noqa: S704
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _subtitle(results: Results) -> str:
    if results.pair is not None:
        return "What changed between two runs on the same " + counted(results.pair.runs.before.n_items, "item") + "."
    if results.answers is not None:
        n_questions = results.answers.judgments[0].frame["question"].n_unique()
        subject = "What changed between two runs on" if results.answers.changes else "Answers to"
        return f"{subject} {counted(n_questions, 'open question')}."
    if results.scored_runs:
        first = results.scored_runs[0]
        n_items = first.runs[0].n_items
        what = (
            counted(n_items, "multiple-choice item")
            if results.single
            else f"{counted(n_items, 'answer')}, right or wrong"
        )
        return f"{'Two runs' if first.comparison else 'A run'} of {what}."
    return "TruthfulQA's multiple choice, by likelihood."


# The page's script, in this order in one function.
_SCRIPTS = ("elements", "pieces", "browser", "items", "answers", "page")


def _script() -> str:
    parts = "\n".join(_file(f"scripts/{name}.js") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{parts}}})();\n'


def _file(name: str) -> str:
    return (files(__package__ or "veracal.report") / name).read_text(encoding="utf-8")
