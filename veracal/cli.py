"""The command line."""

from __future__ import annotations

import functools
import inspect
import logging
import os
import signal
import sys
import textwrap
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from calibration.models.memory import is_out_of_memory

from . import console
from .commands.ask import ask
from .commands.cite import cite
from .commands.compare import compare
from .commands.demo import demo
from .commands.export import export
from .commands.extract import extract
from .commands.grade import grade
from .commands.import_ import import_
from .commands.merge import merge
from .commands.plan import plan
from .commands.recalibrate import recalibrate
from .commands.report import report
from .commands.runs import runs
from .commands.sources import sources
from .commands.summarize import summarize
from .commands.truthfulqa import truthfulqa
from .config_file import CONFIG_FILE, KnownOption, config_defaults, split_config
from .end_signals import EndedBySignal, end_signals_raised

_INTERRUPTED = 130
# Options of every command.
_DEBUG, _QUIET, _NO_PROGRESS, _VERBOSE = ("--debug",), ("--quiet", "-q"), ("--no-progress",), ("--verbose", "-v")
_ANYWHERE = frozenset({*_DEBUG, *_QUIET, *_NO_PROGRESS, *_VERBOSE})
_KEPT = "what was done is kept, the same command continues"
_NOTHING_KEPT = "nothing was changed, the same command starts anew"
# They read runs, and write at most a page, whole at their end.
_READING = frozenset({"summarize", "recalibrate", "compare", "plan", "report", "export", "runs", "sources", "cite"})

