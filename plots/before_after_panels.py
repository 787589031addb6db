"""Reliability diagrams side by side: before and after, or several stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from calibration import CalibrationBand
from calibration.metrics.bins import Strategy, wanted_bins
from calibration.predictions.predictions import View
from calibration.predictions.scored_runs import GivenRun

from .diagram_parts import BAND, draw_note
from .legends import legend_below
from .panels import Size, draw_titles, several_panels, whole_figure
from .reliability_diagrams import Kind, diagram_of, draw_diagram
from .series import own_name, pair_names, runs_or, series_colors, series_names
from .style_blocks import PAGE, font_points, scaled
from .wrapping import wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Narrowest panel whose numbers and labels can be read, in inches.
_LEAST = 2.15


def before_after(
    before: GivenRun | Sequence[GivenRun] | Mapping[str, GivenRun],
    after: GivenRun | None = None,
    *,
    view: View | None = None,
    labels: Sequence[str] | None = None,
    bins: int | None = None,
    n_bins: int | None = None,
    strategy: Strategy = "uniform",
    kind: Kind = "bars",
    band: Sequence[CalibrationBand] | bool = False,
    colors: Sequence[str] | None = None,
    title: str | None = None,
    figsize: Size | None = None,
    axes: Iterable[Axes] | None = None,
) -> Figure:
    """Reliability diagrams of two runs, or of several, side by side.

    Figure 8 of the GPT-4 technical report.

    Parameters
    ----------
    before, after : Predictions, Pairs, or pair of arrays
        The runs, such as a pretrained and a post-trained model; ``(confidence, correct)`` in place of one. Or a
        sequence or mapping by name of any number, such as ``[base, sft, rl]``, alone.
    view : {"top", "choices"}, optional
        The predicted letters only, or every letter pooled, as in the report. If omitted, the former, as everywhere; the
        axes name it.
    labels : sequence of str, optional
        Titles of the panels; if omitted, the names of the models, or "Before" and "After" of two without names.
    bins, n_bins, strategy, kind
        As in `reliability`.
    band : sequence of CalibrationBand, or bool
        As in `reliability`, of each run.
    colors : sequence of str, optional
        One a run.
    title : str, optional
        Of the whole figure.
    figsize : pair of float, optional
        Of a new figure, in inches; as wide as the text if omitted.
    axes : iterable of matplotlib.axes.Axes, optional
        Axes to draw on, one a run; those of a new figure if omitted, in more rows where a row is too narrow.

    Returns
    -------
    matplotlib.figure.Figure
        Each panel with its ECE, the noise floor (the 95 % quantile of a calibrated model's ECE) and the accuracy.

    Raises
    ------
    TypeError
        For what is no run.
    ValueError
        For a single run, labels or colours of another number, and as `reliability`.

    References
    ----------
    OpenAI (2023), "GPT-4 Technical Report", arXiv:2303.08774, figure 8 (ECE 0.007 before, 0.074 after).

    Examples
    --------
    >>> from calibration import Predictions
    >>> before = Predictions.from_arrays([[1.0, 0.0], [0.0, 1.0]], answer=[0, 0])
    >>> after = Predictions.from_arrays([[4.0, 0.0], [0.0, 4.0]], answer=[0, 0])
    >>> len(before_after(before, after).axes), len(before_after([before, before, after]).axes)
    (2, 3)
    """
    given: Any = before if after is None else [before, after]
    runs, keys = runs_or(given, (), drawn="runs, or pairs of arrays (confidence, correct)")
    if len(runs) < 2:
        raise ValueError("before_after draws two runs or more, got one; plots.reliability draws one")
    own = keys or pair_names([own_name(run) for run in runs])
    names = series_names(own, labels, limit=44, most=None)
    bands: list[CalibrationBand | bool] = [band] * len(runs) if isinstance(band, bool) else list(band)
    if len(bands) != len(runs):
        raise ValueError(f"there must be one band a run: {len(runs)} runs, got {len(bands)} bands")
    options: dict[str, Any] = {"view": view, "bins": wanted_bins(bins, n_bins), "strategy": strategy}
    diagrams = [diagram_of(run, **options, band=own) for run, own in zip(runs, bands, strict=True)]
    chosen = series_colors(colors, len(runs))

    def height(width: float, n_rows: int, n_columns: int) -> float:
        size = font_points("axes.titlesize")
        n_lines = 1 + max(wrapped(name, width / n_columns - scaled(0.6), size).count("\n") for name in names)
        above = 1.35 * n_lines * size / 72
        return n_rows * (1.22 * width / n_columns + scaled(0.2 if any(bands) else 0.05) + above) + scaled(0.05)

    with several_panels(
        axes, len(runs), width=PAGE, height=height, least=_LEAST, figsize=figsize, title=title
    ) as panels:
        for ax, diagram, color in zip(panels, diagrams, chosen, strict=True):
            draw_diagram(ax, diagram, kind=kind, color=color)
            draw_note(ax, diagram.numbers)
            if diagram.band is not None:
                legend_below(ax, [shade for shade in ax.collections if shade.get_gid() == BAND])
        draw_titles(panels, names)
        for ax in panels:
            spec = ax.get_subplotspec()
            if spec is None or not spec.is_first_col():
                ax.set_ylabel("")
    return whole_figure(panels)
