"""The command line."""

from __future__ import annotations

import functools
import inspect
import logging
import signal
import sys
import textwrap
import traceback
import warnings
from collections.abc import Callable
from importlib import metadata
from io import TextIOWrapper
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from calibration.models.memory import is_out_of_memory

from . import console
from .commands.ask import ask
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
from .end_signals import EndedBySignal, end_signals_raised

_INTERRUPTED = 130
_KEPT = "what was done is kept, the same command continues"
_NOTHING_KEPT = "nothing was changed, the same command starts anew"
# They read runs, and write at most a page, whole at their end.
_READING = frozenset({"summarize", "recalibrate", "compare", "plan", "report", "export", "runs", "sources"})

app = typer.Typer(
    name="veracal",
    help="How far a language model's confidence can be trusted, and what post-training did to it.",
    add_completion=False,
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
    _debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error (may stand anywhere).")
    ] = False,
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
_add(runs)
_add(sources)
_add(demo)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line.

    An error is one line on stderr; the exit status is 1 if the work failed and 2 for wrong use.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    arguments = [word for word in arguments if word != "--debug"] or ["--help"]
    kept = _NOTHING_KEPT if arguments[:1] and arguments[0] in _READING else _KEPT
    warnings.showwarning = _show_warning
    logging.setLogRecordFactory(console.LogRecord)
    if isinstance(sys.stdout, TextIOWrapper):  # a terminal without Unicode gets a table all the same
        sys.stdout.reconfigure(errors="replace")
    try:
        with end_signals_raised():
            status = _commands()(arguments, prog_name="veracal", standalone_mode=False)
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


@functools.cache
def _commands() -> Any:
    """The parser of all commands; made once, for a program that runs several."""
    return typer.main.get_command(app)


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
            console.say(line)
    console.say(f"veracal: {' '.join(message.split())}")
    sys.exit(status)


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    console.say(f"veracal: warning: {' '.join(str(message).split())}")


if __name__ == "__main__":
    main()
