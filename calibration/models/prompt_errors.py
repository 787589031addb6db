"""Errors about a prompt, which say what it asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ..errors import AnswerError, ContinuationError, PromptTooLongError


@contextmanager
def prompts_named(names: Sequence[str], *, if_too_long: str) -> Iterator[None]:
    """Name what a prompt asks in errors that know only its row.

    Parameters
    ----------
    names : sequence of str
        What each prompt asks that the model is given.
    if_too_long : str
        What helps if a prompt is too long.

    Raises
    ------
    ValueError
        In place of `PromptTooLongError`, `ContinuationError` and `AnswerError`.

    Examples
    --------
    >>> with prompts_named(["item law/0", "item law/1"], if_too_long="use fewer shots"):
    ...     raise PromptTooLongError(1, 3000, 2048)
    Traceback (most recent call last):
    ValueError: item law/1: the prompt has 3000 tokens, the model's context window 2048; nothing is cut: use fewer shots
    """
    try:
        yield
    except PromptTooLongError as error:
        raise ValueError(f"{names[error.row]}: {error}; nothing is cut: {if_too_long}") from None
    except ContinuationError as error:
        raise ValueError(f"{names[error.row]}: {error}; leave it out") from None
    except AnswerError as error:
        raise ValueError(f"{names[error.row]}: {error}; what was done is kept") from None
