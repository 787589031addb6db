"""Results in a notebook: what the last line of a cell shows, and the page that a notebook is exported as."""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.conftest import ROOT

nbclient, nbformat, nbconvert, _ = (
    pytest.importorskip(name, reason="nbclient is not installed")
    for name in ("nbclient", "nbformat", "nbconvert", "ipykernel")
)

pytestmark = pytest.mark.real

# The last line of each cell, and which kinds of output it has; figures that come first and later are shown once too.
CELLS = (
    "import veracal as vc\nfrom tests.plots.samples import BEFORE, AFTER",
    "vc.plots.before_after(BEFORE, AFTER)",
    "vc.compare(BEFORE, AFTER)",
    "vc.plots.reliability(AFTER)",
    "vc.summarize(AFTER)",
    "vc.summarize(AFTER).ece_top",
    "vc.change(BEFORE, AFTER, 'ece_top')",
    "vc.diagnose(AFTER)",
    "vc.recalibrate(AFTER)",
    "vc.conformal_sets(AFTER)",
    "vc.by_group(AFTER)",
    "AFTER",
    "with vc.progress('Reading') as show:\n    for done in (1, 50, 100):\n        show(done, 100)",
)
FIGURES, PROGRESS = (1, 3), (12,)
RESULTS = tuple(set(range(1, len(CELLS))) - {*FIGURES, *PROGRESS})


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A notebook that was run in a fresh kernel, which chose its backend itself."""
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    folder = tmp_path_factory.mktemp("notebook")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MPLBACKEND", raising=False)
        patch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))))
        patch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")
        resources = {"metadata": {"path": str(folder)}}
        nbclient.NotebookClient(made, timeout=600, kernel_name="python3", resources=resources).execute()
    return made


def kinds(notebook: Any, cell: int) -> list[list[str]]:
    """Kinds of each output of a cell."""
    return [sorted(output.get("data", {"stream": 0})) for output in notebook.cells[cell].outputs]


def test_a_result_is_a_table_and_a_text_once(notebook: Any) -> None:
    assert {cell: kinds(notebook, cell) for cell in RESULTS} == {
        cell: [["text/html", "text/plain"]] for cell in RESULTS
    }


def test_a_figure_is_an_image_once(notebook: Any) -> None:
    shown = {cell: [kind for output in kinds(notebook, cell) for kind in output] for cell in FIGURES}
    assert {cell: found.count("image/png") for cell, found in shown.items()} == dict.fromkeys(FIGURES, 1)


def test_progress_is_one_line_of_plain_text(notebook: Any) -> None:
    assert [kinds(notebook, cell) for cell in PROGRESS] == [[["text/plain"]]]
    (output,) = notebook.cells[PROGRESS[0]].outputs
    assert output.data["text/plain"].startswith("Reading ████████████████████████ 100/100  ")


def test_the_exported_page_holds_every_table(notebook: Any) -> None:
    page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    assert page.count('<div class="veracal-result"') == len(RESULTS)
    assert page.count('src="data:image/png') == len(FIGURES)
