"""Settings of the runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from calibration.runs.settings import HASHES

from ..blocks.download import Download
from ..blocks.section import Section
from ..blocks.table import Table
from ..inputs import Inputs, Source

_DIFFERS = " (differs)"


def runs(inputs: Inputs) -> Section:
    """Settings of every run, a table a kind."""
    groups = {
        "predictions": ("Multiple-choice answers", inputs.predictions),
        "pairs": ("Confidences", inputs.pairs),
        "verdicts": ("Right and wrong answers", inputs.verdicts),
        "responses": ("Free-form answers", inputs.responses),
        "multiple-choice": ("TruthfulQA by likelihood", inputs.multiple_choice),
    }
    return Section(
        name="runs",
        title="How the runs were made",
        paragraphs=("Settings in which the runs differ are marked.",) if len(inputs.sources) > 1 else (),
        tables=(
            *(_settings(name, title, sources) for name, (title, sources) in groups.items() if sources),
            *_commands(inputs.sources),
        ),
    )


def _commands(sources: Sequence[Source]) -> Iterator[Table]:
    """The commands that made the runs, as far as the runs tell them."""
    known = [(source.name, str(source.manifest["command"])) for source in sources if "command" in source.manifest]
    if known:
        others = " Of the other runs it is not known." if len(known) < len(sources) else ""
        yield Table(
            name="commands",
            caption=f"The command that made each run; paths are those of the machine that it ran on.{others}",
            columns=("Run", "Command"),
            rows=known,
            words=True,
        )


def _settings(name: str, title: str, sources: tuple[Source, ...]) -> Table:
    columns = [_column(source.manifest) for source in sources]
    keys = list(dict.fromkeys(key for column in columns for key in column))
    rows = [(key.replace("_", " "), *(str(column.get(key, "–")) for column in columns)) for key in keys]
    differing = [
        len(set(cells)) > 1 and key not in HASHES | {"started"} for key, (_, *cells) in zip(keys, rows, strict=True)
    ]
    numbered = [f"run_{number}" for number in range(1, len(sources) + 1)]
    return Table(
        name=f"settings-{name}",
        caption=f"{title}.",
        columns=("Setting", *(source.name for source in sources)),
        rows=[
            (setting + _DIFFERS * differs, *cells) for (setting, *cells), differs in zip(rows, differing, strict=True)
        ],
        download=Download(
            f"settings_{name.replace('-', '_')}.csv",
            f"Settings: {title}",
            pl.DataFrame(rows, schema=["setting", *numbered], orient="row"),
        ),
        words=True,
    )


def _column(manifest: dict[str, Any]) -> dict[str, Any]:
    state = {key: manifest[key] for key in ("state", "n_items", "n_done", "started") if key in manifest}
    packages = {f"package {package}": version for package, version in manifest["packages"].items()}
    return {**manifest["settings"], **state, **packages}
