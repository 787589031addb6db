"""Models in memory, in the place of those that are loaded."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Sequence
from typing import Any, Self, Unpack

from typing_extensions import override

from ..arguments import Batching, Decoding, Temperatures
from ..checked_model import CheckedModel, Logprobs, Sums, Texts
from ..local.transformers_model import LocalModel
from ..protocol import DatedModel, Model, PlannedModel, Prompt, PromptView, PromptViewer, Token
from ..tokenizing.chat_formats import ChatFormat, ChatOptions
from .adapter_layers import Adapter, refuse_adapters
from .fitness import refuse_unfit
from .identity import content_hash, refuse_bad_numbers
from .lending import Loan
from .wrappers import unwrapped


def from_transformers(
    model: Any, tokenizer: Any, *, name: str, adapter: bool | str = True, **chats: Unpack[ChatOptions]
) -> Model:
    """A transformers model in memory, asked like one that `load_model` loads.

    It can be asked in the middle of a training, as often as you like: each time it answers with the weights that it has
    then. It computes what its saved checkpoint would: in evaluation mode, without automatic mixed precision and without
    compilation, and what prompts share once. Between two passes, and whatever ends one, it is as it was: mode of every
    module, hooks, dtype, device, attention, `requires_grad`, gradients, configurations, active adapters and random
    numbers. Its own hooks run.

    Parameters
    ----------
    model : transformers.PreTrainedModel or peft.PeftModel
        A causal language model, on any device; ``DataParallel``, ``DistributedDataParallel`` and ``torch.compile``
        around it are looked through (of several processes, one should ask).
    tokenizer : transformers.PreTrainedTokenizerBase
        Its tokenizer, which is copied.
    name : str
        How it is called in runs, tables and figures.
    adapter : bool or str
        Of a model with adapters of peft: True computes with those that are active, False without any (the base, from
        the same weights), a name with that one.
    **chats
        How prompts are written: ``template_args``, ``chat_template``, ``date``, ``bos``, as in `load_model`.

    Returns
    -------
    Model
        For `extract`, `audit`, and in `factuality` for `ask`, `truthfulqa_mc`, `p_true`, `classify`, `load_grader`.

    Raises
    ------
    TypeError
        If the model is none of transformers, the tokenizer none, or another's.
    ValueError
        For a model that is not causal, that has NaN or infinity in its weights, whose weights are not there (the device
        ``meta``) or are split over processes; for a tokenizer with more tokens than the model has; for adapters that
        are not there or cannot be left out; for chats as in `load_model`.

    Notes
    -----
    A run is its weights: whenever one starts, the content of all tensors that compute is hashed, with their names,
    configuration, adapters, tokenizer and chat template, as ``weights`` in ``run.json``. A folder is continued only
    with the same weights, so not after a step of training. That reads every weight twice, once for NaN and once for the
    hash, at 0.5 to 2 GB/s a processor core on up to eight cores; those on a GPU are copied through main memory, 16 MB
    at a time. The hash is not that of files: the saved folder's runs are other ones, though their digits are the same.

    Examples
    --------
    >>> from transformers import AutoModelForCausalLM, AutoTokenizer
    >>> network = AutoModelForCausalLM.from_pretrained("HuggingFaceTB/SmolLM2-135M")  # doctest: +SKIP
    >>> tokenizer = AutoTokenizer.from_pretrained("HuggingFaceTB/SmolLM2-135M")  # doctest: +SKIP
    >>> model = from_transformers(network, tokenizer, name="step 100")  # doctest: +SKIP
    >>> model.next_token_logprobs(["2 + 2 ="], [" 4", " 5"]).shape  # doctest: +SKIP
    (1, 2)
    """
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"name must be a text by which runs call the model, got {name!r}")
    if not isinstance(adapter, bool | str):
        raise TypeError(f"{name}: adapter must be True, False or the name of an adapter, got {adapter!r}")
    network = unwrapped(model, name)
    chat_format = ChatFormat.of(**chats)
    copied = copy.deepcopy(refuse_unfit(network, tokenizer, name))
    refuse_adapters(model, adapter, name)
    refuse_bad_numbers(network, adapter, name)
    return BorrowedModel(LocalModel(name, "", network, copied, chat_format=chat_format), Loan(model, network, adapter))


class BorrowedModel(CheckedModel, PromptViewer, DatedModel, PlannedModel):
    """A model in memory; see `from_transformers`.

    Its network is as it was whenever it is not computing.

    Parameters
    ----------
    local : LocalModel
        The network and a tokenizer of its own.
    loan : Loan
        How the network is borrowed.
    """

    temperatures: Temperatures = LocalModel.temperatures

    def __init__(self, local: LocalModel, loan: Loan) -> None:
        self.name, self.revision = local.name, local.revision
        self._local, self._loan = local, loan

    @property
    def description(self) -> dict[str, str]:  # type: ignore[override]
        """What decides its answers now; each time all weights are hashed.

        Raises
        ------
        ValueError
            For weights that hold NaN or infinity.
        """
        network, adapter = self._loan.network, self._loan.adapter
        refuse_bad_numbers(network, adapter, self.name)
        weights = content_hash(network, self._local.tokenizer, adapter)
        described = {**self._local.description, "dtype": str(network.dtype).removeprefix("torch.")}
        return {**described, "device": network.device.type, "weights": weights}

    @property
    def adapter(self) -> Adapter:
        """Which adapters compute, as `from_transformers` was told."""
        return self._loan.adapter

    @override
    def chat(self, messages: Sequence[dict[str, str]], *, prefill: str = "") -> Prompt:
        return self._local.chat(messages, prefill=prefill)

    @override
    def added_tokens(self, prompt: Prompt, text: str) -> tuple[Token, ...] | None:
        return self._local.added_tokens(prompt, text)

    @override
    def view(self, prompt: Prompt) -> PromptView:
        return self._local.view(prompt)

    @override
    def dated(self, day: dt.date) -> Self:
        return self._with(self._local.dated(day))

    @override
    def planned(self, prompts: Sequence[str | Prompt]) -> Self:
        with self._loan.pass_():
            planned = self._local.planned(prompts)
        return self._with(planned)

    @override
    def _logprobs(self, prompts: Sequence[Prompt], candidates: Sequence[str], batching: Batching) -> Logprobs:
        return self._loan.pieces(self._local._logprobs(prompts, candidates, batching))  # noqa: SLF001 (the same room's)

    @override
    def _continuations(
        self, prompts: Sequence[Prompt], continuations: Sequence[Sequence[str]], batching: Batching
    ) -> Sums:
        return self._loan.pieces(self._local._continuations(prompts, continuations, batching))  # noqa: SLF001

    @override
    def _texts(self, prompts: Sequence[Prompt], decoding: Decoding, batching: Batching) -> Texts:
        return self._loan.pieces(self._local._texts(prompts, decoding, batching))  # noqa: SLF001

    def _with(self, local: LocalModel) -> Self:
        if local is self._local:
            return self
        other = copy.copy(self)
        other._local = local  # noqa: SLF001 (a copy of its own)
        return other
