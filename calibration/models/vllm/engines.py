"""Engines of vLLM: how one is started and on how many GPUs."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import torch
from transformers import AutoConfig, AutoTokenizer, PreTrainedTokenizerBase

from ..checkpoints.failures import guarded_loading
from ..checkpoints.locations import located
from ..loading_options import Loading
from ..weights.adapters import refuse_unread_adapter
from ..weights.weights_hash import weights_hash
from ..weights.whole_weights import file_tensors, refuse_not_finite

_DTYPES = ("float32", "bfloat16", "float16")


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedEngine:
    """An engine with its model's tokenizer.

    Attributes
    ----------
    commit : str
        The commit that the hub gives; empty for a folder.
    engine : vllm.LLM
        The engine that holds the weights.
    tokenizer : PreTrainedTokenizerBase
        The model's.
    weights : str
        Hash of the files that it was loaded from.
    """

    commit: str
    engine: Any
    tokenizer: PreTrainedTokenizerBase
    weights: str


def load_engine(spec: str, loading: Loading) -> LoadedEngine:
    """Load a model into an engine of vLLM.

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
        file_hash = weights_hash(files)
    return LoadedEngine(commit=commit, engine=engine, tokenizer=tokenizer, weights=file_hash)


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
