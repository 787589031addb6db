"""From two run folders to one self-contained HTML file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

import calibration
from calibration.predictions import View
from calibration.runs import HASHES, Run
from plots import before_after
from plots.theme import to_svg

from .words import DEFINITIONS, change_rows, verdict


def write_page(runs: Sequence[str | Path], path: str | Path, *, labels: tuple[str, str] | None = None) -> None:
    """See `veracal.write_report`."""
    if len(runs) != 2:
        raise ValueError(f"a report needs two runs, before and after; got {len(runs)}")
    folders = [Path(run) for run in runs]
    target = Path(path)
    if target.exists() and not target.is_file():
        raise ValueError(f"{target}: the page must be a new or an ordinary file, this is something else")
    if any(folder.resolve() in target.resolve().parents for folder in folders):
        raise ValueError(f"{target}: the page must stand outside the run folders")
    before, after = (calibration.read_run(folder) for folder in folders)
    manifests = [Run(folder).manifest for folder in folders]
    names = labels or _names(before.model, after.model, folders)
    comparison = calibration.compare(before, after)
    environment = Environment(
        loader=PackageLoader("veracal", "report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    page = environment.get_template("page.html.jinja").render(
        title=f"{names[0]} → {names[1]}",
        names=names,
        verdict=verdict(comparison),
        figures=[
            (title, caption, to_svg(before_after(before, after, view=view, labels=names)))
            for view, title, caption in _FIGURES
        ],
        rows=change_rows(comparison),
        notes=[
            (name, note)
            for name, side in zip(names, (comparison.before, comparison.after), strict=True)
            for note in side.notes
        ],
        definitions=DEFINITIONS,
        settings=_settings_table(manifests),
        n_items=before.n_items,
        version=metadata.version("veracal"),
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(page, encoding="utf-8")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def setting_differences(before: str | Path, after: str | Path) -> dict[str, tuple[Any, Any]]:
    """Every setting in which two runs differ, by name; hashes of what stands beside them are left out."""
    left, right = (Run(Path(path)).manifest.get("settings", {}) for path in (before, after))
    return {
        name: (left.get(name, "unknown"), right.get(name, "unknown"))
        for name in {**left, **right}
        if name not in HASHES and left.get(name) != right.get(name)
    }


_FIGURES: tuple[tuple[View, str, str], ...] = (
    (
        "choices",
        "Reliability over all choices",
        "Accuracy against the probability of each answer, right or wrong, all letters pooled: the diagram of figure "
        "8 of the GPT-4 technical report. On the dashed diagonal, what is said with 70 % comes true 70 % of the time.",
    ),
    (
        "top",
        "Reliability of the predicted answer",
        "The same for the predicted letter of each item only. Bars below the diagonal: over-confident.",
    ),
)


def _names(before: str, after: str, folders: list[Path]) -> tuple[str, str]:
    """The models' names, short where they are paths, and told apart by their folders where they are one model."""
    first, second = (name.rstrip("/").rsplit("/", 1)[-1] for name in (before, after))
    if first == second:
        return f"{first} ({folders[0].name})", f"{second} ({folders[1].name})"
    return first, second


def _settings_table(manifests: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    columns = [
        {
            **manifest.get("settings", {}),
            "state": manifest.get("state", ""),
            "started": manifest.get("started", ""),
            **{f"package {name}": version for name, version in manifest.get("packages", {}).items()},
        }
        for manifest in manifests
    ]
    return [
        (name.replace("_", " "), str(columns[0].get(name, "–")), str(columns[1].get(name, "–")))
        for name in {**columns[0], **columns[1]}
    ]
