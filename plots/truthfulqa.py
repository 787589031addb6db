"""TruthfulQA by model and primer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from factuality import MultipleChoice

from .bars import GROUP, draw_bars, lies_down, lying_height, name_groups, series_handles, share_axis
from .legends import legend_above
from .panels import Size, one_panel, room
from .series import members, series_colors
from .style_blocks import PAGE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from calibration import Estimate

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
    results: MultipleChoice | Sequence[MultipleChoice] | Mapping[str, MultipleChoice],
    *,
    labels: Sequence[str] | str | None = None,
    level: float = 0.95,
    colors: Sequence[str] | str | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    ax: Axes | None = None,
) -> Axes:
    """TruthfulQA by model and primer: figure 7 of the GPT-4 technical report.

    Parameters
    ----------
    results : MultipleChoice, or sequence or mapping of them
        One a model and primer, all of one variant (mc1, mc2 or binary).
    labels : sequence of str, optional
        Name of the model of each result; results of one name are drawn together, one bar a primer. If omitted, the
        models of the results.
    level : float
        Coverage of the intervals.
    colors : sequence of str, optional
        One a primer.
    title : str, optional
        Above the plot.
    figsize : pair of float, optional
        Of a new figure, in inches; three quarters of the text if omitted.
    ax : matplotlib.axes.Axes, optional
        Axes to draw on; a new figure if omitted.

    Returns
    -------
    matplotlib.axes.Axes
        Mean scores with their intervals, models in the order given. More than 16 are drawn below each other.

    Raises
    ------
    TypeError
        For anything but results of `factuality.truthfulqa_mc`.
    ValueError
        For no results, results of several variants, labels or colours of another number, or a repeated pair of model
        and primer.

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
    scored, keys = members(results, (MultipleChoice,), drawn="results of factuality.truthfulqa_mc")
    own = keys or [str(result.frame["model"][0]) for result in scored]
    names = own if labels is None else [labels] if isinstance(labels, str) else list(labels)
    if len(names) != len(scored):
        raise ValueError(f"there must be one label a result: {len(scored)} results, got {len(names)} labels")
    variants = {result.variant for result in scored}
    if len(variants) > 1:
        raise ValueError(f"all results must be of one variant, got {', '.join(sorted(variants))}")
    primers = [str(result.frame["primer"][0]) for result in scored]
    pairs = list(zip(names, primers, strict=True))
    if len(set(pairs)) < len(pairs):
        name, primer = next(pair for pair in pairs if pairs.count(pair) > 1)
        raise ValueError(
            f"each model and primer must occur once, {name} with {primer} occurs {pairs.count((name, primer))} times"
        )
    values = dict(zip(pairs, [result.estimate(level=level) for result in scored], strict=True))
    n_models, n_primers = len(set(names)), len(set(primers))
    chosen = series_colors(colors, n_primers)

    def height(width: float) -> float:
        is_lying = lies_down(n_models, n_primers, width)
        return lying_height(n_models, n_primers) if is_lying else max(0.6 * width, 0.34 * PAGE)

    with one_panel(ax, width=0.75 * PAGE, height=height, figsize=figsize, title=title) as panel:
        _draw(panel, values, variants.pop(), chosen)
    return panel


def _draw(ax: Axes, values: dict[tuple[str, str], Estimate], variant: str, colors: Sequence[str]) -> None:
    names = list(dict.fromkeys(name for name, _ in values))
    primers = sorted({primer for _, primer in values}, key=lambda name: (*_PRIMERS, name).index(name))
    lying = lies_down(len(names), len(primers), room(ax))
    width = GROUP / max(2, len(primers))
    for k, primer in enumerate(primers):
        drawn = [
            (float(names.index(name)), {"score": value.value, "score_low": value.low, "score_high": value.high})
            for (name, other), value in values.items()
            if other == primer
        ]
        draw_bars(ax, drawn, "score", (k - (len(primers) - 1) / 2) * width, width, colors[k], order=k, lying=lying)
    name_groups(ax, list(range(len(names))), names, lying=lying)
    share_axis(ax, _VARIANTS[variant], lying=lying)
    legend_above(ax, series_handles([_PRIMERS.get(primer, primer) for primer in primers], colors))
