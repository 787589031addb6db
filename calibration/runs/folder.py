"""Run folders, read: a manifest, texts and parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from ..files.atomic import read_table
from ..predictions.further_columns import joined
from ..predictions.predictions import Predictions
from ..predictions.rotations import average_permutations, complete_items, complete_rows
from .manifests import RUN_FILE, read_manifest, write_manifest
from .parts import part_files, read_parts, read_texts, refuse_foreign_rows, refuse_other_prompts
from .run_kinds import PREDICTIONS, Key, RunKind
from .settings import refuse_other_settings, setting_differences


@dataclass(frozen=True)
class Run:
    """A folder that holds what one model said.

    Attributes
    ----------
    path : Path
        ``run.json``, the texts (``items.parquet`` or ``questions.parquet``, where they are known) and
        ``parts/*.parquet``.
    kind : RunKind
        What is expected in it; a run of another kind is refused when its table is read.
    """

    path: Path
    kind: RunKind = PREDICTIONS

    @property
    def manifest(self) -> dict[str, Any]:
        """What ``run.json`` says, of a run of any kind: kind, settings, counts, state, packages.

        Raises
        ------
        FileNotFoundError
            Where the folder holds no run.
        ValueError
            If ``run.json`` cannot be read, a newer version wrote it, or a field is not what a run can have.
        """
        return read_manifest(self.path, default_kind=PREDICTIONS.name)

    @property
    def name(self) -> str:
        """What tables and figures call the run; its model if it has no name."""
        manifest = self.manifest
        return str(manifest.get("name") or manifest["settings"]["model"])

    def rename(self, name: str) -> None:
        """Give the run a name for tables and figures, which changes no setting."""
        write_manifest({**self.manifest, "name": name}, self.path)

    @classmethod
    def finished(
        cls,
        path: str | Path | None,
        settings: Mapping[str, Any],
        *,
        kind: RunKind = PREDICTIONS,
        hashes: Mapping[Key, str] | None = None,
    ) -> pl.DataFrame:
        """Rows that a folder holds of a run with these settings.

        Parameters
        ----------
        path : str or Path, optional
            The folder.
        settings : mapping
            Everything that decides the numbers.
        kind : RunKind
            What the run holds.
        hashes : mapping, optional
            Hash of the prompt of everything that is asked, by its key (`RunKind.keys`).

        Raises
        ------
        SettingsDifferError
            For a run that was made with other settings, naming each that differs.
        ValueError
            As `read_frame`; for a row that answers another prompt, or one that is not asked.
        """
        if path is None or not (Path(path) / RUN_FILE).exists():
            return pl.DataFrame(schema=kind.schema)
        run = cls(Path(path), kind)
        run._refuse_other(settings)
        rows, _ = run._read()
        if hashes is not None:
            refuse_other_prompts(rows, kind, hashes)
        return rows.select(list(kind.schema))

    @property
    def permuted(self) -> bool:
        """Whether each item is asked in several orders of its options."""
        asked = self.manifest["settings"].get("permutations", "none")
        return "order" in self.kind.schema and asked != "none"

    def count(self, frame: pl.DataFrame) -> int:
        """Number of items that these rows answer in every order that is asked."""
        return complete_rows(frame)[self.kind.key].n_unique() if self.permuted else frame.height

    def read_frame(self) -> pl.DataFrame:
        """All parts as one table, in the order in which they were written.

        Raises
        ------
        ValueError
            For a part that cannot be read, or that this run cannot hold, by its name; for a run of another kind.
        """
        return self._read()[0].select(list(self.kind.schema))

    def ordered(self) -> pl.DataFrame:
        """Rows in the order of what was asked, with their further columns.

        Rotations of an item stand in turn.

        Raises
        ------
        ValueError
            If nothing was answered yet; if a part cannot be read, cannot be of this run, or is missing.
        """
        n_done = self.manifest["n_done"]  # before the parts, which another process may be adding to
        rows, items = self._read()
        frame = rows.select(list(self.kind.schema))
        self._refuse_lost_rows(frame, n_done)
        if frame.is_empty():
            raise ValueError(f"{self.path}: the run holds no answers yet")
        if items is None:
            return frame
        key = self.kind.key
        indexes = items.select(key).with_row_index("item_index")
        frame = frame.join(indexes, on=key, how="left", maintain_order="left")
        turns = [pl.col("order").list.first()] if self.permuted else []
        frame = frame.sort("item_index", *turns, maintain_order=True).drop("item_index")
        besides = self.kind.text_columns
        return frame if besides is None else joined(frame, items, key=key, besides=besides)

    def predictions(self) -> Predictions:
        """What was answered so far, in the order of the items.

        Raises
        ------
        ValueError
            Where nothing was answered yet, or a part cannot be read.
        """
        frame = self.ordered()
        try:
            return Predictions(frame)
        except ValueError as error:
            raise ValueError(f"{self.path}: {error}") from None

    def averaged(self) -> Predictions:
        """`predictions` with one row an item: the mean over the orders of its options.

        Items that were not asked in every order yet are left out.

        Raises
        ------
        ValueError
            As `predictions`; where no item was asked in every order yet.
        """
        predictions = self.predictions()
        return average_permutations(complete_items(predictions)) if self.permuted else predictions

    def items(self) -> pl.DataFrame | None:
        """Texts of what was asked, or none for an import that had only numbers."""
        return read_texts(self._texts, self.kind, self.manifest)

    def _read(self) -> tuple[pl.DataFrame, pl.DataFrame | None]:
        """Rows of all parts as from `read_parts`, and the texts of what was asked."""
        self.refuse_other_kind()
        manifest = self.manifest
        rows, texts = read_parts(list(self._parts().values()), self.kind, manifest), self.items()
        refuse_foreign_rows(rows, self.kind, manifest, texts=texts)
        n_items = manifest["n_items"]
        if rows.height > n_items and (n_there := self.count(rows)) > n_items:
            raise ValueError(f"{self.path / RUN_FILE}: 'n_items' is {n_items}, but the parts hold {n_there}")
        return rows, texts

    def _refuse_lost_rows(self, frame: pl.DataFrame, n_done: int) -> None:
        n_there = self.count(frame) if n_done else 0
        if n_there < n_done:
            empty = [str(path) for path in self._parts().values() if read_table(path).frame.is_empty()]
            raise ValueError(
                f"{self.path / RUN_FILE}: 'n_done' is {n_done}, but the parts hold {n_there}"
                f"{' (no rows: ' + ', '.join(empty) + ')' if empty else ''}; the command that made the run asks again "
                "what is missing"
            )

    @property
    def _texts(self) -> Path:
        return self.path / f"{self.kind.texts}.parquet"

    def _parts(self) -> dict[int, Path]:
        return part_files(self.path / "parts")

    def refuse_other_kind(self) -> None:
        """Raise for a run of another kind than is expected.

        Raises
        ------
        ValueError
            With both kinds.
        """
        kind = self.manifest["kind"]
        if kind != self.kind.name:
            raise ValueError(f"{self.path}: holds a run of {kind}, not of {self.kind.name}")

    def differences(self, settings: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        """Settings that differ from those given, with both values (see `setting_differences`).

        Raises
        ------
        ValueError
            For a run of another kind.
        """
        self.refuse_other_kind()
        return setting_differences(self.manifest["settings"], settings, defaults=self.kind.defaults)

    def _refuse_other(self, settings: Mapping[str, Any]) -> None:
        refuse_other_settings(self.path, self.differences(settings))


def read_run(path: str | Path) -> Predictions:
    r"""Read a run folder.

    Parameters
    ----------
    path : str or Path
        A folder that ``veracal extract`` or ``veracal import`` made, or a file of `Predictions.save`.

    Returns
    -------
    Predictions
        In the order of the items; one row an item, or one an item and order of its options where the run asked several
        (`average_permutations` makes one an item). A run that was interrupted gives what it has; `Run.manifest` tells
        its state.

    Raises
    ------
    FileNotFoundError
        Where there is no run.
    ValueError
        Where it holds no answers yet, or cannot be read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> from calibration import import_log
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "log.csv").write_text("logit_A,logit_B,answer\n1.5,0.5,A\n")
    >>> _ = import_log(folder / "log.csv", out=folder / "run")
    >>> read_run(folder / "run").accuracy
    1.0
    """
    if Path(path).is_file():
        return Predictions.from_frame(path)
    run = Run(Path(path))
    _ = run.manifest
    return run.predictions()
