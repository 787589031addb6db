"""Models in vLLM's engine: continuous batches, prefix caching, tensor parallel."""

from __future__ import annotations

import copy
import datetime as dt
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoConfig, AutoTokenizer, PreTrainedTokenizerBase
from typing_extensions import override

from ...errors import NotFiniteError, PromptTooLongError
from ..arguments import refuse_continuations, refuse_generation, refuse_small_batch
from ..loading.failures import guarded_loading
from ..loading.locations import located
from ..loading.options import Loading
from ..protocol import DatedModel, Generated, Model, Prompt, PromptView, PromptViewer, Token, as_prompts
from ..tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat
from ..tokenizing.chat_templates import ChatTemplate
from ..tokenizing.decoding import decoded, first_token_behind, thought_marks
from ..tokenizing.prompt_views import view_prompt
from ..tokenizing.thoughts import opens_thoughts, split_thoughts
from ..tokenizing.tokenization import (
    TokenIds,
    added_tokens,
    candidate_tokens,
    continuation_tokens,
    encode,
    proper_prefixes,
    tokenizer_hash,
    turn_end,
)
from ..weights.adapters import refuse_unread_adapter
from ..weights.whole_weights import file_tensors, refuse_not_finite

_DTYPES = ("float32", "bfloat16", "float16")
# Prompts that the engine gets at a time: many more than it computes at once, few enough to keep work part by part.
_PIECE = 512
# Tokens whose log-probabilities vLLM gives after one prompt.
_MOST_WANTED = 128
_HOTTEST = 2.0
# Below this temperature vLLM samples as at it.
_COLDEST = 0.01


def load_vllm_model(spec: str, loading: Loading) -> VllmModel:
    """Load a model into vLLM's engine; see `calibration.load_model`.

    Weights are read from safetensors files alone. All visible GPUs share a model whose attention heads they divide,
    else as many of them as do; the environment variable ``CUDA_VISIBLE_DEVICES`` says which are visible.
    """
    if find_spec("vllm") is None:
        raise ValueError(f"{spec}: vLLM is not installed: pip install 'veracal[vllm]' on a machine with a GPU")
    if loading.device not in ("auto", "cuda"):
        raise ValueError(f"{spec}: the device of vLLM must be auto or cuda, got {loading.device!r}")
    if loading.dtype not in ("auto", *_DTYPES):
        raise ValueError(f"{spec}: dtype must be auto, {', '.join(_DTYPES)}, got {loading.dtype!r}")
    if not (gpus := torch.cuda.device_count()):  # counted without starting CUDA, which vLLM's processes do
        raise ValueError(f"{spec}: vLLM needs a GPU, and CUDA sees none")
    location = located(spec.removeprefix("vllm:"), loading.revision)
    refuse_unread_adapter(location.folder, readable=False)
    source, commit = location.source, location.commit
    # Its log would stand among results on standard output, and it would report its use over the network.
    os.environ.setdefault("VLLM_LOGGING_STREAM", "ext://sys.stderr")
    os.environ.setdefault("VLLM_NO_USAGE_STATS", "1")
    import vllm

    options: dict[str, Any] = {"revision": commit or None, "trust_remote_code": loading.trust_remote_code}
    code = loading.trust_remote_code
    with guarded_loading(spec, location, "vLLM cannot load it", code=code, less="a smaller --dtype or more GPUs"):
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        config = AutoConfig.from_pretrained(source, **options)
        engine = vllm.LLM(
            model=source,
            tokenizer_revision=commit or None,
            dtype=_dtype(config) if loading.dtype == "auto" else loading.dtype,
            tensor_parallel_size=_parallel(config, gpus),
            enable_prefix_caching=True,
            logprobs_mode="raw_logprobs",
            load_format="safetensors",
            **options,
        )
        # Its processes hold the weights; what they read is looked at.
        files = location.files(code=code)
        refuse_not_finite(spec, lambda: file_tensors(files.safetensors))
        hash_of_files = files.hash()
    return VllmModel(spec, commit, engine, tokenizer, hash_of_files, loading.chat_format)


