"""Judges that say what a test lets them say."""
# ruff: noqa: ARG002 (the arguments are the protocol's)

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.errors import PromptTooLongError
from calibration.models.checked_model import as_prompts
from calibration.models.protocol import Prompt, Token


class FakeJudge:
    """A model whose preference for a lettered line is `likes(prompt, line)`, on top of one for letters.

    Attributes
    ----------
    bias : sequence of float
        What is added to the logarithm of each letter, whatever stands there.
    mass : float
        Probability on the letters written like `` A`` and ``A`` together, half of it each.
    window : int
        Characters of the longest prompt.
    asked : list of str
        The prompts that it was asked.
    """

    name = "fake"
    revision = ""

    def __init__(
        self,
        likes: Callable[[str, str], float],
        *,
        bias: Sequence[float] = (),
        mass: float = 1.0,
        window: int = 10**9,
        chats: bool = True,
    ) -> None:
        self.likes, self.bias, self.mass, self.window, self.chats = likes, bias, mass, window, chats
        self.asked: list[str] = []
        self.description: dict[str, str] = {}

    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> Prompt:
        if not self.chats:
            raise ValueError("fake: the tokenizer has no chat template; use the style completion")
        return Prompt(f"<user>{messages[-1]['content']}<assistant>{prefill}", tuple(messages), prefill)

    def added_tokens(self, prompt: Prompt, text: str) -> tuple[Token, ...] | None:
        return (1000 * len(text) + ord(text[-1]),)

    def next_token_logprobs(
        self, prompts: Sequence[str | Prompt], candidates: Sequence[str], *, batch_size: int | None = None
    ) -> NDArray[np.float32]:
        texts = [prompt.text for prompt in as_prompts(prompts)]
        for row, prompt in enumerate(texts):
            if len(prompt) > self.window:
                raise PromptTooLongError(row, len(prompt), self.window)
        self.asked += texts
        rows = []
        for prompt in texts:
            lines: list[Any] = re.findall(r"^[A-Z]\. (.*)$", prompt, re.MULTILINE)
            logits = np.array([self.likes(prompt, line) for line in lines])
            logits += np.array([*self.bias, *[0.0] * len(logits)])[: len(logits)]
            share = np.exp(logits) / np.exp(logits).sum() * self.mass / 2
            rows.append([np.log(share[ord(text[-1]) - ord("A")]) for text in candidates])
        return np.array(rows, dtype=np.float32)

    stream_logprobs: Any = None
    stream_continuations: Any = None
    generate: Any = None
