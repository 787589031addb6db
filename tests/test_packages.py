"""The packages as a stranger meets them: ours, light, and as the README says."""

from __future__ import annotations

import ast
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

import calibration
import factuality
import plots
import veracal
from tests.conftest import ROOT

HEAVY = ["torch", "transformers", "netcal", "sklearn", "matplotlib"]


def python(code: str, folder: Path) -> str:
    """What code prints in an empty folder, with nothing of this one on the path."""
    found = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=folder, capture_output=True, text=True, check=True, timeout=120
    )
    return found.stdout.strip()


@pytest.mark.parametrize("name", ["calibration", "factuality", "plots", "veracal"])
def test_each_package_is_ours(name: str, tmp_path: Path) -> None:
    assert Path(python(f"import {name}; print({name}.__file__)", tmp_path)).is_relative_to(ROOT)


def test_importing_calibration_is_light(tmp_path: Path) -> None:
    code = f"import calibration, sys; print([name for name in {HEAVY} if name in sys.modules])"
    assert python(code, tmp_path) == "[]"


def test_metrics_need_neither_models_nor_plots(tmp_path: Path) -> None:
    code = (
        "import calibration, sys; run = calibration.Predictions.from_arrays([[1.0, 0.0]] * 9, [0] * 6 + [1] * 3);"
        f"calibration.summarize(run); print([name for name in {HEAVY} if name in sys.modules])"
    )
    assert python(code, tmp_path) == "[]"


def test_public_names_are_there_and_documented_with_an_example() -> None:
    public = {name: getattr(package, name) for package in (calibration, factuality, plots) for name in package.__all__}
    assert [name for name, value in public.items() if not value.__doc__] == []
    functions = {name: value for name, value in public.items() if callable(value) and not isinstance(value, type)}
    assert [name for name, value in functions.items() if "Examples\n" not in value.__doc__] == []
    with pytest.raises(AttributeError, match="calibration"):
        _ = calibration.nonsense  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="module 'veracal' has no attribute 'nonsense'"):
        _ = veracal.nonsense  # type: ignore[attr-defined]


@pytest.mark.parametrize("package", [calibration, factuality, plots, veracal])
def test_one_import_shows_public_names_alone(package: ModuleType) -> None:
    stub = ast.parse(Path(str(package.__file__)).with_suffix(".pyi").read_text(encoding="utf-8"))
    imported = {
        name.asname for node in stub.body if isinstance(node, ast.Import | ast.ImportFrom) for name in node.names
    }
    assert set(dir(package)) == set(package.__all__) == imported
    assert not any(name.startswith("_") for name in dir(package))


def test_veracal_has_all_names_of_its_packages() -> None:
    computed = {*calibration.__all__, *factuality.__all__}
    assert len(computed) == len(calibration.__all__) + len(factuality.__all__)
    own = {"Citation", "Runs", "cite", "export_run", "import_logs", "plots", "progress", "runs", "write_report"}
    assert set(veracal.__all__) == computed | own
    assert veracal.ece is calibration.ece
    assert veracal.rates is factuality.rates
    assert veracal.plots is plots


def test_the_map_names_every_room() -> None:
    text = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    rooms = [
        path.parent.relative_to(ROOT)
        for package in ("calibration", "factuality", "plots", "veracal")
        for path in sorted((ROOT / package).rglob("__init__.py"))
    ]
    inside = {room: room.relative_to(room.parts[0]).as_posix() for room in rooms if len(room.parts) > 1}
    unnamed = [str(room) for room, name in inside.items() if f"`{name}/`" not in text and f"`{room}/`" not in text]
    assert not unnamed
    named = re.findall(r"^\| `([a-z_/]+)/`", text, flags=re.MULTILINE)
    assert len(named) > 20
    assert all(
        any((ROOT / package / name).is_dir() for package in (".", "calibration", "factuality")) for name in named
    )


def test_no_module_bears_the_name_of_a_public_function() -> None:
    for package in (calibration, factuality, plots, veracal):
        folder = Path(str(package.__file__)).parent
        modules = {path.stem for path in folder.iterdir() if not path.stem.startswith("__")}
        assert not modules & set(package.__all__)


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert metadata.version("veracal") == project["project"]["version"]


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "examples").glob("[!_]*.py")))
def test_examples_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(tmp_path / "examples" / name), run_name="__main__")
    made = [path for path in tmp_path.rglob("*") if path.suffix in (".png", ".pdf")]
    assert made
    assert all(path.stat().st_size > 5_000 for path in made)
    assert capsys.readouterr().out


def test_the_script_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) == 1
    assert len(blocks[0].strip().splitlines()) <= 15
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    exec(compile(blocks[0], "README.md", "exec"), {})  # noqa: S102
    assert "new subjects" in capsys.readouterr().out
    assert (tmp_path / "before_after.png").stat().st_size > 5_000
