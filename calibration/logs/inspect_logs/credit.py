"""Credit that a scorer gives, as a number and as a verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...predictions.credit import Partial, credit_grade
from ...predictions.grades import AnswerGrade
from .sample import Sample, Score

# Inspect's own values of words.
_WORDS = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
_NO_ANSWER = "N"
_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """Whose credit is read, and which of its values.

    Attributes
    ----------
    name : str
        As the samples have it.
    key : str
        Name or number of the value if the scorer gives several; otherwise empty.
    """

    name: str
    key: str = ""

    @property
    def title(self) -> str:
        """Its name and key, without arguments, which the R package vitals writes."""
        name = self.name.partition("(")[0].strip() or self.name
        return f"{name}.{self.key}" if self.key else name

    def score(self, sample: Sample) -> Score | None:
        """What it says of a sample; None if it says nothing."""
        return sample.scores.get(self.name)

    def credit(self, sample: Sample) -> float | None:
        """Its credit in [0, 1]; None if it gave none.

        Raises
        ------
        ValueError
            For a value that is no credit.
        """
        return _credit(self._value(sample), self.title, sample.where)

    def grade(self, sample: Sample, partial: Partial | None) -> AnswerGrade:
        """Its verdict, or ``partial``.

        Raises
        ------
        ValueError
            For a value that is no verdict, such as a similarity.
        """
        value = self._value(sample)
        credit = _credit(value, self.title, sample.where)
        if value == _NO_ANSWER:
            return "abstained"
        grade = credit_grade(credit, partial)
        if grade is None:
            raise ValueError(
                f"{sample.where}: a verdict must be right (1), wrong (0) or partly right (0.5), the scorer "
                f"{self.title} gives {credit:g}; name another with --scorer (scorer= in Python), or say what such "
                "values become with --partial half, incorrect or ungraded (partial= in Python)"
            )
        return grade

    def _value(self, sample: Sample) -> Any:
        score = self.score(sample)
        value = None if score is None else score.value
        if not self.key:
            return value
        if isinstance(value, Mapping):
            return value.get(self.key)
        return value[int(self.key)] if isinstance(value, list) and int(self.key) < len(value) else None


def _credit(value: Any, title: str, where: str) -> float | None:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        word = _WORDS.get(value, _WORDS.get(value.lower()))
        if word is not None:
            return word
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.inf
    if math.isnan(number):
        return None
    if not 0 <= number <= 1:
        raise ValueError(
            f"{where}: the scorer {title} must give C, I, P, N, yes, no, or a number from 0 to 1, got {value!r:.60}"
        )
    return number


def scorer_of(samples: Sequence[Sample], wanted: str | None, path: str) -> Scorer:
    """The scorer that is read.

    Parameters
    ----------
    samples : sequence of Sample
        All of a log.
    wanted : str, optional
        ``NAME`` or ``NAME.KEY``.
    path : str
        The file, for messages.

    Raises
    ------
    ValueError
        If there is none, if several are possible and none is named, or if the named one does not exist.
    """
    scorers = list(dict.fromkeys(scorer for sample in samples for scorer in _scorers(sample)))
    if not scorers:
        raise ValueError(f"{path}: no sample was scored, so that nothing is known of right and wrong")
    if wanted is not None:
        scorers = [scorer for scorer in scorers if wanted in _names(scorer)] or _refused(wanted, scorers, path)
    if len(scorers) > 1:
        raise ValueError(
            f"{path}: there are several scores, name one with --scorer (scorer= in Python): {_listed(scorers)}"
        )
    return scorers[0]


def _scorers(sample: Sample) -> list[Scorer]:
    scorers = []
    for name, score in sample.scores.items():
        if isinstance(score.value, Mapping):
            scorers += [Scorer(name=name, key=str(key)) for key in score.value]
        elif isinstance(score.value, list):
            scorers += [Scorer(name=name, key=str(row)) for row in range(len(score.value))]
        else:
            scorers.append(Scorer(name=name))
    return scorers


def _names(scorer: Scorer) -> set[str]:
    full = f"{scorer.name}.{scorer.key}" if scorer.key else scorer.name
    return {full, scorer.title, scorer.name}


def _refused(wanted: str, scorers: Sequence[Scorer], path: str) -> list[Scorer]:
    raise ValueError(f"{path}: no scorer {wanted!r}; there are: {_listed(scorers)}")


def _listed(scorers: Sequence[Scorer]) -> str:
    more = f" and {len(scorers) - _SHOWN} more" if len(scorers) > _SHOWN else ""
    return ", ".join(scorer.title for scorer in scorers[:_SHOWN]) + more
