"""What two runs of predictions say, before and after: a section each."""

from __future__ import annotations

from typing import Any

import polars as pl

import calibration
import plots
from calibration import Comparison, Diagnosis, Estimate, Predictions, SubjectChanges, subject_changes
from calibration.predictions.predictions import View
from calibration.recalibration.diagnosis import Step
from calibration.uncertainty.overlap import Overlap
from plots.theme import literal

from ..inputs import Letters, Source
from ..parts.browser import item_browser
from ..parts.download import csv_of
from ..parts.figure import Figure, drawing_of, inline
from ..parts.section import Section
from ..parts.table import Table, between, change_table, frame_table, p_value
from .letter_audit import letter_tables

# What notes about changes are headed with, after "On".
CHANGES = "the changes"
# Items below which nothing can be fitted on some folds and tried on another.
_FEWEST = 10

_DIAGRAMS: tuple[tuple[View, str, str], ...] = (
    (
        "choices",
        "Reliability over all choices",
        "Accuracy against the probability of each answer, right or wrong, all letters pooled: the diagram of figure 8 "
        "of the GPT-4 technical report. On the dashed diagonal, what is said with 70 % comes true 70 % of the time.",
    ),
    (
        "top",
        "Reliability of the predicted answer",
        "The same for the predicted letter of each item only. Bars below the diagonal: over-confident.",
    ),
)


def diagnoses(pair: Letters) -> tuple[Diagnosis, Diagnosis] | None:
    """Of both runs; none where there are too few items for folds."""
    if pair.before.n_items < _FEWEST:
        return None
    return calibration.diagnose(pair.before), calibration.diagnose(pair.after)


def pair_sections(
    pair: Letters, comparison: Comparison, found: tuple[Diagnosis, Diagnosis] | None
) -> tuple[Section, ...]:
    """Everything about the two runs but the items themselves."""
    changed = subjects_of(pair)
    return (
        reliability(pair, comparison),
        Section(
            "changes",
            "What changed",
            (
                "These subjects: new items of the same subjects. New subjects: other subjects, with their items.",
                *(f"{note[0].upper()}{note[1:]}." for note in comparison.notes_on_new_subjects),
            ),
            tables=(change_table(comparison, pair.names),),
        ),
        *([diagnosis(pair, comparison, found)] if found else []),
        *([subjects(pair, changed)] if changed is not None else []),
        letters(pair),
    )


def items_section(pair: Letters) -> Section:
    """Every item with what each run answered."""
    browser = item_browser((pair.before, pair.after), pair.names, pair.texts)
    return Section("items", "Item browser", browser.notes, browser=browser)


def reliability(pair: Letters, comparison: Comparison) -> Section:
    """Figure 8, and the same for the predicted answers."""
    figures = []
    for view, title, caption in _DIAGRAMS:
        ece = [f"{side.point(f'ece_{view}'):.3f}" for side in (comparison.before, comparison.after)]
        figures.append(
            Figure(
                f"reliability-{view}",
                title,
                f"Two reliability diagrams. ECE {ece[0]} for {pair.names[0]}, {ece[1]} for {pair.names[1]}. "
                "The bins are in the download beside the figure.",
                caption + " The strip on top shows the share of answers in each bin; arms are 95 % intervals; empty "
                "bins stay empty.",
                inline(
                    plots.before_after(pair.before, pair.after, view=view, labels=_labels(pair)),
                    f"reliability-{view}",
                ),
                csv_of(_bins(pair, view), f"reliability_{view}.csv", f"Bins of the diagram: {view}"),
            )
        )
    return Section("reliability", "Reliability diagrams", figures=tuple(figures))


def _labels(pair: Letters) -> tuple[str, str]:
    first, second = pair.names
    return literal(first), literal(second)


def _bins(pair: Letters, view: View) -> pl.DataFrame:
    return pl.concat(
        calibration.reliability_curve(confidence, correct, item=item).frame.select(pl.lit(name).alias("run"), pl.all())
        for name, (confidence, correct, item) in zip(
            pair.names, (run.view(view) for run in (pair.before, pair.after)), strict=True
        )
    )


# False discovery rate at which a subject is named, as in the figure.
_NAMED = 0.05


# Notes on single subjects that are shown.
_FEW = 5


_STEPS = {
    "as is": "As it is",
    "letter bias": "Letter prior removed",
    "temperature": "One temperature",
    "both": "Both",
}


