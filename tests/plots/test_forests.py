"""Forest plots, through their artists."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import polars as pl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from scipy.special import softmax

import calibration
import plots
from calibration import Predictions
from calibration.predictions.predictions import View
from calibration.uncertainty.measure_table import Metric
from plots.theme import BLUE, VERMILION

from .artists import assert_nothing_collides, dots, ends, x_of, y_of


@pytest.fixture
def pair(recorded: Path) -> tuple[Predictions, Predictions]:
    before, after = (calibration.import_log(recorded / f"smollm2-{style}.csv") for style in ("completion", "chat"))
    return before, after


def many(n_subjects: int, n_each: int = 12, *, name: str = "high_school_subject_{}") -> tuple[Predictions, Predictions]:
    rng = np.random.default_rng(0)
    subject = [name.format(k) for k in range(n_subjects) for _ in range(n_each)]
    logits, answer = rng.normal(size=(len(subject), 4)), rng.integers(0, 4, len(subject))
    before, after = (
        Predictions.from_arrays(logits * scale + rng.normal(size=logits.shape), answer, subject=subject)
        for scale in (1, 3)
    )
    return before, after


def whole(ax: Axes) -> Figure:
    figure = ax.get_figure()
    assert isinstance(figure, Figure)
    return figure


def test_rows_are_the_subjects_by_their_change(pair: tuple[Predictions, Predictions]) -> None:
    _, ax = plt.subplots()
    assert plots.by_subject(*pair, metric=calibration.brier_score, labels=("raw", "chat"), ax=ax) is ax
    found = calibration.subject_changes(*pair, calibration.brier_score)
    table = found.frame.sort("change", descending=True)
    points = dots(ax)
    assert [x_of(point)[0] for point in points] == pytest.approx(table["change"].to_list())
    assert [y_of(point)[0] for point in points] == list(range(10))
    named = (table["q_value"] < 0.05).to_list()
    assert any(named)
    assert not all(named)
    assert [point.get_markerfacecolor() for point in points] == [BLUE if name else "white" for name in named]
    for low, high in table.select("low", "high").iter_rows():
        assert (round(low, 9), round(high, 9)) in ends(ax)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == [f"{name} (15)" for name in table["subject"]] + ["all subjects (150)"]
    assert ax.get_xlabel() == "Change of Brier score\nchat − raw"
    diamond = np.array(next(patch for patch in ax.patches if isinstance(patch, Polygon)).get_xy(), dtype=np.float64)
    overall = found.overall
    assert overall is not None
    np.testing.assert_allclose(diamond[:4, 0], [overall.low, overall.value, overall.high, overall.value])


@pytest.mark.parametrize(
    ("metric", "view", "name"),
    [
        (calibration.ece, "choices", "ECE over all choices"),
        (calibration.smooth_ece, "top", "smooth ECE of the predicted answers"),
        (calibration.smooth_ece, "choices", "smooth ECE over all choices"),
        (calibration.debiased_ce2, "top", "debiased squared error of the predicted answers"),
        (calibration.debiased_ce2, "choices", "debiased squared error over all choices"),
        (calibration.classwise_ece, "top", "class-wise ECE"),
        (calibration.log_loss, "top", "log loss (nats)"),
        (calibration.auroc, "top", "AUROC"),
        (calibration.aurc, "top", "AURC (area under risk–coverage)"),
        (calibration.augrc, "top", "AUGRC (area under generalised risk)"),
    ],
)
def test_every_metric_has_a_name(metric: Metric, view: View, name: str, pair: tuple[Predictions, Predictions]) -> None:
    ax = plots.by_subject(*pair, metric=metric, view=view)
    assert ax.get_xlabel() == f"Change of {name}\nsmollm2-chat − smollm2-completion"
    assert_nothing_collides(whole(ax))


def test_more_is_orange_and_less_is_blue() -> None:
    rng = np.random.default_rng(1)
    logits = np.column_stack([rng.uniform(0.5, 1.5, 200), np.zeros(200)])
    subject = ["up"] * 100 + ["down"] * 100
    answer = rng.integers(0, 2, 200)
    later = logits * np.where(np.arange(200) < 100, 3, 0.2)[:, None]
    ax = plots.by_subject(*(Predictions.from_arrays(values, answer, subject=subject) for values in (logits, later)))
    assert [point.get_color() for point in dots(ax)] == [VERMILION, BLUE]
    assert ax.get_yticklabels()[0].get_text() == "up (100)"


@pytest.mark.parametrize(
    ("n_subjects", "name"), [(1, ""), (6, "{}"), (57, "high_school_subject_{}"), (6, "long " * 30 + "{}")]
)
def test_text_does_not_collide_or_leave_the_page(n_subjects: int, name: str) -> None:
    ax = plots.by_subject(*many(n_subjects, name=name), labels=("a name of a model " * 5, "b" * 80))
    assert_nothing_collides(whole(ax))


def test_the_figure_grows_with_the_subjects() -> None:
    few, lots = (whole(plots.by_subject(*many(n))).get_figheight() for n in (5, 55))
    assert (lots - few) / 50 == pytest.approx(0.145)


def test_subjects_without_a_number_keep_their_row() -> None:
    before, after = many(3)
    frames = [Predictions(run.frame.head(25)) for run in (before, after)]  # the third has one item
    ax = plots.by_subject(frames[0], frames[1])
    assert any("(1)" in label.get_text() for label in ax.get_yticklabels())
    assert len(dots(ax)) == 3
    ax = plots.by_subject(frames[0], frames[1], metric=calibration.auroc)
    assert ax.get_yticklabels()[2].get_text() == "high school subject 2 (1): none"


def languages(seed: int, *, sharp: float = 4.0) -> Predictions:
    """Ten languages of 200 items, too sure in the third."""
    rng = np.random.default_rng(seed)
    language = np.repeat(["cs", "de", "fr", "pl", *"uvwxyz"], 200)
    honest = rng.normal(size=(2000, 4)) * 1.5
    answer = (softmax(honest, axis=1).cumsum(axis=1)[:, :-1] < rng.random((2000, 1))).sum(axis=1)
    logits = honest * np.where(language == "fr", sharp, 1.0)[:, None]
    frame = Predictions.from_arrays(logits, answer).frame
    return Predictions(frame.with_columns(language=pl.Series(language.tolist())))


def spans(ax: Axes) -> list[list[float]]:
    return [np.asarray(line.get_xdata()).tolist() for line in ax.lines]


def test_groups_of_one_run() -> None:
    table = calibration.by_group(languages(0), "language")
    ax = plots.by_group(table)
    sorted_rows = table.frame.sort("value", descending=True)
    names = [f"{name} (200)" for name in sorted_rows["language"]]
    assert [label.get_text() for label in ax.get_yticklabels()] == [*names, "all items (2000)"]
    points = [line for line in ax.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in points] == sorted_rows["value"].to_list()  # type: ignore[index]
    named = [q_value < 0.05 for q_value in sorted_rows["difference_q_value"]]
    assert named[0]
    colors = [VERMILION if more > 0 else BLUE for more in sorted_rows["difference"]]
    expected = [color if is_named else "white" for color, is_named in zip(colors, named, strict=True)]
    assert [line.get_markerfacecolor() for line in points] == expected
    assert table.across is not None
    assert spans(ax).count([table.across.new_low, table.across.new_high]) == 1
    assert ax.get_xlabel() == "Signed gap (confidence − accuracy)"
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][-1] == "all (line: a new group)"


def test_an_ece_has_the_noise_floor_of_each_group() -> None:
    table = calibration.by_group(languages(1), "language", calibration.ece)
    ax = plots.by_group(table)
    assert all([floor, floor] in spans(ax) for floor in table.frame["noise_floor"])
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][-1] == "noise floor"


def test_changes_by_group_have_the_line_of_a_new_group() -> None:
    before, after = languages(2, sharp=1.0), languages(2)
    changes = calibration.group_changes(before, after, "language", metric="brier")
    ax = plots.by_group(changes, labels=("raw", "chat"))
    assert ax.get_xlabel() == "Change of Brier score\nchat − raw"
    assert changes.across is not None
    assert [changes.across.new_low, changes.across.new_high] in spans(ax)
