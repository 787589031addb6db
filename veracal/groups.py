"""Numbers by group that commands and the page show: several measures, the worst groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import polars as pl

import calibration
import factuality
from calibration import GroupChanges, GroupMeasures, Predictions, UndefinedMeasure, Verdicts, WorstGroups
from calibration.analysis.grouping import group_name
from calibration.number_texts import with_interval
from calibration.predictions.scored_runs import ScoredRun
from calibration.uncertainty.measure_names import text_label
from factuality import Judgments
from factuality.outcomes.by_group import SHARE_LABELS, Share, fewest_right

# Measures that are shown, of runs that have them; those of which the worst group is told.
MEASURES = ("accuracy", "signed_gap", "ece_top")
_MEANS = ("accuracy", "signed_gap")
# Groups that may be the worst which a sentence names.
_NAMED = 3
# Shares of answers that are shown.
_SHARES: tuple[Share, ...] = ("correct", "incorrect", "abstained")


@dataclass(frozen=True, kw_only=True)
class RunGroups:
    """Measures of one run by group.

    Attributes
    ----------
    measures : dict of str to GroupMeasures
        Accuracy, signed gap and ECE, or shares of answers, by key.
    worst : dict of str to WorstGroups
        By accuracy and signed gap, for several groups.
    labels : dict of str to str
        What each measure is called.
    """

    measures: dict[str, GroupMeasures]
    worst: dict[str, WorstGroups]
    labels: dict[str, str]

    @property
    def by(self) -> tuple[str, ...]:
        """By what the items are grouped."""
        return next(iter(self.measures.values())).by

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON."""
        measures = {
            key: {name: value for name, value in table.to_dict().items() if name != "by"}
            for key, table in self.measures.items()
        }
        return {
            "by": list(self.by),
            "measures": measures,
            "worst": {key: worst.to_dict() for key, worst in self.worst.items()},
        }


@dataclass(frozen=True, kw_only=True)
class PairGroups:
    """Changes between two runs by group.

    Attributes
    ----------
    changes : dict of str to GroupChanges
        Of accuracy and signed gap, or of shares of answers, by key.
    labels : dict of str to str
        What each measure is called.
    """

    changes: dict[str, GroupChanges]
    labels: dict[str, str]

    @property
    def by(self) -> tuple[str, ...]:
        """By what the items are grouped."""
        return next(iter(self.changes.values())).by

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and dictionaries for JSON."""
        return {
            "by": list(self.by),
            "changes": {
                key: {
                    "groups": [
                        {name: cell for name, cell in row.items() if cell is not None} for row in table.frame.to_dicts()
                    ],
                    **({"across": table.across.to_dict()} if table.across else {}),
                    **({"notes": list(table.notes)} if table.notes else {}),
                }
                for key, table in self.changes.items()
            },
        }


def is_share(key: str) -> bool:
    """Whether a measure is a share of answers, which no value is right for.

    A group's then differs from that of all other items, or does not.
    """
    return key == "accuracy" or key in SHARE_LABELS


def worst_sentence(label: str, worst: WorstGroups) -> str:
    """Which group is the worst, and which others may be, without full stop."""
    names = [group_name(worst.by, row) for row in worst.frame.select(worst.frame.columns[: len(worst.by)]).iter_rows()]
    first = worst.frame.row(0, named=True)
    others = ""
    if len(names) > 1:
        listed = ", ".join(names[1 : 1 + _NAMED]) + " …" * (len(names) > 1 + _NAMED)
        others = f"; it may as well be {listed} ({len(names) - 1} of the others)"
    value = with_interval(first["value"], first["low"], first["high"])
    return f"Worst of {worst.n_groups} by {label}: {names[0]}, {value}, the choice allowed for{others}"


def run_groups(run: ScoredRun, by: str | Sequence[str], *, texts: pl.DataFrame | None = None) -> RunGroups:
    """Measures of one run by group.

    Raises
    ------
    ValueError
        For an unknown column, with those that there are.
    """
    keys = _MEANS[:1] if isinstance(run, Verdicts) else MEASURES
    measures = {key: calibration.by_group(run, by, key, texts=texts) for key in keys}
    single = run.units is None and run.weights is None
    worst = [key for key in keys if key in _MEANS and _several(measures) and single]
    return RunGroups(
        measures=measures,
        worst=dict(_worst(run, by, worst, texts)),
        labels=_labels(keys, whole=isinstance(run, Predictions)),
    )


def _worst(
    run: ScoredRun, by: str | Sequence[str], keys: Iterable[str], texts: pl.DataFrame | None
) -> Iterator[tuple[str, WorstGroups]]:
    """The worst groups by each measure of which they have intervals."""
    for key in keys:
        with suppress(UndefinedMeasure):
            yield key, calibration.worst_groups(run, by, key, texts=texts)


def pair_groups(
    before: ScoredRun, after: ScoredRun, by: str | Sequence[str], *, texts: pl.DataFrame | None = None
) -> PairGroups:
    """Changes of accuracy and signed gap by group.

    Raises
    ------
    ValueError
        As `run_groups`, and for runs on other items.
    """
    keys = _MEANS[:1] if isinstance(before, Verdicts) else _MEANS
    return PairGroups(
        changes={key: calibration.group_changes(before, after, by, metric=key, texts=texts) for key in keys},
        labels=_labels(keys, whole=isinstance(before, Predictions)),
    )


def answer_groups(judgments: Judgments, by: str | Sequence[str]) -> RunGroups:
    """Shares of right, wrong and abstained answers by group.

    Raises
    ------
    ValueError
        For an unknown column, with those that there are.
    """
    keys = _shares(judgments)
    measures: dict[str, GroupMeasures] = {key: factuality.rates_by_group(judgments, by, key) for key in keys}
    worst = {}
    if _several(measures):
        with suppress(UndefinedMeasure):  # of several answers to a question
            worst["correct"] = fewest_right(judgments, by)
    return RunGroups(measures=measures, worst=worst, labels=SHARE_LABELS)


def answer_pair_groups(before: Judgments, after: Judgments, by: str | Sequence[str]) -> PairGroups:
    """Changes of the shares of answers by group.

    Raises
    ------
    ValueError
        As `answer_groups`, and for other questions.
    """
    keys = _shares(before, after)
    return PairGroups(
        changes={key: factuality.rate_changes_by_group(before, after, by, key) for key in keys}, labels=SHARE_LABELS
    )


def _shares(*judged: Judgments) -> list[Share]:
    """Shares to show; abstentions if there are any."""
    grades = {grade for judgments in judged for grade in judgments.frame["grade"].unique()}
    return [key for key in _SHARES if key != "abstained" or key in grades]


def _several(measures: dict[str, GroupMeasures]) -> bool:
    return next(iter(measures.values())).frame.filter(pl.col("n_items") > 1).height > 1


def _labels(keys: Iterable[str], *, whole: bool) -> dict[str, str]:
    """Names of measures; without the view if a run has one confidence alone."""
    return {key: text_label(key) if whole else text_label(key).removesuffix(" (top)") for key in keys}
