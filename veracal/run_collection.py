"""Runs of one kind or several, by the names of their models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import calibration
import factuality
from calibration import Pairs, Predictions, RunsComparison, Verdicts
from calibration.predictions.pairing import ItemChoice
from factuality import Judgments, MultipleChoice
from factuality.multiple_choice.likelihoods import run_variants

from .report.run_names import FoundRun, find_runs, in_order, name_runs, refuse_twice
from .report.run_orders import RunOrder
from .report.runs_in_memory import RunInMemory

GivenRun = str | Path | RunInMemory
_KINDS: dict[type, str] = {
    Predictions: "predictions",
    Pairs: "pairs",
    Verdicts: "verdicts",
    Judgments: "responses",
    MultipleChoice: "multiple-choice",
}


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs by the names of their models.

    Attributes
    ----------
    given : tuple of path or run in memory
        As they were given.
    model_names : tuple of str
        Of each run, the name of its model.
    kinds : tuple of str
        Of each run, what it holds: ``predictions``, ``pairs``, ``verdicts``, ``responses`` or ``multiple-choice``.
    grader : str or None
        Whose judgments of graded answers, if there are several.
    """

    given: tuple[GivenRun, ...]
    model_names: tuple[str, ...]
    kinds: tuple[str, ...]
    grader: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the models, in an order that fits every kind."""
        return tuple(str(name) for name in in_order(self.model_names, self.kinds))

    @cached_property
    def letters(self) -> dict[str, Predictions]:
        """Multiple-choice runs by model; of several orders of options the mean."""
        return {name: run for name, run in self._scored("predictions").items() if isinstance(run, Predictions)}

    @cached_property
    def pairs(self) -> dict[str, Pairs]:
        """Runs of confidences by model."""
        return {name: run for name, run in self._scored("pairs").items() if isinstance(run, Pairs)}

    @cached_property
    def verdicts(self) -> dict[str, Verdicts]:
        """Runs of right and wrong answers by model."""
        return {name: run for name, run in self._scored("verdicts").items() if isinstance(run, Verdicts)}

    @cached_property
    def answers(self) -> dict[str, Judgments]:
        """Graded answers by model.

        Raises
        ------
        FileNotFoundError
            For answers that were not graded.
        """
        return {
            name: run if isinstance(run, Judgments) else factuality.read_judgments(Path(str(run)), grader=self.grader)
            for name, run in self._of("responses").items()
        }

    @cached_property
    def likelihoods(self) -> dict[str, list[MultipleChoice]]:
        """Scores by likelihood by model: each that all runs can have."""
        given = self._of("multiple-choice")
        variants = run_variants([Path(str(run)) for run in given.values() if not isinstance(run, MultipleChoice)])
        return {
            name: [run]
            if isinstance(run, MultipleChoice)
            else [factuality.read_multiple_choice(Path(str(run)), variant=variant) for variant in variants]
            for name, run in given.items()
        }

    def compare(
        self,
        kind: str | None = None,
        *,
        reference: str | None = None,
        all_pairs: bool = False,
        items: ItemChoice = "same",
    ) -> RunsComparison:
        """Every measure of the runs of a kind, and its changes.

        Parameters
        ----------
        kind : str, optional
            Which, as `kinds` names them, if there are several.
        reference : str, optional
            Name of the model that the others are compared with; the first if omitted.
        all_pairs : bool
            Whether all pairs are compared, which `RunsComparison.groups` needs.
        items : {"same", "common"}
            Whether all must hold the same items, or those that all hold are compared.

        Raises
        ------
        ValueError
            For several kinds of which none is named, a kind that no run has, and as `calibration.compare_runs`,
            `factuality.compare_judgments` and `factuality.compare_multiple_choice`.
        """
        held = tuple(dict.fromkeys(self.kinds))
        if kind not in held and (kind is not None or len(held) > 1):
            got = "" if kind is None else f", got {kind!r}"
            raise ValueError(f"runs of one kind are compared; kind must be one of {', '.join(held)}{got}")
        chosen = kind or held[0]
        if chosen == "responses":
            return factuality.compare_judgments(self.answers, reference=reference, all_pairs=all_pairs, items=items)
        if chosen == "multiple-choice":
            return factuality.compare_multiple_choice(
                self.likelihoods, reference=reference, all_pairs=all_pairs, items=items
            )
        return calibration.compare_runs(self._scored(chosen), reference=reference, all_pairs=all_pairs, items=items)

    def report(
        self,
        path: str | Path,
        *,
        reference: str | None = None,
        order: RunOrder = "given",
        all_pairs: bool = False,
        items: ItemChoice = "same",
    ) -> None:
        """Write the page of all runs, of one or any number of models.

        Parameters
        ----------
        path : str or Path
            The page.
        reference : str, optional
            Name of the model that the others are compared with; the first in that order if omitted.
        order : {"given", "date", "size"}
            Of the models: as given, by when their runs began, or by the number of parameters in their names.
        all_pairs : bool
            Whether the changes of all pairs of three runs or more are shown too.
        items : {"same", "common"}
            Whether runs must hold the same items, or those that all hold are compared.

        Raises
        ------
        ValueError
            As `write_report`.
        """
        from .report.page import write_report

        write_report(
            self.given, path, labels=self.model_names, grader=self.grader, reference=reference, order=order,
            all_pairs=all_pairs, items=items,
        )  # fmt: skip

    def __repr__(self) -> str:
        of_each = (f"{self.kinds.count(kind)} of {kind}" for kind in dict.fromkeys(self.kinds))
        return f"<Runs of {', '.join(self.names)}: {'; '.join(of_each)}>"

    def _of(self, kind: str) -> dict[str, GivenRun]:
        named: dict[str, GivenRun] = {}
        for name, own, run in zip(self.model_names, self.kinds, self.given, strict=True):
            if own == kind and name in named:
                raise ValueError(f"two runs of {kind} are of {name!r}, such as with several primers; give one a model")
            if own == kind:
                named[name] = run
        return named

    def _scored(self, kind: str) -> dict[str, Predictions | Pairs | Verdicts]:
        return {
            name: run if isinstance(run, Predictions | Pairs | Verdicts) else calibration.read_scored_run(str(run))
            for name, run in self._of(kind).items()
        }


def runs(given: Sequence[GivenRun], *, labels: Sequence[str] | None = None, grader: str | None = None) -> Runs:
    """Runs of any number of models, joined by the identity of their models.

    Parameters
    ----------
    given : sequence of path, Predictions, Pairs, Verdicts, Judgments or MultipleChoice
        Run folders, or runs in memory. Runs of several kinds are joined by the weights of their models, in memory by
        their names, never by position.
    labels : sequence of str, optional
        Names of the models: one a run, or one a model in the order of the models.
    grader : str, optional
        Whose judgments of graded answers, if there are several.

    Raises
    ------
    ValueError
        For no run, one path in place of several, a run given twice, labels of another number, and runs of several
        kinds of which it is not known which are of one model.
    TypeError
        For what is no run.

    Examples
    --------
    >>> from calibration import Pairs
    >>> right = [1, 1, 1, 0, 1, 0]
    >>> stages = runs([Pairs.from_arrays([sure] * 6, right, model=f"at {sure}") for sure in (0.6, 0.7, 0.9)])
    >>> stages.names
    ('at 0.6', 'at 0.7', 'at 0.9')
    >>> print(stages.compare().change("at 0.9", "mean_confidence").value.__round__(2))
    0.3
    """
    if isinstance(given, str | Path):
        raise ValueError(f"runs must be a sequence of run folders, got one path: {given}")
    folders = find_runs([_found(run, number) for number, run in enumerate(given, start=1)])
    refuse_twice(given)
    names = name_runs(folders, labels)
    return Runs(tuple(given), tuple(names), tuple(run.kind for run in folders), grader)


def _found(run: GivenRun, number: int) -> str | Path | FoundRun:
    if isinstance(run, str | Path):
        return run
    kind = _KINDS.get(type(run))
    if kind is None:
        known = ", ".join(known.__name__ for known in _KINDS)
        raise TypeError(f"runs are run folders, {known}; run {number} is a {type(run).__name__}")
    path = Path(f"run-{number}")
    frame = run.frame
    settings = {"model": str(frame["model"][0]) or path.name, "source": "memory"}
    if isinstance(run, MultipleChoice):
        settings["primer"] = str(frame["primer"][0])
    return FoundRun(path, {"kind": kind, "settings": settings})
