"""Every number of a report, computed before anything is laid out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from calibration import EqualAccuracy, Pairs, compare_at_equal_accuracy
from calibration.predictions.scored_runs import ScoredRun
from calibration.recalibration.cross_fitting import FoldKind
from calibration.recalibration.recalibrated_run import Recalibration
from calibration.runs.scored_runs import read_scored_run
from factuality.confidence.confidences import scored_confidences

from ..recalibrations import recalibrations
from .answer_results import AnswerResults, answer_results
from .choice_results import ChoiceResults, choice_results
from .grouped_runs import GroupedRuns, grouped_runs
from .inputs import Inputs
from .kinds_of_runs import GRADED, kinds_of_runs
from .letter_runs_results import LetterRunsResults, letter_runs_results
from .pair_results import PairResults, pair_alone, pair_recalibrations
from .scored_results import ScoredResults, scored_results
from .several_results import SeveralResults
from .single_results import SingleResults, single_results

__all__ = ["GRADED", "Results", "compute_results"]


@dataclass(frozen=True, kw_only=True)
class Results:
    """Every number of a report.

    Attributes
    ----------
    inputs : Inputs
        The runs.
    pair : PairResults or None
        Of two runs of predictions.
    letter_runs : LetterRunsResults or None
        Of three runs of predictions or more.
    single : SingleResults or None
        Of one run of predictions, what needs its letters; the rest is the first of the scored runs.
    answers : AnswerResults or None
        Of graded answers.
    choices : ChoiceResults or None
        Of answers by likelihood.
    scored_runs : tuple of ScoredResults
        Of one run of predictions, of runs of pairs, of runs of verdicts, and of the confidence of free answers, as far
        as there are any.
    groups : tuple of GroupedRuns
        Of all of them by columns, and of single runs by subject.
    group_notes : tuple of (str, str)
        Which runs cannot be grouped by a column, and why.
    equal_accuracy : dict of str to EqualAccuracy
        Changes of two runs at equal accuracy, by the name of their kind (of predictions an empty one); empty if they
        are not asked for.
    """

    inputs: Inputs
    pair: PairResults | None
    single: SingleResults | None
    answers: AnswerResults | None
    choices: ChoiceResults | None
    letter_runs: LetterRunsResults | None = None
    scored_runs: tuple[ScoredResults, ...] = ()
    groups: tuple[GroupedRuns, ...] = ()
    group_notes: tuple[tuple[str, str], ...] = ()
    equal_accuracy: dict[str, EqualAccuracy] = field(default_factory=dict)

    @property
    def several(self) -> tuple[SeveralResults, ...]:
        """Three runs of a kind or more, of each kind that has them."""
        known = (self.letter_runs, *self.scored_runs, self.answers, self.choices)
        return tuple(found.several for found in known if found is not None and found.several is not None)


def compute_results(
    inputs: Inputs,
    *,
    grader: str | None = None,
    methods: Sequence[str] = (),
    by: FoldKind = "items",
    groups: Sequence[str] = (),
    equal_accuracy: bool = False,
    difficulty: ScoredRun | None = None,
    people: Sequence[Path] = (),
    all_pairs: bool = False,
) -> Results:
    """Every number of a report.

    Parameters
    ----------
    inputs : Inputs
        The runs.
    grader : str, optional
        Whose judgments of answers to read; required if there are several.
    methods : sequence of str
        Methods of recalibration, of runs of predictions, or of runs of pairs if there are none.
    by : {"items", "subjects"}
        What `methods` split into folds.
    groups : sequence of str
        Columns by which runs are told, each a name or several with commas.
    equal_accuracy : bool
        Whether two runs are compared at equal accuracy too.
    difficulty : run, optional
        What tells how hard the items are there.
    people : sequence of Path
        Files of people's labels, one a run of graded answers in their order.
    all_pairs : bool
        Whether the changes of all pairs of three runs or more are shown.

    Raises
    ------
    ValueError
        For an unknown column, a method that cannot be fitted on one of the runs, a grader without answers, several
        graders of which none is named, and runs on other questions.
    FileNotFoundError
        For answers that were not graded.
    """
    # What a run may refuse comes before what takes long.
    _refuse_many(inputs, equal_accuracy=equal_accuracy)
    recalibrated = pair_recalibrations(inputs.pair, methods, by) if inputs.pair else {}
    single = single_results(inputs.single, methods, by) if inputs.single else None
    answers = answer_results(inputs, grader, people, all_pairs=all_pairs)
    choices = choice_results(inputs, all_pairs=all_pairs) if inputs.multiple_choice else None
    pairs_too = () if inputs.predictions else methods
    scored = (
        *_run_results(inputs, pairs_too, by, all_pairs=all_pairs),
        *(_confidence_results(inputs, answers) if answers else ()),
    )
    letters = letter_runs_results(inputs.several, methods, by, all_pairs=all_pairs) if inputs.several else None
    grouped, notes = grouped_runs([*kinds_of_runs(inputs, scored, answers)], groups)
    return Results(
        inputs=inputs,
        pair=pair_alone(inputs.pair, recalibrated, by) if inputs.pair else None,
        letter_runs=letters,
        single=single,
        answers=answers,
        choices=choices,
        scored_runs=scored,
        groups=grouped,
        group_notes=tuple(notes),
        equal_accuracy=dict(_at_equal_accuracy(inputs, scored, difficulty)) if equal_accuracy else {},
    )


def _refuse_many(inputs: Inputs, *, equal_accuracy: bool) -> None:
    """Raise for what is told of two runs alone."""
    n_runs = max(len(inputs.predictions), len(inputs.pairs))
    if equal_accuracy and n_runs > 2:
        raise ValueError(f"equal_accuracy=True compares two runs, got {n_runs}; make a page of two")


def _at_equal_accuracy(
    inputs: Inputs, scored: Sequence[ScoredResults], difficulty: ScoredRun | None
) -> Iterator[tuple[str, EqualAccuracy]]:
    """Changes at equal accuracy, by the name of the runs' kind."""
    if (pair := inputs.pair) is not None:
        yield "", compare_at_equal_accuracy(pair.before, pair.after, difficulty=difficulty)
    for results in scored:
        if results.compared is not None and isinstance(results.compared[0], Pairs):
            yield results.name, compare_at_equal_accuracy(*results.compared, difficulty=difficulty)


