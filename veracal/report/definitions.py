"""Definitions of the words of the report, with their sources."""

from __future__ import annotations

from dataclasses import dataclass

from calibration.uncertainty.measure_names import row_label

from .answer_results import AnswerResults
from .results import Results
from .scored_results import ScoredResults


@dataclass(frozen=True)
class Definition:
    """A term, its meaning, and its source (DOI or arXiv id, as text)."""

    term: str
    meaning: str
    source: str = ""


def _term(key: str) -> str:
    """The name of a measure in tables, as the beginning of a definition."""
    label = row_label(key)
    return label[0].upper() + label[1:]


_CALIBRATION = (
    Definition(
        "Top and choices",
        "Two confidences that must not be mixed. Top: the probability of the predicted letter, one number an item. "
        "Choices: the probability of every letter, right or not, pooled. The 0.007 and 0.074 of the GPT-4 report are "
        "choices; the ECE over choices is usually the smaller of the two, as most letters are wrong and known to be.",
        "OpenAI 2023, arXiv:2303.08774, figure 8",
    ),
    Definition(
        "ECE",
        "Expected calibration error: |accuracy − mean confidence| in ten equal-width bins, weighted by the number of "
        "values in each. It is biased upwards, so it stands beside its noise floor. Its interval comes "
        "from the covariance of per-bin sums between items and allows for that bias, which can be bounded but not "
        "known: it is wide near calibration.",
        "Naeini et al. 2015, doi:10.1609/aaai.v29i1.9602",
    ),
    Definition(
        "Noise floor",
        "The ECE that a perfectly calibrated model with these very probabilities stays under in 95 of 100 samples of "
        "this size: answers redrawn from the model's own probabilities. An ECE below it says nothing.",
        "Bröcker and Smith 2007, doi:10.1175/WAF993.1; Vaicenavicius et al. 2019, arXiv:1902.06977",
    ),
    Definition(
        "Calibrated within",
        "The smallest margin that the error may be claimed to lie within: a one-sided 95 % limit. "
        "A calibrated model has one too, as its items cannot show that nothing is off.",
        "Armstrong and Kolesár 2018, doi:10.3982/ECTA14434",
    ),
    Definition(
        "Smooth ECE",
        "The same distance without bins: gaps are smoothed with a Gaussian kernel whose width equals the result. It "
        "has a noise floor of its own.",
        "Błasiok and Nakkiran 2023, arXiv:2309.12236",
    ),
    Definition(
        "Debiased CE²",
        "The squared calibration error of ten bins, less what noise alone would add: on average the true one. For "
        "a calibrated model it is 0 on average and may come out below 0. Its interval holds for calibrated models too.",
        "Kumar et al. 2019, arXiv:1909.10155; Sun et al. 2024, arXiv:2408.08998",
    ),
    Definition(
        "Over-confident, under-confident",
        "Signed gap: mean confidence in the predicted letter minus accuracy. Over-confident where it is shown to be "
        "above 0, under-confident where it is shown to be below.",
    ),
    Definition(
        _term("brier"),
        "Squared distance between the probabilities and the right answer, summed over the options: 0 to 2.",
        "Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2",
    ),
    Definition(_term("nll"), "Mean negative log-probability of the right letter among the letters, in nats."),
    Definition(
        _term("auroc"),
        "The chance that a right answer has more confidence than a wrong one; 0.5 where confidence says nothing.",
        "DeLong et al. 1988, doi:10.2307/2531595",
    ),
    Definition(
        _term("aurc"),
        "Area under the risk–coverage curve: the error rate among the answers given, averaged over how many are given, "
        "the most confident first. The smaller the better.",
        "Geifman and El-Yaniv 2017, arXiv:1705.08500",
    ),
    Definition(
        _term("augrc"),
        "Area under the generalised risk–coverage curve: wrong answers given as a share of all questions, averaged "
        "over how many are given. At most 0.5; the smaller the better.",
        "Traub et al. 2024, arXiv:2407.01032",
    ),
    Definition(
        "Temperature",
        "The T that minimises the log loss of logits / T; above 1 for a model that is too sharp. In the change table "
        "it is fitted on these very items and describes them; where the report says what a temperature undoes, it was "
        "fitted on other items than those it was scored on.",
        "Guo et al. 2017, arXiv:1706.04599",
    ),
    Definition(
        "Letter bias",
        "One number a letter, added to its logit: what the model gives a letter whatever the question.",
        "Zhao et al. 2021, arXiv:2102.09690; Zheng et al. 2023, arXiv:2309.03882",
    ),
    Definition(
        "Letter mass",
        "The probability that the next token is one of the letters at all, in the form that was scored. Where it is "
        "low, the model would have written something else.",
    ),
    Definition(
        "Tie rate", "Share of items whose largest letters are exactly equal; the first one counts as the prediction."
    ),
    Definition(
        "These subjects, new subjects",
        "Two intervals of a change. These subjects: for new items of the same subjects, paired by item. New subjects: "
        "for items of other subjects; whole subjects are drawn together, and the interval is wider. For accuracy "
        "the test is McNemar's and the interval Tango's.",
        "Miller 2024, arXiv:2411.00640; McNemar 1947, doi:10.1007/BF02295996; Tango 1998, "
        "doi:10.1002/(SICI)1097-0258(19980430)17:8<891::AID-SIM780>3.0.CO;2-B",
    ),
    Definition(
        "q-value",
        "A p-value corrected for having looked at many subjects or categories, or at many runs and measures: of all "
        "that have q below 0.05, at most one in twenty is expected to show no change.",
        "Benjamini and Hochberg 1995, doi:10.1111/j.2517-6161.1995.tb02031.x",
    ),
)

