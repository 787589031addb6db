"""The run folder: a manifest, the items, and parts that are written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import polars as pl

from .items import Item
from .prediction_table import SCHEMA
from .predictions import Predictions

FORMAT = 1
# Settings that are hashes of what stands beside them.
HASHES = frozenset({"items", "prompts", "tokenizer", "file"})
_PACKAGES = ("veracal", "numpy", "polars", "torch", "transformers")


class SettingsDifferError(ValueError):
    """A run folder was made with other settings than those asked for."""


@dataclass(frozen=True)
class Run:
    """A folder that holds one model's predictions.

    Attributes
    ----------
    path : Path
        ``run.json``, ``items.parquet`` (where the texts are known) and ``parts/*.parquet``.
    """

    path: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """What ``run.json`` says: settings, counts, state, packages.

        Raises
        ------
        FileNotFoundError
            Where the folder holds no run.
        ValueError
            Where ``run.json`` cannot be read, or a newer version wrote it.
        """
        file = self.path / "run.json"
        if not file.is_file():
            raise FileNotFoundError(f"{self.path}: no run here (a run folder holds run.json)")
        try:
            manifest = json.loads(file.read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{file}: not readable JSON ({error})") from None
        wanted = {"format": int, "n_items": int, "settings": dict, "packages": dict}
        for name, kind in wanted.items():
            value = manifest.get(name) if isinstance(manifest, dict) else None
            if not isinstance(value, kind) or isinstance(value, bool):
                raise ValueError(f"{file}: must be an object whose {name!r} is a {kind.__name__}, got {value!r}")
            if name == "format" and isinstance(value, int) and value > FORMAT:
                raise ValueError(f"{file}: format {value} is newer than this version reads ({FORMAT}); upgrade")
        return dict(manifest)

    @classmethod
    def open(
        cls, path: str | Path, settings: Mapping[str, Any], *, items: Sequence[Item] = (), n_items: int | None = None
    ) -> Run:
        """Make a run folder, or continue the one that is there.

        Parameters
        ----------
        path : str or Path
            The folder.
        settings : mapping
            Everything that decides the numbers; all of it must be equal to continue.
        items : sequence of Item
            Texts for the report, in the order of the run.
        n_items : int, optional
            How many items the finished run will have; the number of `items` where absent.

        Raises
        ------
        SettingsDifferError
            Where the run that is there was made with other settings, naming each that differs.
        ValueError
            Where the folder holds other files.
        """
        run = cls(Path(path))
        if (run.path / "run.json").exists():
            run._refuse_other(settings)
            return run
        # What a run leaves that was killed before its manifest was written is its own.
        own = {"parts", "items.parquet", "items.tmp", "run.tmp"}
        if run.path.exists() and not (run.path.is_dir() and {path.name for path in run.path.iterdir()} <= own):
            raise ValueError(f"{run.path}: must be a new or empty folder, or a run to continue; it holds other files")
        (run.path / "parts").mkdir(parents=True, exist_ok=True)
        if items:
            table = [
                {
                    "item": item.id,
                    "subject": item.subject,
                    "question": item.question,
                    "options": list(item.options),
                    "answer": item.answer,
                }
                for item in items
            ]
            _write_parquet(pl.DataFrame(table, infer_schema_length=None), run.path / "items.parquet")
        # The manifest comes last: a folder with run.json is whole.
        run._write_manifest(
            {
                "format": FORMAT,
                "state": "running",
                "settings": dict(settings),
                "n_items": len(items) if n_items is None else n_items,
                "n_done": 0,
                "started": datetime.now(UTC).isoformat(timespec="seconds"),
                "packages": _versions(),
            }
        )
        return run

    @classmethod
    def finished(cls, path: str | Path, settings: Mapping[str, Any]) -> pl.DataFrame:
        """What a folder already holds of a run with these settings: an empty table where there is no run yet.

        Raises
        ------
        SettingsDifferError
            As `open`.
        """
        run = cls(Path(path))
        if (run.path / "run.json").exists():
            run._refuse_other(settings)
            return run.frame()
        return pl.DataFrame(schema=SCHEMA)

    def append(self, frame: pl.DataFrame) -> None:
        """Write a part: to a temporary name, flushed to disk, then renamed, so that it is there whole or not at all."""
        numbers = [int(path.stem.removeprefix("part-")) for path in self._parts()]
        _write_parquet(frame, self.path / "parts" / f"part-{max(numbers, default=-1) + 1:06d}.parquet")

    def update(self, *, state: str) -> None:
        """Write the state into the manifest, with the number of items done so far."""
        self._write_manifest({**self.manifest, "state": state, "n_done": self.frame().height})

    def frame(self) -> pl.DataFrame:
        """All parts as one table, in the order in which they were written.

        Raises
        ------
        ValueError
            For a part that cannot be read, by name.
        """
        parts = []
        for path in self._parts():
            try:
                parts.append(pl.read_parquet(path, glob=False).select(list(SCHEMA)).cast(SCHEMA))
            except (pl.exceptions.PolarsError, OSError) as error:
                raise ValueError(f"{path}: not a readable part of a run ({str(error).splitlines()[0]})") from None
        return pl.concat(parts) if parts else pl.DataFrame(schema=SCHEMA)

    def predictions(self) -> Predictions:
        """What was answered so far, in the order of the items.

        Raises
        ------
        ValueError
            Where nothing was answered yet, or a part cannot be read.
        """
        frame = self.frame()
        if frame.is_empty():
            raise ValueError(f"{self.path}: the run holds no answers yet")
        items = self.items()
        if items is not None:
            place = items.select("item").with_row_index("place")
            frame = frame.join(place, on="item", how="left", maintain_order="left").sort("place", maintain_order=True)
        return Predictions(frame)

    def items(self) -> pl.DataFrame | None:
        """Texts of the items, or none for an import that had only numbers."""
        file = self.path / "items.parquet"
        if not file.exists():
            return None
        try:
            table = pl.read_parquet(file, glob=False)
            return table.with_columns(pl.col("item").cast(pl.String))
        except (pl.exceptions.PolarsError, OSError) as error:
            raise ValueError(f"{file}: not readable ({str(error).splitlines()[0]})") from None

    def _parts(self) -> list[Path]:
        return sorted((self.path / "parts").glob("part-*.parquet"))

    def _refuse_other(self, settings: Mapping[str, Any]) -> None:
        there = self.manifest.get("settings", {})
        differ = [name for name in {**there, **settings} if there.get(name) != settings.get(name)]
        # A hash says something only where nothing else does.
        differ = [name for name in differ if name not in HASHES] or differ
        if differ:
            each = "; ".join(f"{name}: {there.get(name)!r} there, {settings.get(name)!r} now" for name in differ)
            raise SettingsDifferError(
                f"{self.path} holds a run made with other settings ({each}); choose another folder"
            )

    def _write_manifest(self, manifest: Mapping[str, Any]) -> None:
        text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        _replace(self.path / "run.json", text.encode())


def read_run(path: str | Path) -> Predictions:
    r"""Read a run folder.

    Parameters
    ----------
    path : str or Path
        A folder that ``veracal extract`` or ``veracal import`` made.

    Returns
    -------
    Predictions
        In the order of the items. A run that was interrupted gives what it has; `Run.manifest` tells its state.

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
    run = Run(Path(path))
    _ = run.manifest
    return run.predictions()


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _write_parquet(frame: pl.DataFrame, path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        frame.write_parquet(file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _replace(path: Path, content: bytes) -> None:
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
