"""The command `report`: one page on several runs."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from .. import console
from .options import Labels, split_labels
from .recalibration_options import By, FoldsOf, Recalibrate, recalibrate_options


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN",
            help="Run folders of any kind: one, or several; of multiple-choice items one, or two, before and after.",
        ),
    ],
    html: Annotated[Path, typer.Option(metavar="PAGE", help="The page to write.")],
    labels: Labels = None,
    grader: Annotated[
        str | None, typer.Option(metavar="SPEC", help="Whose judgments of answers to show, if there are several.")
    ] = None,
    people: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="CSV of people's labels (question, grade; of several samples sample, of chosen ones weight), drawn by "
            "chance: corrects the grader. One a run of graded answers, in their order.",
        ),
    ] = None,
    recalibrate: Recalibrate = None,
    folds_of: FoldsOf = None,
    by: By = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Write one page on a run, or on what changed between runs.

    It shows calibration, factuality and every item, in one file that needs nothing else.

    Examples
    --------
    veracal report runs/base --html base.html --by subject
    veracal report runs/base runs/post --html report.html --labels Base,Post
    veracal report runs/base runs/post runs/base-answers runs/post-answers --html report.html
    veracal report runs/answers --people people.csv --html answers.html --open
    """
    from ..report.page import write_report
    from ..report.run_names import runs_by_name

    options = recalibrate_options(recalibrate, by, folds_of)
    names = split_labels(labels)
    by_name = runs_by_name(runs, names)
    if len(by_name) < len(runs):
        for name, paths in by_name.items():
            console.say(f"{name}: {', '.join(map(str, paths))}")
    with console.waiting("Writing the page"):
        write_report(
            runs, html, labels=names, grader=grader, recalibrate=options.methods, by=options.by, groups=options.groups,
            people=people or (),
        )  # fmt: skip
    console.print_line(f"Report: {html.resolve()}")
    if open_page and not webbrowser.open_new_tab(html.resolve().as_uri()):
        console.alert("No browser is known here; open the page yourself.")
