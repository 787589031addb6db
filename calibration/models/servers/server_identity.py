"""Identity of a server's model: what the server tells of it beside its answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...control_characters import escaped_line
from ...errors import NoLogprobsError, RefusedError, ServerError
from ...files.digest import digest
from .connections import Connection

_SECONDS = 10.0
_TRIES = 2
_LONGEST = 120
# Addresses beside the API, what their answers must hold, and what is read of them by its label.
# What changes from start to start (times, ids, slots) is left out.
_TOLD: Mapping[str, tuple[str, Mapping[str, str]]] = {
    # vLLM
    "/version": ("version", {"version": "version"}),
    # llama.cpp; a template decides as much as weights do.
    "/props": ("model_path", {"path": "model_path", "build": "build_info", "template": "chat_template"}),
    # SGLang
    "/get_model_info": ("model_path", {"path": "model_path", "weights": "weight_version"}),
    # text-generation-inference
    "/info": (
        "model_id",
        {"model": "model_id", "commit": "model_sha", "dtype": "model_dtype", "server version": "version"},
    ),
}


def server_identity(connection: Connection, name: str) -> dict[str, str]:
    """What a server tells of its model, by label; empty if it tells nothing.

    Parameters
    ----------
    connection : Connection
        Where the server is.
    name : str
        The server's name of the model.
    """
    identity = _listed(connection, name)
    for path, (holds, labels) in _TOLD.items():
        answer = _answer(connection, connection.root + path, holds)
        identity |= {label: answer[key] for label, key in labels.items() if _is_plain(answer.get(key))}
    return {label: _shortened(str(value)) for label, value in identity.items()}


def _listed(connection: Connection, name: str) -> dict[str, Any]:
    """What the list of models says of one."""
    models = _answer(connection, f"{connection.url}/models", "data")["data"]
    entries = [entry for entry in models if isinstance(entry, dict)] if isinstance(models, list) else []
    entry = next((entry for entry in entries if entry.get("id") == name), {})
    meta = entry.get("meta")
    sizes = meta if isinstance(meta, dict) else {}
    facts = {"root": entry.get("root"), "parameters": sizes.get("n_params"), "bytes": sizes.get("size")}
    return {label: value for label, value in facts.items() if _is_plain(value)}


def _answer(connection: Connection, url: str, holds: str) -> dict[str, Any]:
    try:
        return connection.ask(url, None, holds, timeout=_SECONDS, attempts=_TRIES)
    except (RefusedError, ServerError, NoLogprobsError):
        return {holds: None}


def _is_plain(value: object) -> bool:
    return bool(value) and isinstance(value, str | int)


def _shortened(text: str) -> str:
    """A text on one line; a long one as its hash."""
    if len(text) > _LONGEST:
        return digest(text.encode(errors="surrogatepass"))
    return escaped_line(text)
