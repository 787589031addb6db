"""From a hub name, a folder or a GGUF file to a model that answers."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from ..hub import download
from .local import LocalModel

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
    commit = ""
    weights: dict[str, Any] = {"dtype": DTYPES.get(dtype, "auto")}
    if path.suffix == ".gguf":
        if not path.is_file():
            raise FileNotFoundError(f"no such file: {path}")
        missing = [name for name in ("gguf", "accelerate") if find_spec(name) is None]
        if missing:
            raise ValueError(f"a GGUF file needs the package {missing[0]}: pip install 'veracal[gguf]'")
        source = str(path.parent)
        options["gguf_file"] = path.name
        weights = {
            "dtype": DTYPES.get(dtype, torch.float32),
            "quantization_config": GgufConfig(dequantize=True),
        }
    elif path.is_dir():
        if not (path / "config.json").is_file():
            raise ValueError(f"{path}: a model's folder must hold config.json, this one does not")
        source = str(path)
    elif HUB_NAME.fullmatch(spec):
        source = spec
        # Asked for first: a plain word where the hub cannot be reached, and the commit that everything else is read at.
        commit = download(spec, "config.json", repo_type="model", revision=revision).parent.name
        options["revision"] = commit
    else:
        raise FileNotFoundError(
            f"no such model: {spec!r} is neither a folder, a .gguf file nor a hub name (owner/name)"
        )

    if place is None:
        weights["device_map"] = "auto"
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        network = AutoModelForCausalLM.from_pretrained(source, **options, **weights)
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(f"{spec}: not a causal language model that can be loaded: {reason}") from None
    if place is not None:
        torch.nn.Module.to(network, place)
    network.train(mode=False)
    return LocalModel(spec, commit, network, tokenizer)


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
