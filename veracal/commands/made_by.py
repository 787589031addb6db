"""The command that made a run, noted in its manifest."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import join

import typer

from calibration.runs.manifests import note_in_manifest

from .options import shown

# How the output looks, which changes no run; the format of an import is that of its log.
_OF_OUTPUT = ("as_json", "format")


def note_command(ctx: typer.Context, *runs: Path) -> None:
    """Write the command into the manifests of runs, without secrets.

    A run that was continued keeps the command that began it.
    """
    for run in runs:
        note_in_manifest(run, command=command_line(ctx))


def command_line(ctx: typer.Context) -> str:
    """The command as it was given, without passwords in addresses."""
    return join(["veracal", str(ctx.info_name), *_words(ctx)])


def _words(ctx: typer.Context) -> Iterator[str]:
    for parameter in ctx.command.params:
        name, source = str(parameter.name), ctx.get_parameter_source(str(parameter.name))
        if name in _OF_OUTPUT and (name, ctx.info_name) != ("format", "import"):
            continue
        if source is None or source.name not in ("COMMANDLINE", "DEFAULT_MAP"):
            continue
        value = ctx.params[name]
        values = value if isinstance(value, list | tuple) else [value]
        if parameter.param_type_name == "argument":
            yield from map(_open, values)
        elif isinstance(value, bool):
            yield (parameter.opts if value else parameter.secondary_opts)[-1]
        elif value is not None:
            yield from (text for word in values for text in (parameter.opts[-1], _open(word)))


def _open(word: object) -> str:
    """A word of a command without the secrets of an address."""
    return shown(str(word)) if "://" in str(word) else str(word)
