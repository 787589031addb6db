"""Figures in a notebook: each one is shown once, in a kernel that has drawn nothing before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.plots.samples import DRAWN

nbclient, nbformat, _ = (
    pytest.importorskip(name, reason="nbclient is not installed") for name in ("nbclient", "nbformat", "ipykernel")
)

pytestmark = pytest.mark.real

SETUP = "import plots\nfrom tests.plots.samples import BEFORE, AFTER, DRAWN"


@pytest.fixture(autouse=True)
def _as_a_user_starts_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # A notebook chooses its backend itself; the tests' own choice must not reach it.
    monkeypatch.delenv("MPLBACKEND", raising=False)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")


def images(*cells: str, folder: Path) -> list[int]:
    """How many images each cell of a notebook shows, in a fresh kernel; nothing may go to its stderr."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    outputs = [cell.outputs for cell in notebook.cells]
    assert [one.text for found in outputs for one in found if one.output_type == "stream"] == []
    return [sum("image/png" in one.get("data", {}) for one in found) for found in outputs]


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_every_function_shows_its_figure_once(name: str, tmp_path: Path) -> None:
    call = f'DRAWN["{name}"]()'
    cells = (SETUP, call, call, f"{call};", f"kept = {call}", f"with plots.style():\n    {call}", "1 + 1")
    assert images(*cells, folder=tmp_path) == [0, 1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        # The first figure of a kernel, in each way that a figure can be the first.
        (('DRAWN["before_after"]();', 'DRAWN["reliability"]();'), [1, 1]),
        (('kept = DRAWN["before_after"]()', "kept", "kept;", "kept"), [1, 1, 0, 1]),
        (("with plots.style():\n    DRAWN['reliability']()", "DRAWN['reliability']()"), [1, 1]),
        (("with plots.style():\n    pass", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"), [0, 1]),
        (("import matplotlib.pyplot as plt", 'DRAWN["reliability"]()', 'DRAWN["before_after"]()'), [0, 1, 1]),
        # Beside figures of one's own.
        (("import matplotlib.pyplot as plt\n_, ax = plt.subplots()\nplots.reliability(BEFORE, ax=ax)",), [1]),
        (("%matplotlib inline", 'DRAWN["before_after"]()', 'DRAWN["reliability"]()'), [0, 1, 1]),
        # Two in one cell, and those that a reader shows, saves or closes.
        (('DRAWN["before_after"]()\nDRAWN["reliability"]()',), [2]),
        (('kept = DRAWN["before_after"]()\nkept',), [1]),
        (('kept = DRAWN["before_after"]()\ndisplay(kept)\n1 + 1',), [1]),
        (('kept = DRAWN["before_after"]()\nkept.savefig("a.pdf")',), [1]),
        (('import matplotlib.pyplot as plt\nDRAWN["before_after"]()\nplt.show()',), [1]),
        (('import matplotlib.pyplot as plt\nkept = DRAWN["before_after"]()\nplt.close(kept)', "kept"), [0, 1]),
        # Where a reader turned interactive mode off, only what is asked for is shown.
        (
            (
                "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.ioff();",
                'DRAWN["before_after"]()',
                'kept = DRAWN["diagnosis"]()',
            ),
            [0, 1, 0],
        ),
    ],
)
def test_a_figure_is_shown_once(cells: tuple[str, ...], shown: list[int], tmp_path: Path) -> None:
    assert images(SETUP, *cells, folder=tmp_path) == [0, *shown]
