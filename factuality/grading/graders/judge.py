"""The grader `model:SPEC`: a language model asked a lettered question about each answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack, cast

from calibration import load_model
from calibration.metrics.arrays import FloatArray
from calibration.models.loading_options import ModelOptions
from calibration.models.protocol import Model
from calibration.models.settings import model_identity, model_settings
from calibration.models.tokenizing.thoughts import answer_in

from ...questions.question import Question
from ..abstention import declines
from ..judge_letters import JudgeStyle, Readings, read_letters, total
from ..judgments import Verdict
from .matching import match
from .raw_answers import behind_thoughts
from .specs import GraderSpec
from .templates import TEMPLATE_NAMES, TEMPLATES, Template, TemplateName


@dataclass(frozen=True, eq=False)
class Judge:
    """The grader ``model:SPEC``: log-probabilities of a judge's letters, each class under each letter once.

    Attributes
    ----------
    model : Model
        The judge, from `calibration.load_model`.
    template : {"agreement", "fact", "closed-qa"}
        Its question. ``agreement``: the answer agrees with a right answer, contradicts them, or gives none.
        ``fact``: it states a part of the facts, more, the same, disagrees, or differs immaterially. ``closed-qa``: it
        meets a criterion, or does not.
    style : {"auto", "chat", "completion"}
        The judge's chat template, or the text as it is; ``auto``: its chat template if it has one.
    criterion : str
        For ``closed-qa``; if empty: it says what the right answers say, and nothing that contradicts them.
    show_incorrect : bool
        Whether the judge is shown the distractors, as such.
    batch_size : int, optional
        Most prompts that go through the judge at a time; as many as suit its memory if omitted.

    Raises
    ------
    ValueError
        For an unknown template, or a criterion with one that has none.

    Notes
    -----
    The grade is the one whose classes together are the likeliest, the probability that of ``correct`` among
    ``correct`` and ``incorrect``. An answer without words is ``abstained`` and not asked about; so, under templates
    without such a class, is one that declines (`factuality.grading.abstention.declines`). ``ungraded`` if
    the letters hold less than 1 % of the judge's probability, or the prompt is longer than its context window. An
    incorrect answer counts as tempted if it names a distractor in words (see
    `factuality.grading.graders.matching.match`), which misses paraphrases.

    References
    ----------
    Zheng et al. (2024), arXiv:2309.03882 (a model's preference for letters). OpenAI (2023),
    https://github.com/openai/evals (the five classes of ``fact``, and ``closed-qa``).

    Examples
    --------
    >>> judge = Judge(load_model("HuggingFaceTB/SmolLM2-1.7B-Instruct"))  # doctest: +SKIP
    >>> judgments = grade("runs/post", grader=judge)  # doctest: +SKIP
    """

    model: Model
    template: TemplateName = "agreement"
    style: JudgeStyle = "auto"
    criterion: str = ""
    show_incorrect: bool = True
    batch_size: int | None = None

    def __post_init__(self) -> None:
        _known(self.template)
        if self.criterion and self.template != "closed-qa":
            raise ValueError(f"a criterion belongs to the template closed-qa, got one with {self.template}")

    @property
    def spec(self) -> str:
        """``model:SPEC``, with ``#TEMPLATE`` if it is not ``agreement``."""
        return f"model:{self.model.name}" + ("" if self.template == "agreement" else f"#{self.template}")

    @property
    def model_identity(self) -> str | None:
        """Identity of the judge beside its name.

        The hash of its weights, or the description that its server gives.
        """
        return model_identity(model_settings(self.model))

    def readings(self, responses: Sequence[str], questions: Sequence[Question]) -> Readings:
        """Letter probabilities of the judge for each answer behind its thoughts."""
        asked = TEMPLATES[self.template]
        answers = [answer_in(response) or "" for response in responses]
        texts = [
            asked.text(answer, question, show_incorrect=self.show_incorrect, criterion=self.criterion)
            for answer, question in zip(answers, questions, strict=True)
        ]
        described = [one.description for one in asked.classes]
        return read_letters(self.model, texts, described, style=self.style, batch_size=self.batch_size)

    @behind_thoughts
    def judge(self, responses: Sequence[str], questions: Sequence[Question]) -> list[Verdict]:
        """Verdicts, one an answer.

        The reason mentions an answer whose grade changes with the letters.
        """
        template = TEMPLATES[self.template]
        verdicts: list[Verdict | None] = [_without_asking(response, template) for response in responses]
        rows = [row for row, verdict in enumerate(verdicts) if verdict is None]
        if rows:
            asked = [questions[row] for row in rows]
            readings = self.readings([responses[row] for row in rows], asked)
            flipped = readings.flipped(template.grades)
            for row, probabilities, changes, problem in zip(
                rows, readings.probabilities, flipped, readings.problems, strict=True
            ):
                verdicts[row] = (
                    Verdict("ungraded", reason=problem)
                    if problem
                    else _verdict(probabilities, template, responses[row], questions[row], flipped=bool(changes))
                )
        return cast("list[Verdict]", verdicts)


def load_judge(
    spec: GraderSpec,
    *,
    template: TemplateName | None = None,
    style: JudgeStyle = "auto",
    criterion: str = "",
    show_incorrect: bool = True,
    batch_size: int | None = None,
    **options: Unpack[ModelOptions],
) -> Judge:
    """Load a judge by its name.

    Parameters
    ----------
    spec : GraderSpec
        ``model:SPEC`` or ``model:SPEC#TEMPLATE``; SPEC as in `calibration.load_model`.
    template : {"agreement", "fact", "closed-qa"}, optional
        The judge's question; if omitted that of `spec`, else ``agreement``.
    style, criterion, show_incorrect, batch_size
        See `Judge`.
    **options
        ``dtype``, ``device``, ``revision``, ``trust_remote_code``, ``template_args``, ``chat_template``, ``date`` and
        ``bos``, as in `calibration.load_model`.

    Raises
    ------
    ValueError
        For two templates that differ, and for what `Judge` and `calibration.load_model` refuse.
    FileNotFoundError, ConnectionError
        See `calibration.load_model`.

    Examples
    --------
    >>> load_judge(parse_spec("model:HuggingFaceTB/SmolLM2-1.7B-Instruct#fact")).template  # doctest: +SKIP
    'fact'
    """
    if template is not None and spec.template not in ("", template):
        raise ValueError(f"the template must be named once, got {spec.template!r} in {spec.text!r} and {template!r}")
    chosen = cast("TemplateName", template or spec.template or "agreement")
    _known(chosen)  # before a model is loaded for nothing
    return Judge(load_model(spec.target, **options), chosen, style, criterion, show_incorrect, batch_size)


def _known(template: str) -> None:
    if template not in TEMPLATES:
        raise ValueError(f"the template must be one of {', '.join(TEMPLATE_NAMES)}, got {template!r}")


def _without_asking(response: str, template: Template) -> Verdict | None:
    if not any(sign.isalnum() for sign in response):
        return Verdict("abstained", reason="empty answer" if not response.strip() else "answer without words")
    if not template.knows_abstention and declines(response):
        return Verdict("abstained", reason="declines to answer")
    return None


def _verdict(
    probabilities: FloatArray, template: Template, response: str, question: Question, *, flipped: bool
) -> Verdict:
    grades = list(dict.fromkeys(template.grades))
    by_grade = dict(zip(grades, total(probabilities, template.grades).tolist(), strict=True))
    grade = max(grades, key=by_grade.__getitem__)
    likeliest, answer_class = max(
        ((p, one) for p, one in zip(probabilities, template.classes, strict=True) if one.grade == grade),
        key=lambda pair: float(pair[0]),
    )
    attempted = by_grade["correct"] + by_grade["incorrect"]
    return Verdict(
        grade,
        tempted=grade == "incorrect" and match(response, question).tempted,
        reason=f"{answer_class.name} ({likeliest:.2f})" + ("; other letters change the grade" if flipped else ""),
        probability=by_grade["correct"] / attempted if attempted > 0 else None,
    )
