"""From a hub name, a folder or a GGUF file to a model that answers."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from ..hub import download
from .local import LocalModel
from .memory import is_out_of_memory
from .model_files import CONFIG, ModelFiles, refuse_changes

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16, "float64": torch.float64}
HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")


def load(spec: str, *, dtype: str, device: str, revision: str | None, trust_remote_code: bool) -> LocalModel:
    """See `calibration.load_model`."""
    if dtype != "auto" and dtype not in DTYPES:
        raise ValueError(f"dtype must be auto, {', '.join(DTYPES)}, got {dtype!r}")
    place = None if device == "map" else device_of(device)
    if place is None and find_spec("accelerate") is None:
        raise ValueError("the device map needs the package accelerate: pip install 'veracal[gguf]'")
    path = Path(spec).expanduser()
    options: dict[str, Any] = {"trust_remote_code": trust_remote_code, "revision": "main"}
    weights: dict[str, Any] = {"dtype": DTYPES.get(dtype, "auto"), "use_safetensors": True}
    if path.suffix == ".gguf":
        if not path.is_file():
            raise FileNotFoundError(f"no such file: {path}")
        missing = [name for name in ("gguf", "accelerate") if find_spec(name) is None]
        if missing:
            raise ValueError(f"a GGUF file needs the package {missing[0]}: pip install 'veracal[gguf]'")
        location = Location(str(path.parent), "", path.parent)
        options["gguf_file"] = path.name
        weights = {
            "dtype": DTYPES.get(dtype, torch.float32),
            "quantization_config": GgufConfig(dequantize=True),
        }
    else:
        location = located(spec, revision)
        options["revision"] = location.commit or "main"

    def files() -> ModelFiles:
        return (
            ModelFiles.of_gguf(path)
            if "gguf_file" in options
            else ModelFiles.of_folder(location.folder, code=trust_remote_code)
        )

    source, commit = location.source, location.commit
    before = files().states
    if place is None:
        weights["device_map"] = "auto"
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        network = AutoModelForCausalLM.from_pretrained(source, **options, **weights)
        if place is not None:
            torch.nn.Module.to(network, place)
        network.train(mode=False)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, SafetensorError) as error:
        if is_out_of_memory(error):
            raise MemoryError(
                f"{spec}: out of memory while it is loaded; take a smaller --dtype or another --device"
            ) from error
        raise ValueError(f"{spec}: not a causal language model that can be loaded: {reason_of(error)}") from None
    refuse_changes(before, files().states)
    return LocalModel(spec, commit, network, tokenizer, files().hash())


class Location(NamedTuple):
    """Where a model is read from.

    Attributes
    ----------
    source : str
        What transformers is given: a folder, or a name on the hub.
    commit : str
        The commit that the hub gives; empty for a folder.
    folder : Path
        The folder, or the commit's snapshot in the hub's cache, in which files may still be missing.
    """

    source: str
    commit: str
    folder: Path


def located(spec: str, revision: str | None) -> Location:
    """The place that a model is read from.

    Raises
    ------
    FileNotFoundError
        For what is neither.
    ConnectionError
        Where the hub cannot be reached and the model is not in its cache.
    ValueError
        For a folder that holds no model.
    """
    path = Path(spec).expanduser()
    if path.is_dir():
        if not (path / CONFIG).is_file():
            raise ValueError(f"{path}: a model's folder must hold config.json, this one does not")
        return Location(str(path), "", path)
    if HUB_NAME.fullmatch(spec):
        # Asked for first: a plain word where the hub cannot be reached, and the commit that everything else is read at.
        folder = download(spec, CONFIG, repo_type="model", revision=revision).parent
        return Location(spec, folder.name, folder)
    raise FileNotFoundError(f"no such model: {spec!r} is neither a folder, a .gguf file nor a hub name (owner/name)")


def reason_of(error: Exception) -> str:
    """Why transformers loaded nothing, on one line."""
    reason = " ".join(str(error).split())
    if "model.safetensors" in reason:  # it names the file that it did not find
        return (
            "it must hold its weights as safetensors; pickles such as pytorch_model.bin may run code and are not read. "
            "Convert them where you trust them: transformers' from_pretrained, then save_pretrained"
        )
    return reason


def device_of(device: str) -> torch.device:
    """The device of that name; of ``auto`` the first of cuda, mps and cpu that is there."""
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"the device {device!r} cannot be used: {' '.join(str(error).split())}") from None
    return chosen
