"""Models in vLLM's engine: continuous batches, prefix caching, tensor parallel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from transformers import PreTrainedTokenizerBase
from typing_extensions import override

from ...errors import NotFiniteError
from ..arguments import Batching, Decoding, Temperatures
from ..checked_model import Logprobs, Sums, Texts
from ..loading_options import Loading
from ..protocol import Generated, Prompt
from ..tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat
from ..tokenizing.chat_templates import ChatTemplate
from ..tokenizing.decoding import decoded, first_token_behind, thought_marks
from ..tokenizing.thoughts import opens_thoughts, split_thoughts
from ..tokenizing.tokenization import (
    TokenIds,
    candidate_tokens,
    continuation_tokens,
    refuse_long_prompts,
    turn_end,
)
from ..tokenizing.tokenized_model import TokenizedModel
from .engines import load_engine
from .questions import Question, pieces, questions


def load_vllm_model(spec: str, loading: Loading) -> VllmModel:
    """Load a model into vLLM's engine; see `calibration.load_model`."""
    loaded = load_engine(spec, loading)
    return VllmModel(spec, loaded.commit, loaded.engine, loaded.tokenizer, loaded.weights, loading.chat_format)


@dataclass(eq=False)
class VllmModel(TokenizedModel):
    """A model in vLLM's engine; see `calibration.models.protocol.Model` for what it answers.

    The engine makes its own batches, so `batch_size` decides nothing. Log-probabilities are of the raw distribution
    over the full vocabulary: vLLM gives those of chosen tokens. A text of several tokens is asked for token by token,
    each behind those before it, which the prefix cache makes cheap. Digits depend on what the engine computes together,
    as far as rounding goes.

    Attributes
    ----------
    name, revision : str
        What was asked for, and the commit that the hub gave.
    engine : vllm.LLM
        The engine that holds the weights.
    tokenizer : PreTrainedTokenizerBase
        Its tokenizer.
    weights : str
        Hash of the files that it was loaded from.
    chat_format : ChatFormat
        Which template writes a chat, with which arguments and date, and where a prompt begins.
    """

    name: str
    revision: str
    engine: Any
    tokenizer: PreTrainedTokenizerBase
    weights: str = ""
    chat_format: ChatFormat = PLAIN_FORMAT
    # Below the lowest vLLM samples as at it.
    temperatures = Temperatures(coldest=0.01, hottest=2.0, back_end="vLLM")
    description: dict[str, str] = field(init=False)
    _template: ChatTemplate = field(init=False)

    def __post_init__(self) -> None:
        self._describe(dtype=self.engine.model_config.dtype, device="cuda", weights=self.weights)

    @property
    def context_window(self) -> int:
        """How many tokens the engine reads and writes."""
        return int(self.engine.model_config.max_model_len)

    @override
    def _logprobs(self, prompts: Sequence[Prompt], candidates: Sequence[str], batching: Batching) -> Logprobs:
        sequences = candidate_tokens(self.tokenizer, prompts[0], candidates, bos=self.chat_format.bos)
        sums = self._stream(self._encoded(prompts), [sequences] * len(prompts), batching)
        return ((rows, np.array(values, dtype=np.float32)) for rows, values in sums)

    @override
    def _continuations(
        self, prompts: Sequence[Prompt], continuations: Sequence[Sequence[str]], batching: Batching
    ) -> Sums:
        sequences = [
            continuation_tokens(self.tokenizer, row, prompt, texts, bos=self.chat_format.bos)
            for row, (prompt, texts) in enumerate(zip(prompts, continuations, strict=True))
        ]
        return self._stream(self._encoded(prompts), sequences, batching)

    @override
    def _texts(self, prompts: Sequence[Prompt], decoding: Decoding, batching: Batching) -> Texts:
        """Texts of which vLLM makes the draws that a seed decides."""
        encoded = self._encoded(prompts)
        refuse_long_prompts(encoded, [decoding.max_new_tokens] * len(prompts), self.context_window)
        ends = turn_end(self.tokenizer) | ({self.tokenizer.eos_token_id} - {None})
        from vllm import SamplingParams

        def settings(row: int) -> Any:
            seed = decoding.seed(row)
            return SamplingParams(
                max_tokens=decoding.max_new_tokens,
                stop=list(decoding.stop),
                stop_token_ids=sorted(ends),  # beside those of the model's generation settings, which vLLM adds
                temperature=decoding.temperature,
                seed=None if seed is None else seed % 2**63,
                logprobs=0,  # of the tokens that it writes alone
            )

        def answers() -> Texts:
            for rows in pieces(encoded, batching):
                outputs = self._ask([encoded[row] for row in rows], [settings(row) for row in rows])
                new = [
                    (row, self._written(output, opened=opens_thoughts(prompts[row].text)))
                    for row, output in zip(rows, outputs, strict=True)
                    if row not in batching.done
                ]
                for row, text in new:
                    if not np.isfinite(text.logprobs).all():
                        raise NotFiniteError(row, self.description["dtype"])
                yield [row for row, _ in new], [text for _, text in new]

        return answers()

    def _stream(
        self,
        encoded: Sequence[TokenIds],
        sequences: Sequence[Sequence[tuple[int, ...]]],
        batching: Batching,
    ) -> Sums:
        """Rows, and the summed log-probabilities of each row's sequences behind its prompt."""
        # vLLM always writes a token: a sequence's last one stands where that would.
        refuse_long_prompts(encoded, [max(map(len, own), default=0) for own in sequences], self.context_window)

        def answers() -> Sums:
            for rows in pieces(encoded, batching):
                asked = [(row, question) for row in rows for question in questions(encoded[row], sequences[row])]
                sums = {row: np.zeros(len(sequences[row])) for row in rows if row not in batching.done}
                for (row, question), values in zip(asked, self._read([each for _, each in asked]), strict=True):
                    if not np.isfinite(values).all():
                        raise NotFiniteError(row, self.description["dtype"])
                    if row in sums:
                        sums[row][question.candidates] += values
                yield list(sums), list(sums.values())

        return answers()

    def _read(self, asked: Sequence[Question]) -> list[list[float]]:
        """Log-probability of each wanted token of each question."""
        from vllm import SamplingParams

        settings = [
            SamplingParams(
                max_tokens=1, temperature=0.0, logprob_token_ids=sorted(set(question.wanted)), detokenize=False
            )
            for question in asked
        ]
        outputs = self._ask([question.tokens for question in asked], settings)
        return [
            [output.logprobs[0][token].logprob for token in question.wanted]
            for question, output in zip(asked, outputs, strict=True)
        ]

    def _ask(self, prompts: Sequence[TokenIds], settings: Sequence[Any]) -> list[Any]:
        """What the engine writes behind each prompt."""
        if not prompts:
            return []
        requests = self.engine.generate(
            [{"prompt_token_ids": list(tokens)} for tokens in prompts], list(settings), use_tqdm=False
        )
        return [request.outputs[0] for request in requests]

    def _written(self, output: Any, *, opened: str) -> Generated:
        """A text that vLLM wrote."""
        finish: Literal["end", "stop", "length"] = "end"
        if output.finish_reason == "length":
            finish = "length"
        elif isinstance(output.stop_reason, str):
            finish = "stop"
        tokens, text, marks = list(output.token_ids), output.text, thought_marks(self.tokenizer)
        values = [position[token].logprob for token, position in zip(tokens, output.logprobs, strict=True)]
        logprobs = tuple(min(value, 0.0) for value in values)
        if not marks.keys().isdisjoint(tokens):  # which vLLM's text is without
            text = decoded(self.tokenizer, tokens, marks)
            text = text.partition(output.stop_reason)[0] if finish == "stop" else text
        split = split_thoughts(text, opened=bool(opened))
        if not split.start and split.closed:
            return Generated(text, logprobs, finish)
        first = first_token_behind(self.tokenizer, tokens, split.start, marks)
        return Generated(split.answer, logprobs[first:], finish, split.thoughts or ("" if split.closed else opened))
