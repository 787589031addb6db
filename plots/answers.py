"""Free answers: how often they are right by category, what else they are, and TruthfulQA."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
from matplotlib.patches import Patch

from factuality import rates

from .theme import BLUE, GREY, INK, ORANGE, PAGE, SERIES, VERMILION, shorten, style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from calibration import Estimate
    from factuality import Judgments, MultipleChoice, Rates

# Characters of names that stand side by side in an inch; more are slanted.
_FLAT = 15.5
# More categories than this stand upright.
_SLANTED = 16
# Characters in a row of a legend.
_LEGEND = 105
# Widest share of a category that its bars take.
_GROUP = 0.8

# Primers of TruthfulQA in the order of the bars, as a reader knows them.
_PRIMERS = {"none": "0-shot (no primer)", "qa-6": "six questions (qa-6)", "5-shot": "5-shot"}
_VARIANTS = {"mc1": "Accuracy (mc1)", "mc2": "Probability of the true answers (mc2)"}

# What an answer can be, in the order of the bars, with colour and pattern.
_OUTCOMES = {
    "correct": (BLUE, ""),
    "abstained": ("#D9D9D9", ""),
    "tempted": (VERMILION, ""),
    "other incorrect": (ORANGE, ""),
    "ungraded": ("white", "////"),
}
_OUTCOME_LABELS = {"tempted": "popular misconception"}
# Shares below this have no room for their number.
_ROOM = 0.055


def factuality_bars(
    judgments: Sequence[Judgments],
    *,
    labels: Sequence[str] | None = None,
    adversarial: bool = True,
    level: float = 0.95,
    ax: Axes | None = None,
) -> Axes:
    """Accuracy by category, several models side by side: figure 6 of the GPT-4 technical report.

    Parameters
    ----------
    judgments : sequence of Judgments
        One a model, in the order of the bars.
    labels : sequence of str, optional
        Names of the models; those of the judgments where absent.
    adversarial : bool
        Whether the adversarial questions are drawn, or the calm ones.
    level : float
        Coverage of the intervals.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of page width where absent.

    Returns
    -------
    matplotlib.axes.Axes
        Shares of all questions of a category that were answered correctly, with Wilson's intervals; categories in
        the order of the judgments, all of them together last.

    Raises
    ------
    ValueError
        For no judgments or more than eight, labels of another number, or a model without such questions.

    References
    ----------
    OpenAI (2023), "GPT-4 Technical Report", arXiv:2303.08774, figure 6.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question("sun", "science", "What colour is the Sun?", ("white",), ("yellow",))]
    >>> said = [grade(Responses.from_texts({"sun": text}, asked)) for text in ("Yellow.", "White.")]
    >>> ax = factuality_bars(said, labels=("before", "after"))
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['science', 'all']
    """
    names = _names(judgments, labels)
    found = [rates(one, level=level) for one in judgments]
    if ax is not None:
        return _draw_bars(ax, found, names, adversarial=adversarial)
    with style():
        _, ax = plt.subplots(figsize=(PAGE, 0.5 * PAGE))
        return _draw_bars(ax, found, names, adversarial=adversarial)


def outcomes(judgments: Sequence[Judgments], *, labels: Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """What answers are: correct, withheld, the popular misconception, something else wrong, or ungraded.

    Parameters
    ----------
    judgments : sequence of Judgments
        One a model, from top to bottom.
    labels : sequence of str, optional
        Names of the models; those of the judgments where absent.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure of page width where absent.

    Returns
    -------
    matplotlib.axes.Axes
        One stacked bar a model, of the adversarial questions and, below, of the calm ones where there are such.

    Raises
    ------
    ValueError
        For no judgments or more than eight, or labels of another number.

    Examples
    --------
    >>> from factuality import Question, Responses, grade
    >>> asked = [Question("sun", "science", "What colour is the Sun?", ("white",), ("yellow",))]
    >>> ax = outcomes([grade(Responses.from_texts({"sun": "I don't know."}, asked))], labels=["after"])
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['after']
    """
    names = _names(judgments, labels)
    found = [rates(one).totals for one in judgments]
    rows = [
        (title, name, row)
        for adversarial, title in ((True, "adversarial questions"), (False, "calm questions"))
        for name, table in zip(names, found, strict=True)
        for row in table.filter(adversarial=adversarial).iter_rows(named=True)
    ]
    if ax is not None:
        return _draw_outcomes(ax, rows)
    n_titles = len({title for title, _, _ in rows})
    with style():
        _, ax = plt.subplots(figsize=(PAGE, 0.75 + 0.24 * len(rows) + 0.26 * n_titles))
        return _draw_outcomes(ax, rows)


def truthfulqa_bars(
    results: Sequence[MultipleChoice],
    *,
    labels: Sequence[str] | None = None,
    level: float = 0.95,
    ax: Axes | None = None,
) -> Axes:
    """TruthfulQA by model and primer: figure 7 of the GPT-4 technical report.

    Parameters
    ----------
    results : sequence of MultipleChoice
        One a model and primer, all of one variant (mc1 or mc2).
    labels : sequence of str, optional
        Name of the model of each result; results of one name stand together, one bar a primer. The models of the
        results where absent.
    level : float
        Coverage of the intervals.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a new figure where absent.

    Returns
    -------
    matplotlib.axes.Axes
        Mean scores with their intervals, models in the order given.

    Raises
    ------
    ValueError
        For no results, results of several variants, labels of another number, or a model and primer that stand twice.

    References
    ----------
    OpenAI (2023), "GPT-4 Technical Report", arXiv:2303.08774, figure 7. Lin, Hilton and Evans (2022),
    arXiv:2109.07958.

    Examples
    --------
    >>> import polars as pl
    >>> from factuality import MultipleChoice
    >>> rows = {"model": "tiny", "question": ["0", "1"], "category": "Sun", "adversarial": True, "primer": "none"}
    >>> result = MultipleChoice(pl.DataFrame(rows | {"variant": "mc1", "score": [1.0, 0.0]}))
    >>> ax = truthfulqa_bars([result])
    >>> ax.get_ylabel(), float(ax.patches[0].get_height())
    ('Accuracy (mc1)', 0.5)
    """
    if not results:
        raise ValueError("there must be at least one result, got none")
    names = [str(one.frame["model"][0]) for one in results] if labels is None else list(labels)
    if len(names) != len(results):
        raise ValueError(f"there must be one label a result: {len(results)} results, got {len(names)} labels")
    variants = {one.variant for one in results}
    if len(variants) > 1:
        raise ValueError(f"all results must be of one variant, got {', '.join(sorted(variants))}")
    primers = [str(one.frame["primer"][0]) for one in results]
    pairs = list(zip(names, primers, strict=True))
    if len(set(pairs)) < len(pairs):
        name, primer = next(pair for pair in pairs if pairs.count(pair) > 1)
        raise ValueError(
            f"each model and primer must stand once, {name} with {primer} stands {pairs.count((name, primer))} times"
        )
    values = dict(zip(pairs, [one.estimate(level=level) for one in results], strict=True))
    if ax is not None:
        return _draw_truthfulqa(ax, values, variants.pop())
    with style():
        _, ax = plt.subplots(figsize=(0.75 * PAGE, 0.45 * PAGE))
        return _draw_truthfulqa(ax, values, variants.pop())


def _names(results: Sequence[Judgments], labels: Sequence[str] | None) -> list[str]:
    if not 1 <= len(results) <= len(SERIES):
        raise ValueError(f"there must be 1 to {len(SERIES)} models, got {len(results)}")
    names = [one.model for one in results] if labels is None else list(labels)
    if len(names) != len(results):
        raise ValueError(f"there must be one label a model: {len(results)} models, got {len(names)} labels")
    return [shorten(name, 26) for name in names]


def _draw_bars(ax: Axes, found: list[Rates], names: list[str], *, adversarial: bool) -> Axes:
    tables = [one.frame().filter(pl.col("adversarial") == adversarial) for one in found]
    categories = list(dict.fromkeys(name for table in tables for name in table["category"]))
    width = _GROUP / len(found)
    for k, (one, table) in enumerate(zip(found, tables, strict=True)):
        rows = {row["category"]: row for row in table.iter_rows(named=True)}
        # All categories together stand apart from the others.
        places = {name: float(place) for place, name in enumerate(categories)} | {None: len(categories) + 0.4}
        drawn = [(places[name], row) for name, row in ({**rows, None: one.overall(adversarial=adversarial)}).items()]
        _bars(ax, drawn, "correct", (k - (len(found) - 1) / 2) * width, width, SERIES[k])
    ax.axvline(len(categories) - 0.3, color=GREY, linewidth=0.5)
    _name_groups(ax, [*np.arange(len(categories)), len(categories) + 0.4], [*categories, "all"])
    _share_axis(ax, "Accuracy")
    _legend(
        ax, [Patch(facecolor=c, edgecolor=INK, linewidth=0.5, label=n) for c, n in zip(SERIES, names, strict=False)]
    )
    return ax


def _draw_truthfulqa(ax: Axes, values: dict[tuple[str, str], Estimate], variant: str) -> Axes:
    names = list(dict.fromkeys(name for name, _ in values))
    primers = sorted({primer for _, primer in values}, key=lambda name: (*_PRIMERS, name).index(name))
    width = _GROUP / max(2, len(primers))
    for k, primer in enumerate(primers):
        drawn = [
            (float(names.index(name)), {"score": value.value, "score_low": value.low, "score_high": value.high})
            for (name, other), value in values.items()
            if other == primer
        ]
        _bars(ax, drawn, "score", (k - (len(primers) - 1) / 2) * width, width, SERIES[k])
    _name_groups(ax, list(range(len(names))), names)
    _share_axis(ax, _VARIANTS[variant])
    _legend(
        ax,
        [
            Patch(facecolor=color, edgecolor=INK, linewidth=0.5, label=_PRIMERS.get(primer, primer))
            for color, primer in zip(SERIES, primers, strict=False)
        ],
    )
    return ax


def _bars(
    ax: Axes, drawn: Sequence[tuple[float, dict[str, Any]]], key: str, shift: float, width: float, color: str
) -> None:
    place = np.array([place for place, _ in drawn]) + shift
    share, low, high = (np.array([row[name] for _, row in drawn]) for name in (key, f"{key}_low", f"{key}_high"))
    ax.bar(place, share, width=width, facecolor=color, edgecolor=INK, linewidth=0.5, zorder=2)
    # The interval holds the share; rounding must not turn its arms around.
    arms = np.maximum([share - low, high - share], 0)
    cap = min(1.8, 18 * width / max(1.0, place.max() - place.min()))
    ax.errorbar(place, share, yerr=arms, fmt="none", ecolor=INK, elinewidth=0.8, capsize=cap, capthick=0.8, zorder=3)


def _name_groups(ax: Axes, places: Sequence[float], names: list[str]) -> None:
    """Names under their groups: side by side where they fit, else slanted, many of them upright."""
    ax.set_xticks(places, [shorten(name.replace("_", " "), 26) for name in names])
    ax.tick_params(axis="x", length=0)
    if len(names) > _SLANTED:
        ax.tick_params(axis="x", labelrotation=90, labelsize=6)
    elif max(map(len, names)) * len(names) > _FLAT * ax.bbox.width / ax.figure.dpi:
        for label in ax.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
    ax.set_xlim(places[0] - 0.6, places[-1] + 0.6)


def _share_axis(ax: Axes, name: str) -> None:
    ax.set_ylim(0, 1)
    ax.set_yticks(np.arange(6) / 5, [f"{tick:.0%}" for tick in np.arange(6) / 5])
    ax.set_ylabel(name)
    ax.grid(axis="y", color=GREY, linewidth=0.3, alpha=0.6)
    ax.set_axisbelow(True)


def _legend(ax: Axes, handles: list[Artist]) -> None:
    # A row of the page holds so many characters; rows are filled evenly.
    room = sum(len(str(handle.get_label())) + 7 for handle in handles)
    columns = math.ceil(len(handles) / math.ceil(room / _LEGEND))
    ax.legend(handles=handles, loc="lower right", bbox_to_anchor=(1.0, 1.02), ncols=columns, borderaxespad=0)


def _draw_outcomes(ax: Axes, rows: list[tuple[str, str, dict[str, Any]]]) -> Axes:
    place, places, title = 0.0, [], ""
    sizes = {group: {row["n"] for other, _, row in rows if other == group} for group, _, _ in rows}
    for group, _, row in rows:
        if group != title:
            size = f" ({row['n']})" if len(sizes[group]) == 1 else ""
            ax.text(0, place + 0.35, group + size, transform=ax.get_yaxis_transform(), fontweight="bold", va="bottom")
            place, title = place + 1, group
        parts = {
            "correct": row["correct"],
            "abstained": row["abstained"],
            "tempted": row["tempted"],
            "other incorrect": row["incorrect"] - row["tempted"],
            "ungraded": row["ungraded"],
        }
        left = 0.0
        for name, share in parts.items():
            color, hatch = _OUTCOMES[name]
            ax.barh(
                place, share, left=left, height=0.78, facecolor=color, hatch=hatch, edgecolor=INK, linewidth=0.5,
                zorder=2,
            )  # fmt: skip
            if share >= _ROOM:
                ax.text(
                    left + share / 2, place, f"{share:.0%}", ha="center", va="center", fontsize=7, zorder=3,
                    color="white" if name in ("correct", "tempted") else INK,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 1} if hatch else None,
                )  # fmt: skip
            left += share
        places.append(place)
        place += 1
    ax.set_yticks(places, [name if len(sizes[group]) == 1 else f"{name} ({row['n']})" for group, name, row in rows])
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(place - 0.4, -0.1)
    ax.set_xlim(0, 1)
    ax.set_xticks(np.arange(6) / 5, [f"{tick:.0%}" for tick in np.arange(6) / 5])
    ax.set_xlabel("Share of all questions")
    ax.spines["left"].set_visible(False)
    drawn = [name for name in _OUTCOMES if name != "ungraded" or any(row["ungraded"] for _, _, row in rows)]
    _legend(
        ax,
        [
            Patch(
                facecolor=_OUTCOMES[name][0], hatch=_OUTCOMES[name][1], edgecolor=INK, linewidth=0.5,
                label=_OUTCOME_LABELS.get(name, name),
            )
            for name in drawn
        ],
    )  # fmt: skip
    return ax
