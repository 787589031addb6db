"""The command `sources`: names that `--items` and `--questions` take."""

from __future__ import annotations

from .. import console
from ..known_sources import item_sources, question_sources
from .options import Json


def sources(as_json: Json = False) -> None:
    """List the names that --items and --questions take.

    Examples
    --------
    veracal sources
    """
    known = {"items": item_sources(), "questions": question_sources()}
    if as_json:
        console.print_json({option: [source.to_dict() for source in listed] for option, listed in known.items()})
        return
    for option, listed in known.items():
        if option == "questions":
            console.print_line()
        rows = [
            [source.name, source.holds, "" if source.size is None else f"{source.size:,}", source.licence]
            for source in listed
        ]
        console.print_table(f"--{option} takes", ("name", "holds", option, "licence"), rows, texts=True)
