"""Letters among the likeliest tokens, which HELM's logs listed until early 2024."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..option_rows import OptionRow
from .log_values import item_id, plain_text, real_logprob, subject_of
from .members import HelmRun
from .requests import Request


def likeliest_letters(
    run: HelmRun, rows: Sequence[Request], mappings: Mapping[str, Mapping[str, str]], remarks: list[str]
) -> list[OptionRow] | None:
    """Rows of letters from the likeliest tokens; None if the log has none.

    None, too, where several options are right, or no item lists two letters.
    """
    if any(len(row.correct) != 1 for row in rows):
        return None
    options: list[OptionRow] = []
    n_unlisted = 0
    for row in rows:
        mapping = mappings[row.id]
        listed = _listed(row)
        if not listed:
            return None
        values = {letter: [value for text, value in listed.items() if text.strip() == letter] for letter in mapping}
        scores = [float(np.logaddexp.reduce(found)) if found else None for found in values.values()]
        texts = list(mapping.values())
        right = row.references[row.correct[0]]
        if right not in texts:
            raise ValueError(f"{run.path}, {row.where}: the right reference must be one of output_mapping's options")
        if all(score is None for score in scores):
            n_unlisted += 1
            continue
        options.append(
            OptionRow(
                item=item_id(run, row.id), scores=scores, where=row.where, subject=subject_of(run),
                answer=row.correct[0] if texts == list(row.references) else texts.index(right),
                most=min(listed.values()), question=row.question, options=texts,
            )
        )  # fmt: skip
    n_listed = [sum(score is not None for score in option.scores) for option in options]
    if max(n_listed, default=0) < 2 or not any(score for option in options for score in option.scores):
        return None
    n_bounded = sum(None in option.scores for option in options)
    if n_bounded:
        items = "items lists" if n_bounded == 1 else "items list"
        remarks.append(f"{n_bounded} of {len(options)} {items} not every letter: those missing are bounded")
    if n_unlisted:
        remarks.append(f"{n_unlisted} of {len(rows)} items left out: no letter is among the listed tokens")
    return options


def _listed(row: Request) -> dict[str, float]:
    """Log-probabilities of the tokens that are listed beside the generated letter."""
    written = [token for token in row.tokens if plain_text(str(token.get("text", ""))).strip()]
    if not written:
        return {}
    tops = written[0].get("top_logprobs")
    if not isinstance(tops, dict) or not tops:
        return {}
    values = {plain_text(str(text)): real_logprob({"logprob": value}) for text, value in tops.items()}
    values.setdefault(plain_text(str(written[0]["text"])), real_logprob(written[0]))
    return {text: value for text, value in values.items() if value is not None}
