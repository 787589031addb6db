"""Loading of a grader by its name."""

from __future__ import annotations

from typing import Unpack

from typing_extensions import TypeIs

from calibration.models.loading_options import Loading, ModelOptions
from calibration.models.protocol import Model
from calibration.models.tokenizing.chat_formats import PLAIN_FORMAT

from . import Grader
from .specs import GraderSpec, parse_spec
from .templates import TemplateName


def load_grader(
    spec: str | GraderSpec | Model = "combined",
    *,
    template: TemplateName | None = None,
    batch_size: int | None = None,
    **options: Unpack[ModelOptions],
) -> Grader:
    """Load a grader by its name, or make a model a judge.

    Parameters
    ----------
    spec : str or GraderSpec or Model
        ``match``: the references that an answer names (`matching`). ``similarity``, ``similarity:rouge1|rougeL|bleu|
        minilm|ENCODER``: whether it is nearer to a right or to a wrong one (`similarity`). ``combined``, the default,
        ``combined:words``, ``combine:FILE``, ``combine+references:FILE``: many comparisons, weighed as people judged
        (`combination`). ``nli:MODEL``: an entailment model (`entailment`). ``model:SPEC``, ``model:SPEC#TEMPLATE``: a
        language model as a judge (`judge`). ``human:FILE``: verdicts of people (`human`). A model, as from
        `calibration.load_model` or `calibration.from_transformers`: it is the judge.
    template : {"agreement", "fact", "closed-qa"}, optional
        What a judge is asked.
    batch_size : int, optional
        How many texts go through a model at a time at most; as many as suit its memory if omitted.
    **options
        Of a model, as in `calibration.load_model`: ``dtype``, ``device``, ``revision``; of a judge also
        ``trust_remote_code``, ``adapter``, and how its prompts are written: ``template_args``, ``chat_template``,
        ``date``, ``bos``.

    Raises
    ------
    ValueError
        For an unknown grader, and a template of one that is no judge.
    FileNotFoundError, ConnectionError
        If a file or model is not there.

    Examples
    --------
    >>> from factuality import Question, load_grader
    >>> question = Question("sun/0", "science", "What colour is the Sun?", ("white",), ("yellow",))
    >>> load_grader("match").judge(["It is white."], [question])[0].grade
    'correct'
    """
    loading = Loading.of(**options)
    if is_model(spec):
        if options:
            raise ValueError(f"{', '.join(options)}: the judge {spec.name} is loaded, leave options of its loading out")
        from .judge import Judge

        return Judge(spec, template or "agreement", batch_size=batch_size)
    parsed = parse_spec(spec) if isinstance(spec, str) else spec
    refuse_for_judges(parsed, template=template, loading=loading)
    _refuse_idle(parsed, loading, batch_size)
    if parsed.kind == "match":
        from .matching import Match

        return Match()
    if parsed.kind == "similarity":
        from .similarity import load_similarity

        return load_similarity(parsed)
    if parsed.kind == "nli":
        from .entailment import load_entailment_grader

        return load_entailment_grader(parsed, loading, batch_size=batch_size or 16)
    if parsed.kind == "model":
        from .judge import load_judge

        return load_judge(parsed, template=template, batch_size=batch_size, **options)
    if parsed.kind == "human":
        from .human import Human

        return Human.load(parsed.target)
    from .combination import load_combination

    return load_combination(parsed)


def is_model(grader: object) -> TypeIs[Model]:
    """Whether something is a model, which can be a judge."""
    return hasattr(grader, "stream_logprobs")


def refuse_for_judges(spec: GraderSpec, *, template: TemplateName | None, loading: Loading) -> None:
    """Raise for what belongs to a judge if another grader is named.

    Parameters
    ----------
    spec : GraderSpec
        The grader.
    template : {"agreement", "fact", "closed-qa"}, optional
        What a judge is asked.
    loading : Loading
        How its model is loaded, and how prompts are written.

    Raises
    ------
    ValueError
        With the name of the grader.
    """
    if spec.kind == "model":
        return
    if template is not None:
        raise ValueError(f"a template belongs to a judge, model:SPEC; got {spec.text!r}")
    if loading.chat_format != PLAIN_FORMAT:
        raise ValueError(f"chat template, date and bos belong to a judge, model:SPEC; got {spec.text!r}")


def _refuse_idle(spec: GraderSpec, loading: Loading, batch_size: int | None) -> None:
    """Refuse arguments for a model of a grader that takes none of them."""
    if spec.kind == "model":
        return
    idle = [*loading.chosen, *(["batch_size"] if batch_size is not None else [])]
    if spec.kind == "nli":
        idle = [name for name in idle if name in ("trust_remote_code", "adapter")]
    if idle:
        raise ValueError(
            f"{', '.join(idle)} would have no effect on the grader {spec}: leave out what it does not take"
        )
