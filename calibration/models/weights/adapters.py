"""Adapters of the package peft: taken whole, or refused."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ...files.hub import download
from .model_files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, CONFIG, read_object

_OPTION = "--adapter, adapter= in Python"
_MERGE = "merge it into the weights (peft's merge_and_unload, then save_pretrained) and name that folder"


def refuse_lone_adapter(folder: Path) -> None:
    """Refuse a folder that holds an adapter and not the model that it changes.

    Such an adapter names its model by a path or a hub name whose content may change unseen.

    Parameters
    ----------
    folder : Path
        The folder that stands for a model.

    Raises
    ------
    ValueError
        Naming the model that the adapter changes, and how to bring both together.
    """
    if (folder / ADAPTER_CONFIG).is_file() and not (folder / CONFIG).is_file():
        base = read_object(folder / ADAPTER_CONFIG).get("base_model_name_or_path")
        model = f"of {base!r}" if base else "(its configuration does not say which)"
        raise ValueError(
            f"{folder}: holds an adapter alone ({ADAPTER_CONFIG}), not the model {model} that it changes; "
            f"name the model, and this folder as its adapter ({_OPTION}), or {_MERGE}, or copy {ADAPTER_CONFIG} and "
            f"{ADAPTER_WEIGHTS} into a copy of that model's folder"
        )


def refuse_unread_adapter(folder: Path, *, readable: bool = True) -> None:
    """Refuse an adapter beside a model's weights that would be left out.

    Parameters
    ----------
    folder : Path
        The model's folder.
    readable : bool
        Whether what loads the model takes adapters at all.

    Raises
    ------
    ValueError
        If it does not, if the package peft is absent, or if the adapter's weights are not there as safetensors.
    """
    if not (folder / ADAPTER_CONFIG).is_file():
        return
    holds = f"{folder}: holds an adapter ({ADAPTER_CONFIG})"
    if not readable:
        raise ValueError(f"{holds}, which is not read here and would be left out; {_MERGE}")
    if find_spec("peft") is None:
        raise ValueError(f"{holds}, which needs the package peft: pip install peft; or {_MERGE}")
    refuse_pickled_adapter(folder, instead=", or remove the adapter's files to ask the model without it")


def refuse_pickled_adapter(folder: Path, *, instead: str = "") -> None:
    """Refuse an adapter whose weights are not there as safetensors.

    Parameters
    ----------
    folder : Path
        The folder that holds it.
    instead : str
        What else can be done, for the message.

    Raises
    ------
    ValueError
        Naming the file that must be there.
    """
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise ValueError(
            f"{folder}: holds an adapter ({ADAPTER_CONFIG}), whose weights must be there as {ADAPTER_WEIGHTS}; pickles "
            f"such as adapter_model.bin may run code and are not read. Bring it, too{instead}"
        )


def refuse_hub_adapter(name: str, revision: str | None) -> None:
    """Refuse a hub model with an adapter.

    transformers would take the weights of another repository under it.

    Parameters
    ----------
    name : str
        The model's name on the hub.
    revision : str, optional
        A branch, tag or commit.

    Raises
    ------
    ValueError
        Saying how to name a folder instead.
    """
    try:
        download(name, ADAPTER_CONFIG, repo_type="model", revision=revision)
    except ConnectionError:
        return
    raise ValueError(
        f"{name}: holds an adapter ({ADAPTER_CONFIG}), which is read from a folder beside its model's weights, not "
        f"from the hub; name the model, and this as its adapter ({_OPTION}), or {_MERGE}, or download both into one "
        f"folder (hf download {name} --local-dir FOLDER) and name it"
    )
