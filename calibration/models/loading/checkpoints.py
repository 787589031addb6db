"""Loading of hub models, folders and GGUF files."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig, PreTrainedModel

from ...errors import AbsentFileError, ChangedFileError, UnfitWeightsError
from ...files.hub import download
from ..local.transformers_model import LocalModel
from ..memory import is_out_of_memory
from ..weights.adapters import refuse_hub_adapter, refuse_lone_adapter, refuse_unread_adapter
from ..weights.file_damage import refuse_damaged
from ..weights.gguf_header import GgufHeader
from ..weights.model_files import CONFIG, ModelFiles, refuse_changes
from ..weights.whole_weights import (
    detach_from_files,
    load_network,
    names_in,
    refuse_not_finite,
    refuse_other_tensors,
    tell_ignored_tensors,
    tensors_of,
)
from .options import Loading

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16, "float64": torch.float64}
_FAILURES = (
    OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError, EOFError, struct.error,
)  # fmt: skip
HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")


def load_local_model(spec: str, loading: Loading) -> LocalModel:
    """Load a transformers model into this process; see `calibration.load_model`."""
    refuse_unknown_dtype(loading.dtype)
    device = None if loading.device == "map" else device_named(loading.device)
    if device is None and find_spec("accelerate") is None:
        raise ValueError("the device map needs the package accelerate: pip install 'veracal[gguf]'")
    path = Path(spec).expanduser()
    options: dict[str, Any] = {"trust_remote_code": loading.trust_remote_code, "revision": "main"}
    weights: dict[str, Any] = {"dtype": DTYPES.get(loading.dtype, "auto"), "use_safetensors": True}
    if path.suffix == ".gguf":
        if not path.is_file():
            raise FileNotFoundError(f"no such file: {path}")
        _refuse_revision(path, loading.revision)
        missing = [name for name in ("gguf", "accelerate") if find_spec(name) is None]
        if missing:
            raise ValueError(f"a GGUF file needs the package {missing[0]}: pip install 'veracal[gguf]'")
        location = Location(str(path.parent), "", path.parent, gguf=path.name)
        options["gguf_file"] = path.name
        weights = {
            "dtype": DTYPES.get(loading.dtype, torch.float32),
            "quantization_config": GgufConfig(dequantize=True),
        }
    else:
        location = located(spec, loading.revision)
        options["revision"] = location.commit or "main"
    if device is None:
        weights["device_map"] = "auto"
    with loaded(spec, location, "not a causal language model that can be loaded", code=loading.trust_remote_code):
        tokenizer = AutoTokenizer.from_pretrained(location.source, **options)
        load_weights = partial(load_network, AutoModelForCausalLM, spec, location.source, {**options, **weights})
        network = _load_gguf(spec, path, load_weights) if location.gguf else load_weights()
        if device is not None:
            torch.nn.Module.to(network, device)
        network.train(mode=False)
        detach_from_files(network)
        refuse_not_finite(spec, lambda: tensors_of(network))
        files = location.files(code=loading.trust_remote_code)
        names, hash_of_files = names_in(files.safetensors), files.hash()
    tell_ignored_tensors(spec, network, names)
    return LocalModel(spec, location.commit, network, tokenizer, hash_of_files, loading.chat_format)


def _load_gguf(spec: str, path: Path, load_weights: Callable[[], PreTrainedModel]) -> PreTrainedModel:
    """Network with all tensors of a GGUF file and the positions it asks for."""
    from ..weights.gguf_positions import FREQUENCY_FACTORS, divide_frequencies, frequency_divisors
    from ..weights.gguf_tensors import untaken_tensors

    header = GgufHeader.read(path)
    divisors = frequency_divisors(spec, path, header)
    network = load_weights()
    unexpected, missing = untaken_tensors(network, header.architecture, header.tensors)
    refuse_other_tensors(spec, missing=missing, unexpected=unexpected - {FREQUENCY_FACTORS})
    divide_frequencies(spec, network, divisors)
    return network


@contextmanager
def loaded(
    spec: str,
    location: Location,
    fault: str,
    *,
    code: bool = False,
    less: str = "a smaller --dtype or another --device",
) -> Iterator[None]:
    """Guard the loading of a model: files stay undamaged, errors are one line.

    Parameters
    ----------
    spec : str
        What the user calls the model.
    location : Location
        Where its files lie.
    fault : str
        What to say of a model that cannot be loaded, before the reason.
    code : bool
        Whether code that comes with it runs.
    less : str
        What takes less memory.

    Raises
    ------
    MemoryError
        If the memory does not suffice.
    ValueError
        Naming the damaged file, or why transformers cannot load the model.
    """
    files = location.files(code=code)
    refuse_damaged(files, downloading=bool(location.commit))
    if not location.gguf:
        refuse_unread_adapter(location.folder)
    before = files.states
    try:
        yield
    except (UnfitWeightsError, ChangedFileError):
        raise
    except (*_FAILURES, SafetensorError) as error:
        if is_out_of_memory(error):
            raise MemoryError(f"{spec}: out of memory while it is loaded; take {less}") from error
        refuse_damaged(location.files(code=code))  # those of the hub were not there before
        raise ValueError(f"{spec}: {fault}: {reason_of(error)}") from None
    refuse_changes(before, location.files(code=code).states)


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
    gguf : str
        Name of the GGUF file in the folder, for such a model.
    """

    source: str
    commit: str
    folder: Path
    gguf: str = ""

    def files(self, *, code: bool = False) -> ModelFiles:
        """Files of the model that are there."""
        return (
            ModelFiles.of_gguf(self.folder / self.gguf) if self.gguf else ModelFiles.of_folder(self.folder, code=code)
        )


