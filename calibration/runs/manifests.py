"""The manifest of a run: what ``run.json`` says, and what must hold of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from ..files.atomic import write_bytes
from ..files.digest import digest

FORMAT = 1
RUN_FILE = "run.json"
STATES = ("running", "complete")
# What parts of new runs carry: see `calibration.files.atomic.write_parquet`.
MARKS = ("checksum", "settings")
# More items than any run has.
_MOST = 10**9
_MOST_DIGITS = 4000  # Python refuses to read whole numbers of more than 4300
_LONGEST = 100
_KIND = re.compile("[a-z-]{1,40}")
_PACKAGES = ("veracal", "numpy", "polars", "torch", "transformers")


def new_manifest(kind: str, settings: Mapping[str, Any], n_items: int, notes: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest of a run that begins; `notes` are what else it says."""
    return {
        "format": FORMAT,
        "kind": kind,
        "state": "running",
        "settings": dict(settings),
        "n_items": n_items,
        "n_done": 0,
        "marks": list(MARKS),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "packages": _versions(),
        **notes,
    }


def write_manifest(manifest: Mapping[str, Any], folder: Path) -> None:
    """Write ``run.json`` whole or not at all."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    write_bytes(text.encode(), folder / RUN_FILE)


def read_manifest(folder: Path, *, default_kind: str) -> dict[str, Any]:
    """Content of ``run.json`` in a folder.

    A manifest of the first version names no kind.

    Raises
    ------
    FileNotFoundError
        If the folder holds no run.
    ValueError
        If the file is not readable, a newer version wrote it, or a field is not what a run can have, by its name.
    """
    file = folder / RUN_FILE
    if not file.is_file():
        raise FileNotFoundError(f"{folder}: no run here (a run folder holds {RUN_FILE})")
    try:
        manifest = json.loads(
            file.read_bytes().decode("utf-8-sig"), object_pairs_hook=_once, parse_int=_integer
        )  # fmt: skip
    except UnicodeDecodeError as error:
        raise ValueError(f"{file}: must be UTF-8, byte {error.start} is not") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{file}: not readable JSON ({error})") from None
    if not isinstance(manifest, dict):
        raise ValueError(f"{file}: must be an object with the fields of a run, got {shown(manifest)}")
    manifest = {"kind": default_kind, **manifest}
    try:
        _refuse_bad_values(manifest)
        _refuse_bad_fields(manifest)
        _refuse_contradictions(manifest)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    return manifest


def note_in_manifest(folder: Path, **notes: str) -> None:
    """Write notes into the manifest of a run; what it says already stays.

    Parameters
    ----------
    folder : Path
        The run.
    notes : str
        Fields that are no settings.
    """
    manifest = read_manifest(folder, default_kind="predictions")
    if not {*notes} <= {*manifest}:
        write_manifest({**notes, **manifest}, folder)


def settings_mark(manifest: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    """Hash of a run's kind and settings (16 hexadecimal digits), which its parts carry.

    Parameters
    ----------
    manifest : mapping
        What ``run.json`` says.
    defaults : mapping
        What the settings are that it does not name.
    """
    text = json.dumps([manifest["kind"], {**defaults, **manifest["settings"]}], sort_keys=True)
    return digest(text)


def writes(manifest: Mapping[str, Any], mark: str) -> bool:
    """Whether a run's version marked its parts with this: ``checksum`` or ``settings``."""
    # Every version that writes its own number into the manifest writes checksums.
    return mark in manifest.get("marks", ()) or (mark == "checksum" and "veracal" in manifest["packages"])


def shown(value: Any) -> str:
    """A value in a message, without its middle if it is long."""
    text = ascii(value)
    return text if len(text) <= _LONGEST else f"{text[:60]}…{text[-20:]} ({len(text)} characters)"


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


