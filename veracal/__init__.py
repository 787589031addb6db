"""The application: command line and report, on top of `calibration`, `factuality` and `plots`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calibration.predictions.pairing import ItemChoice
    from calibration.recalibration.cross_fitting import FoldKind

__all__ = ["write_report"]


def write_report(
    runs: Sequence[str | Path],
    path: str | Path,
    *,
    labels: Sequence[str] | None = None,
    grader: str | None = None,
    footnote: str | None = None,
    items: ItemChoice = "same",
    recalibrate: Sequence[str] = (),
    by: FoldKind = "items",
) -> None:
    r"""Write the report of runs, before and after post-training, as one self-contained HTML page.

    Parameters
    ----------
    runs : sequence of paths
        Run folders: two of predictions, before and after in this order, or none; graded responses and multiple-choice
        (TruthfulQA) runs, any number. Runs of several kinds are joined by the weights of their models. What changed is
        told of before and after; without predictions, of the first two models. More are shown in the figures of
        factuality.
    path : str or Path
        The page; its folder is made where it is missing.
    labels : sequence of str, optional
        What to call the models: one label a model, in the order in which every kind of run has them, or one a run,
        equal for runs of one model. If omitted, the models' names. Runs of several kinds that do not name the weights
        (recorded answers, runs of earlier versions) need one a run.
    grader : str, optional
        Whose judgments of responses are shown; the only ones that there are where absent.
    footnote : str, optional
        A text at the end of the verdict, such as what a reader must know of the data.
    items : {"same", "common"}
        Whether two runs must hold the same items, or those that both hold are compared; a note then says how many each
        lost and bounds what these could change.
    recalibrate : sequence of str
        Methods of `calibration.recalibrate`: a section shows what each does to both runs of predictions on held-out
        items. No such section if empty.
    by : {"items", "subjects"}
        What `recalibrate` splits into folds.

    Raises
    ------
    ValueError
        For another number of prediction runs, labels of another number, runs of several kinds of which it is not
        known which are of one model, runs on other items, responses that were not graded, or by several graders of
        which none is named; for an unknown method of recalibration, one that cannot be fitted on a run, and one
        without predictions.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from calibration import import_log
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> rows = "".join(f"{number % 3},1,{'AB'[number % 2]}\n" for number in range(30))
    >>> _ = (folder / "log.csv").write_text("logit_A,logit_B,answer\n" + rows)
    >>> _ = import_log(folder / "log.csv", out=folder / "run")
    >>> write_report([folder / "run", folder / "run"], folder / "page.html", labels=("before", "after"))
    >>> (folder / "page.html").read_text()[:15]
    '<!doctype html>'
    """
    from .report import write_page

    write_page(runs, path, labels=labels, grader=grader, footnote=footnote, items=items, recalibrate=recalibrate, by=by)
