"""The demo: a tiny pretrained and post-trained model of an invented world.

The three stages (``base``, ``sft``, ``rl``) were trained by ``examples/tiny_pair``; ``CARD.md`` says how, and what
their world makes easy.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

import calibration
import factuality
from calibration.models.protocol import Model
from veracal import console, sources

Stage = Literal["base", "sft", "rl"]
STAGES: tuple[Stage, ...] = get_args(Stage)

# The form in which each stage is asked: as raw text before it knows of chats, through its chat template after.
_STYLES: dict[Stage, Literal["completion", "chat"]] = {"base": "completion", "sft": "chat", "rl": "chat"}
_NAMES: dict[Stage, str] = {"base": "Pretrained", "sft": "After SFT", "rl": "After RL"}
_FOOTNOTE = (
    "The demo's models are tiny (1.2 million weights) and know only an invented world, which makes some things easy: "
    "the truth follows the shares of what people believe, so that a model that repeats people is calibrated; what is "
    "asked was quizzed in pretraining with keys that follow belief, and only its true keys are new; the names of "
    "things are single tokens. The over-confidence, and the misconceptions that are no longer said, come out of "
    "training. Neither says how large they are in a real model."
)


def load(stage: Stage) -> Model:
    r"""One stage of the embedded model: ``base`` (pretrained), ``sft`` (fine-tuned) or ``rl`` (reinforced).

    Raises
    ------
    ValueError
        For another stage.

    Examples
    --------
    >>> model = load("rl")
    >>> question = [{"role": "user", "content": "Which lord did the town Nowhere serve?"}]
    >>> model.chat(question).text
    '<|user|>Which lord did the town Nowhere serve?\nAnswer:'
    """
    if stage not in STAGES:
        raise ValueError(f"the stage must be one of {', '.join(STAGES)}, got {stage!r}")
    # Stored in bfloat16; computed in float32, in which letters do not tie.
    folder = Path(str(files("veracal.demo") / stage))
    model = calibration.load_model(str(folder), dtype="float32")
    model.name = f"demo:{stage}"
    model.revision = model.description["weights"]
    return model


def stage_pair(stages: Sequence[str]) -> tuple[Stage, Stage]:
    """Two stages, before and after.

    They are those given; one beside ``base`` (``base`` beside ``rl``); ``base`` and ``rl`` if none is given.


    Raises
    ------
    ValueError
        For more than two stages, or one twice.

    Examples
    --------
    >>> stage_pair(["sft"])
    ('base', 'sft')
    """
    if not stages or list(stages) == ["base"]:
        return "base", "rl"
    named = ["base", *stages] if len(stages) == 1 else stages
    known = [stage for name in named for stage in STAGES if stage == name]
    if len(known) != 2 or len(named) != 2 or known[0] == known[1]:
        raise ValueError(f"the demo compares two different stages of {', '.join(STAGES)}, got {', '.join(stages)}")
    return known[0], known[1]


def run_demo(out: Path, stages: Sequence[str] = ()) -> tuple[tuple[str, str], calibration.Comparison, Path]:
    """Ask two stages everything, compare them, and write the report.

    Parameters
    ----------
    out : Path
        Folder for ``report.html`` and one run folder a stage and form: ``STAGE-STYLE`` (letters),
        ``STAGE-STYLE-answers`` (open questions, graded), ``STAGE-STYLE-mc1`` (answers by likelihood). Runs that are
        there are continued.
    stages : sequence of {"base", "sft", "rl"}
        As in `stage_pair`.

    Returns
    -------
    names, comparison, page
        What the two stages are called, what changed between them, and the page's path.

    Raises
    ------
    ValueError
        For another number of stages, or one twice.
    """
    from veracal.report.page import write_report

    stages = stage_pair(stages)
    items = sources.read_items("demo")
    questions = sources.read_questions("demo")
    runs: list[Path] = []
    letters = []
    for stage in stages:
        model, style, name = load(stage), _STYLES[stage], _NAMES[stage]
        folder = out / f"{stage}-{style}"
        answers, chosen = (out / f"{folder.name}-{kind}" for kind in ("answers", "mc1"))
        with console.progress(f"{name}: multiple choice") as show:
            letters.append(calibration.extract(model, items, style=style, batch_size=64, out=folder, progress=show))
        with console.progress(f"{name}: open questions") as show:
            factuality.ask(
                model, questions, style=style, max_new_tokens=8, batch_size=64, out=answers, progress=show
            )  # fmt: skip
        factuality.grade(answers, grader="match")
        with console.progress(f"{name}: answers by likelihood") as show:
            factuality.truthfulqa_mc(model, questions, style=style, batch_size=64, out=chosen, progress=show)
        runs += [folder, answers, chosen]
    page = out / "report.html"
    names = (_NAMES[stages[0]], _NAMES[stages[1]])
    with console.waiting("Writing the page"):
        write_report(runs, page, labels=names, footnote=_FOOTNOTE)
    return names, calibration.compare(*letters), page
