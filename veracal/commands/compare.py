"""The command `compare`: two runs before and after, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

import calibration
import factuality
from calibration.predictions.pairing import ItemChoice
from calibration.runs.dates import date_of_run
from calibration.runs.folder import Run
from calibration.runs.settings import differing_settings
from calibration.uncertainty.overlap import Overlap, selected_items
from factuality.multiple_choice.common_questions import common_scores
from factuality.multiple_choice.likelihoods import run_variants
from factuality.outcomes.common_questions import common_judgments

from .. import console
from ..groups import PairGroups, answer_pair_groups, pair_groups
from ..tables.answers import print_changes
from ..tables.decisions import print_decisions
from ..tables.equal_accuracy import print_equal_accuracy
from ..tables.groups import print_group_changes
from ..tables.predictions import print_comparison
from .margins import Margins, named_margins
from .options import (
    AVERAGED,
    Json,
    Labels,
    PrintedAs,
    prints_json,
    read_scored,
    split_labels,
    warn_of_unfinished,
)
from .recalibration_options import By, FoldsOf, Recalibrate, RecalibrateOptions, recalibrate_options
from .several_runs import SeveralRuns, compare_several


def compare(
    before: Annotated[
        Path, typer.Argument(metavar="BEFORE", help="Run folder of the model before, such as a base model.")
    ],
    after: Annotated[
        Path, typer.Argument(metavar="AFTER", help="Run folder of the model after, such as its post-trained one.")
    ],
    further: Annotated[
        list[Path] | None, typer.Argument(metavar="[RUN]...", help="Further runs, each compared with the first.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="PAGE", help="Write a report page.")] = None,
    grader: Annotated[
        str | None, typer.Option(metavar="SPEC", help="Of graded answers: whose judgments, if there are several.")
    ] = None,
    items: Annotated[
        ItemChoice,
        typer.Option(help="same: refuse runs on different items. common: compare what both hold, and bound the rest."),
    ] = "same",
    equal_accuracy: Annotated[
        bool,
        typer.Option(
            "--equal-accuracy", help="Change of calibration on equally hard items, and over the same candidates."
        ),
    ] = False,
    difficulty: Annotated[
        Path | None,
        typer.Option(metavar="RUN", help="With --equal-accuracy: a third run that tells how hard the items are."),
    ] = None,
    margin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[MEASURE=]X",
            help="How much change of a measure (of every one) is none: tells what is worse or better by more, and what "
            "is within. May be given several times.",
        ),
    ] = None,
    reference: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of three runs or more: what the others are compared with.")
    ] = None,
    all_pairs: Annotated[
        bool, typer.Option("--all-pairs", help="Compare all pairs, and say which runs are not shown to differ.")
    ] = False,
    labels: Labels = None,
    recalibrate: Recalibrate = None,
    folds_of: FoldsOf = None,
    by: By = None,
    format: PrintedAs = None,
    as_json: Json = False,
) -> None:
    """Print two runs or more, and what changed.

    All are runs of multiple-choice items, of confidences, of verdicts, of graded answers, or of answers by likelihood.
    The exit status tells nothing of what changed.

    Examples
    --------
    veracal compare runs/base runs/post --html report.html
    veracal compare runs/base runs/post --margin ece=0.02 --margin accuracy=0.01
    veracal compare runs/base-answers runs/post-answers --items common
    veracal compare runs/base runs/post --equal-accuracy --difficulty runs/third
    veracal compare runs/base runs/sft runs/rl --all-pairs --html stages.html
    veracal compare runs/base-answers runs/sft-answers runs/rl-answers --grader match
    """
    from ..report.page import write_report

    as_json = prints_json(format, as_json=as_json)

    options = recalibrate_options(recalibrate, by, folds_of)
    if further or all_pairs or labels is not None or reference is not None:
        of_two = {"--equal-accuracy": equal_accuracy, "--difficulty": difficulty,
                  "--margin": margin, "--recalibrate": options.methods, "--by": options.groups}  # fmt: skip
        if given := [name for name, value in of_two.items() if value]:
            raise typer.BadParameter(f"{given[0]} is for two runs without --reference, --all-pairs and --labels")
        runs = SeveralRuns(
            (before, after, *(further or ())),
            reference,
            split_labels(labels),
            all_pairs=all_pairs,
            items=items,
            grader=grader,
        )
        compare_several(runs, html, as_json=as_json)
        return
    if options.methods and html is None:
        raise typer.BadParameter("--recalibrate needs --html PAGE, where it is shown")
    if difficulty is not None and not equal_accuracy:
        raise typer.BadParameter("--difficulty needs --equal-accuracy")
    kind, compared = _comparison_of(before, after)
    _refuse_options(kind, options, equal_accuracy=equal_accuracy)
    differences = differing_settings(Run(before).manifest, Run(after).manifest)
    data, show = compared(before, after, grader, items, named_margins(margin or [], kind))
    changed = _answer_groups if kind == "responses" else _groups
    groups = changed(before, after, grader, items, options.groups)
    data |= {"groups": [group.to_dict() for group in groups]} if groups else {}
    matched = _at_equal_accuracy(before, after, items, difficulty) if equal_accuracy else None
    data |= {} if matched is None else {"equal_accuracy": matched.to_dict()}
    if html is not None:
        with console.waiting("Writing the page"):
            write_report(
                [before, after],
                html,
                grader=grader,
                items=items,
                recalibrate=options.methods,
                by=options.by,
                groups=options.groups,
                equal_accuracy=equal_accuracy,
                difficulty=difficulty,
            )
    if as_json:
        console.print_json(_SCHEMAS.get(kind, "comparison"), {**data, "settings": differences})
    else:
        show()
        if matched is not None:
            print_equal_accuracy(matched)
        for group in groups:
            print_group_changes(group)
        for name, (left, right) in differences.items():
            console.print_line(f"Differs: {name}: {left} before, {right} after.")
        date = date_of_run(before)
        if date is not None and date == date_of_run(after):
            console.print_line(f"The chat template wrote the date {date} into the prompts of both runs.")
    if html is not None:
        console.say(f"Report: {html.resolve()}")


def _comparison_of(before: Path, after: Path) -> tuple[str, Callable[..., _Compared]]:
    """What both runs hold, and what compares them."""
    kinds = [Run(path).manifest.get("kind", "predictions") for path in (before, after)]
    if kinds[0] != kinds[1]:
        raise ValueError(f"both runs must hold the same; {before} holds {kinds[0]}, {after} holds {kinds[1]}")
    scored = dict.fromkeys(("predictions", "pairs", "verdicts"), _scored)
    compared = {**scored, "responses": _answers, "multiple-choice": _multiple_choice}.get(kinds[0])
    if compared is None:
        raise ValueError(f"{before}: runs of {kinds[0]} cannot be compared")
    return kinds[0], compared


def _refuse_options(kind: str, options: RecalibrateOptions, *, equal_accuracy: bool) -> None:
    """Refuse options that runs of a kind cannot have."""
    if options.methods and kind not in ("predictions", "pairs"):
        raise typer.BadParameter(f"--recalibrate is for multiple-choice runs and confidences; these hold {kind}")
    if options.groups and kind == "multiple-choice":
        raise typer.BadParameter(f"--by is for runs of right and wrong answers; these hold {kind}")
    if equal_accuracy and kind not in ("predictions", "pairs"):
        raise typer.BadParameter(f"--equal-accuracy is for runs with a confidence in each answer; these hold {kind}")


def _at_equal_accuracy(
    before: Path, after: Path, items: ItemChoice, difficulty: Path | None
) -> calibration.EqualAccuracy:
    """Changes on equally hard items, and over the same candidates."""
    first, second = calibration.read_scored_run(before), calibration.read_scored_run(after)
    third = None if difficulty is None else calibration.read_scored_run(difficulty)
    return calibration.compare_at_equal_accuracy(first, second, difficulty=third, items=items)


def _groups(
    before: Path, after: Path, _grader: str | None, items: ItemChoice, columns: Sequence[str]
) -> list[PairGroups]:
    """Changes by group, with the texts of the first run that has some."""
    if not columns:
        return []
    first, second, _ = selected_items(calibration.read_scored_run(before), calibration.read_scored_run(after), items)
    texts = next((table for path in (before, after) if (table := Run(path).items()) is not None), None)
    return [pair_groups(first, second, by, texts=texts) for by in columns]


def _answer_groups(
    before: Path, after: Path, grader: str | None, items: ItemChoice, columns: Sequence[str]
) -> list[PairGroups]:
    """Changes of graded answers by group."""
    if not columns:
        return []
    first, second = (factuality.read_judgments(path, grader=grader) for path in (before, after))
    if items == "common":
        first, second, _ = common_judgments(first, second)
    return [answer_pair_groups(first, second, by) for by in columns]


# Schemas of what is printed of some kinds of runs; that of the others is "comparison".
_SCHEMAS = {"responses": "rate-changes", "multiple-choice": "score-changes"}
# What a comparison gives to machines, and how it is printed.
_Compared = tuple[dict[str, Any], Callable[[], None]]


def _scored(before: Path, after: Path, grader: str | None, items: ItemChoice, margins: Margins) -> _Compared:
    if grader is not None:
        raise typer.BadParameter("--grader is for runs of graded answers; these are of multiple-choice items")
    first, second = read_scored(before), read_scored(after)
    comparison = calibration.compare(first, second, items=items)
    decisions = {} if margins is None else comparison.decisions(margins)

    def show() -> None:
        print_comparison((Run(before).name, Run(after).name), comparison)
        print_decisions(decisions)
        for path in (before, after):
            if Run(path).permuted:
                console.print_line(AVERAGED.format(Run(path).name))

    decided = {"decisions": {key: decision.to_dict() for key, decision in decisions.items()}} if decisions else {}
    return {**comparison.to_dict(), **decided}, show


def _answers(before: Path, after: Path, grader: str | None, items: ItemChoice, _margins: Margins) -> _Compared:
    sides = [factuality.read_judgments(path, grader=grader) for path in (before, after)]
    for path, side in zip((before, after), sides, strict=True):
        warn_of_unfinished(path, side.n_answers, "answers")
    overlap = None
    if items == "common":
        *sides, overlap = common_judgments(*sides)
    changes = factuality.rate_change(*sides)
    rates = [factuality.rates(side) for side in sides]
    data = {name: side.to_dict() for name, side in zip(("before", "after"), rates, strict=True)}

    def show() -> None:
        print_changes((Run(before).name, Run(after).name), changes)
        for name, side in zip(("Before", "After"), rates, strict=True):
            for note in side.notes:
                console.print_line(f"{name}: {note}.")
        _print_overlap(overlap)

    return {**data, "change": changes.frame.to_dicts(), **_plain(overlap)}, show


def _multiple_choice(before: Path, after: Path, grader: str | None, items: ItemChoice, _margins: Margins) -> _Compared:
    if grader is not None:
        raise typer.BadParameter("--grader is for runs of graded answers; these were scored by likelihood")
    variants = run_variants([before, after])
    scores = {
        name: (
            factuality.read_multiple_choice(before, variant=name),
            factuality.read_multiple_choice(after, variant=name),
        )
        for name in variants
    }
    overlap = None
    if items == "common":
        scores, overlap = common_scores(scores)
    changes = {name: factuality.multiple_choice_change(*pair) for name, pair in scores.items()}

    def show() -> None:
        print_changes((Run(before).name, Run(after).name), *changes.values())
        _print_overlap(overlap)

    data = {
        "before": {name: pair[0].to_dict() for name, pair in scores.items()},
        "after": {name: pair[1].to_dict() for name, pair in scores.items()},
        "change": {name: change.frame.to_dicts() for name, change in changes.items()},
    }
    return {**data, **_plain(overlap)}, show


def _print_overlap(overlap: Overlap | None) -> None:
    """Notes on compared and left-out questions, on stdout."""
    for note in overlap.notes if overlap else ():
        console.print_line(f"Note on the changes: {note}.")


def _plain(overlap: Overlap | None) -> dict[str, Any]:
    return {"items": overlap.to_dict()} if overlap else {}
