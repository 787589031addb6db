"""Several runs beside each other: what `compare` prints of three or more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import calibration
from calibration.predictions.pairing import ItemChoice
from calibration.runs.folder import Run

from .. import console
from ..report.run_names import find_runs, name_runs
from ..tables.several_runs import print_runs

_SCORED = ("predictions", "pairs", "verdicts")


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
    """

    paths: tuple[Path, ...]
    reference: str | None
    labels: str | None
    all_pairs: bool
    items: ItemChoice

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
        For runs that hold no right and wrong answers by item, and as `calibration.compare_runs`.
    """
    for path in runs.paths:
        kind = Run(path).manifest.get("kind", "predictions")
        if kind not in _SCORED:
            raise ValueError(
                f"{path}: more than two runs can be compared if they hold {', '.join(_SCORED)}, not {kind}"
            )
    comparison = calibration.compare_runs(
        [calibration.read_scored_run(path) for path in runs.paths],
        labels=runs.names(),
        reference=runs.reference,
        all_pairs=runs.all_pairs,
        items=runs.items,
    )
    if as_json:
        groups = {key: comparison.groups(key) for key in comparison.tested} if runs.all_pairs else {}
        console.print_json(comparison.to_dict() | ({"groups": groups} if groups else {}))
    else:
        print_runs(comparison, grouped=runs.all_pairs)
