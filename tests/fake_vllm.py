"""What the project uses of vLLM 0.33.0, over a small transformers model on the CPU: stands where `vllm` is imported.

Names, defaults, what is refused and the shape of what comes back are those of `vllm.LLM`, `vllm.EngineArgs`,
`vllm.SamplingParams` and `vllm.outputs` in that version; a name that it does not have is refused here too. The numbers
come from the network, one whole prompt at a time. tests/real/test_vllm.py holds this file against an installed vLLM.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

MAX_LOGPROB_TOKEN_IDS = 128


@dataclass
class SamplingParams:
    """How a prompt is continued."""

    temperature: float = 1.0
    seed: int | None = None
    stop: list[str] | None = None
    stop_token_ids: list[int] | None = None
    max_tokens: int | None = 16
    logprobs: int | None = None
    logprob_token_ids: list[int] | None = None
    detokenize: bool = True

    def __post_init__(self) -> None:
        if not 0.0 <= self.temperature <= 2.0:
            raise ValueError(f"temperature must be in [0, 2], got {self.temperature}.")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, got {self.max_tokens}.")
        if any(not text for text in self.stop or ()):
            raise ValueError("stop cannot contain an empty string.")
        if self.stop and not self.detokenize:
            raise ValueError("stop strings are only supported when detokenize is True.")
        if len(self.logprob_token_ids or ()) > MAX_LOGPROB_TOKEN_IDS:
            raise ValueError("Requested logprob_token_ids of a length greater than max allowed")


@dataclass
class Logprob:
    """One token's log-probability."""

    logprob: float


@dataclass
class CompletionOutput:
    """One continuation."""

    text: str
    token_ids: list[int]
    logprobs: list[dict[int, Logprob]] | None
    finish_reason: str | None = None
    stop_reason: int | str | None = None


@dataclass
class RequestOutput:
    """A prompt's continuations."""

    outputs: list[CompletionOutput]


@dataclass
class ModelConfig:
    """What the engine says of its model."""

    dtype: torch.dtype
    max_model_len: int


@dataclass(init=False)
class LLM:
    """An engine. `asked` keeps every list of prompts that it was given."""

    model_config: ModelConfig
    options: dict[str, Any]
    asked: list[list[dict[str, Any]]] = field(default_factory=list)

    def __init__(
        self,
        model: str,
        *,
        tokenizer_revision: str | None = None,
        revision: str | None = None,
        trust_remote_code: bool = False,
        tensor_parallel_size: int = 1,
        dtype: str = "auto",
        enable_prefix_caching: bool | None = None,
        logprobs_mode: str = "raw_logprobs",
        load_format: str = "auto",
    ) -> None:
        self.options = {
            "tokenizer_revision": tokenizer_revision,
            "revision": revision,
            "trust_remote_code": trust_remote_code,
            "tensor_parallel_size": tensor_parallel_size,
            "dtype": dtype,
            "enable_prefix_caching": enable_prefix_caching,
            "logprobs_mode": logprobs_mode,
            "load_format": load_format,
        }
        heads = AutoConfig.from_pretrained(model).num_attention_heads
        if heads % tensor_parallel_size:
            raise ValueError(
                f"Total number of attention heads ({heads}) must be divisible by tensor parallel size "
                f"({tensor_parallel_size})."
            )
        # As vLLM: what is stored as float32 is computed in 16 bits unless float32 is asked for.
        kind = torch.bfloat16 if dtype == "auto" else getattr(torch, dtype)
        self.network = AutoModelForCausalLM.from_pretrained(model, dtype=kind)
        self.network.train(mode=False)
        self.tokenizer = AutoTokenizer.from_pretrained(model)
        self.model_config = ModelConfig(kind, self.network.config.max_position_embeddings)
        self.asked = []

    def generate(
        self,
        prompts: Sequence[dict[str, Any]],
        sampling_params: SamplingParams | Sequence[SamplingParams] | None = None,
        *,
        use_tqdm: bool = True,
    ) -> list[RequestOutput]:
        """Continuations, in the order of the prompts."""
        assert isinstance(sampling_params, Sequence)
        assert not use_tqdm
        if len(prompts) != len(sampling_params):
            raise ValueError("The lengths of prompts and sampling_params must be the same.")
        self.asked.append(list(prompts))
        return [
            RequestOutput([self._continue(prompt["prompt_token_ids"], params)])
            for prompt, params in zip(prompts, sampling_params, strict=True)
        ]

    @torch.inference_mode()
    def _continue(self, prompt: list[int], params: SamplingParams) -> CompletionOutput:
        window = self.model_config.max_model_len
        if not 0 < len(prompt) < window:
            raise ValueError(f"The decoder prompt (length {len(prompt)}) is longer than the maximum model length")
        ends = {
            self.network.generation_config.eos_token_id,
            self.tokenizer.eos_token_id,
            *(params.stop_token_ids or ()),
        }
        generator = torch.Generator()
        if params.seed is not None:
            generator.manual_seed(params.seed)
        written: list[int] = []
        logprobs: list[dict[int, Logprob]] = []
        while True:
            logits = self.network(torch.tensor([[*prompt, *written]]), use_cache=False).logits[0, -1].float()
            raw = torch.log_softmax(logits, -1)
            if params.temperature:
                token = int(torch.multinomial((logits / params.temperature).softmax(-1), 1, generator=generator))
            else:
                token = int(logits.argmax())
            written.append(token)
            wanted = [token, *(params.logprob_token_ids or ())]
            logprobs.append({number: Logprob(float(raw[number])) for number in wanted})
            given = logprobs if params.logprobs is not None or params.logprob_token_ids else None
            if token in ends:
                reason = None if token == self.tokenizer.eos_token_id else token
                return CompletionOutput(self._text(written[:-1], params), written, given, "stop", reason)
            text = self._text(written, params)
            for stop in params.stop or ():
                if stop in text:
                    return CompletionOutput(text[: text.index(stop)], written, given, "stop", stop)
            if len(written) == params.max_tokens or len(prompt) + len(written) >= window:
                return CompletionOutput(text, written, given, "length")

    def _text(self, tokens: list[int], params: SamplingParams) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True)) if params.detokenize else ""
