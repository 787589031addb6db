"""What every measure is called in tables and on the axes of figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Label:
    """How a measure is called.

    Attributes
    ----------
    row : str
        At the beginning of a table's row; a noise floor is indented under its measure.
    axis : str
        On an axis, where nothing beside it explains it.
    """

    row: str
    axis: str = ""


# Key of `summarize` -> its label; every key of `calibration.uncertainty.measures.MEASURES` has one with a name for an
# axis.
MEASURE_LABELS: dict[str, Label] = {
    "n_items": Label("items"),
    "accuracy": Label("accuracy", "accuracy"),
    "accuracy_by_subject_mean": Label("accuracy, subject mean", "accuracy, mean of subjects"),
    "accuracy_ties_split": Label("accuracy, ties ½", "accuracy, ties split"),
    "mean_confidence": Label("mean confidence", "mean confidence"),
    "signed_gap": Label("signed gap", "signed gap (confidence − accuracy)"),
    "ece_top": Label("ECE, top", "ECE of the predicted answers"),
    "ece_top_null95": Label("  noise floor"),
    "ece_choices": Label("ECE, choices", "ECE over all choices"),
    "ece_choices_null95": Label("  noise floor"),
    "smooth_ece": Label("smooth ECE, top", "smooth ECE of the predicted answers"),
    "smooth_ece_null95": Label("  noise floor"),
    "smooth_ece_choices": Label("smooth ECE, choices", "smooth ECE over all choices"),
    "debiased_ce2": Label("debiased CE², top", "debiased squared error of the predicted answers"),
    "debiased_ce2_choices": Label("debiased CE², choices", "debiased squared error over all choices"),
    "classwise_ece": Label("class-wise ECE", "class-wise ECE"),
    "brier_top": Label("Brier score, top", "Brier score of the predicted answers"),
    "nll_top": Label("log loss, top", "log loss of the predicted answers (nats)"),
    "brier": Label("Brier score", "Brier score"),
    "nll": Label("log loss", "log loss (nats)"),
    "auroc": Label("AUROC", "AUROC"),
    "aurc": Label("AURC", "AURC (area under risk–coverage)"),
    "augrc": Label("AUGRC", "AUGRC (area under generalised risk)"),
    "temperature": Label("best temperature", "best temperature"),
    "letter_mass": Label("letter mass"),
    "tie_rate": Label("tie rate"),
}


def row_label(key: str) -> str:
    """The name of a measure in a table, by its key in `summarize`.

    Examples
    --------
    >>> row_label("nll")
    'log loss'
    """
    return MEASURE_LABELS[key].row


def axis_label(key: str) -> str:
    """The name of a measure on an axis, by its key in `summarize`.

    Examples
    --------
    >>> axis_label("nll")
    'log loss (nats)'
    """
    return MEASURE_LABELS[key].axis


def text_label(key: str) -> str:
    """The name of a measure in a sentence, by its key in `summarize`; another key in plain words.

    Examples
    --------
    >>> text_label("debiased_ce2"), text_label("nll"), text_label("balanced_accuracy")
    ('debiased CE² (top)', 'log loss', 'balanced accuracy')
    """
    if key not in MEASURE_LABELS:
        return key.replace("_", " ")
    name, _, part = row_label(key).partition(", ")  # a comma would read as the next of a list
    return f"{name} ({part})" if part else name
