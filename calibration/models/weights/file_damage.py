"""Damage to the files of a model: cut, empty, or something else."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path

from ...errors import GgufError
from .gguf_header import GgufHeader
from .model_files import ModelFiles, index_shards

_BEGINNING = 200
_POINTER = b"version https://git-lfs.github.com/spec/"
_PAGE = re.compile(rb"\s*(<!doctype|<html|<head|<\?xml)", re.IGNORECASE)
# safetensors' own limit of its header.
_LONGEST_HEADER = 100_000_000
# Larger JSON files (vocabularies) are looked at where they begin and end; their reader looks at the rest.
_PARSED_BYTES = 1 << 20
_AGAIN = "bring it again, whole"


def refuse_damaged(files: ModelFiles, *, downloading: bool = False) -> None:
    """Refuse a model with a file that is cut, empty, absent or mistaken.

    Parameters
    ----------
    files : ModelFiles
        The model's files.
    downloading : bool
        Whether what is absent will still come.

    Raises
    ------
    ValueError
        Naming the file, what is wrong with it and what to do.
    """
    for name in files.names:
        path = files.folder / name
        if fault := damage(path):
            raise ValueError(f"{path}: {fault}")
        if name.endswith(".index.json") and not downloading:
            absent = [shard for shard in index_shards(path) if not (files.folder / shard).is_file()]
            if absent:
                raise ValueError(
                    f"{path}: all files that it lists must be there, {len(absent)} are not ({', '.join(absent[:3])}); "
                    "bring them, too"
                )


def damage(path: Path) -> str:
    r"""Fault of a file, by its name and content; empty without one.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "model.safetensors"
    >>> _ = file.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1310\n")
    >>> damage(file)
    'a git-lfs pointer, not the file that it stands for; `git lfs pull` in its repository brings that'
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    if not size:
        return f"empty; {_AGAIN}" if path.suffix in (".json", ".safetensors", ".gguf", ".model") else ""
    if beginning.startswith(_POINTER):
        return "a git-lfs pointer, not the file that it stands for; `git lfs pull` in its repository brings that"
    if path.suffix != ".jinja" and _PAGE.match(beginning):
        return f"a web page (it begins with {_quoted(beginning)}), perhaps one to sign in; {_AGAIN}"
    if path.suffix == ".safetensors":
        return _safetensors_damage(path, size)
    if path.suffix == ".gguf":
        return _gguf_damage(path, size)
    return _json_damage(path, size) if path.suffix == ".json" else ""


def _safetensors_damage(path: Path, size: int) -> str:
    """Its header says where each tensor ends."""
    other = "no safetensors file (it begins with {})"
    with path.open("rb") as file:
        first = file.read(9)
        if len(first) < 9:
            return f"cut: {size:,} bytes are there, less than a header; {_AGAIN}"
        (length,) = struct.unpack_from("<Q", first)
        if length > _LONGEST_HEADER or first[8:] != b"{":
            return f"{other.format(_quoted(first))}; {_AGAIN}"
        if 8 + length > size:
            return f"cut: {size:,} bytes are there, its header alone has {8 + length:,}; {_AGAIN}"
        file.seek(8)
        try:
            header = json.loads(file.read(length))
            ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
            wanted = 8 + length + max(ends, default=0)
        except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
            return f"damaged: its header cannot be read; {_AGAIN}"
    if size < wanted:
        return f"cut: {size:,} of {wanted:,} bytes are there; {_AGAIN}"
    return f"damaged: {size:,} bytes are there, its header speaks of {wanted:,}; {_AGAIN}" if size > wanted else ""


def _gguf_damage(path: Path, size: int) -> str:
    try:
        header = GgufHeader.read(path)
    except GgufError as error:
        return f"{error}; {_AGAIN}"
    if size < header.size:
        return f"cut: {size:,} of {header.size:,} bytes are there; {_AGAIN}"
    return "" if header.tensors else f"damaged: it holds no tensors; {_AGAIN}"


def _json_damage(path: Path, size: int) -> str:
    if size > _PARSED_BYTES:
        with path.open("rb") as file:
            file.seek(-_BEGINNING, 2)
            whole = file.read().rstrip().endswith((b"}", b"]"))
        return "" if whole else f"cut: JSON must end with a bracket; {_AGAIN}"
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return f"JSON must be UTF-8, and this is not (cut or damaged?); {_AGAIN}"
    except (ValueError, RecursionError) as error:
        return f"no whole JSON ({error}); {_AGAIN}"
    return ""


def _quoted(beginning: bytes) -> str:
    return repr(beginning[:40].decode("utf-8", errors="replace"))
