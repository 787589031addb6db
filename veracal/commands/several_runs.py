"""Several runs beside each other: what `compare` prints of three or more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import typer

import calibration
import factuality
from calibration.predictions.pairing import ItemChoice
from calibration.runs.folder import Run
from factuality.multiple_choice.likelihoods import run_variants

from .. import console
from ..report.run_names import KINDS, find_runs, name_runs
from ..tables.several_runs import print_runs
from .options import warn_of_unfinished


class _How(TypedDict):
    """What every comparison of several runs takes."""

    reference: str | None
    all_pairs: bool
    items: ItemChoice


@dataclass(frozen=True)
class SeveralRuns:
    """Runs that are compared, and how.

    Attributes
    ----------
    paths : tuple of Path
        Run folders.
    reference : str or None
        Name of the run that the others are compared with; the first if None.
    labels : str or None
        Names with commas between them; those of the models if None.
    all_pairs : bool
    items : {"same", "common"}
    grader : str or None
        Whose judgments of graded answers, if there are several.
    """

    paths: tuple[Path, ...]
    reference: str | None
    labels: str | None
    all_pairs: bool
    items: ItemChoice
    grader: str | None = None

    def names(self) -> list[str]:
        """Names of the runs: labels, or those of the models.

        Raises
        ------
        ValueError
            For labels of another number, and a folder that is given twice.
        """
        folders = [path.resolve() for path in self.paths]
        twice = next((path for path in folders if folders.count(path) > 1), None)
        if twice is not None:
            raise ValueError(f"a run is given twice: {twice}")
        return name_runs(find_runs(self.paths), None if self.labels is None else self.labels.split(","))


def compare_several(runs: SeveralRuns, *, as_json: bool) -> None:
    """Print several runs and their changes from the reference.

    Raises
    ------
    ValueError
        For runs of several kinds, or of one that cannot be compared, and as `calibration.compare_runs`,
        `factuality.compare_judgments` and `factuality.compare_multiple_choice`.
    """
    comparison = _comparison(runs, _kind(runs.paths))
    if as_json:
        groups = {key: comparison.groups(key) for key in comparison.tested} if runs.all_pairs else {}
        console.print_json(comparison.to_dict() | ({"groups": groups} if groups else {}))
    else:
        print_runs(comparison, grouped=runs.all_pairs)


def _kind(paths: Sequence[Path]) -> str:
    """What all runs hold."""
    kinds = {path: str(Run(path).manifest.get("kind", "predictions")) for path in paths}
    first, kind = next(iter(kinds.items()))
    other = next((path for path in kinds if kinds[path] != kind), None)
    if other is not None:
        raise ValueError(f"all runs must hold the same; {first} holds {kind}, {other} holds {kinds[other]}")
    if kind not in KINDS:
        raise ValueError(f"{first}: runs of {kind} cannot be compared")
    return kind


def _comparison(runs: SeveralRuns, kind: str) -> calibration.RunsComparison:
    if runs.grader is not None and kind != "responses":
        raise typer.BadParameter(f"--grader is for runs of graded answers; these hold {kind}")
    names = runs.names()
    how = _How(reference=runs.reference, all_pairs=runs.all_pairs, items=runs.items)
    if kind == "responses":
        judged = {
            name: factuality.read_judgments(path, grader=runs.grader)
            for name, path in zip(names, runs.paths, strict=True)
        }
        for path, judgments in zip(runs.paths, judged.values(), strict=True):
            warn_of_unfinished(path, judgments.n_answers, "answers")
        return factuality.compare_judgments(judged, **how)
    if kind == "multiple-choice":
        variants = run_variants(runs.paths)
        scores = {
            name: [factuality.read_multiple_choice(path, variant=variant) for variant in variants]
            for name, path in zip(names, runs.paths, strict=True)
        }
        return factuality.compare_multiple_choice(scores, **how)
    return calibration.compare_runs([calibration.read_scored_run(path) for path in runs.paths], labels=names, **how)
