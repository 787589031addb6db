"""The runs that a report is made of, sorted by what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from calibration import Predictions
from calibration.models.settings import model_identity
from calibration.predictions.pairing import ItemChoice, paired
from calibration.runs.folder import Run
from calibration.uncertainty.overlap import Overlap, selected_items

from .run_names import KINDS, find_runs, in_order, names_of


@dataclass(frozen=True)
class Source:
    """One run folder: where it is, what its model is called, and its manifest."""

    path: Path
    name: str
    manifest: dict[str, Any]


@dataclass(frozen=True)
class Letters:
    """Two runs of predictions, before and after.

    Attributes
    ----------
    predictions : tuple of Source
        The two.
    before, after : Predictions
        Aligned: the same items in the same order. Of a run that asked each item in several orders of its options, the
        mean over them.
    texts : polars.DataFrame or None
        ``item``, ``question`` and ``options``, from the first run that has them.
    overlap : Overlap or None
        What each run held; None if both must hold the same items.
    """

    predictions: tuple[Source, ...]
    before: Predictions
    after: Predictions
    texts: pl.DataFrame | None
    overlap: Overlap | None = None

    @property
    def names(self) -> tuple[str, str]:
        """What before and after are called."""
        return self.predictions[0].name, self.predictions[1].name

    @property
    def one_model(self) -> bool:
        """Whether both runs asked one and the same model, in two ways."""
        first, last = (source.manifest["settings"] for source in self.predictions)
        known = [model_identity(settings) for settings in (first, last)]
        if None not in known:
            return known[0] == known[1]
        return "model" in first and all(first.get(key) == last.get(key) for key in ("model", "revision", "weights"))


@dataclass(frozen=True)
class Inputs:
    """The runs of a report.

    Attributes
    ----------
    letters : Letters or None
        The two runs of predictions, where there are such.
    responses, multiple_choice : tuple of Source
        Any number, in the order of the models.
    items : {"same", "common"}
        Whether two runs must hold the same items, or those that both hold are compared.
    """

    letters: Letters | None
    responses: tuple[Source, ...]
    multiple_choice: tuple[Source, ...]
    items: ItemChoice = "same"

    @property
    def predictions(self) -> tuple[Source, ...]:
        """The runs of predictions: two or none."""
        return self.letters.predictions if self.letters else ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All of them, in the order of their kinds."""
        return self.predictions + self.responses + self.multiple_choice

    @property
    def names(self) -> tuple[str, ...]:
        """What before and after are called; one name where there is one model."""
        kinds = (self.predictions, self.responses, self.multiple_choice)
        names = next(dict.fromkeys(source.name for source in kind) for kind in kinds if kind)
        return tuple(names)[:2]

    def pair_of(self, sources: Sequence[Source]) -> tuple[int, int] | None:
        """Which of some runs are before and after: the two that the page is about; none if it lacks one of them."""
        found = [row for name in self.names for row, source in enumerate(sources) if source.name == name]
        return (found[0], found[1]) if len(found) == 2 else None


def read_inputs(
    runs: Sequence[str | Path], labels: Sequence[str] | None = None, *, items: ItemChoice = "same"
) -> Inputs:
    """Read the runs of a report and sort them by kind.

    Parameters
    ----------
    runs : sequence of paths
        Two prediction runs or none; any number of graded responses and of multiple-choice runs.
    labels : sequence of str, optional
        One a run, or one a model, as in `names_of`.
    items : {"same", "common"}
        Whether two runs must hold the same items, or those that both hold are compared.

    Raises
    ------
    ValueError
        For another number of prediction runs, a kind that no report shows, and as `names_of`.
    """
    found = find_runs(runs)
    n_predictions = sum(run.kind == "predictions" for run in found)
    if n_predictions not in (0, 2):
        raise ValueError(
            f"a report needs two runs of predictions, before and after, or none; got {n_predictions}"
            + (f" of {len(found)} runs" if len(found) != n_predictions else "")
        )
    names = names_of(found, labels)
    place = {name: row for row, name in enumerate(in_order(names, [run.kind for run in found]))}
    sources = sorted(
        (Source(run.path, name, run.manifest) for name, run in zip(names, found, strict=True)),
        key=lambda source: place[source.name],
    )
    by_kind = {kind: tuple(source for source in sources if source.manifest["kind"] == kind) for kind in KINDS}
    letters = _letters(by_kind["predictions"], items)
    return Inputs(letters, by_kind["responses"], by_kind["multiple-choice"], items)


def _letters(sources: tuple[Source, ...], items: ItemChoice) -> Letters | None:
    if not sources:
        return None
    first, second = (Run(source.path).averaged() for source in sources)
    before, after, overlap = selected_items(first, second, items)
    texts = [Run(source.path).items() for source in sources]
    text = next((table for table in texts if table is not None), None)
    return Letters(sources, before, paired(before, after), text, overlap)