def diagnosis(pair: Letters, comparison: Comparison, found: tuple[Diagnosis, Diagnosis]) -> Section:
    """Letter prior, sharpness and the rest, and whether the ranking survives."""
    names = pair.names
    frame = pl.concat(
        side.frame.select(pl.lit(name).alias("run"), pl.all()) for name, side in zip(names, found, strict=True)
    )
    rows = []
    for folds in dict.fromkeys(step.folds for step in found[1].steps):
        for step, words in _STEPS.items():
            if folds == "subjects" and step == "as is":
                continue
            cells = [side.step(step, folds=folds) for side in found]  # type: ignore[arg-type]
            where = "" if step == "as is" else f", fitted on other {folds}"
            rows.append(
                (
                    words + where,
                    *(text for cell in cells for text in _step_cells(cell)),
                )
            )
    corrections = Table(
        "corrections",
        "ECE, with its noise floor in brackets, and log loss after each correction; every item is corrected by what "
        "was fitted on the other folds.",
        ("Correction", *("ECE, choices", "ECE, top", "Log loss") * 2),
        rows,
        groups=tuple((name, 3) for name in names),
    )
    sharpness = Table(
        "sharpness",
        "The best temperature on all items, with its 95 % interval; above 1 the model is too sharp.",
        ("Temperature", *names),
        [
            ("Alone", *(_estimate(side.temperature) for side in found)),
            ("Beside a letter prior", *(_estimate(side.temperature_both) for side in found)),
        ],
    )
    # What a summary says of its run stands in the verdict already.
    said = {*comparison.before.notes, *comparison.after.notes}
    notes = [
        f"{name}: {note}." for name, side in zip(names, found, strict=True) for note in side.notes if note not in said
    ]
    figure = Figure(
        "causes",
        "Letters, and what each correction takes off",
        f"Three panels: shares of letters of {names[0]} and {names[1]}, and the ECE over choices and of the predicted "
        "answers after each correction. The same numbers stand in the tables below.",
        "Left: how often each letter is predicted (bars), its mean probability (diamonds), how often it is right "
        "(black lines). Middle and right: the ECE as it is and after each correction, with 95 % intervals; filled "
        "points were fitted on other items, hollow ones on other subjects; grey bars end at the noise floor.",
        inline(plots.diagnosis(*found, labels=_labels(pair)), "causes"),
        csv_of(frame, "diagnosis.csv", "ECE and more after each correction"),
    )
    return Section(
        "diagnosis",
        "What post-training did" if not pair.one_model else "What the change did",
        (
            "Miscalibration has parts with different remedies: a letter prior (a letter is favoured whatever the "
            "question), sharpness (one temperature for all items), and the rest, which neither removes.",
            "Fitted on other items: the remedy for new questions of these subjects. Fitted on other subjects: does it "
            "carry over?",
            *notes,
        ),
        figures=(figure,),
        tables=(corrections, sharpness, _letter_biases(found, names), _ranking(comparison, names)),
    )


def _step_cells(step: Step) -> tuple[str, ...]:
    eces = (f"{step.values[key].value:.3f} ({step.floors[key]:.3f})" for key in ("ece_choices", "ece_top"))
    return (*eces, f"{step.values['nll'].value:.3f}")


def _letter_biases(found: tuple[Diagnosis, Diagnosis], names: tuple[str, str]) -> Table:
    before, after = (side.letters for side in found)
    joined = before.join(after, on="letter", suffix="_after", maintain_order="left")
    rows = [
        (row["letter"], *(_beside(row, f"{key}{side}") for side in ("", "_after") for key in ("excess", "bias")))
        for row in joined.iter_rows(named=True)
    ]
    renamed = {key: f"{key}_before" for key in before.columns if key not in ("letter", "key")}
    return Table(
        "letter-biases",
        "What each letter gets too much (mean probability − share of right answers, 95 % interval), and the bias in "
        "nats that corrects it (± standard error).",
        ("Letter", *("Excess", "Bias") * 2),
        rows,
        csv_of(joined.drop("key_after").rename(renamed), "letter_biases.csv", "Excess and bias of each letter"),
        groups=tuple((name, 2) for name in names),
    )


def _beside(row: dict[str, Any], key: str) -> str:
    name, _, side = key.partition("_")
    end = f"_{side}" if side else ""
    if name == "bias":
        return f"{row[key]:+.2f} ± {row[f'bias_error{end}']:.2f}"
    return f"{row[key]:+.3f} [{row[f'excess_low{end}']:+.3f}, {row[f'excess_high{end}']:+.3f}]"


