"""Protocol of models: prompts, and what every back end answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

import numpy as np

# Characters of the end of a prompt that are shown.
_SHOWN = 60

Finish = Literal["end", "stop", "length", "withheld"]
"""What ended a text, as `Generated` tells it."""

Token = int | str
"""A token: its number, or its text if a server gives no number."""

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Prompt:
    """Text that a model continues, or chat whose next turn it writes.

    Attributes
    ----------
    text : str
        The text as the model reads it, a chat by its template with the template's special tokens. If only a server has
        the template, JSON of turns and opening, which stands for the chat in hashes.
    turns : tuple of mapping
        The turns of a chat, with ``role`` and ``content``; empty for a text.
    opened : str
        How the assistant's turn begins.

    Examples
    --------
    >>> Prompt("2 + 2 =").is_chat
    False
    """

    text: str
    turns: tuple[Mapping[str, str], ...] = ()
    opened: str = ""

    @property
    def is_chat(self) -> bool:
        """Whether it is a chat, whose text holds its own special tokens."""
        return bool(self.turns)


@dataclass(frozen=True, slots=True)
class Generated:
    """A text that a model wrote.

    Attributes
    ----------
    text : str
        The text, as the model wrote it, without its thoughts and without what ended it.
    logprobs : tuple of float
        Natural log-probability of each token in the model's raw distribution; the last one is that of the token that
        ended the text, where one did. Without those of thoughts; empty where they cannot be told from the thoughts'.
    finish : {"end", "stop", "length", "withheld"}
        What ended it: the model itself, a stop text, the number of tokens that was allowed, or the server, which kept
        the rest back.
    thoughts : str
        What the model wrote for itself in front of the text, with the marks around it
        (`calibration.models.tokenizing.thoughts`).
    """

    text: str
    logprobs: tuple[float, ...]
    finish: Finish
    thoughts: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptView:
    """What must be known of a prompt before its answers are trusted.

    Attributes
    ----------
    end : str
        Its last characters, quoted; empty if only a server knows them.
    opened_thoughts : str
        The mark with which it opens the model's thoughts; empty if it opens none.
    switch : str
        The argument of the chat template that closes thoughts, if there is one and it is not used.
    notes : tuple of str
        What a reader should know: the date that is written, a beginning-of-text token that is missing or occurs twice.
    warnings : tuple of str
        What makes answers doubtful.
    """

    end: str
    opened_thoughts: str = ""
    switch: str = ""
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @staticmethod
    def end_of(prompt: str) -> str:
        """The last characters of a prompt, quoted.

        Examples
        --------
        >>> PromptView.end_of("Answer:")
        "'Answer:'"
        """
        return repr(prompt) if len(prompt) <= _SHOWN else f"…{prompt[-_SHOWN:]!r}"


@runtime_checkable
class PromptViewer(Protocol):
    """Model that knows how its prompts end and begin."""

    def view(self, prompt: Prompt) -> PromptView:
        """How a prompt ends and begins, and what makes its answers doubtful."""
        ...


@runtime_checkable
class DatedModel(Protocol):
    """Model whose chat template may write the day."""

    def dated(self, day: date) -> Model:
        """The model on another day; itself if its date is fixed or not written."""
        ...


@runtime_checkable
class PlannedModel(Protocol):
    """Model that decides by a trial how its prompts are computed."""

    def planned(self, prompts: Sequence[str | Prompt]) -> Model:
        """The model with a plan for prompts as long as these.

        Its calls are spared the trial.

        The model itself stays as it is, and tries anew at each call.

        Raises
        ------
        ValueError
            If the model is not causal.

        Examples
        --------
        >>> model = load_model("meta-llama/Llama-3.1-8B")  # doctest: +SKIP
        >>> quick = model.planned(prompts)  # doctest: +SKIP
        >>> tables = [quick.next_token_logprobs([prompt], [" A", " B"]) for prompt in prompts]  # doctest: +SKIP
        """
        ...


class Model(Protocol):
    """A language model that can be asked for the probability of what comes next."""

    name: str
    revision: str
    description: dict[str, str]
    """What else decides its answers, for the run's manifest: dtype, device, hash of the tokenizer (``tokenizer``), and
    hash of all files that it computes with (``weights``), which a model behind a server does not have."""

    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> Prompt:
        """Prompt of a chat by the model's own template, opened with `prefill`.

        Raises
        ------
        ValueError
            Where the model has no chat template.
        """
        ...

    def added_tokens(self, prompt: Prompt, text: str) -> tuple[Token, ...] | None:
        """Tokens that a text adds to a prompt, which tell letter forms apart.

        None if the text changes the prompt's own tokens or holds an unknown one.
        """
        ...

    def next_token_logprobs(
        self, prompts: Sequence[str | Prompt], candidates: Sequence[str], *, batch_size: int | None = None
    ) -> NDArray[np.float32]:
        """Natural log-probability of each candidate right after each prompt, over the full vocabulary.

        Parameters
        ----------
        prompts : sequence of str or Prompt
            Texts, and chats from `chat`; what they share at the beginning is computed once.
        candidates : sequence of str
            Texts that may follow. One of several tokens is scored as their sequence. Their tokens are those behind the
            first prompt, so prompts should end alike.
        batch_size : int, optional
            Most prompts in one batch; if omitted, as many as suit the memory.

        Returns
        -------
        ndarray of float32, shape (n_prompts, n_candidates)
            What the source does not give is an upper bound, which `stream_logprobs` masks.
        """
        table = np.full((len(prompts), len(candidates)), np.nan, dtype=np.float32)
        for rows, values in self.stream_logprobs(prompts, candidates, batch_size=batch_size):
            table[rows] = np.ma.getdata(values)
        return table

    def stream_logprobs(
        self,
        prompts: Sequence[str | Prompt],
        candidates: Sequence[str],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """`next_token_logprobs` piece by piece: rows, and their log-probabilities (n_rows, n_candidates).

        Values that the source does not give are masked (`numpy.ma`), and are what they can be at most.

        Bad prompts are refused at the call, before anything is computed. Which rows go through the model together
        depends on the whole list, not on `done` (rows to leave out), so an extraction that was interrupted ends with
        the same digits as one that was not.

        Raises
        ------
        PromptTooLongError
            For a prompt longer than the context window; nothing is cut.
        NotFiniteError
            While it is computed, for a prompt after which the model's logits hold NaN or infinity.
        """
        ...

    def stream_continuations(
        self,
        prompts: Sequence[str | Prompt],
        continuations: Sequence[Sequence[str]],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
        """Log-probability of whole texts behind each prompt, batch by batch.

        Prompt indexes, and one value a continuation.

        The natural log-probabilities of the tokens that a continuation adds are summed, over the full vocabulary and
        not divided by their number. Each prompt has its own continuations; what prompts share is computed once.

        Raises
        ------
        PromptTooLongError, ContinuationError
            At the call, for a prompt that with a continuation is longer than the context window, and for a continuation
            that adds no known token.
        """
        ...

    def generate(
        self,
        prompts: Sequence[str | Prompt],
        *,
        max_new_tokens: int,
        stop: Sequence[str] = (),
        temperature: float = 0.0,
        seeds: Sequence[int] = (),
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], list[Generated]]]:
        """A continuation of each prompt, piece by piece: rows, and their texts.

        At the temperature 0 greedy: the likeliest token of the model's raw distribution, whatever its generation
        settings say. Above it each token is drawn from the softmax of the raw logits divided by the temperature; one
        number a prompt in `seeds` decides all its draws, so that a prompt with its seed gets the same text in any batch
        (but for what rounding does to a near tie). A text ends with the model's end of text or end of turn, before the
        first of the texts in `stop`, or after `max_new_tokens` tokens. Which rows go through the model together depends
        on the whole list, not on `done`.

        Raises
        ------
        PromptTooLongError
            At the call, for a prompt that with `max_new_tokens` more is longer than the context window.
        """
        ...
