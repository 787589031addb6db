"""Title of a page, and what it is of, in a line."""

from __future__ import annotations

from collections.abc import Sequence

from calibration.number_texts import counted

from .results import Results

MOST_NAMED = 5
"""So many models are named in a title."""


def page_title(names: Sequence[str]) -> str:
    """Title of a page: before and after, or the names of all models.

    Examples
    --------
    >>> page_title(["base", "rl"]), page_title(["base", "sft", "rl"])
    ('base → rl', 'base, sft, rl')
    """
    if len(names) <= 2:
        return " → ".join(names)
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest} other models" if rest > 0 else "")


def subtitle(results: Results) -> str:
    """What the runs of a page are, by the first of their kinds."""
    if results.pair is not None:
        return "What changed between two runs on the same " + counted(results.pair.runs.before.n_items, "item") + "."
    if (letters := results.letter_runs) is not None:
        n_items = next(iter(letters.runs.predictions.values())).n_items
        return f"{counted(len(letters.runs.sources), 'run')} on the same {counted(n_items, 'multiple-choice item')}."
    if results.single is not None:
        return f"A run of {counted(results.single.run.predictions.n_items, 'multiple-choice item')}."
    if results.scored_runs and results.answers is None:
        first = results.scored_runs[0]
        what = f"{counted(first.runs[0].n_items, 'answer')}, right or wrong"
        n_runs = len(first.names)
        number = "A run" if n_runs == 1 else "Two runs" if first.comparison else counted(n_runs, "run")
        return f"{number} of {what}."
    if results.answers is not None:
        questions = counted(results.answers.judgments[0].frame["question"].n_unique(), "open question")
        n_runs = len(results.answers.sources)
        if n_runs > 2:
            return f"{counted(n_runs, 'run')} on {questions}."
        return f"{'What changed between two runs on' if results.answers.changes else 'Answers to'} {questions}."
    return "TruthfulQA's multiple choice, by likelihood."
