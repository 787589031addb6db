"""The command `report`: one page on several runs."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from calibration.predictions.pairing import ItemChoice

from .. import console
from ..report.run_orders import RunOrder
from .options import Labels, split_labels
from .recalibration_options import By, FoldsOf, Recalibrate, recalibrate_options


def report(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN",
            help="Run folders of any kind and number; three or more of a kind are each compared with the first.",
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
    reference: Annotated[
        str | None, typer.Option(metavar="NAME", help="What the others are compared with, in place of the first.")
    ] = None,
    order: Annotated[
        RunOrder, typer.Option(help="As given, by date of the runs, or by the size in the models' names.")
    ] = "given",
    all_pairs: Annotated[
        bool, typer.Option("--all-pairs", help="Of three runs or more: show the changes of all pairs too.")
    ] = False,
    items: Annotated[
        ItemChoice, typer.Option(help="same: refuse runs on different items. common: compare what all hold.")
    ] = "same",
    recalibrate: Recalibrate = None,
    folds_of: FoldsOf = None,
    by: By = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
) -> None:
    """Write one page on a run, or on how several differ.

    It shows calibration, factuality and every item, in one file that needs nothing else.

    Examples
    --------
    veracal report runs/base --html base.html --by subject
    veracal report runs/base runs/post --html report.html --labels Base,Post
    veracal report runs/base runs/sft runs/rl --html stages.html --labels Base,SFT,RL
    veracal report runs/m-1B runs/m-7B runs/m-70B --html sizes.html --order size --items common
    veracal report runs/base runs/post runs/base-answers runs/post-answers --html report.html
    veracal report runs/answers --people people.csv --html answers.html --open
    """
    from ..report.page import write_report
    from ..report.run_names import refuse_twice, runs_by_name

    refuse_twice(runs)
    options = recalibrate_options(recalibrate, by, folds_of)
    names = split_labels(labels)
    by_name = runs_by_name(runs, names)
    if len(by_name) < len(runs):
        for name, paths in by_name.items():
            console.say(f"{name}: {', '.join(map(str, paths))}")
    with console.waiting("Writing the page"):
        write_report(
            runs, html, labels=names, grader=grader, recalibrate=options.methods, by=options.by, groups=options.groups,
            people=people or (), reference=reference, order=order, all_pairs=all_pairs, items=items,
        )  # fmt: skip
    console.print_line(f"Report: {html.resolve()}")
    if open_page and not webbrowser.open_new_tab(html.resolve().as_uri()):
        console.alert("No browser is known here; open the page yourself.")
