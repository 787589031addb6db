"""What an eval says of answers: matches, or a metric."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .events import Asked, Recording
from .texts import drawn_answers

_LETTER = re.compile("[A-Z]")
_MATCH, _CHOICE, _SCORE = "match", "choice", "score"
# The choices of the eval "fact": subset, superset, same, disagreement, differences that do not matter.
_FACT = {"A": 1.0, "B": 1.0, "C": 1.0, "D": 0.0, "E": 1.0, "__invalid__": None}


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Whose verdicts are read.

    Attributes
    ----------
    title : str
        What the grader is called.
    given : callable
        Credit in [0, 1] of each mark of a sample, None without.
    """

    title: str
    given: Callable[[Asked], list[float | None]]

    def credits(self, sample: Asked) -> list[float | None]:
        """Credit of each answer of a sample.

        Raises
        ------
        ValueError
            If one answer has marks that differ.
        """
        marks = self.given(sample)
        if 1 < len(marks) == len(drawn_answers(sample)):
            return marks
        if len(set(marks)) > 1:
            values = ", ".join("none" if mark is None else f"{mark:g}" for mark in marks)
            what = "matches" if self.title == _MATCH else self.title
            raise ValueError(f"{sample.where}: an answer has one verdict, {what} of this sample differ ({values})")
        return marks[:1] or [None]


def mark_of(recording: Recording, metric: str | None, scorer: str | None) -> Mark:
    """The mark that is the verdict.

    Parameters
    ----------
    recording : Recording
        The log.
    metric : str, optional
        ``match``, or the name of a metric.
    scorer : str, optional
        ``fact``, whose choices then have credit although the log gives them none.

    Raises
    ------
    ValueError
        If nothing was graded, several metrics are possible and none is named, or choices have no score.
    """
    path = recording.source.path
    metrics = [data for sample in recording.samples for data in sample.data("metrics")]
    names = [_MATCH] if any(sample.data(_MATCH) for sample in recording.samples) else []
    names += [name for name in dict.fromkeys(name for data in metrics for name in data) if _are_marks(metrics, name)]
    grader = str(recording.part("run_config", "eval_spec", "args").get("modelgraded_spec") or "")
    if metric is None and any(_CHOICE in data for data in metrics) and _MATCH not in names:
        return _by_choice(recording, metrics, grader, scorer)
    if scorer is not None:
        raise ValueError(f"{path}: scorer={scorer!r} is for choices without a score; this log's verdicts need none")
    if metric is not None and metric not in names:
        raise ValueError(f"{path}: no metric {metric!r} with verdicts; there are: {', '.join(names) or 'none'}")
    if not names:
        kinds = ", ".join(dict.fromkeys(kind for sample in recording.samples for kind, _ in sample.events))
        raise ValueError(f"{path}: no sample was graded: looked for match and metrics with verdicts, got {kinds}")
    name = metric or names[0]
    if metric is None and name != _MATCH and len(names) > 1:
        raise ValueError(
            f"{path}: there are several metrics, name one with --metric (metric= in Python): {', '.join(names)}"
        )
    return Mark(title=name, given=_matched if name == _MATCH else lambda sample: _metric(sample, name))


def _by_choice(recording: Recording, metrics: Sequence[Mapping[str, Any]], grader: str, scorer: str | None) -> Mark:
    """The mark of a judge that chooses; its choices need not have a score."""
    if any(data.get(_SCORE) is not None for data in metrics):
        if scorer is not None:
            raise ValueError(f"{recording.source.path}: scorer={scorer!r} is for choices without a score")
        return Mark(title=grader or _SCORE, given=lambda sample: _metric(sample, _SCORE))
    choices = ", ".join(sorted({str(data.get(_CHOICE)) for data in metrics}))
    if grader == "fact" and scorer == grader:
        return Mark(title=grader, given=_fact)
    advice = (
        "; of fact A, B, C and E mean that it agrees with the right answer, and D that it does not: take that with "
        "--scorer fact (scorer='fact' in Python)"
        if grader == "fact"
        else "; what each is worth is not in the log"
    )
    raise ValueError(f"{recording.source.path}: the judge chose {choices}, and no choice has a score{advice}")


def _are_marks(metrics: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Whether a metric holds credit, as far as it holds anything."""
    values = [data[name] for data in metrics if data.get(name) is not None]
    return bool(values) and all(
        isinstance(value, int | float) and (math.isnan(value) or 0 <= value <= 1) for value in values
    )


def _matched(sample: Asked) -> list[float | None]:
    for data in sample.data(_MATCH):
        picked, correct = data.get("picked"), data.get("correct")
        expected = data.get("expected")
        if isinstance(expected, list) and len(expected) == 1:
            expected = expected[0]
        if not (isinstance(picked, str) and isinstance(expected, str) and picked and correct in (0, 1)):
            continue
        are_letters = _LETTER.fullmatch(picked) and _LETTER.fullmatch(expected)
        # Another text than the expected one may be right too, another letter may not.
        if (picked == expected and not correct) or (are_letters and picked != expected and correct):
            raise ValueError(
                f"{sample.where}: expected is {expected!r}, picked {picked!r}, and the match calls that "
                f"{'right' if correct else 'wrong'}"
            )
    return [_number(data.get("correct"), "matches", sample) for data in sample.data(_MATCH)]


def _metric(sample: Asked, name: str) -> list[float | None]:
    return [_number(data[name], name, sample) for data in sample.data("metrics") if name in data]


def _fact(sample: Asked) -> list[float | None]:
    choices = [str(data.get(_CHOICE)) for data in sample.data("metrics")]
    unknown = sorted(set(choices) - _FACT.keys())
    if unknown:
        raise ValueError(f"{sample.where}: a choice of fact must be one of A to E, got {', '.join(unknown)}")
    return [_FACT[choice] for choice in choices]


def _number(value: Any, what: str, sample: Asked) -> float | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"{sample.where}: {what} must be true, false or a number from 0 to 1, got {value!r:.40}")
    return float(value)
