"""Run folders, written: made or continued, part by part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from ..files.atomic import write_parquet
from ..items.item import Item
from .folder import Run
from .item_texts import item_texts
from .locks import LOCK
from .manifests import RUN_FILE, new_manifest, settings_mark, write_manifest
from .parts import part_name
from .run_kinds import PREDICTIONS, RunKind


@dataclass(frozen=True)
class RunWriter(Run):
    """A run folder that this process writes to.

    The caller holds its lock (`calibration.runs.locks.locked`).
    """

    @classmethod
    def open(
        cls,
        path: str | Path,
        settings: Mapping[str, Any],
        *,
        kind: RunKind = PREDICTIONS,
        items: Sequence[Item] = (),
        texts: pl.DataFrame | None = None,
        n_items: int | None = None,
        notes: Mapping[str, Any] | None = None,
    ) -> RunWriter:
        """Make a run folder, or continue one.

        Parameters
        ----------
        path : str or Path
            The folder.
        settings : mapping
            Everything that decides the numbers; all of it must be equal to continue.
        kind : RunKind
            What the run will hold.
        items : sequence of Item
            Texts for the report, in the order of the run.
        texts : polars.DataFrame, optional
            The same for other kinds of run: a table with the kind's key as a column.
        n_items : int, optional
            How many rows the finished run will have; if omitted, the number of texts.
        notes : mapping, optional
            What else a new run's manifest says, which is no setting: another shard may continue it.

        Raises
        ------
        SettingsDifferError
            Where the run that is there was made with other settings, naming each that differs.
        ValueError
            Where the folder holds other files, or a run of another kind.
        """
        run = cls(Path(path), kind)
        if (run.path / RUN_FILE).exists():
            run._refuse_other(settings)
            run._refuse_links()
            run._remove_old_leftovers()
            return run
        run.refuse_other_files()
        run._refuse_links("parts")
        run._remove_old_leftovers()
        if items:
            texts = item_texts(items)
        if n_items is None:
            n_items = 0 if texts is None else texts.height
        manifest = new_manifest(kind.name, settings, n_items, notes or {})
        (run.path / "parts").mkdir(parents=True, exist_ok=True)
        try:
            if texts is not None:
                write_parquet(texts, run._texts, mark=settings.get(kind.texts, ""))
            # The manifest comes last: a folder with run.json is whole.
            write_manifest(manifest, run.path)
        except BaseException:
            with suppress(OSError):  # the first error is the one to tell
                run._texts.unlink(missing_ok=True)
                (run.path / "parts").rmdir()
            raise
        return run

    @cached_property
    def mark(self) -> str:
        """Hash of the run's settings, which its parts carry."""
        return settings_mark(self.manifest, self.kind.defaults)

    def append(self, frame: pl.DataFrame) -> None:
        """Write one part atomically."""
        number = max(self._parts(), default=-1) + 1
        write_parquet(frame, self.path / "parts" / part_name(number), mark=self.mark)

    def update(self, *, state: str) -> None:
        """Write the state and the number of items done into the manifest.

        An item is done if it was answered in every order that is asked.
        """
        write_manifest({**self.manifest, "state": state, "n_done": self.count(self.read_frame())}, self.path)

    def refuse_other_files(self) -> None:
        """Raise if the folder, which holds no run, holds anything else.

        Raises
        ------
        ValueError
            With what the folder must be.
        """
        # What a run leaves that was killed before its manifest was written is its own.
        own = {"parts", f"{self.kind.texts}.parquet", f"{self.kind.texts}.tmp", "run.tmp", LOCK}
        if self.path.exists() and not (self.path.is_dir() and {path.name for path in self.path.iterdir()} <= own):
            raise ValueError(f"{self.path}: must be a new or empty folder, or a run to continue; it holds other files")

    def _remove_old_leftovers(self) -> None:
        """Remove the temporary files of earlier versions, which had fixed names."""
        names = (self.path / "run.tmp", self._texts.with_suffix(".tmp"), *(self.path / "parts").glob("part-*.tmp"))
        for file in names:
            file.unlink(missing_ok=True)

    def _refuse_links(self, *names: str) -> None:
        """Raise for links that lead out of the folder, which may be one."""
        for file in [self.path / name for name in names] or [self.path / "parts", self._texts, *self._parts().values()]:
            if file.is_symlink():
                raise ValueError(
                    f"{file}: must be a file or folder of the run's own to continue it, got a link; put what it leads "
                    "to in its place, or remove it"
                )
