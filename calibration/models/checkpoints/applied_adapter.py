"""Adapters of peft on a checkpoint: where they lie, and taken whole."""

from __future__ import annotations

import warnings
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from transformers import PreTrainedModel

from ...errors import UnfitWeightsError
from ...files.hub import download
from ..weights.adapters import refuse_pickled_adapter
from ..weights.file_damage import refuse_damaged
from ..weights.model_files import ADAPTER_CONFIG, ADAPTER_WEIGHTS, CONFIG, ModelFiles, read_object, refuse_changes
from ..weights.whole_weights import refuse_other_tensors
from .locations import HUB_NAME

_TOKENIZER_CONFIG = "tokenizer_config.json"
# peft knows them by a name that it is given.
_NAME = "default"


class AdapterLocation(NamedTuple):
    """Where an adapter is read from.

    Attributes
    ----------
    spec : str
        What the user calls it: a folder, or a name on the hub.
    commit : str
        The commit that the hub gives; empty for a folder.
    folder : Path
        The folder, or the commit's snapshot in the hub's cache.
    """

    spec: str
    commit: str
    folder: Path

    @property
    def files(self) -> ModelFiles:
        """Its configuration and weights, and the tokenizer that it was saved with."""
        return ModelFiles.of_adapter(self.folder)

    @property
    def has_tokenizer(self) -> bool:
        """Whether it was saved with the tokenizer that it was trained with."""
        return (self.folder / _TOKENIZER_CONFIG).is_file()

    @property
    def tokenizer_source(self) -> tuple[str, str]:
        """What transformers reads its tokenizer from, and the revision."""
        return (self.spec, self.commit) if self.commit else (str(self.folder), "main")


def located_adapter(spec: str) -> AdapterLocation:
    """Location of an adapter: folder or hub.

    Raises
    ------
    FileNotFoundError
        If it is neither.
    ConnectionError
        If the hub cannot be reached and the adapter is not in its cache.
    ValueError
        If the package peft is absent, the folder holds no adapter, or its weights are damaged or no safetensors.
    """
    if find_spec("peft") is None:
        raise ValueError(f"{spec}: an adapter needs the package peft: pip install 'veracal[adapter]'")
    path = Path(spec).expanduser()
    if path.is_dir():
        if not (path / ADAPTER_CONFIG).is_file():
            whole = "; it holds a whole model, which is named without a base" if (path / CONFIG).is_file() else ""
            raise ValueError(f"{path}: an adapter's folder must hold {ADAPTER_CONFIG}, this one does not{whole}")
        refuse_pickled_adapter(path)
        return _whole(AdapterLocation(spec, "", path))
    if not HUB_NAME.fullmatch(spec):
        raise FileNotFoundError(f"no such adapter: {spec!r} is neither a folder nor a hub name (owner/name)")
    folder = download(spec, ADAPTER_CONFIG, repo_type="model").parent
    download(spec, ADAPTER_WEIGHTS, repo_type="model", revision=folder.name)
    with suppress(ConnectionError):  # it has none
        download(spec, _TOKENIZER_CONFIG, repo_type="model", revision=folder.name)
    return _whole(AdapterLocation(spec, folder.name, folder))


def _whole(location: AdapterLocation) -> AdapterLocation:
    refuse_damaged(location.files)
    return location


def apply_adapter(spec: str, network: PreTrainedModel, location: AdapterLocation) -> None:
    """Put an adapter's layers into a network, beside its own weights.

    Parameters
    ----------
    spec : str
        What the user calls the model, for messages.
    network : PreTrainedModel
        The model, on its device.
    location : AdapterLocation
        Where the adapter lies.

    Raises
    ------
    ValueError
        For tensors that do not fit the network, and adapters that work beside its layers.

    Warns
    -----
    UserWarning
        If it was trained on another model of the hub than the one that is named.
    """
    from peft import PeftConfig, PeftModel

    before = location.files.states
    base = read_object(location.folder / ADAPTER_CONFIG).get("base_model_name_or_path")
    named = f"{location.spec} on {spec}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is missing is refused below
            config: Any = PeftConfig.from_pretrained(str(location.folder))
            _refuse_outside(config, named)
            config.inference_mode = True
            adapted = PeftModel(network, config, _NAME)
            report: Any = adapted.load_adapter(
                str(location.folder), _NAME, is_trainable=False, torch_device=str(network.device)
            )
    except (RuntimeError, TypeError, KeyError, ValueError) as error:
        if isinstance(error, UnfitWeightsError):
            raise
        reason = f"it lacks {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
        raise UnfitWeightsError(f"{named}: the adapter does not fit the model or cannot be read: {reason}") from None
    refuse_other_tensors(
        named, missing=set(report.missing_keys), unexpected=set(report.unexpected_keys)
    )  # fmt: skip
    refuse_changes(before, location.files.states)
    if isinstance(base, str) and base != spec and all(
        HUB_NAME.fullmatch(name) and not Path(name).exists() for name in (base, spec)
    ):  # fmt: skip
        warnings.warn(f"{location.spec}: the adapter was trained on {base}, it is put on {spec}", stacklevel=2)


def _refuse_outside(config: Any, named: str) -> None:
    """Refuse adapters that do more than change layers.

    The layers are asked without peft's own model around them.
    """
    kind = str(getattr(config.peft_type, "value", config.peft_type))
    if config.is_prompt_learning or kind == "XLORA" or getattr(config, "alora_invocation_tokens", None):
        raise UnfitWeightsError(f"{named}: the adapter must change layers of the model, {kind} works beside them")
