"""The weights hash: identity of a model, from all files that it computes with."""

from __future__ import annotations

from typing import Any

from ...files.digest import digest
from .file_hashes import file_hashes
from .model_files import ModelFiles


def weights_hash(files: ModelFiles, adapter: ModelFiles | None = None) -> str:
    """Hash of the content of a model's files, 16 hexadecimal digits.

    The folder's name and times do not count.

    A bar shows how far it is if it takes over two seconds.

    Parameters
    ----------
    files : ModelFiles
        The model's.
    adapter : ModelFiles, optional
        Those of an adapter on it, which stand for the model's of the same name, as in one folder that holds both.

    Raises
    ------
    OSError
        If a file cannot be read.
    ChangedFileError
        If a file changes while it is read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> folder = Path(tempfile.mkdtemp())
    >>> for name in ("config.json", "model.safetensors", "README.md"):
    ...     _ = (folder / name).write_text("{}")
    >>> files = ModelFiles.of_folder(folder)
    >>> files.names, weights_hash(files)
    (('config.json', 'model.safetensors'), '9430eaf489c37a16')
    """
    by_name = {"" if name == files.anonymous else name: files.folder / name for name in files.names}
    by_name |= {name: adapter.folder / name for name in adapter.names} if adapter else {}
    paths = list(by_name.values())
    with hashing_bar(sum(path.stat().st_size for path in paths)) as bar:
        hashes = file_hashes(paths, progress=bar.update)
    lines = sorted(f"{name}\0{content}\n" for name, content in zip(by_name, hashes, strict=True))
    return digest("".join(lines))


def hashing_bar(total: int) -> Any:
    """Progress bar in bytes, in the hub's style, after two seconds."""
    from huggingface_hub.utils.tqdm import tqdm

    return tqdm(  # type: ignore[no-untyped-call]
        total=total, desc="Hashing weights", unit="B", unit_scale=True, delay=2, leave=False
    )