def located(spec: str, revision: str | None, *, what: str = "model") -> Location:
    """The place that a model is read from.

    Raises
    ------
    FileNotFoundError
        For what is neither.
    ConnectionError
        Where the hub cannot be reached and the model is not in its cache.
    ValueError
        For a folder that holds no model, or an adapter alone; for a hub model with an adapter.
    """
    path = Path(spec).expanduser()
    if path.is_dir():
        refuse_lone_adapter(path)
        if not (path / CONFIG).is_file():
            raise ValueError(f"{path}: a model's folder must hold config.json, this one does not")
        _refuse_revision(path, revision)
        return Location(str(path), "", path)
    if HUB_NAME.fullmatch(spec):
        # Asked for first: a plain word where the hub cannot be reached, and the commit that everything else is read at.
        try:
            folder = download(spec, CONFIG, repo_type="model", revision=revision).parent
        except AbsentFileError:
            refuse_hub_adapter(spec, revision)
            raise
        refuse_hub_adapter(spec, folder.name)
        return Location(spec, folder.name, folder)
    known = "a folder, a .gguf file" if what == "model" else "a folder"
    raise FileNotFoundError(f"no such {what}: {spec!r} is neither {known} nor a hub name (owner/name)")


def _refuse_revision(path: Path, revision: str | None) -> None:
    if revision is not None:
        raise ValueError(f"{path}: the revision {revision!r} has no effect on what is no name on the hub: leave it out")


def reason_of(error: Exception) -> str:
    """Why transformers loaded nothing, on one line."""
    reason = " ".join(str(error).split())
    if "model.safetensors" in reason:  # it names the file that it did not find
        return (
            "it must hold its weights as safetensors; pickles such as pytorch_model.bin may run code and are not read. "
            "Convert them where you trust them: transformers' from_pretrained, then save_pretrained"
        )
    return reason


def refuse_unknown_dtype(dtype: str) -> None:
    """Raise unless a dtype is ``auto`` or one of `DTYPES`.

    Raises
    ------
    ValueError
        With the known ones.
    """
    if dtype != "auto" and dtype not in DTYPES:
        raise ValueError(f"dtype must be auto, {', '.join(DTYPES)}, got {dtype!r}")


def device_named(device: str) -> torch.device:
    """Device of a name; of ``auto`` the first of cuda, mps and cpu."""
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