_DECISIONS = (
    Definition(
        "Shown, within 0.03",
        "A direction is named only if it is shown together with all else that this page names: where nothing is true "
        "of what it could name, 95 of 100 pages name nothing. What is not shown may still be so. Within 0.03: a "
        "lower and an upper limit, each of which holds alone at 95 %, lie between −0.03 and 0.03. “About 900 such "
        "items would do”: so many would show in 80 % a direction, tested by itself, or that it is within 0.03, were "
        "this value the true one.",
        "Holm 1979, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6; "
        "Schuirmann 1987, doi:10.1007/BF01068419",
    ),
)

_SEVERAL = (
    Definition(
        "Group",
        "Letters that runs have in common where they are not shown to differ in a measure: all pairs of runs are "
        "tested, together at 5 %. No group says that its runs are alike.",
        "Holm 1979, Scandinavian Journal of Statistics 6; Piepho 2004, doi:10.1198/1061860043515",
    ),
)

# Terms that need the probability of every letter.
_OF_LETTERS = ("Top and choices", "Temperature", "Letter bias", "Letter mass", "Tie rate")

# Terms of what changed between two runs.
_OF_CHANGES = ("These subjects, new subjects",)

# The same terms for one confidence an answer.
_CONFIDENCES = (
    Definition(
        "Over-confident, under-confident",
        "Signed gap: mean confidence minus accuracy. Over-confident where it is shown to be above 0, under-confident "
        "where it is shown to be below.",
    ),
    Definition(
        _term("brier"),
        "Squared distance between the confidence and 1 if the answer is right, 0 if it is wrong: 0 to 1.",
        "Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2",
    ),
    Definition(
        _term("nll"),
        "Mean negative logarithm of what was given to the outcome: the confidence if the answer is right, one minus "
        "it if wrong; in nats.",
    ),
)

_VERDICTS = (
    Definition(
        "Accuracy",
        "The share of right answers; the subject mean is the mean of the subjects' accuracies, each counted once.",
    ),
)

