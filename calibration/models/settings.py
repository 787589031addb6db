"""Settings of models in manifests, and what tells models apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .protocol import Model

_OF_CHATS = ("template_args", "chat_template", "date")


def model_settings(model: Model, *, chats: bool = True) -> dict[str, Any]:
    """Settings of a run that are the model's.

    Parameters
    ----------
    model : Model
        What is asked.
    chats : bool
        Whether its chat template writes the prompts.

    Returns
    -------
    dict
        ``model``, ``revision``, ``dtype``, ``tokenizer`` (a hash); ``weights``, the hash of all files that the model
        computes with, ``address``, a server's, and ``server``, what a server tells of its model, if the model's
        description has them; ``bos``, and of chats ``template_args``, ``chat_template`` (a hash) and ``date``, if they
        are not the default.
    """
    described = model.description
    return {
        "model": model.name,
        "revision": model.revision,
        "dtype": described.get("dtype", ""),
        "tokenizer": described.get("tokenizer", ""),
        **{name: described[name] for name in ("weights", "address", "server", "bos") if described.get(name)},
        **{name: described[name] for name in _OF_CHATS if chats and described.get(name)},
    }


def model_identity(settings: Mapping[str, Any]) -> str | None:
    """Identity of a run's model, from the settings in its manifest.

    Returns
    -------
    str or None
        The hash of its weights; of a model behind a server its name, revision and the server's address; none for
        recorded answers, and for runs that were made before manifests named the weights.

    Examples
    --------
    >>> model_identity({"model": "runs/checkpoint", "weights": "0f4b"})
    'weights 0f4b'
    >>> model_identity({"model": "gpt", "address": "http://127.0.0.1:8000/v1", "server": "version 0.9.1"})
    'server ["gpt", "", "http://127.0.0.1:8000/v1"]'
    >>> model_identity({"model": "base"}) is None
    True
    """
    if weights := settings.get("weights"):
        return f"weights {weights}"
    if address := settings.get("address"):
        return "server " + json.dumps([settings.get("model"), settings.get("revision", ""), address])
    return None
