"""The runs that a report is made of, sorted by what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from calibration import Predictions
from calibration.analysis.named_runs import aligned_runs, chosen_reference
from calibration.models.settings import model_identity
from calibration.predictions.pairing import ItemChoice, paired
from calibration.runs.folder import Run
from calibration.uncertainty.overlap import Overlap, selected_items
from factuality import MultipleChoice

from .run_names import KINDS, FoundRun, find_runs, in_order, name_runs
from .run_orders import RunOrder, ordered_models
from .training_stages import is_post_training

FEW = 4
"""So many runs of a kind are told one by one; of more only what all together show."""


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


@dataclass(frozen=True, kw_only=True)
class PredictionRuns:
    """Three runs of predictions or more.

    Attributes
    ----------
    sources : tuple of Source
        The runs, in the order of the models.
    predictions : dict of str to Predictions
        By name, in the same order; aligned: the same items in the same order. Of a run that asked each item in several
        orders of its options, the mean over them.
    texts : polars.DataFrame or None
        ``item``, ``question`` and ``options``, from the first run that has them.
    reference : str
        Name of the run that the others are compared with.
    n_common : int or None
        Number of items that all runs hold, if only these are compared.
    """

    sources: tuple[Source, ...]
    predictions: dict[str, Predictions]
    texts: pl.DataFrame | None
    reference: str
    n_common: int | None = None

    def pair(self, name: str) -> PredictionPair:
        """The reference and another run, as before and after."""
        by_name = {source.name: source for source in self.sources}
        return PredictionPair(
            predictions=(by_name[self.reference], by_name[name]),
            before=self.predictions[self.reference],
            after=self.predictions[name],
            texts=self.texts,
        )


@dataclass(frozen=True)
class Inputs:
    """The runs of a report.

    Attributes
    ----------
    pair : PredictionPair or None
        The two runs of predictions, if there are two.
    responses, multiple_choice, pairs, verdicts : tuple of Source
        Any number, in the order of the models.
    items : {"same", "common"}
        Whether runs must hold the same items, or those that all hold are compared.
    single : SingleRun or None
        The only run of predictions, if there is one.
    several : PredictionRuns or None
        The runs of predictions, if there are three or more.
    models : tuple of str
        Names of all models, in the order of the page.
    reference : str
        Name of the model that the others are compared with.
    """

    pair: PredictionPair | None
    responses: tuple[Source, ...]
    multiple_choice: tuple[Source, ...]
    items: ItemChoice = "same"
    pairs: tuple[Source, ...] = ()
    verdicts: tuple[Source, ...] = ()
    single: SingleRun | None = None
    several: PredictionRuns | None = None
    models: tuple[str, ...] = ()
    reference: str = ""

    @property
    def predictions(self) -> tuple[Source, ...]:
        """The runs of predictions."""
        if self.single is not None:
            return (self.single.source,)
        if self.several is not None:
            return self.several.sources
        return self.pair.predictions if self.pair else ()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All runs, in the order of their kinds."""
        return self.predictions + self.pairs + self.verdicts + self.responses + self.multiple_choice

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the models, of two the reference first."""
        if len(self.models) != 2:
            return self.models
        return (self.reference, *(name for name in self.models if name != self.reference))

    def compared(self, sources: Sequence[Source]) -> tuple[tuple[int, int], ...]:
        """Indices of the reference and each other run.

        Empty if the reference is missing, or a model has several of these runs.
        """
        names = [source.name for source in sources]
        if self.reference not in names or len({*names}) < len(names):
            return ()
        first = names.index(self.reference)
        return tuple((first, index) for index in range(len(names)) if index != first)

    def before_and_after(self, sources: Sequence[Source]) -> tuple[int, int] | None:
        """Indices of before and after, if there are just two runs."""
        pairs = self.compared(sources)
        return pairs[0] if len(pairs) == 1 else None


def read_inputs(
    runs: Sequence[str | Path | FoundRun],
    labels: Sequence[str] | None = None,
    *,
    items: ItemChoice = "same",
    reference: str | None = None,
    order: RunOrder = "given",
) -> Inputs:
    """Read the runs of a report and sort them by kind.

    Parameters
    ----------
    runs : sequence of paths or of FoundRun
        Any number of runs of any kind.
    labels : sequence of str, optional
        One a run, or one a model, as in `name_runs`.
    items : {"same", "common"}
        Whether runs must hold the same items, or those that all hold are compared.
    reference : str, optional
        Name of the model that the others are compared with; the first in that order if omitted.
    order : {"given", "date", "size"}
        Of the models: as given, by the beginning of their first run, or by their number of parameters.

    Raises
    ------
    ValueError
        For a run given twice, a kind that no report shows, an unknown reference or order, models of which it is not
        known how large they are, and as `name_runs`.
    """
    folders = find_runs(runs)
    names = name_runs(folders, labels)
    given = [str(name) for name in in_order(names, [run.kind for run in folders])]
    models = ordered_models(given, names, folders, order)
    first = chosen_reference(models, reference)
    sources = sorted(
        (Source(run.path, name, run.manifest, run.scores) for name, run in zip(names, folders, strict=True)),
        key=lambda source: models.index(source.name),
    )
    by_kind = {kind: tuple(source for source in sources if source.manifest["kind"] == kind) for kind in KINDS}
    predictions = by_kind["predictions"]
    pair = len(predictions) == 2
    return Inputs(
        pair=_read_pair(predictions, items, first) if pair else None,
        single=_read_single(predictions[0]) if len(predictions) == 1 else None,
        several=_read_several(predictions, items, first) if len(predictions) > 1 and not pair else None,
        responses=by_kind["responses"],
        multiple_choice=by_kind["multiple-choice"],
        pairs=by_kind["pairs"],
        verdicts=by_kind["verdicts"],
        items=items,
        models=tuple(models),
        reference=first,
    )


def _read_single(source: Source) -> SingleRun:
    run = Run(source.path)
    return SingleRun(source=source, predictions=run.averaged(), texts=_texts([source]))


def _read_pair(sources: tuple[Source, ...], items: ItemChoice, reference: str) -> PredictionPair:
    if sources[1].name == reference:
        sources = sources[::-1]
    first, second = (Run(source.path).averaged() for source in sources)
    before, after, overlap = selected_items(first, second, items)
    return PredictionPair(
        predictions=sources, before=before, after=paired(before, after), texts=_texts(sources), overlap=overlap
    )


def _read_several(sources: tuple[Source, ...], items: ItemChoice, reference: str) -> PredictionRuns:
    if reference not in [source.name for source in sources]:
        raise ValueError(
            f"the reference {reference} has no run of multiple-choice items, as the other models have; name one of "
            f"{', '.join(source.name for source in sources)}"
        )
    aligned = aligned_runs({source.name: Run(source.path).averaged() for source in sources}, reference, items)
    letters = {name: run for name, run in aligned.items() if isinstance(run, Predictions)}
    return PredictionRuns(
        sources=sources,
        predictions={source.name: letters[source.name] for source in sources},
        texts=_texts(sources),
        reference=reference,
        n_common=letters[reference].n_items if items == "common" else None,
    )


def _texts(sources: Sequence[Source]) -> pl.DataFrame | None:
    """Texts of the items, from the first run that has them."""
    tables = (Run(source.path).items() for source in sources)
    return next((table for table in tables if table is not None and {"question", "options"} <= {*table.columns}), None)
