"""The command `sources`: names that `--items` and `--questions` take."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .. import console
from ..known_sources import KnownSource, item_sources, question_sources
from .options import Json, PrintedAs, prints_json


def sources(format: PrintedAs = None, as_json: Json = False) -> None:
    """List the names that --items and --questions take.

    Examples
    --------
    veracal sources
    """
    as_json = prints_json(format, as_json=as_json)
    known = {"items": item_sources(), "questions": question_sources()}
    if as_json:
        console.print_json(
            "sources", {option: [source.to_dict() for source in listed] for option, listed in known.items()}
        )
        return
    for option, listed in known.items():
        if option == "questions":
            console.print_line()
        rows = [
            [source.name, source.holds, "" if source.size is None else f"{source.size:,}", source.licence]
            for source in listed
        ]
        console.print_table(
            f"--{option} takes", ("name", "holds", option, "licence"), rows, texts=True, frame=_frame(listed)
        )


def _frame(listed: Sequence[KnownSource]) -> pl.DataFrame:
    columns = {"name": pl.String, "holds": pl.String, "size": pl.Int64, "licence": pl.String, "home": pl.String}
    return pl.DataFrame([source.to_dict() for source in listed], schema=columns)
