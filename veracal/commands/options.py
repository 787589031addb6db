"""Options that several commands have, and what they do with them."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

import calibration
from calibration.items.answer_keys import Answers
from calibration.models.foreign_bars import hold_back_bars
from calibration.models.loading import without_weights
from calibration.models.loading_options import ModelOptions
from calibration.models.protocol import Model
from calibration.models.tokenizing.chat_formats import Bos, ChatOptions, parse_date
from calibration.predictions.scored_runs import ScoredRun
from calibration.runs.dates import date_of_run
from calibration.runs.folder import Run
from calibration.runs.shards import Shard, parse_shard

from .. import console, sources
from ..output_document import OutputDocument

OutputFormat = Literal["text", "md", "latex", "html", "csv", "json"]
Json = Annotated[bool, typer.Option("--json", help="Print machine-readable results on stdout and nothing else there.")]
PrintedAs = Annotated[
    OutputFormat | None,
    typer.Option("--as", "--format", help="Print tables in this format on stdout and nothing else there."),
]
PrintedOnlyAs = Annotated[
    OutputFormat | None, typer.Option("--as", help="Print tables in this format on stdout and nothing else there.")
]
ModelSpec = Annotated[
    str, typer.Argument(metavar="MODEL", help="A hub name, a folder, a .gguf file, openai:NAME@URL, or vllm:NAME.")
]
QuestionSource = Annotated[str, typer.Option(metavar="SRC", help=sources.QUESTIONS_HELP)]
RunFolder = Annotated[Path, typer.Option(metavar="RUN", help="Run folder to write or to continue.")]
Limit = Annotated[int | None, typer.Option(min=1, metavar="N", help="Only the first N questions of each category.")]
Dtype = Annotated[
    str, typer.Option(metavar="TYPE", help="float32, bfloat16, float16, or auto: as the checkpoint is stored.")
]
Device = Annotated[
    str, typer.Option(metavar="NAME", help="cpu, cuda, mps, auto, or map: over all GPUs, for a model larger than one.")
]
Revision = Annotated[str | None, typer.Option(metavar="NAME", help="Branch, tag or commit on the hub.")]
BatchSize = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Most prompts in one batch; if omitted, as memory allows.")
]
TrustRemoteCode = Annotated[bool, typer.Option("--trust-remote-code", help="Let code that comes with the model run.")]
AdapterSpec = Annotated[
    str | None,
    typer.Option("--adapter", metavar="FOLDER|NAME", help="Adapter of peft (LoRA) on the model: a folder or hub name."),
]
NWorkers = Annotated[
    int | None,
    typer.Option(
        "--workers", min=1, metavar="N", help="Workers on a Ray cluster, or on this machine, each with the whole model."
    ),
]
GpusPerWorker = Annotated[
    float | None,
    typer.Option(min=0.0, metavar="G", help="GPUs of each worker; if omitted, one where a machine has any."),
]
RayAddress = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="The cluster (auto: this machine's); if omitted, that of RAY_ADDRESS."),
]
ShardOption = Annotated[
    str | None,
    typer.Option("--shard", metavar="i/n", help="Only the i-th of n shards, from 1; veracal merge puts them together."),
]

AnswerKeys = Annotated[
    Answers | None,
    typer.Option(
        "--answers",
        help="What the answers of a file are: letters, digits that count from 0 or from 1, or texts of options; "
        "if omitted, decided from all of them.",
    ),
]
TemplateArgs = Annotated[
    str | None,
    typer.Option(metavar="JSON", help="Arguments for the chat template, as '{\"enable_thinking\": false}'."),
]
ChatTemplate = Annotated[
    str | None,
    typer.Option(metavar="FILE|NAME", help="Another chat template: a file, or a name if the tokenizer has several."),
]
PromptDate = Annotated[
    str | None,
    typer.Option(metavar="YYYY-MM-DD", help="Date that a chat template writes; if omitted, today, or that of the run."),
]
BosOption = Annotated[
    Bos,
    typer.Option(help="Beginning-of-text token: as the tokenizer writes it (auto), exactly once (yes), or never (no)."),
]

RunName = Annotated[
    str | None,
    typer.Option(
        "--name", metavar="NAME", help="Short name of the run in tables and figures; if omitted, the model's."
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        metavar="A,B",
        help="What to call the models: one name a model, or one a run in their order. A name with a comma in it stands "
        "in quotes, or each is given by itself: --labels A --labels B.",
    ),
]

# Commands that show runs of other kinds.
_SHOWN_BY = {
    "responses": "its rates are shown by: veracal grade {}",
    "multiple-choice": "its scores are shown by: veracal report {} --html PAGE",
}

AVERAGED = "Note on {}: its numbers are of the mean over the rotations of each item's options."


@dataclass(frozen=True)
class Cluster:
    """Workers of a command; none without a number."""

    n_workers: int | None = None
    gpus_per_worker: float | None = None
    address: str | None = None

    def __post_init__(self) -> None:
        if self.n_workers is None and (self.gpus_per_worker is not None or self.address is not None):
            raise typer.BadParameter("--gpus-per-worker and --ray-address need --workers N")


@dataclass(frozen=True)
class Chats:
    """Writing of prompts: chat template, its arguments and date, beginning-of-text token."""

    template_args: str | None = None
    chat_template: str | None = None
    date: str | None = None
    bos: Bos = "auto"

    def options(self, *, style: str = "", out: Path | None = None) -> ChatOptions:
        """Options of chats for `calibration.load_model`; a continued run keeps its date.

        Raises
        ------
        typer.BadParameter
            For arguments that are no JSON object, and for chat options with a style that writes no chat.
        """
        given = {"--template-args": self.template_args, "--chat-template": self.chat_template, "--date": self.date}
        for name, value in given.items():
            if value is not None and style == "completion":
                raise typer.BadParameter(f"{name} is for chats: the style completion writes no chat template")
        try:
            arguments = json.loads(self.template_args or "{}")
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            raise typer.BadParameter(
                "--template-args must be a JSON object, as '{\"enable_thinking\": false}', got "
                f"{self.template_args!r}"
            )
        date = self.date if self.date is not None or out is None else date_of_run(out)
        try:
            parse_date(date)
        except ValueError as error:
            raise typer.BadParameter(f"--date: {error}") from None
        return {"template_args": arguments, "chat_template": self.chat_template, "date": date, "bos": self.bos}


def prints_json(format: OutputFormat | None, *, as_json: bool) -> bool:
    """Whether JSON is printed.

    Another format of choice takes what is printed from now on.

    Parameters
    ----------
    format : str or None
        Of ``--format`` or ``--as``.
    as_json : bool
        Whether ``--json`` is given, which is the same as ``--format json``.

    Raises
    ------
    typer.BadParameter
        For ``--json`` beside another format.
    """
    if as_json and format not in (None, "json"):
        raise typer.BadParameter(f"--json is --format json: leave it out, or --format {format}")
    if format in ("md", "latex", "html", "csv"):
        console.SHOWN.document = OutputDocument(format)
    return as_json or format == "json"


def load(model: str, options: ModelOptions, *, cluster: Cluster = Cluster()) -> Model:
    """The model that a command names."""
    console.say(f"Loading {shown(model)}")  # no spinner: the hub shows bars of its own
    hold_back_noise(model)
    if cluster.n_workers is None:
        return calibration.load_model(model, **options)
    with console.waiting(f"Loading on {cluster.n_workers} workers"):
        return calibration.load_workers(
            model, n_workers=cluster.n_workers, gpus_per_worker=cluster.gpus_per_worker, address=cluster.address,
            **options,
        )  # fmt: skip


def refuse_long(model: str, options: ModelOptions, *, cluster: Cluster, check: Callable[[Model], None]) -> None:
    """Refuse prompts that are too long before weights are loaded.

    Not where only what loads them tells.

    Parameters
    ----------
    model : str
        What the command names.
    options, cluster
        As in `load`.
    check : callable
        Called with a model without weights (`calibration.models.loading.without_weights`).
    """
    hold_back_noise(model)
    reader = None if cluster.n_workers is not None else without_weights(model, options)
    if reader is not None:
        check(reader)


def hold_back_noise(model: str) -> None:
    """Hold back bars of transformers unless they are wanted, or a server answers."""
    if not (console.SHOWN.foreign or model.startswith("openai:")):
        hold_back_bars()


def run_name(text: str | None) -> str | None:
    """The name that a command gives its run.

    Raises
    ------
    typer.BadParameter
        For an empty one.
    """
    if text is not None and not text.strip():
        raise typer.BadParameter("--name must hold a name, got an empty one")
    return None if text is None else text.strip()


def split_labels(texts: list[str] | None) -> list[str] | None:
    """The names that ``--labels`` gives.

    Each use is one; a single use has commas between them.

    Examples
    --------
    >>> split_labels(["Base, SFT"]), split_labels(["Base, v2", "SFT"]), split_labels(None)
    (['Base', 'SFT'], ['Base, v2', 'SFT'], None)
    >>> split_labels(['"Base, v2",SFT'])
    ['Base, v2', 'SFT']
    """
    if not texts:
        return None
    names = next(csv.reader(texts, skipinitialspace=True), []) if len(texts) == 1 else texts
    return [name.strip() for name in names]


def named_shard(text: str | None) -> Shard | None:
    """The shard that a command names."""
    try:
        return None if text is None else parse_shard(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def shown(spec: str) -> str:
    """The name of a model or grader without secrets in its address.

    They are a password and all that follows a ``?``.
    """
    return re.sub(r"//.*@", "//", spec).partition("?")[0]


def read_letters(path: Path) -> calibration.Predictions:
    """A multiple-choice run, with a warning if it is not finished.

    Raises
    ------
    ValueError
        For a run of another kind, with the command that shows it.
    """
    _refuse_answers(path)
    predictions = Run(path).averaged()
    warn_of_unfinished(path, predictions.n_items, "items")
    return predictions


def read_scored(path: Path) -> ScoredRun:
    """A run of predictions, pairs or verdicts.

    With a warning if it is not finished.

    Raises
    ------
    ValueError
        For a run of another kind, with the command that shows it.
    """
    _refuse_answers(path)
    run = calibration.read_scored_run(path)
    n_read = run.frame.height if isinstance(run, calibration.Verdicts) else run.n_items
    warn_of_unfinished(path, n_read, "items")
    return run


def _refuse_answers(path: Path) -> None:
    """Raise for a run of answers, with the command that shows it."""
    kind = Run(path).manifest["kind"]
    if kind in _SHOWN_BY:
        raise ValueError(f"{path}: holds a run of {kind}, not of predictions; {_SHOWN_BY[kind].format(path)}")


def warn_of_unfinished(path: Path, done: int, what: str) -> None:
    """Warn if a run was interrupted."""
    n_items = Run(path).manifest["n_items"]
    if done < n_items:
        console.alert(f"veracal: warning: {path} is not finished: {done} of {n_items} {what}")