# What a field must be, as a message says it, and whether it is; fields of settings have a dot in their name.
_COUNT = (f"a whole number from 0 to {_MOST:,}", _is_count)
_POSITIVE = (f"a whole number from 1 to {_MOST:,}", lambda value: _is_count(value) and value > 0)
_Rule = tuple[str, Callable[[Any], bool]]
_REQUIRED: dict[str, _Rule] = {
    "format": (f"a whole number from 1 to {FORMAT}", lambda value: _is_count(value) and 1 <= value <= FORMAT),
    "kind": ("a name in small letters", lambda value: _is_text(value) and bool(_KIND.fullmatch(value))),
    "settings": ("an object that is not empty", lambda value: isinstance(value, dict) and bool(value)),
    "settings.model": ("a text", _is_text),
    "n_items": _COUNT,
    "n_done": _COUNT,
    "state": (f"one of {', '.join(STATES)}", lambda value: isinstance(value, str) and value in STATES),
    "packages": ("an object of texts", _is_texts),
}
_OPTIONAL: dict[str, _Rule] = {
    "command": ("a text", _is_text),
    "marks": ("a list of texts", lambda value: isinstance(value, list) and all(map(_is_text, value))),
    "name": ("a text", _is_text),
    "settings.revision": ("a text", _is_text),
    "settings.n_items": _COUNT,
    "settings.samples": _POSITIVE,
    "settings.permutations": ("none or cyclic", lambda value: isinstance(value, str) and value in {"none", "cyclic"}),
    "shard": ("an object", lambda value: isinstance(value, dict)),
    "shard.number": _POSITIVE,
    "shard.of": _POSITIVE,
    "shard.n_items": _POSITIVE,
}


def _refuse_bad_fields(manifest: Mapping[str, Any]) -> None:
    newer = manifest.get("format")
    if _is_count(newer) and newer > FORMAT:  # type: ignore[operator]
        raise ValueError(f"format {newer} is newer than this version reads ({FORMAT}); upgrade")
    for name, (rule, holds) in {**_REQUIRED, **_OPTIONAL}.items():
        outer, _, inner = name.partition(".")
        parent = manifest.get(outer, {}) if inner else manifest
        field = inner or outer
        if field not in parent:
            if name in _REQUIRED or (outer == "shard" and "shard" in manifest):
                raise ValueError(f"{name!r} must be {rule}, and is missing")
        elif not holds(parent[field]):
            raise ValueError(f"{name!r} must be {rule}, got {shown(parent[field])}")


def _refuse_contradictions(manifest: Mapping[str, Any]) -> None:
    settings, n_items, n_done = manifest["settings"], manifest["n_items"], manifest["n_done"]
    if "n_items" in settings:
        samples = settings.get("samples", 1)
        if n_items != settings["n_items"] * samples:
            times = f" times settings.samples ({samples})" if samples > 1 else ""
            raise ValueError(f"'n_items' must be settings.n_items ({settings['n_items']}){times}, got {n_items}")
    if n_done > n_items:
        raise ValueError(f"'n_done' must be at most n_items ({n_items}), got {n_done}")
    if manifest["state"] == "complete" and n_done < n_items:
        raise ValueError(f"'state' must be running where n_done ({n_done}) is below n_items ({n_items}), got complete")
    shard = manifest.get("shard")
    if shard and not (shard["number"] <= shard["of"] and shard["n_items"] <= n_items):
        raise ValueError(
            f"'shard' must have number <= of and n_items <= n_items of the run ({n_items}), got {shown(shard)}"
        )


def _refuse_bad_values(value: Any, name: str = "") -> None:
    """Raise for texts that are no Unicode and numbers that are none."""
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_bad_values(key, name or "a field's name")
            _refuse_bad_values(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            _refuse_bad_values(inner, name)
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError(f"{name!a} must be valid Unicode, got {shown(value)}") from None
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{name!a} must be a finite number, got {value}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for name, value in pairs:
        if name in names:
            raise ValueError(f"the field {name!a} must occur once, it occurs twice")
        names[name] = value
    return names


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _MOST_DIGITS else math.inf


def _versions() -> dict[str, str]:
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
