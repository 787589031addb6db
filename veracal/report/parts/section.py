"""A heading of the page and what stands under it; how the runs were made."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from calibration.runs.folder import HASHES

from ..inputs import Inputs, Source
from .browser import Browser
from .download import Download, csv_of
from .figure import Figure
from .table import Table


@dataclass(frozen=True)
class Section:
    """A heading of the page and what stands under it.

    Attributes
    ----------
    name : str
        Its id in the page.
    title : str
        The heading.
    paragraphs : tuple of str
        Text under it.
    figures, tables : tuple
        After the text, in this order.
    browser : Browser or None
        At the end.
    """

    name: str
    title: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    browser: Browser | None = None

    @property
    def downloads(self) -> tuple[Download, ...]:
        """The files beside its figures and tables."""
        beside_tables = (table.download for table in self.tables if table.download is not None)
        return (*(figure.download for figure in self.figures), *beside_tables)


def settings(inputs: Inputs) -> Section:
    """How the runs were made."""
    groups = {
        "predictions": ("Multiple-choice answers", inputs.predictions),
        "responses": ("Free-form answers", inputs.responses),
        "multiple-choice": ("TruthfulQA by likelihood", inputs.multiple_choice),
    }
    tables = [_settings(name, title, sources) for name, (title, sources) in groups.items() if sources]
    return Section(
        "runs", "How the runs were made", ("Settings in which the runs differ are marked.",), tables=tuple(tables)
    )


def _settings(name: str, title: str, sources: tuple[Source, ...]) -> Table:
    columns = [
        {
            **source.manifest["settings"],
            **{
                key: source.manifest[key] for key in ("state", "n_items", "n_done", "started") if key in source.manifest
            },
            **{f"package {package}": version for package, version in source.manifest["packages"].items()},
        }
        for source in sources
    ]
    rows = []
    for key in dict.fromkeys(key for column in columns for key in column):
        cells = [str(column.get(key, "–")) for column in columns]
        differ = len(set(cells)) > 1 and key not in HASHES | {"started"}
        rows.append((key.replace("_", " ") + (" (differs)" if differ else ""), *cells))
    frame = pl.DataFrame(
        [(row[0].removesuffix(" (differs)"), *row[1:]) for row in rows],
        schema=["setting", *(f"run_{number}" for number in range(1, len(sources) + 1))],
        orient="row",
    )
    file = f"settings_{name.replace('-', '_')}.csv"
    return Table(
        f"settings-{name}", f"{title}.", ("Setting", *(source.name for source in sources)), rows,
        csv_of(frame, file, f"Settings: {title}"), words=True,
    )  # fmt: skip
