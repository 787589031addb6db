"""TruthfulQA by model and primer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .bars import GROUP, draw_bars, draw_legend, lies_down, name_groups, series_handles, share_axis
from .figures import new_axes
from .theme import PAGE, SERIES, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from calibration import Estimate
    from factuality import MultipleChoice

# Primers of TruthfulQA in the order of the bars, as a reader knows them.
_PRIMERS = {
    "none": "0-shot (no primer)",
    "qa-6": "six questions (qa-6)",
    "5-shot": "5-shot",
    "unknown": "primer unknown",
}
_VARIANTS = {
    "mc1": "Accuracy (mc1)",
    "mc2": "Probability of the true answers (mc2)",
    "binary": "Accuracy, two answers (binary)",
}


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
        One a model and primer, all of one variant (mc1, mc2 or binary).
    labels : sequence of str, optional
        Name of the model of each result; results of one name are drawn together, one bar a primer. If omitted, the
        models of the results.
    level : float
        Coverage of the intervals.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        Mean scores with their intervals, models in the order given. More than 16 are drawn below each other.

    Raises
    ------
    ValueError
        For no results, results of several variants, labels of another number, or a repeated pair of model and primer.

    References
    ----------
    OpenAI (2023), "GPT-4 Technical Report", arXiv:2303.08774, figure 7. Lin, Hilton and Evans (2022),
    arXiv:2109.07958.

    Examples
    --------
    >>> import polars as pl
    >>> from factuality import MultipleChoice
    >>> rows = {"model": "tiny", "question": ["0", "1"], "text": "?", "category": "Sun", "adversarial": True}
    >>> result = MultipleChoice(pl.DataFrame(rows | {"primer": "none", "variant": "mc1", "score": [1.0, 0.0]}))
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
            f"each model and primer must occur once, {name} with {primer} occurs {pairs.count((name, primer))} times"
        )
    values = dict(zip(pairs, [one.estimate(level=level) for one in results], strict=True))
    if ax is not None:
        return _draw_truthfulqa(ax, values, variants.pop())
    with style():
        n_models = len(set(names))
        tall = 0.8 + n_models * 0.22 if lies_down(n_models) else 0.45 * PAGE
        ax = new_axes(0.75 * PAGE, tall)
        return _draw_truthfulqa(ax, values, variants.pop())


def _draw_truthfulqa(ax: Axes, values: dict[tuple[str, str], Estimate], variant: str) -> Axes:
    names = list(dict.fromkeys(name for name, _ in values))
    primers = sorted({primer for _, primer in values}, key=lambda name: (*_PRIMERS, name).index(name))
    lying = lies_down(len(names))
    width = GROUP / max(2, len(primers))
    for k, primer in enumerate(primers):
        drawn = [
            (float(names.index(name)), {"score": value.value, "score_low": value.low, "score_high": value.high})
            for (name, other), value in values.items()
            if other == primer
        ]
        draw_bars(ax, drawn, "score", (k - (len(primers) - 1) / 2) * width, width, SERIES[k], lying=lying)
    name_groups(ax, list(range(len(names))), names, lying=lying)
    share_axis(ax, _VARIANTS[variant], lying=lying)
    draw_legend(ax, series_handles([_PRIMERS.get(primer, primer) for primer in primers]))
    return ax
