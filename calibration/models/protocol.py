"""Models: what extraction needs of one, and how it is loaded. The only place that loads torch and transformers."""

from __future__ import annotations

import copyreg
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from .tokenizing.chat_formats import ChatFormat

# Characters of the end of a prompt that are shown.
_SHOWN = 60

Finish = Literal["end", "stop", "length", "withheld"]
"""What ended a text, as `Generated` tells it."""

if TYPE_CHECKING:
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray


class RowError(ValueError):
    """An error that names a row, also after it has come from another process."""

    row: int

    def __reduce__(self) -> tuple[Any, ...]:
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class PromptTooLongError(RowError):
    """A prompt has more tokens than the model's context window; `row` is its place in the list that was given.

    `new` is how many more tokens were asked for after the prompt.
    """

    def __init__(self, row: int, tokens: int, window: int, *, new: int = 0) -> None:
        more = f" and {new} more are asked for" if new else ""
        super().__init__(f"the prompt has {tokens} tokens{more}, the model's context window {window}")
        self.row = row


class ContinuationError(RowError):
    """A text that cannot follow a prompt: it adds no token, or one that the tokenizer does not know.

    `row` is the place of its prompt in the list that was given.
    """

    def __init__(self, row: int, text: str) -> None:
        super().__init__(f"the continuation {text!r} must add tokens that the tokenizer knows")
        self.row = row


class AnswerError(RowError):
    """An answer of a model that cannot be used; `row` is the place of its prompt in the list that was given."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row


class NotFiniteError(AnswerError):
    """Logits that hold NaN or infinity."""

    def __init__(self, row: int, dtype: str = "") -> None:
        narrow = "; float16 ends at 65504, a wider dtype may do" if dtype == "float16" else ""
        super().__init__(
            row,
            "the model's logits are not finite (NaN or infinite), so it says nothing: a training that diverged, or a "
            f"damaged copy of its weights{narrow}",
        )


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


@dataclass(frozen=True, slots=True)
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
        What a reader should know: the date that is written, a beginning-of-text token that is missing or stands twice.
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
    """A model that knows how its prompts end and begin; a `Model` may be one."""

    def view(self, prompt: str, *, special_tokens: bool) -> PromptView:
        """What must be known of a prompt, as the text that is asked or as `Model.chat` wrote it."""
        ...


@runtime_checkable
class DatedModel(Protocol):
    """A model whose chat template may write the day; a `Model` may be one."""

    def dated(self, day: date) -> Model:
        """The same model on another day; itself if it was loaded with a date, or writes none."""
        ...


class Model(Protocol):
    """A language model that can be asked for the probability of what comes next."""

    name: str
    revision: str
    description: dict[str, str]
    """What else decides its answers, for the run's manifest: dtype, device, hash of the tokenizer (``tokenizer``), and
    hash of all files that it computes with (``weights``), which a model behind a server does not have."""

    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> str:
        """The text of a chat by the model's own template, the assistant's turn opened with `prefill`.

        Raises
        ------
        ValueError
            Where the model has no chat template.
        """
        ...

    def continuation(self, prompt: str, text: str, *, special_tokens: bool) -> tuple[int, ...] | None:
        """Token ids that a text adds to a prompt.

        None where it changes the prompt's own tokens or holds an unknown one.
        """
        ...

    def next_token_logprobs(
        self,
        prompts: Sequence[str],
        candidates: Sequence[str],
        *,
        special_tokens: bool = True,
        batch_size: int | None = None,
    ) -> NDArray[np.float32]:
        """Natural log-probability of each candidate right after each prompt, over the full vocabulary.

        Parameters
        ----------
        prompts : sequence of str
            Texts; what they share at the beginning is computed once.
        candidates : sequence of str
            Texts that may follow. One of several tokens is scored as their sequence. Their tokens are those behind the
            first prompt, so prompts should end alike.
        special_tokens : bool
            Whether the tokenizer adds its special tokens (off for the text of a chat, which holds its own).
        batch_size : int, optional
            How many prompts go through the model at a time at most; as many as suit its memory where absent.

        Returns
        -------
        ndarray of float32, shape (n_prompts, n_candidates)
        """
        ...

    def stream_logprobs(
        self,
        prompts: Sequence[str],
        candidates: Sequence[str],
        *,
        special_tokens: bool = True,
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
        prompts: Sequence[str],
        continuations: Sequence[Sequence[str]],
        *,
        special_tokens: bool = True,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
        """Log-probability of whole texts behind each prompt, piece by piece: rows, and one value a continuation.

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
        prompts: Sequence[str],
        *,
        special_tokens: bool = True,
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


def load_model(
    spec: str,
    *,
    dtype: str = "auto",
    device: str = "auto",
    revision: str | None = None,
    trust_remote_code: bool = False,
    template_args: Mapping[str, Any] | None = None,
    chat_template: str | None = None,
    date: str | date | None = None,
    bos: Literal["auto", "yes", "no"] = "auto",
) -> Model:
    """Load a causal language model.

    Parameters
    ----------
    spec : str
        A hub name (``HuggingFaceTB/SmolLM2-135M``), a folder in the same format, a ``.gguf`` file, or the name that a
        server has for a model and the server's address (``openai:NAME@http://127.0.0.1:8000/v1``: vLLM, llama.cpp,
        SGLang, OpenAI), or ``vllm:`` and a hub name or folder: vLLM in this process, on every visible GPU that it can
        share the model among. A server's key is read from the environment variable ``VERACAL_API_KEY``, or
        ``OPENAI_API_KEY``; dtype, device and revision are its own.
    dtype : str
        ``float32``, ``bfloat16``, ``float16``, or ``auto``: what the checkpoint is stored in (float32 for GGUF).
    device : str
        ``cpu``, ``cuda``, ``mps``, ``auto``: the first of cuda, mps and cpu that is there, or ``map``: layers spread
        over all GPUs, and main memory where they are full, for a model that is larger than one (extra ``gguf``).
    revision : str, optional
        Branch, tag or commit on the hub; a folder or file has none.
    trust_remote_code : bool
        Whether code that comes with the model may run. Off unless you have read that code. Weights are read from
        safetensors alone, with it or without: pickles (``pytorch_model.bin``) may run code, too.
    template_args : mapping, optional
        What the chat template is given beside the turns, such as ``{"enable_thinking": False}``; a server is sent it as
        ``chat_template_kwargs``.
    chat_template : str, optional
        A file that holds another chat template, or the name of one of several that the tokenizer has.
    date : str or datetime.date, optional
        The date that a chat template writes (``2026-11-29``), today if omitted. Templates such as Llama 3.1's, which
        write a day of their own, are given it only here.
    bos : {"auto", "yes", "no"}
        The beginning-of-text token in front of a prompt: as tokenizer and template put it, exactly once, or never.

    Returns
    -------
    Model

    Raises
    ------
    FileNotFoundError
        Where a path leads nowhere.
    ConnectionError
        Where the hub cannot be reached and the model is not in its cache; where no server answers.
    ValueError
        For an unknown dtype or device, a folder that holds no causal language model, weights that are no safetensors,
        a server that refuses, that answers with another model, or that gives no log-probabilities; for arguments of
        which the chat template takes no notice, and a date that is none.

    Examples
    --------
    >>> model = load_model("HuggingFaceTB/SmolLM2-135M")  # doctest: +SKIP
    >>> model.next_token_logprobs(["2 + 2 ="], [" 4", " 5"]).shape  # doctest: +SKIP
    (1, 2)
    """
    chat_format = ChatFormat.of(template_args=template_args, chat_template=chat_template, date=date, bos=bos)
    if spec.startswith("openai:"):
        if (dtype, device, revision) != ("auto", "auto", None):
            raise ValueError("dtype, device and revision of a model behind a server are the server's: leave them out")
        if trust_remote_code:
            raise ValueError("trust_remote_code has no effect on a model behind a server, which loads it: leave it out")
        from .servers.server_model import connect

        return connect(spec, chat_format=chat_format)
    if spec.startswith("vllm:"):
        from .vllm_model import load as load_vllm

        return load_vllm(
            spec, dtype=dtype, device=device, revision=revision, trust_remote_code=trust_remote_code,
            chat_format=chat_format,
        )  # fmt: skip
    from .loading import load

    return load(
        spec, dtype=dtype, device=device, revision=revision, trust_remote_code=trust_remote_code,
        chat_format=chat_format,
    )  # fmt: skip