def _ranking(comparison: Comparison, names: tuple[str, str]) -> Table:
    rows = []
    for key, label in (("auroc", "AUROC"), ("accuracy", "Accuracy")):
        change = comparison.change.get(key)
        if change is None:
            continue
        sides = (f"{side.point(key):.3f}" for side in (comparison.before, comparison.after))
        interval = f" [{change.low:+.3f}, {change.high:+.3f}]" if change.known else ""
        rows.append((label, *sides, f"{change.value:+.3f}{interval}", p_value(change.p_value)))
    return Table(
        "ranking",
        "Does the ranking survive? What no temperature can bring back or take away: how well confidence tells right "
        "from wrong answers, and how many are right.",
        ("Measure", *names, "Change, these subjects", "p"),
        rows,
    )


def subjects(pair: Letters, changes: SubjectChanges) -> Section:
    """Signed gap of every subject before and after."""
    frame = changes.frame
    shown = frame.with_columns(
        between(frame, "change", "low", "high", sign=True),
        *(pl.Series(key, [p_value(value) for value in frame[key]], dtype=pl.String) for key in ("p_value", "q_value")),
        subject=pl.col("subject").str.replace_all("_", " "),
    )
    columns = {
        "subject": "Subject", "n_items": "Items",
        "before": f"Gap, {pair.names[0]}", "after": f"Gap, {pair.names[1]}",
        "change": "Change [95 % interval]", "p_value": "p", "q_value": "q",
    }  # fmt: skip
    download = csv_of(frame, "subjects.csv", "Signed gap of each subject, before and after")
    table = frame_table("subjects-table", "Signed gap (mean confidence − accuracy) by subject.", shown, columns)
    named = frame.filter(pl.col("q_value") < _NAMED)
    more, less = (named.filter(side).height for side in (pl.col("change") > 0, pl.col("change") < 0))
    said = f"The gap rose in {more:,} of {frame.height:,} subjects and fell in {less:,}, at q < {_NAMED}."
    figure = Figure(
        "forest",
        "Change of the signed gap, subject by subject",
        f"A forest plot. {said}",
        "Change of mean confidence − accuracy with its 95 % interval; to the right of 0 the model became more "
        "over-confident. Filled points: subjects named at a false discovery rate of 5 %. Last row: all subjects "
        "together, the diamond for these subjects, the line through it for new ones.",
        inline(drawing_of(plots.by_subject(pair.before, pair.after, labels=_labels(pair))), "forest"),
        download,
    )
    left_out = len(changes.notes) - _FEW
    more_notes = (f"The same holds of {left_out:,} subjects more.",) if left_out > 0 else ()
    return Section(
        "subjects",
        "Subject by subject",
        (said, *(f"{note}." for note in changes.notes[:_FEW]), *more_notes),
        figures=(figure,),
        tables=(table,),
    )


def letters(pair: Letters) -> Section:
    """The letter audit."""
    return Section(
        "letters",
        "Letter audit",
        (
            "Whether the letters that were read are what the models would have written. Reading “\u00a0A” where a "
            "model writes “A” is the commonest mistake in comparisons of this kind: where letter mass is low, or the "
            "other form holds much, the confidence is that of something the model would not have said.",
        ),
        tables=tuple(letter_tables(pair)),
    )


def notes_of(pair: Letters, comparison: Comparison) -> list[tuple[str, str]]:
    """What a reader must know of each run: its name and a sentence without its full stop."""
    found = []
    for source, run, side in zip(
        pair.predictions, (pair.before, pair.after), (comparison.before, comparison.after), strict=True
    ):
        found += [(source.name, note) for note in (_unfinished(source, run), *side.notes) if note]
    return [*found, *((CHANGES, note) for note in comparison.notes)]


def _unfinished(source: Source, run: Predictions) -> str:
    wanted = source.manifest["n_items"]
    return f"the run is not finished, {run.n_items:,} of {wanted:,} items" if run.n_items < wanted else ""


def subjects_of(pair: Letters) -> SubjectChanges | None:
    """What changed in each subject; none where there is only one."""
    if len(set(pair.before.subject.tolist())) < 2:
        return None
    return subject_changes(pair.before, pair.after)


def _estimate(found: Estimate | None) -> str:
    if found is None:
        return "not known"
    return f"{found.value:.2f}" + (f" [{found.low:.2f}, {found.high:.2f}]" if found.known else "")


def overlap_notes(overlap: Overlap | None) -> list[tuple[str, str]]:
    """What is compared and what each side lost, as notes of the changes."""
    return [] if overlap is None else [(CHANGES, note) for note in overlap.notes]
