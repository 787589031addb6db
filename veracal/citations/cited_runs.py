"""Runs that are cited: what they hold, and how they were asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import calibration
import factuality
from calibration import Pairs, Predictions, Verdicts
from calibration.items.mmlu import load_mmlu
from calibration.items.mmlu_groups import mmlu_groups
from calibration.number_texts import counted
from calibration.predictions.rotations import average_permutations
from calibration.predictions.scored_runs import ScoredRun
from calibration.runs.folder import Run
from factuality import Judgments, MultipleChoice
from factuality.multiple_choice.likelihoods import run_variants

from .estimators import Sentence, listed

Content = ScoredRun | Judgments | tuple[MultipleChoice, ...]
# A run folder, or a run in memory.
CitableRun = str | Path | Predictions | Pairs | Verdicts | Judgments | MultipleChoice

_STYLES = {
    "completion": "as plain text to be completed",
    "chat": "in the model's chat template, with a request for the answer's letter alone",
    "chat-prefill": 'in the model\'s chat template, with the reply opened by "Answer:"',
}
_OPEN_STYLES = {"completion": "as plain text to be completed", "chat": "in the model's chat template"}
_PRIMERS = {"none": "without few-shot examples", "qa-6": "behind TruthfulQA's six examples",
            "5-shot": "behind five few-shot examples"}  # fmt: skip
_FORMS = {"space": "its letter with a blank in front (“ A”)", "bare": "its bare letter (“A”)"}
_PACKAGES = ("veracal", "torch", "transformers")


@dataclass(frozen=True, kw_only=True)
class CitedRun:
    """A run with what its folder tells.

    Attributes
    ----------
    model : str
        Name of the model.
    content : Predictions, Pairs, Verdicts, Judgments, or tuple of MultipleChoice
        What it holds; of rotations their mean.
    settings : mapping
        How it was asked, as ``run.json`` has it; empty of a run in memory.
    packages : mapping of str to str
        Versions with which it was made.
    rotated : bool
        Whether the content is a mean over rotations.
    """

    model: str
    content: Content
    settings: Mapping[str, Any] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    rotated: bool = False

    @property
    def n_items(self) -> int:
        """Number of items, answers or questions."""
        content = self.content
        if isinstance(content, Judgments):
            return content.n_answers
        return content[0].n_questions if isinstance(content, tuple) else content.n_items


def cited_run(run: CitableRun, *, grader: str | None) -> CitedRun:
    """A run folder or a run in memory, read.

    Raises
    ------
    TypeError
        For what is no run.
    FileNotFoundError, ValueError
        As `calibration.read_scored_run`, `factuality.read_judgments` and `factuality.read_multiple_choice`.
    """
    if isinstance(run, str | Path):
        return _of_folder(Path(run), grader)
    if isinstance(run, MultipleChoice):
        return CitedRun(model=str(run.frame["model"][0]), content=(run,))
    if isinstance(run, Judgments | Pairs | Verdicts):
        return CitedRun(model=run.model, content=run)
    if isinstance(run, Predictions):
        rotated = run.frame.height > run.frame["item"].n_unique()
        return CitedRun(model=run.model, content=average_permutations(run) if rotated else run, rotated=rotated)
    raise TypeError(f"a run must be a run folder, or a run in memory, got {type(run).__name__}")


def _of_folder(path: Path, grader: str | None) -> CitedRun:
    folder = Run(path)
    manifest = folder.manifest
    content: Content
    if manifest["kind"] == "responses":
        content = factuality.read_judgments(path, grader=grader)
    elif manifest["kind"] == "multiple-choice":
        content = tuple(factuality.read_multiple_choice(path, variant=name) for name in run_variants([path]))
    elif folder.permuted:
        content = folder.averaged()
    else:
        content = calibration.read_scored_run(path)
    return CitedRun(
        model=manifest["settings"]["model"], content=content, settings=manifest["settings"],
        packages=manifest["packages"], rotated=folder.permuted,
    )  # fmt: skip


def asked_sentences(runs: Sequence[CitedRun]) -> Iterator[Sentence]:
    """What runs of one kind were asked, and how.

    Runs that were asked alike share a sentence.
    """
    for sentence in dict.fromkeys(part for run in runs for part in _asked(run)):
        alike = [run.model for run in runs if sentence in _asked(run)]
        who = listed(list(dict.fromkeys(alike)))
        yield Sentence(sentence.text.format(who=who), sentence.behind)


def _asked(run: CitedRun) -> tuple[Sentence, ...]:
    if isinstance(run.content, Judgments):
        return tuple(_answers(run, run.content))
    if isinstance(run.content, tuple):
        return tuple(_likelihoods(run))
    return tuple(_letters(run, run.content))


def _letters(run: CitedRun, content: ScoredRun) -> Iterator[Sentence]:
    settings = run.settings
    subjects = list(dict.fromkeys(content.frame["subject"].to_list())) if "subject" in content.frame.columns else []
    from_mmlu = bool(subjects) and mmlu_groups(subjects) is not None
    kinds = f" of {counted(len(subjects), 'subject')}{' of MMLU' if from_mmlu else ''}" if len(subjects) > 1 else ""
    behind = (load_mmlu,) if from_mmlu else ()
    what = "multiple-choice item" if isinstance(content, Predictions) else "item"
    n_items = f"{counted(content.n_items, what)}{kinds}"
    if "source" in settings:
        log = f"{_plain(settings['source'])} (format {_plain(settings.get('format', 'unknown'))})"
        yield Sentence(f"What {{who}} answered to {n_items} was read from {log}", behind)
        return
    yield Sentence(f"{{who}} answered {n_items}{_items_hash(settings, 'items')}", behind)
    if "style" in settings:
        shots = settings.get("shots", 0)
        examples = f"with {counted(shots, 'few-shot example')}" if shots else "without few-shot examples"
        style = _STYLES.get(settings["style"], f"in the style {_plain(settings['style'])}")
        yield Sentence(f"Each item was put to {{who}} {style}, {examples}")
    if form := settings.get("letter_form"):
        spelt = _FORMS.get(form, f"its letter in the form {_plain(form)}")
        yield Sentence(f"The probability of an option is that of {spelt} as the next token, for {{who}}")
    if run.rotated:
        text = "Each item was asked in every rotation of its options, and probabilities are means over them, for {who}"
        yield Sentence(text, (average_permutations,))


def _answers(run: CitedRun, content: Judgments) -> Iterator[Sentence]:
    settings = run.settings
    questions = content.frame["question"].n_unique()
    answers = counted(content.n_answers, "answer")
    asked = f"{counted(questions, 'open question')}{_items_hash(settings, 'questions')}"
    yield Sentence(f"{{who}} gave {answers} to {asked}")
    if "style" in settings:
        yield _open_prompt(settings)
    if decoding := settings.get("decoding"):
        how = "greedily" if decoding == "greedy" else f"by sampling at temperature {settings.get('temperature', 1):g}"
        most = settings.get("max_new_tokens")
        tokens = f", at most {counted(most, 'token')} each" if most else ""
        yield Sentence(f"Answers of {{who}} were decoded {how}{tokens}")


def _likelihoods(run: CitedRun) -> Iterator[Sentence]:
    variants = [choice.variant for choice in run.content] if isinstance(run.content, tuple) else []
    scores = listed([{"mc1": "MC1", "mc2": "MC2", "binary": "binary"}[variant] for variant in variants])
    n_questions = counted(run.n_items, "question")
    yield Sentence(
        f"Written answers to {n_questions}{_items_hash(run.settings, 'questions')} were scored by their likelihood "
        f"under {{who}} ({scores})",
        (factuality.truthfulqa_mc,),
    )
    if "style" in run.settings:
        yield _open_prompt(run.settings)


def _open_prompt(settings: Mapping[str, Any]) -> Sentence:
    style = _OPEN_STYLES.get(settings["style"], f"in the style {_plain(settings['style'])}")
    primer = _PRIMERS.get(settings.get("primer", ""), "")
    return Sentence(f"Each question was put to {{who}} {style}{f', {primer}' if primer else ''}")


def versions(runs: Sequence[CitedRun]) -> Sentence:
    """Versions of the packages with which runs were made.

    Runs that another tool made have that of veracal alone, which read them.
    """
    made = [
        {name: run.packages[name] for name in (_PACKAGES if _computed(run) else _PACKAGES[:1]) if name in run.packages}
        for run in runs
    ]
    texts = list(dict.fromkeys(listed([f"{name} {of[name]}" for name in of]) for of in made if of))
    return Sentence(f"Runs were made with {'; '.join(texts)}" if texts else "")


def _computed(run: CitedRun) -> bool:
    """Whether a model was asked in that process, not a server or another tool."""
    return not {"source", "server", "address"} & set(run.settings)


def _items_hash(settings: Mapping[str, Any], name: str) -> str:
    return f" (hash of the {name}: {_plain(settings[name])})" if name in settings else ""


def _plain(text: object) -> str:
    """A text that no format takes for a place to fill."""
    return str(text).replace("{", "{{").replace("}", "}}")
