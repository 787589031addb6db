"""Options without an effect beside another one, which are refused."""

from __future__ import annotations

import typer

from factuality.answers.primers import Primer


def given_options(ctx: typer.Context, *names: str) -> list[str]:
    """Options that are given on the command line, as they are written.

    Parameters
    ----------
    ctx : typer.Context
        Of the command that runs.
    names : str
        Names of parameters.
    """
    written = {parameter.name: parameter.opts[-1] for parameter in ctx.command.params}
    sources = {name: ctx.get_parameter_source(name) for name in names}
    return [written[name] for name, source in sources.items() if source is not None and source.name == "COMMANDLINE"]


def refuse_idle(ctx: typer.Context, *names: str, why: str) -> None:
    """Refuse options that are given without an effect.

    Parameters
    ----------
    ctx : typer.Context
        Of the command that runs.
    names : str
        Names of its parameters that have no effect.
    why : str
        Beside or without which option, for the message.

    Raises
    ------
    typer.BadParameter
        Naming those that are given.
    """
    given = given_options(ctx, *names)
    if given:
        have, them = ("has", "it") if len(given) == 1 else ("have", "them")
        raise typer.BadParameter(f"{' and '.join(given)} {have} no effect {why}: leave {them} out")


def refuse_idle_examples(primer: Primer, dev: str | None) -> None:
    """Refuse a source of few-shot examples for a primer that takes none from it.

    Raises
    ------
    typer.BadParameter
        Naming the primer that does.
    """
    if primer != "5-shot" and dev is not None:
        raise typer.BadParameter(
            "the primer 5-shot takes its few-shot examples from --dev SRC; no other primer has any"
        )