app = typer.Typer(
    name="veracal",
    help="How far a language model's confidence can be trusted, and what post-training did to it.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 (the parser calls it so)
    if wanted:
        console.print_line(f"veracal {metadata.version('veracal')}")
        raise typer.Exit


@app.callback()
def _all(
    *,
    _quiet: Annotated[
        bool, typer.Option(*_QUIET, help="Show results, warnings and errors alone (may stand anywhere).")
    ] = False,
    _no_progress: Annotated[bool, typer.Option(*_NO_PROGRESS, help="Show no progress (may stand anywhere).")] = False,
    _verbose: Annotated[
        bool, typer.Option(*_VERBOSE, help="Show what other libraries say (may stand anywhere).")
    ] = False,
    _config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help=f"Repeated options; if omitted, {CONFIG_FILE} (may stand anywhere)."
        ),
    ] = None,
    _debug: Annotated[bool, typer.Option(*_DEBUG, help="Show the traceback of an error (may stand anywhere).")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Options of every command."""


class _Command(typer.core.TyperCommand):
    """A command whose help names its arguments plainly, without the types of Python."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Options and arguments of the usage line."""
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then options, with their help."""
        rows: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
        for parameter in self.get_params(ctx):
            name, text = parameter.get_help_record(ctx) or ("", "")
            if isinstance(parameter, typer.core.TyperArgument):
                rows["Arguments"].append((parameter.display_name_raw, text))
            else:
                rows["Options"].append((name, text))
        for title, lines in rows.items():
            if lines:
                with formatter.section(title):
                    formatter.write_dl(lines)


def _add(command: Callable[..., None], name: str | None = None) -> None:
    """Add a command; the examples of its docstring end its help."""
    text, _, examples = (inspect.getdoc(command) or "").partition("\n\nExamples\n--------\n")
    # The mark \b keeps the lines of a paragraph apart.
    app.command(name, cls=_Command, help=text, epilog=f"\b\nExamples:\n{textwrap.indent(examples, '  ')}")(command)


_add(extract)
_add(import_, "import")
_add(export)
_add(merge)
_add(summarize)
_add(recalibrate)
_add(compare)
_add(plan)
_add(report)
_add(ask)
_add(grade)
_add(truthfulqa)
_add(cite)
_add(runs)
_add(sources)
_add(demo)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line.

    An error is one line on stderr; the exit status is 1 if the work failed and 2 for wrong use.
    """
    own_process = arguments is None
    arguments = sys.argv[1:] if arguments is None else arguments
    given = {word for word in arguments if word in _ANYWHERE}
    debug, quiet, no_progress, verbose = (
        not given.isdisjoint(option) for option in (_DEBUG, _QUIET, _NO_PROGRESS, _VERBOSE)
    )
    console.SHOWN = console.Shown(notes=not quiet, progress=not (quiet or no_progress), foreign=verbose)
    if own_process:  # before the hub's package is imported, which reads them
        os.environ.update(_hub_settings(os.environ))
    arguments = [word for word in arguments if word not in _ANYWHERE]
    kept = _NOTHING_KEPT if arguments[:1] and arguments[0] in _READING else _KEPT
    warnings.showwarning = _show_warning
    logging.setLogRecordFactory(console.LogRecord)
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal without Unicode gets a table all the same
        sys.stdout.reconfigure(errors="replace")
    try:
        with end_signals_raised():
            config, arguments = split_config(arguments)
            arguments = arguments or ["--help"]
            defaults = _defaults(arguments, config)
            status = _commands()(arguments, prog_name="veracal", standalone_mode=False, default_map=defaults)
            console.print_document()
    except typer.TyperException as error:  # wrong use
        _fail(_wrong_use(error), error.exit_code, debug=debug)
    except typer.Abort:
        status = _INTERRUPTED
    except EndedBySignal as end:
        _fail(f"ended by {signal.Signals(end.number).name}; {kept}", 128 + end.number, debug=debug)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except (ValueError, OSError, ImportError, MemoryError, RuntimeError) as error:
        _fail(_message(error), 1, debug=debug)
    except Exception as error:  # noqa: BLE001 (a fault of this program: still one line, and how to see more)
        _fail(f"unexpected {type(error).__name__}: {error} (--debug shows where)", 1, debug=debug)
    if status == _INTERRUPTED:  # typer turns Ctrl-C into this status
        _fail(f"interrupted; {kept}", _INTERRUPTED, debug=debug)
    sys.exit(status if isinstance(status, int) else 0)


def _hub_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Settings that hold back what the hub says, unless the user's own say otherwise."""
    settings = {} if console.SHOWN.foreign else {"HF_HUB_VERBOSITY": "error"}  # its retries are warnings
    settings |= {} if console.has_bars() else {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    return {name: value for name, value in settings.items() if name not in environment}


@functools.cache
def _commands() -> Any:
    """The parser of all commands; made once, for a program that runs several."""
    return typer.main.get_command(app)


def _defaults(arguments: Sequence[str], config: Path | None) -> dict[str, dict[str, Any]]:
    """What the config file says for the command that runs."""
    known = {name: _known_options(command) for name, command in _commands().commands.items()}
    command = arguments[0]
    if command not in known or "--help" in arguments:
        return {}
    file, values = config_defaults(command, known, config)
    given = {word.partition("=")[0] for word in arguments}
    written = {option.name: f"--{name}" for name, option in known[command].items()}
    decisive = [written[name] for name, value in values.items() if value is not False and written[name] not in given]
    if decisive:
        console.say(f"Options of {file}: {', '.join(decisive)}")
    return {command: values}


def _known_options(command: Any) -> dict[str, KnownOption]:
    """Options of a command by their names without dashes."""
    return {
        word.removeprefix("--"): KnownOption(parameter.name, flag=parameter.is_flag, repeated=parameter.multiple)
        for parameter in command.params
        if isinstance(parameter, typer.core.TyperOption)
        for word in parameter.opts
        if word.startswith("--") and word not in ("--help", "--list")
    }


def _wrong_use(error: typer.TyperException) -> str:
    message = error.format_message()
    if message.startswith("No such command") and "Did you mean" not in message:
        names = ", ".join(_commands().commands)
        return f"{message} The commands are {names}; veracal COMMAND --help tells more."
    return message


def _message(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if is_out_of_memory(error) and "--" not in text:  # else it says itself what to do
        return f"out of memory ({text}): try less at a time (--batch-size), a smaller --dtype or another --device"
    return text


def _fail(message: str, status: int, *, debug: bool) -> None:
    if debug:
        for line in traceback.format_exc().splitlines():
            console.alert(line)
    console.alert(f"veracal: {' '.join(message.split())}")
    sys.exit(status)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    console.alert(f"veracal: warning: {' '.join(str(message).split())}")


if __name__ == "__main__":
    main()
