"""Loading of a model by its name, folder, file or address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from .checkpoints.locations import located
from .loading_options import Loading, ModelOptions
from .protocol import Model

if TYPE_CHECKING:
    from datetime import date


def load_model(
    spec: str,
    *,
    dtype: str = "auto",
    device: str = "auto",
    revision: str | None = None,
    trust_remote_code: bool = False,
    adapter: str | None = None,
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
    adapter : str, optional
        A folder or hub name of an adapter (LoRA and others of peft, extra ``adapter``) that is put on the model; its
        tokenizer is taken if it was saved with one. The model's name is then ``SPEC+ADAPTER``.
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
    loading = Loading.of(
        dtype=dtype, device=device, revision=revision, trust_remote_code=trust_remote_code, adapter=adapter,
        template_args=template_args, chat_template=chat_template, date=date, bos=bos,
    )  # fmt: skip
    return load(spec, loading)


def without_weights(spec: str, options: ModelOptions) -> Model | None:
    """A model that refuses prompts by its tokenizer and context window alone.

    None where both come with what loads the weights: servers, vLLM, GGUF files, and adapters, which may have a
    tokenizer of their own.

    Raises
    ------
    FileNotFoundError, ConnectionError, ValueError
        As `load_model`.
    """
    loading = Loading.of(**options)
    if loading.adapter is not None or spec.startswith(("openai:", "vllm:")) or spec.endswith(".gguf"):
        return None
    # Looked for first: where it is not, nobody waits for torch.
    location = located(spec, loading.revision)
    from .local.unloaded_model import read_unloaded

    return read_unloaded(spec, location, loading)


def load(spec: str, loading: Loading) -> Model:
    """Load a model with the back end that its name asks for.

    Raises
    ------
    FileNotFoundError, ConnectionError, ValueError
        As `load_model`.
    """
    if loading.adapter is not None and spec.startswith(("openai:", "vllm:")):
        raise ValueError(
            f"the adapter {loading.adapter} is put on a model of transformers: merge it into the weights (peft's "
            "merge_and_unload, then save_pretrained) for vLLM, and let a server load it"
        )
    if spec.startswith("openai:"):
        if set(loading.chosen) - {"trust_remote_code"}:
            raise ValueError("dtype, device and revision of a model behind a server are the server's: leave them out")
        if loading.trust_remote_code:
            raise ValueError("trust_remote_code has no effect on a model behind a server, which loads it: leave it out")
        from .servers.server_model import connect

        return connect(spec, chat_format=loading.chat_format)
    if spec.startswith("vllm:"):
        from .vllm.vllm_model import load_vllm_model

        return load_vllm_model(spec, loading)
    from .local.transformers_model import load_local_model

    return load_local_model(spec, loading)
