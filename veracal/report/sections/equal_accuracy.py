"""Changes of calibration at equal accuracy."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from calibration import Change, EqualAccuracy
from calibration.number_texts import interval_text, p_value
from calibration.uncertainty.measure_names import row_label

from ..abbreviations import meanings
from ..blocks.download import Download
from ..blocks.section import Section
from ..blocks.table import Table
from ..equal_accuracy_sentences import equal_accuracy_sentences


def equal_accuracy(
    matched: EqualAccuracy, names: Sequence[str], *, shown: Collection[str] = (), kind: str = ""
) -> Section:
    """Changes on equally hard items, and over the same candidates.

    `shown` are the claims of `equal_accuracy_claims` that are shown, `kind` is the name of the runs' own section, if
    they have one.
    """
    name = "-".join(filter(None, ("equal-accuracy", kind)))
    keys = [*matched.equally_hard, *matched.same_candidates]
    return Section(
        name=name,
        title="At equal accuracy",
        paragraphs=(
            "A model that is right more often has other confidences, so that an ECE of all items can change though "
            "every confidence errs as before. The comparisons below allow for that. Two calibrated models "
            "change by 0 in both.",
            *equal_accuracy_sentences(matched, shown),
            *(f"{note[0].upper()}{note[1:]}." for note in matched.notes),
            meanings([row_label(key) for key in keys] + ["p"]),
        ),
        tables=tuple(_tables(matched, names, name)),
    )


def _tables(matched: EqualAccuracy, names: Sequence[str], name: str) -> Iterator[Table]:
    download = Download(f"{name}.csv", "Changes at equal accuracy", matched.frame)
    if matched.equally_hard:
        first = next(iter(matched.equally_hard.values()))
        yield Table(
            name=f"{name}-hard",
            caption="Items that are equally hard for both, told without their outcomes: accuracy "
            f"{first.accuracy[0]:.3f} and {first.accuracy[1]:.3f}, as many as {min(first.effective_items):,.0f} even "
            "items; with the change on all items beside it.",
            columns=("Measure", *names, "Change", "These subjects", "p", "Change on all items"),
            rows=[
                (
                    row_label(key), f"{value.before:.4f}", f"{value.after:.4f}", *_change_cells(value),
                    f"{value.all_items:+.4f}",
                )
                for key, value in matched.equally_hard.items()
            ],
            download=download,
        )  # fmt: skip
    if matched.same_candidates:
        yield Table(
            name=f"{name}-candidates",
            caption="The same candidates: every option of every item, right or wrong.",
            columns=("Measure", "Change", "These subjects", "p"),
            rows=[(row_label(key), *_change_cells(value)) for key, value in matched.same_candidates.items()],
            download=None if matched.equally_hard else download,
        )


def _change_cells(change: Change) -> tuple[str, str, str]:
    interval = interval_text(change.low, change.high, form="+.4f") if change.known else ""
    return f"{change.value:+.4f}", interval, p_value(change.p_value)
