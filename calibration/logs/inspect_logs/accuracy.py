"""The accuracy that a log of Inspect states, checked by its own rule."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from .credit import Scorer
from .document import Document
from .sample import Sample

_METRICS = ("accuracy", "mean")
# Rounded to four decimals as per cent.
_TOLERANCE = 1e-6
_PER_CENT = 100.0


def own_accuracy(samples: Sequence[Sample], scorer: Scorer) -> float | None:
    """Mean over items of their mean credit; None if nothing was scored."""
    given: dict[int | str, list[float]] = defaultdict(list)
    for sample in samples:
        credit = scorer.credit(sample)
        if credit is not None:
            given[sample.id].append(credit)
    means = [math.fsum(values) / len(values) for values in given.values()]
    return math.fsum(means) / len(means) if means else None


def stated_accuracy(document: Document, scorer: Scorer) -> float | None:
    """The accuracy in the header, as a share; None if it states none."""
    entry = _entry(document, scorer)
    metrics = entry.get("metrics") if entry else None
    if not isinstance(metrics, dict):
        return None
    by_name = {str(name).rpartition("/")[2]: metric for name, metric in metrics.items()}
    metric = next((by_name[name] for name in _METRICS if name in by_name), None)
    value = metric.get("value") if isinstance(metric, dict) else metric
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    # The R package vitals states per cent.
    return value / _PER_CENT if value > 1 else float(value)


def accuracy_remarks(document: Document, scorer: Scorer) -> list[str]:
    """How the accuracy in the header differs from that of the records."""
    stated, own = stated_accuracy(document, scorer), own_accuracy(document.samples, scorer)
    if stated is None or own is None:
        return []
    n_stated, n_records = document.part("results").get("completed_samples"), len(document.samples)
    if isinstance(n_stated, int) and n_stated != n_records:
        return [
            f"the log states an accuracy of {stated:.4f} over {n_stated} answers; here are {n_records}, whose accuracy "
            f"by the log's rule is {own:.4f}"
        ]
    if math.isclose(stated, own, abs_tol=_TOLERANCE):
        return []
    reducer = _reducer(document, scorer)
    if reducer != "mean" and len({sample.epoch for sample in document.samples}) > 1:
        return [f"the log states an accuracy of {stated:.4f}, whose answers to an item are reduced by {reducer}"]
    return [f"the log states an accuracy of {stated:.4f}, its own records give {own:.4f}"]


def _entry(document: Document, scorer: Scorer) -> dict[str, Any] | None:
    """What the header says of a scorer."""
    results = document.part("results")
    scores = results.get("scores")
    if not isinstance(scores, list):  # before several scorers were possible
        return dict(results) if "metrics" in results else None
    entries = [entry for entry in scores if isinstance(entry, dict)]
    own = [entry for entry in entries if _is_of(entry, scorer)]
    by_mean = [entry for entry in own if entry.get("reducer") in (None, "mean")]
    return next(iter(by_mean or own), None)


def _is_of(entry: dict[str, Any], scorer: Scorer) -> bool:
    if scorer.key:
        return entry.get("name") == scorer.key and entry.get("scorer") in (None, scorer.name)
    return entry.get("name") == scorer.name


def _reducer(document: Document, scorer: Scorer) -> str:
    entry = _entry(document, scorer)
    named = entry.get("reducer") if entry else None
    if isinstance(named, str):
        return named
    reducers = document.part("eval", "config").get("epochs_reducer")
    return str(reducers[0]) if isinstance(reducers, list) and len(reducers) == 1 else "mean"