def _dtype(config: Any) -> str:
    """Number format of the checkpoint.

    vLLM's own ``auto`` would round float32 to 16 bits.
    """
    return "auto" if config.dtype is None else str(config.dtype).removeprefix("torch.")


def _parallel(config: Any, gpus: int) -> int:
    """The most GPUs that share the attention heads evenly.

    Heads of keys and values may be on several.
    """
    text = config.get_text_config()
    heads = getattr(text, "num_attention_heads", None) or 1
    keys = getattr(text, "num_key_value_heads", None) or heads
    return max(n for n in range(1, gpus + 1) if heads % n == 0 and (keys % n == 0 or n % keys == 0))


@dataclass(frozen=True)
class _Question:
    """Token ids, and tokens that are read right behind them.

    Their log-probabilities are added to the sums of some candidates.
    """

    tokens: list[int]
    candidates: list[int]
    wanted: list[int]


class VllmModel(Model, PromptViewer, DatedModel):
    """A model in vLLM's engine; see `calibration.models.Model` for what it answers.

    The engine makes its own batches, so `batch_size` decides nothing. Log-probabilities are of the raw distribution
    over the full vocabulary: vLLM gives those of chosen tokens. A text of several tokens is asked for token by token,
    each behind those before it, which the prefix cache makes cheap. Digits depend on what the engine computes together,
    as far as rounding goes.

    Parameters
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

    def __init__(
        self,
        name: str,
        revision: str,
        engine: Any,
        tokenizer: PreTrainedTokenizerBase,
        weights: str = "",
        chat_format: ChatFormat = PLAIN_FORMAT,
    ) -> None:
        self.name = name
        self.revision = revision
        self.engine = engine
        self.tokenizer = tokenizer
        self.chat_format = chat_format
        self._template = ChatTemplate.of(tokenizer, name, chat_format)
        self.description = {
            "tokenizer": tokenizer_hash(tokenizer),
            "dtype": str(engine.model_config.dtype).removeprefix("torch."),
            "device": "cuda",
            **({"weights": weights} if weights else {}),
            **self._template.described,
        }

    @property
    def context_window(self) -> int:
        """How many tokens the engine reads and writes."""
        return int(self.engine.model_config.max_model_len)

    @override
    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> Prompt:
        text = self._template.chat(messages, prefill=prefill)
        return Prompt(text, tuple(messages), prefill)

    @override
    def dated(self, day: dt.date) -> VllmModel:
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

    @override
    def stream_logprobs(
        self,
        prompts: Sequence[str | Prompt],
        candidates: Sequence[str],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        refuse_small_batch(batch_size)
        if not prompts:
            return iter(())
        asked = as_prompts(prompts)
        sequences = candidate_tokens(self.tokenizer, asked[0], candidates, bos=self.chat_format.bos)
        encoded = encode(self.tokenizer, asked, bos=self.chat_format.bos)
        sums = self._stream(encoded, [sequences] * len(prompts), done)
        return ((rows, np.array(values, dtype=np.float32)) for rows, values in sums)

    @override
    def stream_continuations(
        self,
        prompts: Sequence[str | Prompt],
        continuations: Sequence[Sequence[str]],
        *,
        batch_size: int | None = None,
        done: frozenset[int] = frozenset(),
    ) -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
        refuse_small_batch(batch_size)
        refuse_continuations(len(prompts), len(continuations))
        asked = as_prompts(prompts)
        sequences = [
            continuation_tokens(self.tokenizer, row, prompt, texts, bos=self.chat_format.bos)
            for row, (prompt, texts) in enumerate(zip(asked, continuations, strict=True))
        ]
        return self._stream(encode(self.tokenizer, asked, bos=self.chat_format.bos), sequences, done)

    @override
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
        """See `calibration.models.Model`; the draws that a seed decides are vLLM's."""
        refuse_small_batch(batch_size)
        refuse_generation(
            len(prompts), max_new_tokens=max_new_tokens, stop=stop, temperature=temperature, seeds=seeds,
            coldest=_COLDEST, hottest=_HOTTEST, back_end="vLLM",
        )  # fmt: skip
        asked = as_prompts(prompts)
        encoded = encode(self.tokenizer, asked, bos=self.chat_format.bos)
        self._refuse_long(encoded, [max_new_tokens] * len(prompts))
        ends = turn_end(self.tokenizer) | ({self.tokenizer.eos_token_id} - {None})
        from vllm import SamplingParams

        def settings(row: int) -> Any:
            return SamplingParams(
                max_tokens=max_new_tokens,
                stop=list(stop),
                stop_token_ids=sorted(ends),  # beside those of the model's generation settings, which vLLM adds
                temperature=temperature,
                seed=seeds[row] % 2**63 if temperature else None,
                logprobs=0,  # of the tokens that it writes alone
            )

        def answers() -> Iterator[tuple[list[int], list[Generated]]]:
            for rows in _pieces(encoded, done):
                outputs = self._ask([encoded[row] for row in rows], [settings(row) for row in rows])
                new = [
                    (row, self._written(output, opened=opens_thoughts(asked[row].text)))
                    for row, output in zip(rows, outputs, strict=True)
                    if row not in done
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
        done: frozenset[int],
    ) -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
        """Rows, and the summed log-probabilities of each row's sequences behind its prompt."""
        # vLLM always writes a token: a sequence's last one stands where that would.
        self._refuse_long(encoded, [max(map(len, own), default=0) for own in sequences])

        def answers() -> Iterator[tuple[list[int], list[NDArray[np.float64]]]]:
            for rows in _pieces(encoded, done):
                asked = [(row, question) for row in rows for question in _questions(encoded[row], sequences[row])]
                sums = {row: np.zeros(len(sequences[row])) for row in rows if row not in done}
                for (row, question), values in zip(asked, self._read([each for _, each in asked]), strict=True):
                    if not np.isfinite(values).all():
                        raise NotFiniteError(row, self.description["dtype"])
                    if row in sums:
                        sums[row][question.candidates] += values
                yield list(sums), list(sums.values())

        return answers()

    def _read(self, questions: Sequence[_Question]) -> list[list[float]]:
        """Log-probability of each wanted token of each question."""
        from vllm import SamplingParams

        settings = [
            SamplingParams(
                max_tokens=1, temperature=0.0, logprob_token_ids=sorted(set(question.wanted)), detokenize=False
            )
            for question in questions
        ]
        outputs = self._ask([question.tokens for question in questions], settings)
        return [
            [output.logprobs[0][token].logprob for token in question.wanted]
            for question, output in zip(questions, outputs, strict=True)
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

    def _refuse_long(self, encoded: Sequence[TokenIds], new: Sequence[int]) -> None:
        for row, (tokens, more) in enumerate(zip(encoded, new, strict=True)):
            if len(tokens) + more > self.context_window:
                raise PromptTooLongError(row, len(tokens), self.context_window, new=more)


def _questions(tokens: TokenIds, sequences: Sequence[tuple[int, ...]]) -> Iterator[_Question]:
    """What must be asked to know the log-probability of each sequence behind a prompt."""
    for prefix, (readers, wanted) in proper_prefixes(sequences).items():
        for start in range(0, len(wanted), _MOST_WANTED):
            part = slice(start, start + _MOST_WANTED)
            yield _Question([*tokens, *prefix], readers[part], wanted[part])


def _pieces(encoded: Sequence[TokenIds], done: frozenset[int]) -> Iterator[list[int]]:
    """Prompt indexes that the engine gets together, common beginnings side by side.

    The cache then holds what they share.

    Made from all rows, so that an interrupted run asks for the same pieces; one of which every row is done is left out.
    """
    order = sorted(range(len(encoded)), key=lambda row: (encoded[row], row))
    for start in range(0, len(order), _PIECE):
        rows = order[start : start + _PIECE]
        if not done.issuperset(rows):
            yield rows
