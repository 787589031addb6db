"""Graders: what says of an answer whether it is right, each behind one protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, Protocol

from ...questions.question import Question
from ..judgments import Verdict
from .specs import GraderSpec, parse_spec
from .templates import TemplateName


class Grader(Protocol):
    """What grades answers by the references of their questions.

    One that computes with a network or reads a file may have an attribute ``model_identity``, a text that tells it from
    others of the same name (see `calibration.models.settings.model_identity`; ``file`` and the hash of its content):
    judgments by two of them are not compared.
    """

    @property
    def spec(self) -> str:
        """The name that `load_grader` knows it by; it stands in the judgments."""
        ...

    def judge(self, responses: Sequence[str], questions: Sequence[Question]) -> list[Verdict]:
        """Verdicts, one an answer.

        Parameters
        ----------
        responses : sequence of str
            Answers.
        questions : sequence of Question
            What each of them answers, with its references; the same length.
        """
        ...


def model_of(grader: Grader) -> str | None:
    """Identity of a grader's network or file; None for a grader without one."""
    identity = getattr(grader, "model_identity", None)
    return None if identity is None else str(identity)


def load_grader(
    spec: str | GraderSpec = "combined",
    *,
    template: TemplateName | None = None,
    batch_size: int | None = None,
    dtype: str = "auto",
    device: str = "auto",
    revision: str | None = None,
    trust_remote_code: bool = False,
    template_args: Mapping[str, Any] | None = None,
    chat_template: str | None = None,
    date: str | date | None = None,
    bos: Literal["auto", "yes", "no"] = "auto",
) -> Grader:
    """Load a grader by its name.

    Parameters
    ----------
    spec : str or GraderSpec
        ``match``: the references that an answer names (`matching`). ``similarity``, ``similarity:rouge1|rougeL|bleu|
        minilm|ENCODER``: whether it is nearer to a right or to a wrong one (`similarity`). ``combined``, the default,
        ``combined:words``, ``combine:FILE``, ``combine+references:FILE``: many comparisons, weighed as people judged
        (`combination`). ``nli:MODEL``: an entailment model (`entailment`). ``model:SPEC``, ``model:SPEC#TEMPLATE``: a
        language model as a judge (`judge`). ``human:FILE``: verdicts of people (`human`).
    template : {"agreement", "fact", "closed-qa"}, optional
        What a judge is asked.
    batch_size : int, optional
        How many texts go through a model at a time at most; as many as suit its memory if omitted.
    dtype, device, revision, trust_remote_code
        Of a model, see `calibration.load_model`.
    template_args, chat_template, date, bos
        How a judge's prompts are written, see `calibration.load_model`.

    Raises
    ------
    ValueError
        For an unknown grader, and a template of one that is no judge.
    FileNotFoundError, ConnectionError
        If a file or model is not there.

    Examples
    --------
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> load_grader("match").judge(["It is white."], [question])[0].grade
    'correct'
    """
    parsed = parse_spec(spec) if isinstance(spec, str) else spec
    refuse_for_judges(parsed, template=template, chats=bool(template_args or chat_template or date or bos != "auto"))
    _refuse_idle(
        parsed,
        {
            "dtype": dtype != "auto", "device": device != "auto", "revision": revision is not None,
            "batch_size": batch_size is not None, "trust_remote_code": trust_remote_code,
        },
    )  # fmt: skip
    if parsed.kind == "match":
        from .matching import Match

        return Match()
    if parsed.kind == "similarity":
        from .similarity import load_similarity

        return load_similarity(parsed)
    if parsed.kind == "nli":
        from .entailment import load_entailment_grader

        return load_entailment_grader(
            parsed, batch_size=batch_size or 16, dtype=dtype, device=device, revision=revision
        )
    if parsed.kind == "model":
        from .judge import load_judge

        return load_judge(
            parsed, template=template, batch_size=batch_size, dtype=dtype, device=device, revision=revision,
            trust_remote_code=trust_remote_code, template_args=template_args, chat_template=chat_template, date=date,
            bos=bos,
        )  # fmt: skip
    if parsed.kind == "human":
        from .human import Human

        return Human.load(parsed.target)
    from .combination import load_combination

    return load_combination(parsed)


def refuse_for_judges(spec: GraderSpec, *, template: TemplateName | None, chats: bool) -> None:
    """Raise for what belongs to a judge if another grader is named.

    Parameters
    ----------
    spec : GraderSpec
        The grader.
    template : {"agreement", "fact", "closed-qa"}, optional
        What a judge is asked.
    chats : bool
        Whether anything is given that decides how prompts are written.

    Raises
    ------
    ValueError
        With the name of the grader.
    """
    if spec.kind == "model":
        return
    if template is not None:
        raise ValueError(f"a template belongs to a judge, model:SPEC; got {spec.text!r}")
    if chats:
        raise ValueError(f"chat template, date and bos belong to a judge, model:SPEC; got {spec.text!r}")


def _refuse_idle(spec: GraderSpec, given: Mapping[str, bool]) -> None:
    """Refuse arguments for a model of a grader that takes none of them."""
    taken = {"model": given.keys(), "nli": given.keys() - {"trust_remote_code"}}.get(spec.kind, ())
    idle = [name for name, is_given in given.items() if is_given and name not in taken]
    if idle:
        raise ValueError(
            f"{', '.join(idle)} would have no effect on the grader {spec}: leave out what it does not take"
        )
