"""The config file ``veracal.toml``: options that are repeated."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.files.text import read_text
from calibration.nearest_names import nearest

CONFIG_FILE = "veracal.toml"
_OPTION = "--config"
# They run code of others, or ask another machine; a file that merely lies in the folder may be a stranger's.
_TO_BE_NAMED = frozenset({"trust-remote-code", "ray-address"})
# They write.
_WRITTEN = frozenset({"html", "out"})


@dataclass(frozen=True)
class KnownOption:
    """An option of a command.

    Attributes
    ----------
    name : str
        Name of its parameter.
    flag, repeated : bool
        Whether it takes no value, and whether it may be given several times.
    """

    name: str
    flag: bool
    repeated: bool


def split_config(arguments: Sequence[str]) -> tuple[Path | None, list[str]]:
    """The file that ``--config`` names, if it is given, and the other arguments.

    Examples
    --------
    >>> path, rest = split_config(["extract", "--config", "mine.toml", "model"])
    >>> str(path), rest
    ('mine.toml', ['extract', 'model'])
    """
    path: Path | None = None
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        option, equals, value = word.partition("=")
        if option == _OPTION:
            value = value if equals else next(words, "")
            if not value:
                raise ValueError(f"{_OPTION} must name a file")
            path = Path(value)
        else:
            rest.append(word)
    return path, rest


def config_defaults(
    command: str, known: Mapping[str, Mapping[str, KnownOption]], path: Path | None
) -> tuple[Path, dict[str, Any]]:
    """The config file, and parameters of a command that it sets.

    Parameters
    ----------
    command : str
        Name of the command.
    known : mapping
        Options of every command, by their names without dashes.
    path : Path, optional
        The file; if omitted, ``veracal.toml`` in this folder, if there is one.

    Raises
    ------
    FileNotFoundError, IsADirectoryError
        If the file that is named does not exist, or is a folder.
    ValueError
        For what is no TOML, an unknown option or command, a value of another type, and, unless the file is named,
        options that run code of others, ask another machine, or write outside this folder.
    """
    file = Path(CONFIG_FILE) if path is None else path
    if file.is_dir() and path is not None:
        raise IsADirectoryError(f"{_OPTION} must name a file, {file} is a folder")
    if path is None and not file.is_file():
        return file, {}
    try:
        content = tomllib.loads(read_text(file)) if file.stat().st_size else {}
    except FileNotFoundError:
        raise FileNotFoundError(f"no such file: {file}") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{file}: must be TOML in UTF-8 ({error})") from None
    try:
        return file, _of_command(content, command, known, named=path is not None)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def _of_command(
    content: Mapping[str, Any], command: str, known: Mapping[str, Mapping[str, KnownOption]], *, named: bool
) -> dict[str, Any]:
    everywhere = {name for options in known.values() for name in options}
    values: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            if key not in known:
                raise ValueError(f"[{key}] is no command{nearest(key, known)}")
            for name in value:
                if name not in known[key]:
                    raise ValueError(f"[{key}] has no option {name!r}{nearest(name, known[key])}")
        elif key not in everywhere:
            raise ValueError(f"no command has an option {key!r}{nearest(key, everywhere)}")
        elif key in known[command]:
            values[key] = value
    own = content.get(command, {})
    values |= own if isinstance(own, dict) else {}  # an option may be called as a command is
    options = known[command]
    return {options[name].name: _value(name, value, options[name], named=named) for name, value in values.items()}


def _value(name: str, value: Any, option: KnownOption, *, named: bool) -> Any:
    if not named and (name in _TO_BE_NAMED or "://" in str(value)):
        raise ValueError(
            f"{name!r} runs code of others or asks another machine: name the file, {_OPTION} {CONFIG_FILE}"
        )
    if not named and name in _WRITTEN and (Path(str(value)).is_absolute() or ".." in Path(str(value)).parts):
        raise ValueError(f"{name!r} writes outside this folder: name the file, {_OPTION} {CONFIG_FILE}")
    if option.flag != isinstance(value, bool):
        raise ValueError(f"{name!r} must be {'true or false' if option.flag else 'a value'}, got {value!r}")
    if isinstance(value, dict | list) and not (option.repeated and isinstance(value, list)):
        raise ValueError(f"{name!r} must be one value, got {value!r}")
    if option.repeated:
        return [str(part) for part in (value if isinstance(value, list) else [value])]
    return value if option.flag else str(value)
