"""Models whose prompts are written here, by a tokenizer and its chat template."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Sequence
from typing import Self

from transformers import PreTrainedTokenizerBase
from typing_extensions import override

from ..checked_model import CheckedModel
from ..protocol import DatedModel, Prompt, PromptView, PromptViewer, Token
from .chat_formats import ChatFormat
from .chat_templates import ChatTemplate
from .prompt_views import view_prompt
from .tokenization import added_tokens, encode, tokenizer_hash


class TokenizedModel(CheckedModel, PromptViewer, DatedModel):
    """A back end whose tokenizer writes chats and shows how prompts begin.

    Attributes
    ----------
    tokenizer : PreTrainedTokenizerBase
        The model's.
    chat_format : ChatFormat
        Which template writes a chat, with which arguments and date, and where a prompt begins.
    """

    tokenizer: PreTrainedTokenizerBase
    chat_format: ChatFormat
    _template: ChatTemplate

    def _describe(self, *, dtype: object, device: str, weights: str) -> None:
        """Read the chat template, and describe the model for manifests."""
        self._template = ChatTemplate.of(self.tokenizer, self.name, self.chat_format)
        self.description = {
            "tokenizer": tokenizer_hash(self.tokenizer),
            "dtype": str(dtype).removeprefix("torch."),
            "device": device,
            **({"weights": weights} if weights else {}),
            **self._template.described,
        }

    def _encoded(self, prompts: Sequence[Prompt]) -> list[list[int]]:
        return encode(self.tokenizer, prompts, bos=self.chat_format.bos)

    @override
    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> Prompt:
        text = self._template.chat(messages, prefill=prefill)
        return Prompt(text, tuple(messages), prefill)

    @override
    def dated(self, day: dt.date) -> Self:
        template = self._template.dated(day)
        if template is self._template:
            return self
        other = copy.copy(self)
        other._template = template  # noqa: SLF001 (a copy of its own)
        other.description = {**self.description, **template.described}
        return other

    @override
    def view(self, prompt: Prompt) -> PromptView:
        return view_prompt(self._template, prompt)

    @override
    def added_tokens(self, prompt: Prompt, text: str) -> tuple[Token, ...] | None:
        return added_tokens(self.tokenizer, prompt, text, bos=self.chat_format.bos)
