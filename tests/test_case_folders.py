"""The folder of the cases and their scripts; the cases themselves are run by `make cases`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .cases import case_folders
from .cases.case_folders import case_names, cases_folder, exits, lines, printed


@pytest.fixture
def case(tmp_path: Path) -> Path:
    folder = tmp_path / "cases" / "01-case"
    folder.mkdir(parents=True)
    (folder / "input.txt").write_text("asked\n")
    return folder


def test_the_folder_is_the_one_that_is_named(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (case / "run.sh").touch()
    monkeypatch.setenv("VERACAL_CASES", str(case.parent))
    folder = cases_folder()
    assert folder == case.parent
    assert case_names(folder) == ["01-case"]


def test_the_folder_beside_the_checkout_may_be_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VERACAL_CASES", raising=False)
    monkeypatch.setattr(case_folders, "ROOT", tmp_path / "checkout")
    assert cases_folder() is None
    (tmp_path / "shared" / "cases").mkdir(parents=True)
    assert cases_folder() == tmp_path / "shared" / "cases"


def test_a_named_folder_must_hold_cases(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERACAL_CASES", str(case / "none"))
    with pytest.raises(ValueError, match=r"VERACAL_CASES must name the folder of the cases, got .*none"):
        cases_folder()
    with pytest.raises(ValueError, match=r"cases: must hold folders with a run\.sh, a case each; there are none"):
        case_names(case.parent)


def test_a_script_runs_in_a_copy_with_this_python(case: Path, tmp_path: Path) -> None:
    python = "python -c 'import sys; print(sys.executable)'"
    (case / "run.sh").write_text(f'cat input.txt; rm input.txt; {python}; false; echo "exit $?" >&2\n')
    case.chmod(0o500)
    text = printed(case, tmp_path)
    case.chmod(0o700)
    assert lines(text, "asked") == ["asked"]
    assert Path(lines(text, "/")[0]).parent == Path(sys.executable).parent
    assert exits(text) == [1]
    assert (case / "input.txt").is_file()


def test_a_script_that_does_not_end_is_ended(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_folders, "SECONDS", 0.2)
    (case / "run.sh").write_text("cat input.txt; sleep 60 & wait\n")
    with pytest.raises(TimeoutError, match=r"01-case: run\.sh must end within 0\.2 s; it had printed:"):
        printed(case, tmp_path)
