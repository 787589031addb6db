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
from factuality import MultipleChoice

from .run_names import KINDS, FoundRun, find_runs, in_order, name_runs
from .training_stages import is_post_training


@dataclass(frozen=True)
class Source:
    """One run folder, its model's name and manifest; or scores in memory."""

    path: Path
    name: str
    manifest: dict[str, Any]
    scores: MultipleChoice | None = None


@dataclass(frozen=True, kw_only=True)
class PredictionPair:
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
        """Names of before and after."""
        return self.predictions[0].name, self.predictions[1].name

    @property
    def post_training(self) -> bool:
        """True if the second model is the first after post-training, by their names."""
        models = [str(source.manifest["settings"].get("model", "")) for source in self.predictions]
        return is_post_training(*self.names) or is_post_training(*models)

    @property
    def one_model(self) -> bool:
        """True if both runs asked the same model, in two ways."""
        first, last = (source.manifest["settings"] for source in self.predictions)
        known = [model_identity(settings) for settings in (first, last)]
        if None not in known:
            return known[0] == known[1]
        return "model" in first and all(first.get(key) == last.get(key) for key in ("model", "revision", "weights"))


@dataclass(frozen=True, kw_only=True)
class SingleRun:
    """One run of predictions alone.

    Attributes
    ----------
    source : Source
        The run.
    predictions : Predictions
        Of a run that asked each item in several orders of its options, the mean over them.
    texts : polars.DataFrame or None
        ``item``, ``question`` and ``options``, if the run has them.
    """

    source: Source
    predictions: Predictions
    texts: pl.DataFrame | None


@dataclass(frozen=True)
class Inputs:
    """The runs of a report.

    Attributes
    ----------
    pair : PredictionPair or None
        The two runs of predictions, if there are two.
    single : SingleRun or None
        The only run of predictions, if there is one.
    responses, multiple_choice, pairs, verdicts : tuple of Source
        Any number, in the order of the models.
    items : {"same", "common"}
        Whether two runs must hold the same items, or those that both hold are compared.
    """

    pair: PredictionPair | None
    responses: tuple[Source, ...]
    multiple_choice: tuple[Source, ...]
    items: ItemChoice = "same"
    pairs: tuple[Source, ...] = ()
    verdicts: tuple[Source, ...] = ()
    single: SingleRun | None = None

    @property
    def predictions(self) -> tuple[Source, ...]:
        """The runs of predictions: at most two."""
        if self.single is not None:
            return (self.single.source,)
        return self.pair.predictions if self.pair else ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All runs, in the order of their kinds."""
        return self.predictions + self.pairs + self.verdicts + self.responses + self.multiple_choice

    @property
    def names(self) -> tuple[str, ...]:
        """Names of before and after; one name if there is one model.

        Of the first kind with two models.
        """
        kinds = (self.predictions, self.pairs, self.verdicts, self.responses, self.multiple_choice)
        names = [tuple(dict.fromkeys(source.name for source in kind)) for kind in kinds if kind]
        return next((known for known in names if len(known) > 1), names[0])[:2]

    def before_and_after(self, sources: Sequence[Source]) -> tuple[int, int] | None:
        """Indices of before and after among runs; None if one is missing."""
        indices = [index for name in self.names for index, source in enumerate(sources) if source.name == name]
        return (indices[0], indices[1]) if len(indices) == 2 else None


def read_inputs(
    runs: Sequence[str | Path | FoundRun], labels: Sequence[str] | None = None, *, items: ItemChoice = "same"
) -> Inputs:
    """Read the runs of a report and sort them by kind.

    Parameters
    ----------
    runs : sequence of paths or of FoundRun
        At most two prediction runs; any number of runs of other kinds.
    labels : sequence of str, optional
        One a run, or one a model, as in `name_runs`.
    items : {"same", "common"}
        Whether two runs must hold the same items, or those that both hold are compared.

    Raises
    ------
    ValueError
        For more prediction runs, a kind that no report shows, and as `name_runs`.
    """
    folders = find_runs(runs)
    n_predictions = sum(run.kind == "predictions" for run in folders)
    if n_predictions > 2:
        raise ValueError(
            f"a report shows one run of predictions, or two, before and after; got {n_predictions}"
            + (f" of {len(folders)} runs" if len(folders) != n_predictions else "")
        )
    names = name_runs(folders, labels)
    order = in_order(names, [run.kind for run in folders])
    sources = sorted(
        (Source(run.path, name, run.manifest, run.scores) for name, run in zip(names, folders, strict=True)),
        key=lambda source: order.index(source.name),
    )
    by_kind = {kind: tuple(source for source in sources if source.manifest["kind"] == kind) for kind in KINDS}
    predictions = by_kind["predictions"]
    return Inputs(
        pair=_read_pair(predictions, items) if n_predictions > 1 else None,
        single=_read_single(predictions[0]) if n_predictions == 1 else None,
        responses=by_kind["responses"],
        multiple_choice=by_kind["multiple-choice"],
        pairs=by_kind["pairs"],
        verdicts=by_kind["verdicts"],
        items=items,
    )


def _read_single(source: Source) -> SingleRun:
    run = Run(source.path)
    return SingleRun(source=source, predictions=run.averaged(), texts=_texts([source]))


def _read_pair(sources: tuple[Source, ...], items: ItemChoice) -> PredictionPair:
    first, second = (Run(source.path).averaged() for source in sources)
    before, after, overlap = selected_items(first, second, items)
    return PredictionPair(
        predictions=sources, before=before, after=paired(before, after), texts=_texts(sources), overlap=overlap
    )


def _texts(sources: Sequence[Source]) -> pl.DataFrame | None:
    """Texts of the items, from the first run that has them."""
    tables = (Run(source.path).items() for source in sources)
    return next((table for table in tables if table is not None and {"question", "options"} <= {*table.columns}), None)