_RECALIBRATION = (
    Definition(
        "Recalibration, held out",
        "Every item is recalibrated by what was learnt on the other folds, so that no score is of an item fitted on. "
        "Choose between methods by Brier score or log loss: over all folds an ECE near its noise floor reads lower "
        "than on fresh items. Names with netcal: are methods of that package.",
        "Guo et al. 2017, arXiv:1706.04599; Küppers et al. 2020, arXiv:2004.13546",
    ),
)

_ADVERSARIAL = "Adversarial and control questions"
_MISCONCEPTION = "Common misconception"

_FACTUALITY = (
    Definition(
        _ADVERSARIAL,
        "An adversarial question invites a common misconception, which it names as a distractor; in a control question "
        "truth and popular belief agree.",
        "OpenAI 2023, arXiv:2303.08774, figure 6; Lin et al. 2022, arXiv:2109.07958",
    ),
    Definition(
        "Grades",
        "Correct, incorrect, abstained (the model said that it does not know), ungraded (the grader gave no verdict). "
        "Ungraded answers are counted and never become a score.",
    ),
    Definition(_MISCONCEPTION, "An incorrect answer that repeats one of the question's distractors."),
    Definition(
        "Intervals of rates",
        "Wilson's for a rate; for a change Tango's, paired by question, with McNemar's test.",
        "Wilson 1927, doi:10.1080/01621459.1927.10502953",
    ),
)

_PEOPLE = (
    Definition(
        "Corrected by people's labels",
        "The grader's verdicts on all answers, plus what the labels of some differ from them on average. However the "
        "grader errs, the interval holds; the better it is, the narrower.",
        "Angelopoulos et al. 2023, arXiv:2301.09633",
    ),
)

_TRUTHFULQA = (
    Definition(
        "mc1, mc2 and binary",
        "By likelihood of the written answers. mc1: the share of questions whose best answer is more likely than every "
        "false one. mc2: the probability of the true answers among all that are given. binary: the share of questions "
        "whose best answer is more likely than the best false one.",
        "Lin et al. 2022, arXiv:2109.07958",
    ),
)


def _of_scored(scored: tuple[ScoredResults, ...]) -> list[Definition]:
    """Definitions for runs of confidences and of verdicts, and for one of letters."""
    compared = any(numbers.comparison is not None or numbers.several is not None for numbers in scored)
    known = [definition for definition in _CALIBRATION if compared or definition.term not in _OF_CHANGES]
    if any(len(numbers.views) > 1 for numbers in scored):
        return [*_VERDICTS, *known]
    if not any(numbers.confident for numbers in scored):
        return list(_VERDICTS) if scored else []
    own = {definition.term: definition for definition in _CONFIDENCES}
    shown = [own.get(definition.term, definition) for definition in known if definition.term not in _OF_LETTERS]
    return [*_VERDICTS, *shown]


def _of_answers(answers: AnswerResults | None) -> list[Definition]:
    if answers is None:
        return []
    shown = {_ADVERSARIAL: answers.adversarial, _MISCONCEPTION: answers.tempting}
    return [definition for definition in _FACTUALITY if shown.get(definition.term, True)]


def _decides(results: Results) -> bool:
    """Whether the page could name a direction."""
    graded, choices = results.answers, results.choices
    changes = (graded is not None and bool(graded.changes)) or (choices is not None and bool(choices.changes))
    letters = results.pair is not None or results.letter_runs is not None
    return changes or letters or bool(results.scored_runs)


def definitions(results: Results) -> list[Definition]:
    """Definitions of the words in the sections of a report."""
    letters = results.pair or results.letter_runs
    return [
        *(_CALIBRATION if letters else ()),
        *(_of_scored(results.scored_runs) if not letters else ()),
        *(_SEVERAL if results.several else ()),
        *(_DECISIONS if _decides(results) else ()),
        *(
            _RECALIBRATION
            if any(side and side.recalibrations for side in (letters, results.single, *results.scored_runs))
            else ()
        ),
        *_of_answers(results.answers),
        *(_PEOPLE if results.answers is not None and results.answers.corrections else ()),
        *(_TRUTHFULQA if results.choices else ()),
    ]
