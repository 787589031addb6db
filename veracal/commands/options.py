"""Options that several commands have, and what they do with them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

import calibration
from calibration.models import Model
from calibration.runs import Run

from .. import console, sources

Json = Annotated[bool, typer.Option("--json", help="Print machine-readable results on stdout and nothing else there.")]
ModelSpec = Annotated[
    str, typer.Argument(metavar="MODEL", help="A hub name, a folder, a .gguf file, openai:NAME@URL, or vllm:NAME.")
]
QuestionSource = Annotated[str, typer.Option(metavar="SRC", help=sources.QUESTIONS_HELP)]
RunFolder = Annotated[Path, typer.Option(metavar="RUN", help="Run folder to write or to continue.")]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N questions of each category.")]
Dtype = Annotated[str, typer.Option(help="float32, bfloat16, float16, or auto: as the checkpoint is stored.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, mps, or auto.")]
Revision = Annotated[str | None, typer.Option(help="Branch, tag or commit on the hub.")]
BatchSize = Annotated[
    int | None, typer.Option(min=1, help="At most so many go through the model at a time; as memory allows if absent.")
]
TrustRemoteCode = Annotated[bool, typer.Option("--trust-remote-code", help="Let code that comes with the model run.")]

AVERAGED = "Note on {}: its numbers are of the mean over the rotations of each item's options."


def load(model: str, dtype: str, device: str, revision: str | None, *, trust_remote_code: bool) -> Model:
    """The model that a command names."""
    console.say(f"Loading {shown(model)}")  # no spinner: transformers shows bars of its own
    return calibration.load_model(
        model, dtype=dtype, device=device, revision=revision, trust_remote_code=trust_remote_code
    )


def shown(spec: str) -> str:
    """The name of a model or grader without what may be secret in an address: a password, what follows a ``?``."""
    return re.sub(r"//.*@", "//", spec).partition("?")[0]


def read_letters(path: Path) -> calibration.Predictions:
    """A run of letters, with a warning where it is not finished."""
    predictions = Run(path).averaged()
    warn_of_unfinished(path, predictions.n_items, "items")
    return predictions


def warn_of_unfinished(path: Path, done: int, what: str) -> None:
    """Say so where a run was interrupted."""
    n_items = Run(path).manifest["n_items"]
    if done < n_items:
        console.say(f"veracal: warning: {path} is not finished: {done} of {n_items} {what}")