def _run_results(inputs: Inputs, methods: Sequence[str], by: FoldKind, *, all_pairs: bool) -> Iterator[ScoredResults]:
    """Numbers of one run of predictions, of pairs, which `methods` recalibrate, and of verdicts."""
    if inputs.single is not None:
        name, run = inputs.single.source.name, inputs.single.predictions
        yield scored_results("choices", "Multiple-choice answers", [name], [run], pair=None)
    kinds = {
        "confidences": ("Confidences", inputs.pairs),
        "verdicts": ("Right and wrong answers", inputs.verdicts),
    }
    for name, (title, sources) in kinds.items():
        runs: list[Any] = [read_scored_run(source.path) for source in sources]
        if runs:
            names = [source.name for source in sources]
            results = scored_results(
                name, title, names, runs, pair=inputs.before_and_after(sources), items=inputs.items,
                reference=inputs.reference if len(inputs.compared(sources)) > 1 else None, all_pairs=all_pairs,
            )  # fmt: skip
            fitted = _recalibrated(names, runs, methods, by) if name == "confidences" else {}
            yield replace(results, recalibrations=fitted, by=by)


def _recalibrated(
    names: Sequence[str], runs: Sequence[ScoredRun], methods: Sequence[str], by: FoldKind
) -> dict[str, tuple[Recalibration, ...]]:
    """Recalibrations of each run, by method."""
    fitted = [recalibrations(run, methods, by=by, name=name) for name, run in zip(names, runs, strict=True)]
    return dict(zip(methods, zip(*fitted, strict=True), strict=True))


def _confidence_results(inputs: Inputs, answers: AnswerResults) -> Iterator[ScoredResults]:
    """Numbers of the confidence of free answers, if all are of one kind."""
    pairs = [scored_confidences(judgments) for judgments in answers.judgments]
    scored = [held for held in pairs if held is not None]
    if len(scored) == len(pairs) and len({held.kind for held in scored}) == 1:
        names = [source.name for source in answers.sources]
        notes = [(name, note) for name, held in zip(names, scored, strict=True) for note in held.notes]
        yield scored_results(
            "answer-confidence", f"Confidence of the answers ({scored[0].kind})", names,
            [held.pairs for held in scored], pair=inputs.before_and_after(answers.sources), items="common", notes=notes,
        )  # fmt: skip
