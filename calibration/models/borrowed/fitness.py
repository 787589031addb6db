"""Fitness of a model in memory: causal, loaded, with its own tokenizer."""

from __future__ import annotations

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from ..tokenizing.tokenization import refuse_unknown_tokens


def refuse_unfit(network: PreTrainedModel, tokenizer: object, name: str) -> PreTrainedTokenizerBase:
    """The tokenizer, if network and tokenizer can be asked together.

    Raises
    ------
    TypeError
        If the tokenizer is none of transformers.
    ValueError
        For a network that does not predict the next token, weights that are not there, and a tokenizer whose tokens the
        network does not have.
    """
    kind = type(network).__name__
    if network.config.is_encoder_decoder:
        raise ValueError(f"{name}: the model must be a causal language model, {kind} is an encoder with a decoder")
    if network.get_output_embeddings() is None or not network.can_generate():
        raise ValueError(
            f"{name}: the model must be a causal language model (as AutoModelForCausalLM makes one), {kind} does not "
            "predict the next token"
        )
    _refuse_meta(network, name)
    if not isinstance(tokenizer, PreTrainedTokenizerBase):
        inside = "; give its .tokenizer" if hasattr(tokenizer, "tokenizer") else ""  # of a processor
        raise TypeError(f"{name}: the tokenizer must be the model's, of transformers, got {type(tokenizer)!r}{inside}")
    refuse_unknown_tokens(network, tokenizer, name)
    return tokenizer


def _refuse_meta(network: PreTrainedModel, name: str) -> None:
    """Refuse weights without content; accelerate's hooks fetch those that lie elsewhere."""
    missing = [
        f"{prefix}.{key}" if prefix else key
        for prefix, module in network.named_modules()
        for key, tensor in module.named_parameters(recurse=False)
        if tensor.is_meta and not hasattr(module, "_hf_hook")
    ]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise ValueError(
            f"{name}: the weights must be loaded, {missing[0]}{more} are on the device meta, without content"
        )
