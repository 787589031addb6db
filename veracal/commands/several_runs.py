"""Several runs beside each other: what `compare` prints of three or more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import typer

from calibration import RunsComparison
from calibration.predictions.pairing import ItemChoice

from .. import console
from ..report.run_names import find_runs
from ..run_collection import Runs
from ..run_collection import runs as collect_runs
from ..tables.several_runs import print_runs
from .options import warn_of_unfinished


@dataclass(frozen=True)
class SeveralRuns:
    """Runs that are compared, and how.

    Attributes
    ----------
    paths : tuple of Path
        Run folders.
    reference : str or None
        Name of the run that the others are compared with; the first if None.
    labels : list of str or None
        Names; those of the models if None.
    all_pairs : bool
    items : {"same", "common"}
    grader : str or None
        Whose judgments of graded answers, if there are several.
    """

    paths: tuple[Path, ...]
    reference: str | None
    labels: list[str] | None
    all_pairs: bool
    items: ItemChoice
    grader: str | None = None

    def collection(self) -> Runs:
        """The runs by the names of their models.

        Raises
        ------
        ValueError
            As `veracal.runs`.
        """
        return collect_runs(self.paths, labels=self.labels, grader=self.grader)


def compare_several(runs: SeveralRuns, html: Path | None, *, as_json: bool) -> None:
    """Print several runs and their changes from the reference, and write their page.

    Raises
    ------
    ValueError
        For runs of several kinds, or of one that cannot be compared, and as `calibration.compare_runs`,
        `factuality.compare_judgments` and `factuality.compare_multiple_choice`.
    """
    given, comparison = _comparison(runs)
    if html is not None:
        with console.waiting("Writing the page"):
            given.report(html, reference=runs.reference, all_pairs=runs.all_pairs, items=runs.items)
    if as_json:
        groups = {key: comparison.groups(key) for key in comparison.tested} if runs.all_pairs else {}
        console.print_json("runs-comparison", comparison.to_dict() | ({"groups": groups} if groups else {}))
    else:
        print_runs(comparison)
    if html is not None:
        console.say(f"Report: {html.resolve()}")


def _comparison(runs: SeveralRuns) -> tuple[Runs, RunsComparison]:
    kinds = [run.kind for run in find_runs(runs.paths)]
    other = next((row for row, kind in enumerate(kinds) if kind != kinds[0]), None)
    if other is not None:
        pair = f"{runs.paths[0]} holds {kinds[0]}, {runs.paths[other]} holds {kinds[other]}"
        raise ValueError(f"all runs must hold the same; {pair}")
    if runs.grader is not None and kinds[0] != "responses":
        raise typer.BadParameter(f"--grader is for runs of graded answers; these hold {kinds[0]}")
    given = runs.collection()
    if kinds[0] == "responses":
        for path, judgments in zip(runs.paths, given.answers.values(), strict=True):
            warn_of_unfinished(path, judgments.n_answers, "answers")
    return given, given.compare(reference=runs.reference, all_pairs=runs.all_pairs, items=runs.items)
