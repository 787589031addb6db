"""A sample of a log of Inspect: what was asked, answered and scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..whole_text import whole_text

_ATTACHMENT = "attachment://"
# A letter behind more tokens stands behind other text. A long answer's likeliest tokens are most of its sample.
_BEGINNING = 32


@dataclass(frozen=True, kw_only=True)
class Score:
    """What one scorer says of an answer.

    Attributes
    ----------
    value : Any
        As the log has it.
    answer : str
        What the scorer read in the answer; empty if it found nothing.
    explanation : str
        Why; empty if the scorer says nothing.
    """

    value: Any
    answer: str
    explanation: str


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One answer to one question.

    Attributes
    ----------
    id : int or str
        As the log has it; a number is often that of the row alone.
    epoch : int
        Which of the answers to the question, from 1.
    question : str
        What was asked; of a conversation its last turn of a user.
    choices : tuple of str
        Texts of the options; none for an open question.
    target : tuple of str
        What is right: letters of options, or texts.
    answer : str
        What the model wrote.
    reasoned : bool
        Whether it thought before it wrote.
    tokens : tuple of mappings
        The log-probabilities of the beginning of it, a token each; none if the log has none.
    scores : mapping of str to Score
        By the name of the scorer; none if the sample was not scored.
    metadata : mapping
        Further columns of the dataset.
    failed : bool
        Whether the sample ended with an error.
    invalid : bool
        Whether it was invalidated after the evaluation.
    where : str
        File and record, for messages.
    """

    id: int | str
    epoch: int
    question: str
    choices: tuple[str, ...]
    target: tuple[str, ...]
    answer: str
    reasoned: bool
    tokens: tuple[Mapping[str, Any], ...]
    scores: Mapping[str, Score]
    metadata: Mapping[str, Any]
    failed: bool
    invalid: bool
    where: str


def sample_of(record: Any, scorer: str, where: str) -> Sample:
    """A sample from its record.

    Parameters
    ----------
    record : Any
        A JSON object.
    scorer : str
        What the only score of an old record is called.
    where : str
        File and record, for messages.

    Raises
    ------
    ValueError
        If something is missing, or of another kind than it must be.
    """
    if not isinstance(record, dict):
        raise ValueError(f"{where}: a sample must be a JSON object, got {type(record).__name__}")
    identity, epoch = record.get("id"), record.get("epoch", 1)
    if isinstance(identity, bool) or not isinstance(identity, int | str) or identity == "":
        raise ValueError(f"{where}: a sample must have an id, got {identity!r}")
    if isinstance(epoch, bool) or not isinstance(epoch, int) or epoch < 1:
        raise ValueError(f"{where}: the epoch of a sample must be a number from 1, got {epoch!r}")
    attachments = record.get("attachments")
    texts = attachments if isinstance(attachments, dict) else {}
    target = record.get("target", "")
    metadata = record.get("metadata")
    message, choice = _answer_of(record.get("output"))
    content = message.get("content", "")
    return Sample(
        id=identity,
        epoch=epoch,
        question=_text(_asked(record.get("input", ""), where), texts),
        choices=tuple(_text(option, texts) for option in _list(record.get("choices"))),
        target=tuple(_text(text, texts) for text in (target if isinstance(target, list) else [target])),
        answer=_text(content, texts),
        reasoned=bool(message.get("reasoning")) or any(_kind(part) == "reasoning" for part in _list(content)),
        tokens=_tokens(choice.get("logprobs")),
        scores=_scores(record, scorer, where),
        metadata=metadata if isinstance(metadata, dict) else {},
        failed=record.get("error") is not None,
        invalid=record.get("invalidation") is not None,
        where=where,
    )


def _answer_of(output: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The first answer's message, and all that goes with it."""
    choices = _list(output.get("choices")) if isinstance(output, dict) else []
    choice = choices[0] if choices and isinstance(choices[0], dict) else {}
    message = choice.get("message")
    return (message if isinstance(message, dict) else {}), choice


def _asked(asked: Any, where: str) -> Any:
    if not isinstance(asked, list):
        return asked
    turns = [turn for turn in asked if isinstance(turn, dict)]
    by_users = [turn for turn in turns if turn.get("role") == "user"] or turns
    if not by_users:
        raise ValueError(f"{where}: the input of a sample must be a text or messages, got {asked!r:.80}")
    return by_users[-1].get("content", "")


def _text(content: Any, attachments: Mapping[str, Any]) -> str:
    """A text, or the texts of parts, fetched back if moved away."""
    if isinstance(content, list):
        texts = (part.get("text", "") if isinstance(part, dict) else part for part in content)
        return "\n".join(_text(text, attachments) for text in texts if text)
    if content is None:
        return ""
    text = str(content)
    if text.startswith(_ATTACHMENT):
        text = str(attachments.get(text.removeprefix(_ATTACHMENT), text))
    return whole_text(text)


def is_moved(record: Mapping[str, Any]) -> bool:
    """Whether a text that is read was moved to the attachments of its sample."""
    message, _ = _answer_of(record.get("output"))
    fields = [record.get("input"), record.get("choices"), record.get("target"), message.get("content")]
    return _ATTACHMENT in str(fields)


def _scores(record: Mapping[str, Any], scorer: str, where: str) -> dict[str, Score]:
    scores = record.get("scores")
    if scores is None:
        only = record.get("score")
        scores = {} if only is None else {scorer: only}
    if not isinstance(scores, dict) or not all(isinstance(score, dict) for score in scores.values()):
        raise ValueError(f"{where}: scores must be objects by the name of their scorer, got {scores!r:.80}")
    return {
        name: Score(
            value=score.get("value"),
            answer=whole_text(str(score.get("answer") or "")),
            explanation=whole_text(str(score.get("explanation") or "")),
        )
        for name, score in scores.items()
    }


def _tokens(logprobs: Any) -> tuple[Mapping[str, Any], ...]:
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    return tuple(token for token in _list(content)[:_BEGINNING] if isinstance(token, dict))


def _kind(part: Any) -> str:
    return str(part.get("type", "")) if isinstance(part, dict) else ""


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []
