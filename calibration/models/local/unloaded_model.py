"""A model without its weights: its tokenizer and context window, which refuse prompts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from transformers import AutoConfig, AutoTokenizer, PreTrainedTokenizerBase
from typing_extensions import override

from ..arguments import Batching, Decoding
from ..checked_model import Logprobs, Sums, Texts
from ..checkpoints.failures import guarded_loading
from ..checkpoints.locations import Location
from ..loading_options import Loading
from ..protocol import Prompt
from ..tokenizing.chat_formats import ChatFormat
from ..tokenizing.chat_templates import ChatTemplate
from ..tokenizing.tokenization import refuse_long_prompts
from ..tokenizing.tokenized_model import TokenizedModel
from .contexts import candidate_contexts, continuation_contexts


def read_unloaded(spec: str, location: Location, loading: Loading) -> UnloadedModel:
    """Tokenizer and context window of a model in a folder or on the hub.

    Raises
    ------
    ValueError
        As `calibration.load_model`.
    """
    options: dict[str, Any] = {
        "trust_remote_code": loading.trust_remote_code,
        "revision": location.commit or "main",
    }
    fault = "not a causal language model that can be loaded"
    with guarded_loading(spec, location, fault, code=loading.trust_remote_code):
        tokenizer = AutoTokenizer.from_pretrained(location.source, **options)
        config = AutoConfig.from_pretrained(location.source, **options).get_text_config()
    window = getattr(config, "max_position_embeddings", None)
    return UnloadedModel(spec, location.commit, tokenizer, int(window) if window else None, loading.chat_format)


@dataclass(eq=False)
class UnloadedModel(TokenizedModel):
    """A model that refuses what it would refuse with its weights, and answers nothing.

    Attributes
    ----------
    name, revision : str
        What was asked for, and the commit that the hub gave.
    tokenizer : PreTrainedTokenizerBase
        Its tokenizer.
    context_window : int or None
        How many tokens it can read; None where it has no such limit.
    chat_format : ChatFormat
        As of a loaded model.
    """

    name: str
    revision: str
    tokenizer: PreTrainedTokenizerBase
    context_window: int | None
    chat_format: ChatFormat
    description: dict[str, str] = field(init=False)
    _template: ChatTemplate = field(init=False)

    def __post_init__(self) -> None:
        self._describe(dtype="", device="", weights="")

    @override
    def _logprobs(self, prompts: Sequence[Prompt], candidates: Sequence[str], batching: Batching) -> Logprobs:
        candidate_contexts(self.tokenizer, prompts, candidates, bos=self.chat_format.bos, window=self.context_window)
        return _unanswered()

    @override
    def _continuations(
        self, prompts: Sequence[Prompt], continuations: Sequence[Sequence[str]], batching: Batching
    ) -> Sums:
        continuation_contexts(
            self.tokenizer, prompts, continuations, bos=self.chat_format.bos, window=self.context_window
        )
        return _unanswered()

    @override
    def _texts(self, prompts: Sequence[Prompt], decoding: Decoding, batching: Batching) -> Texts:
        refuse_long_prompts(self._encoded(prompts), [decoding.max_new_tokens] * len(prompts), self.context_window)
        return _unanswered()


def _unanswered() -> Iterator[NoReturn]:
    """An iterator that raises when it is read, since that needs weights."""
    return map(_refuse, range(1))


def _refuse(_: int) -> NoReturn:
    raise RuntimeError("a model without weights answers nothing")
