"""From run folders to one self-contained HTML file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib import metadata
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import indent

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from calibration.files.atomic import write_bytes
from calibration.predictions.pairing import ItemChoice
from calibration.predictions.scored_runs import ScoredRun
from calibration.recalibration.cross_fitting import FoldKind
from calibration.runs.scored_runs import read_scored_run

from ..recalibrations import known_methods
from .conclusions.conclusions import run_notes
from .definitions import definitions
from .escaping import minus, visible
from .inputs import Inputs, read_inputs
from .layout import laid_out
from .results import Results, compute_results
from .run_names import refuse_twice
from .run_orders import RunOrder
from .runs_in_memory import RunInMemory, run_folders
from .titles import MOST_NAMED, page_title, subtitle


def write_report(
    runs: Sequence[str | Path | RunInMemory],
    path: str | Path,
    *,
    labels: Sequence[str] | None = None,
    grader: str | None = None,
    footnote: str | None = None,
    reference: str | None = None,
    order: RunOrder = "given",
    all_pairs: bool = False,
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
        Run folders, or what they hold: Predictions, Pairs, Verdicts, Judgments and MultipleChoice; any number of each.
        Runs of several kinds are joined by the weights of their models, or by labels. A run alone is told by itself; of
        two, what changed from the first to the second; three or more stand side by side, each compared with the
        reference, up to four of them in detail.
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
    reference : str, optional
        Name of the model that the others are compared with; the first in that order if omitted.
    order : {"given", "date", "size"}
        Of the models: as given, by when their runs began, or by the number of parameters in their names.
    all_pairs : bool
        Whether the changes of all pairs of three runs or more are shown too.
    items : {"same", "common"}
        Whether runs must hold the same items, or those that all hold are compared; of two runs a note then says how
        many each lost and bounds what these could change.
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
        For a run given twice, labels of another number, an unknown reference, runs of several kinds of which it is not
        known which are of one model, runs on other items, responses that were not graded, or by several graders of
        which none is named; for a column that no run can be grouped by, an unknown method of recalibration, one that
        cannot be fitted on a run, and one without predictions or pairs; for three runs at equal accuracy, and models in
        an order that they do not tell.
    TypeError
        For what is no run.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from calibration import import_log
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> rows = "".join(f"{number % 3},1,{'AB'[number % 2]}\n" for number in range(30))
    >>> _ = (folder / "log.csv").write_text("logit_A,logit_B,answer\n" + rows)
    >>> stages = [import_log(folder / "log.csv", out=folder / name) and folder / name for name in ("base", "sft", "rl")]
    >>> write_report(stages[:2], folder / "page.html", labels=("base", "sft"))
    >>> (folder / "page.html").read_text()[:15]
    '<!doctype html>'
    """
    methods = known_methods(recalibrate)
    if difficulty is not None and not equal_accuracy:
        raise ValueError("difficulty has no effect without equal_accuracy=True")
    third = read_scored_run(difficulty) if isinstance(difficulty, str | Path) else difficulty
    target = Path(path)
    with TemporaryDirectory() as folder:
        if not isinstance(runs, str | Path):
            refuse_twice(runs)
        folders = runs if isinstance(runs, str | Path) else run_folders(runs, Path(folder))
        inputs = read_inputs(folders, labels, items=items, reference=reference, order=order)
        if methods and not inputs.predictions and not inputs.pairs:
            raise ValueError("recalibrate is for runs of multiple-choice items or of confidences; there are none")
        _refuse_target(target, inputs)
        results = compute_results(
            inputs, grader=grader, methods=methods, by=by, groups=groups, equal_accuracy=equal_accuracy,
            difficulty=third, people=[Path(file) for file in people], all_pairs=all_pairs,
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
        title=page_title(names),
        names=names,
        most_named=MOST_NAMED,
        subtitle=subtitle(results),
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


# The page's script, in this order in one function.
_SCRIPTS = ("elements", "pieces", "browser", "items", "answers", "page")


def _script() -> str:
    parts = "\n".join(_file(f"scripts/{name}.js") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{indent(parts, "  ")}}})();\n'


def _file(name: str) -> str:
    return (files(__package__ or "veracal.report") / name).read_text(encoding="utf-8")
