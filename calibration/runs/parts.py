"""Parts and texts of a run, held against its manifest and each other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from ..files.atomic import StoredTable, read_table
from .manifests import settings_mark, shown, writes
from .run_kinds import Key, Rules, RunKind

PART = "part"
"""Name of the column that holds the path of the part in which a row stands."""
MARK = "mark"
"""Name of the column that holds the mark of that part."""

_PART_NAME = re.compile(r"part-(\d{6,})\.parquet", re.ASCII)
_ASKED = "_asked"
_REMEDY = "take the part away, and the command that made the run asks again what is missing"


def part_name(number: int) -> str:
    """File name of a part."""
    return f"part-{number:06d}.parquet"


def part_files(folder: Path) -> dict[int, Path]:
    """Files of the parts in a folder, by number.

    Raises
    ------
    ValueError
        If a table in the folder has another name than a part's.
    """
    files = {}
    for path in sorted(folder.glob("*.parquet")):
        if path.name.startswith("."):  # what some systems write beside a copied file
            continue
        match = _PART_NAME.fullmatch(path.name)
        if match is None or path.name != part_name(int(match[1])):
            raise ValueError(f"{path}: parts of a run are named like {part_name(0)}; take this file away, or rename it")
        files[int(match[1])] = path
    return files


def read_parts(files: Sequence[Path], kind: RunKind, manifest: Mapping[str, Any]) -> pl.DataFrame:
    """Rows of all parts in the order of the files, with `PART` and `MARK`.

    Raises
    ------
    ValueError
        For a part that cannot be read, lacks columns or its checksum, by name.
    """
    frames = [pl.DataFrame(schema={**kind.schema, PART: pl.String(), MARK: pl.String()})]
    for path in files:
        table = _read(path, manifest, what="a readable part of a run")
        missing = [name for name in kind.schema if name not in table.frame.columns and name not in kind.later]
        if missing:
            raise ValueError(
                f"{path}: a part of a run of {kind.name} must have the columns {', '.join(missing)}, and lacks them; "
                f"{_REMEDY}"
            )
        columns = [
            (pl.col(name) if name in table.frame.columns else pl.lit(None).alias(name)).cast(dtype)
            for name, dtype in kind.schema.items()
        ]
        try:
            frames.append(table.frame.select(*columns, pl.lit(str(path)).alias(PART), pl.lit(table.mark).alias(MARK)))
        except pl.exceptions.PolarsError as error:
            raise ValueError(f"{path}: not a readable part of a run ({_first_line(error)})") from None
    return pl.concat(frames)


def read_texts(file: Path, kind: RunKind, manifest: Mapping[str, Any]) -> pl.DataFrame | None:
    """Texts of what a run asks, by the kind's key; none without the file.

    Raises
    ------
    ValueError
        If the file cannot be read, lacks its checksum, or holds the texts of another run.
    """
    if not file.exists():
        return None
    table = _read(file, manifest, what="readable")
    settings = manifest["settings"]
    remedy = "put the run's own file in its place"
    try:
        texts = table.frame.with_columns(pl.col(kind.key).cast(pl.String))
        wanted = settings.get(kind.texts)
        # An import may know no texts, and further columns of its items alone.
        if wanted is not None or {*(kind.text_columns or ())} <= {*texts.columns}:
            texts = kind.read_texts(texts)
        hashed = "" if wanted is None else kind.hash_texts(texts)
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise ValueError(f"{file}: not readable ({_first_line(error)})") from None
    repeated = texts.filter(pl.col(kind.key).is_duplicated() | pl.col(kind.key).is_null())
    if not repeated.is_empty():
        raise ValueError(f"{file}: each {kind.key} must occur once, {shown(repeated[kind.key][0])} does not; {remedy}")
    if "n_items" in settings and texts.height != settings["n_items"]:
        raise ValueError(
            f"{file}: must hold the {settings['n_items']} texts that run.json names (settings.n_items), holds "
            f"{texts.height}; {remedy}"
        )
    hashes = [value for value in (table.mark, hashed) if value]
    if wanted is not None and (
        any(value != wanted for value in hashes) or (not hashes and writes(manifest, "settings"))
    ):
        raise ValueError(
            f"{file}: must hold the texts that run.json names (settings.{kind.texts} {shown(wanted)}), holds others "
            f"({', '.join(map(shown, hashes)) or 'without a mark'}); {remedy}"
        )
    return texts


def refuse_foreign_rows(
    rows: pl.DataFrame, kind: RunKind, manifest: Mapping[str, Any], *, texts: pl.DataFrame | None
) -> None:
    """Raise for the first row that a run cannot hold, by part and field.

    Parameters
    ----------
    rows : polars.DataFrame
        From `read_parts`.
    kind : RunKind
        What the run holds.
    manifest : mapping
        What ``run.json`` says.
    texts : polars.DataFrame, optional
        From `read_texts`; if omitted, rows are held against the manifest and each other alone.

    Raises
    ------
    ValueError
        For another model, something that was not asked, another text or right answer, a part that was written with
        other settings, a row that occurs twice.
    """
    settings = manifest["settings"]
    own = {
        f"the {name} must be that of run.json, {shown(settings[name])}": pl.col(name) == settings[name]
        for name in ("model", "revision")
        if name in settings
    }
    _refuse(rows, kind, {**own, **kind.rules(settings)})
    if texts is not None:
        names = {name for rule in kind.asked_rules.values() for name in rule.meta.root_names()}
        columns = [name for name in texts.columns if name + _ASKED in names]
        asked = texts.select(
            kind.key, *(pl.col(name).alias(name + _ASKED) for name in columns), pl.lit(1).alias(_ASKED)
        )
        beside = rows.join(asked, on=kind.key, how="left", maintain_order="left")
        is_asked = pl.col(kind.key).is_not_null() & pl.col(_ASKED).is_not_null()
        among = {f"the {kind.key} must be one that the run asks": is_asked}
        known = {
            rule: holds for rule, holds in kind.asked_rules.items() if {*holds.meta.root_names()} <= {*beside.columns}
        }
        _refuse(beside, kind, {**among, **known})
    if writes(manifest, "settings"):
        rule = "its part must be written with the settings of run.json, and was written with others"
        _refuse(rows, kind, {rule: pl.col(MARK) == settings_mark(manifest, kind.defaults)})
    if rows[kind.key].n_unique() < rows.height:
        _refuse_repeated(rows, kind)


def refuse_other_prompts(rows: pl.DataFrame, kind: RunKind, hashes: Mapping[Key, str]) -> None:
    """Raise for the first row that answers another prompt than is asked.

    Parameters
    ----------
    rows : polars.DataFrame
        From `read_parts`, with the hash of its prompt in each row.
    kind : RunKind
        What the run holds.
    hashes : mapping
        Hash of every prompt, by its key (`RunKind.keys`).

    Raises
    ------
    ValueError
        By part, and what the prompt asks.
    """
    for key, (written, part) in zip(kind.keys(rows), rows.select("prompt", PART).iter_rows(), strict=True):
        if hashes.get(key) != written:
            raise ValueError(
                f"{part}, {kind.key} {shown(key[0])}: the prompt must be the one that is asked now, and is another; "
                f"{_REMEDY}"
            )


def _read(file: Path, manifest: Mapping[str, Any], *, what: str) -> StoredTable:
    try:
        table = read_table(file)
    except (pl.exceptions.PolarsError, ValueError, OSError) as error:
        raise ValueError(f"{file}: not {what} ({_first_line(error)})") from None
    # Nothing can be wrong in a table without rows; whether rows are missing, the manifest tells.
    if not table.checked and not table.frame.is_empty() and writes(manifest, "checksum"):
        raise ValueError(
            f"{file}: must carry its checksum, since run.json names a version of veracal that writes one, and does "
            "not: it was written by something else; put the run's own file in its place"
        )
    return table


def _refuse(rows: pl.DataFrame, kind: RunKind, rules: Rules) -> None:
    whole = rows.select(holds.fill_null(value=False).all().alias(rule) for rule, holds in rules.items())
    for rule in [column.name for column in whole if not column.all()]:
        row = rows.filter(~rules[rule].fill_null(value=False)).row(0, named=True)
        names = [name for name in rules[rule].meta.root_names() if name not in {MARK, _ASKED}]
        got = ", ".join(f"{name.replace(_ASKED, ' asked')} {shown(row[name])}" for name in dict.fromkeys(names))
        raise ValueError(
            f"{row[PART]}, {kind.key} {shown(row[kind.key])}: {rule}{f'; got {got}' if got else ''}; {_REMEDY}"
        )


def _refuse_repeated(rows: pl.DataFrame, kind: RunKind) -> None:
    key = [kind.key, kind.turn] if kind.turn else [kind.key]
    repeated = rows.filter(pl.struct(key).is_duplicated())
    if repeated.is_empty():
        return
    first = repeated.row(0, named=True)
    same = repeated.filter(
        pl.all_horizontal(pl.col(name).eq_missing(pl.lit(first[name], rows.schema[name])) for name in key)
    )
    files = list(dict.fromkeys(same[PART]))
    where = " and ".join(files) if len(files) > 1 else f"{files[0]}, twice"
    removed = "one of these parts" if len(files) > 1 else "the part"
    raise ValueError(
        f"each {kind.key} must be answered once{f' in each {kind.turn}' if kind.turn else ''}, "
        f"{shown(first[kind.key])} stands in {where}; take {removed} away, and the command that made the run asks "
        "again what is missing"
    )


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
