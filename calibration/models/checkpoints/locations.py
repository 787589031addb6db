"""Locations of models: folders, GGUF files, names on the hub."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ...errors import AbsentFileError
from ...files.hub import download
from ..weights.adapters import refuse_hub_adapter, refuse_lone_adapter
from ..weights.model_files import CONFIG, ModelFiles

HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
"""How names on the hub are written."""


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


def located(spec: str, revision: str | None, *, what: str = "model", gguf: bool = False) -> Location:
    """Location of a model: folder, hub or GGUF file.

    Parameters
    ----------
    spec : str
        What the user calls it.
    revision : str, optional
        Branch, tag or commit on the hub.
    what : str
        What is looked for, for messages.
    gguf : bool
        Whether it may be a GGUF file.

    Raises
    ------
    FileNotFoundError
        If it is none of them.
    ConnectionError
        If the hub cannot be reached and the model is not in its cache.
    ValueError
        For a folder that holds no model, or an adapter alone; for a hub model with an adapter; for a GGUF file without
        the packages that read it.
    """
    if gguf and spec.endswith(".gguf"):
        return _located_gguf(Path(spec).expanduser(), revision)
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


def _located_gguf(path: Path, revision: str | None) -> Location:
    if not path.is_file():
        raise FileNotFoundError(f"no such file: {path}")
    _refuse_revision(path, revision)
    missing = [name for name in ("gguf", "accelerate") if find_spec(name) is None]
    if missing:
        raise ValueError(f"a GGUF file needs the package {missing[0]}: pip install 'veracal[gguf]'")
    return Location(str(path.parent), "", path.parent, gguf=path.name)


def _refuse_revision(path: Path, revision: str | None) -> None:
    if revision is not None:
        raise ValueError(f"{path}: the revision {revision!r} has no effect on what is no name on the hub: leave it out")
