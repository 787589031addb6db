"""Letter audit: accuracy, letter mass and ECE by prompt style and letter form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from ..items.item import Item
from ..metrics.calibration_errors import ece
from ..models.first_prompts import look_at_prompt
from ..models.prompt_errors import prompts_named
from ..models.protocol import Model
from ..predictions.predictions import Predictions
from ..runs.collection import Progress
from .plans import IF_TOO_LONG, PromptOptions, make_plan
from .prompts import STYLES


@dataclass(frozen=True)
class Audit:
    """Result of the audit: one row a style and form.

    `skipped` lists the styles that the model does not have, with reasons.
    """

    rows: tuple[dict[str, str | float | bool], ...]
    skipped: tuple[str, ...]

    @property
    def frame(self) -> pl.DataFrame:
        """One row a style and form.

        Columns: style, form, whether it is the default of `extract`, accuracy, letter mass, ECE in both views.
        """
        return pl.DataFrame(list(self.rows))


def audit(
    model: Model,
    items: Sequence[Item],
    *,
    shots: int = 0,
    dev: Mapping[str, Sequence[Item]] | Sequence[Item] = (),
    batch_size: int | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Accuracy, letter mass and ECE for every prompt style and letter form.

    Reading `` A`` where the model writes ``A`` is the commonest mistake in published comparisons: accuracy may hardly
    move while the confidence is that of a token the model would never write.

    Parameters
    ----------
    model, items, shots, dev, batch_size, progress
        As in `extract`. Every style is one pass over the items; both forms are read in the same pass.

    Returns
    -------
    Audit
    """
    rows: list[dict[str, str | float | bool]] = []
    skipped = []
    for number, style in enumerate(STYLES):
        try:
            plan = make_plan(model, items, PromptOptions(style=style, shots=shots, dev=dev))
        except ValueError as error:
            if style == "completion":
                raise
            skipped.append(f"{style}: {error}")
            continue
        look_at_prompt(model, plan.prompts[0], reads="letters")
        table = np.zeros((len(items), len(plan.candidates)))
        with prompts_named([f"item {item.id}" for item in items], if_too_long=IF_TOO_LONG):
            for rows_done, values in model.stream_logprobs(plan.prompts, plan.candidates, batch_size=batch_size):
                table[rows_done] = values
                if progress:
                    progress(number * len(items) + int((table[:, 0] < 0).sum()), len(STYLES) * len(items))
        n_letters = len(plan.forms[0].texts)
        n_options = np.array([len(item.options) for item in items])
        for index, form in enumerate(plan.forms):
            letters = table[:, index * n_letters : (index + 1) * n_letters]
            letters = np.where(np.arange(n_letters) < n_options[:, None], letters, -np.inf)
            run = _predictions(letters, items, n_options)
            rows.append(
                {
                    "style": style,
                    "form": form.texts[0],
                    "chosen": index == 0,
                    "accuracy": run.accuracy,
                    "letter_mass": float(np.exp(letters).sum(axis=1).mean()),
                    "ece_top": ece(run.confidence, run.correct),
                    "ece_choices": ece(run.choice_confidence, run.choice_correct),
                }
            )
    return Audit(tuple(rows), tuple(skipped))


def _predictions(
    letters: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    items: Sequence[Item],
    n_options: np.ndarray[tuple[int], np.dtype[np.int64]],
) -> Predictions:
    return Predictions.from_lists(
        [line[:count].tolist() for line, count in zip(letters, n_options, strict=True)],
        [item.answer for item in items],
        item=[item.id for item in items],
        subject=[item.subject for item in items],
    )
