"""Clashes of a command with its run folder, before a model is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..models.loading_options import name_with_adapter
from ..models.weights.model_files import CONFIG, ModelFiles
from ..models.weights.weights_hash import weights_hash
from .folder import Run
from .manifests import RUN_FILE
from .run_kinds import PREDICTIONS, RunKind
from .run_writer import RunWriter
from .settings import refuse_other_settings, setting_differences


def refuse_clashes(
    out: str | Path | None,
    settings: Mapping[str, Any],
    *,
    kind: RunKind = PREDICTIONS,
    spec: str = "",
    trust_remote_code: bool = False,
    adapter: str | None = None,
) -> None:
    """Raise if a folder's run cannot be continued with these settings or this model.

    Parameters
    ----------
    out : str or Path, optional
        The folder.
    settings : mapping
        Those of a run that are known without its model.
    kind : RunKind
        What the run is to hold.
    spec : str
        The model, as in `calibration.load_model`; empty if it is not to be looked at.
    trust_remote_code : bool
        Whether code that comes with the model runs: it is then among its files.
    adapter : str, optional
        The adapter that is put on the model, as in `calibration.load_model`.

    Raises
    ------
    SettingsDifferError
        Naming each setting that differs.
    ValueError
        For a run of another kind, and for a folder that holds other files.
    """
    if out is None:
        return
    if not (Path(out) / RUN_FILE).exists():
        RunWriter(Path(out), kind).refuse_other_files()
        return
    run = Run(Path(out), kind)
    run.refuse_other_kind()
    own = run.manifest["settings"]
    _refuse(run, own, settings)
    # What is read on a server has another name there; the files of the hub may have to be downloaded first.
    if spec and not spec.startswith("openai:"):
        _refuse(run, own, {"model": name_with_adapter(spec, adapter)})
        weights = _weights(spec, adapter, trust_remote_code=trust_remote_code)
        _refuse(run, own, {"weights": weights} if weights else {})


def _refuse(run: Run, own: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    defaults = {name: value for name, value in run.kind.defaults.items() if name in given}
    same_names = {name: value for name, value in own.items() if name in given}
    refuse_other_settings(run.path, setting_differences(same_names, given, defaults=defaults))


def _weights(spec: str, adapter: str | None, *, trust_remote_code: bool) -> str | None:
    """Hash of a local model's files, with those of a local adapter."""
    folder = None if adapter is None else Path(adapter).expanduser()
    if folder is not None and not folder.is_dir():
        return None
    on_it = None if folder is None else ModelFiles.of_adapter(folder)
    path = Path(spec.removeprefix("vllm:")).expanduser()
    if path.suffix == ".gguf" and path.is_file():
        return weights_hash(ModelFiles.of_gguf(path), on_it)
    if not (path / CONFIG).is_file():
        return None
    return weights_hash(ModelFiles.of_folder(path, code=trust_remote_code), on_it)
