"""Pages of drawn runs: their sentences, made as the report makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from calibration import Diagnosis
from veracal.report.conclusions.conclusions import run_notes
from veracal.report.escaping import minus
from veracal.report.inputs import read_inputs
from veracal.report.layout import laid_out
from veracal.report.page import write_report
from veracal.report.results import Results, compute_results
from veracal.report.runs_in_memory import run_folders

from .claims import false_claims
from .scenes import Runs, Scene
from .truths import Truth

_NAMES = ("one", "two", "three")


def false_sentences(scene: Scene, n_items: int, truth: Truth, rng: np.random.Generator) -> list[str]:
    """Sentences of one page that are false of the population."""
    results = results_of(scene.runs(n_items, rng), scene.groups, equal_accuracy=scene.equal_accuracy)
    return [
        sentence
        for diagnosis, sentences in _by_diagnosis(results, sentences_of(results))
        for sentence in false_claims(sentences, truth, diagnosis)
    ]


def results_of(runs: Runs, groups: tuple[str, ...] = (), *, equal_accuracy: bool = False) -> Results:
    """Every number of the page of some runs."""
    with TemporaryDirectory() as folder:
        inputs = read_inputs(run_folders(runs, Path(folder)), list(_NAMES[: len(runs)]))
        return compute_results(inputs, groups=groups, equal_accuracy=equal_accuracy)


def sentences_of(results: Results) -> list[str]:
    """Conclusions, notes, and paragraphs of all sections."""
    conclusions, sections = laid_out(results)
    paragraphs = [paragraph for section in sections for paragraph in section.paragraphs if paragraph]
    split = [sentence for paragraph in paragraphs for sentence in re.split(r"(?<=[.\]]) (?=[A-Z])", paragraph)]
    return [*conclusions, *(note for _, note in run_notes(results)), *split]


def missing_of_file(runs: Runs, groups: tuple[str, ...] = ()) -> list[str]:
    """Conclusions that the page, written as a file, does not hold: none."""
    conclusions, _ = laid_out(results_of(runs, groups))
    with TemporaryDirectory() as folder:
        write_report(runs, Path(folder) / "page.html", labels=list(_NAMES[: len(runs)]), groups=groups)
        source = (Path(folder) / "page.html").read_text(encoding="utf-8")
    text = unescape(re.sub(r"<[^>]*>", "", source))
    return [sentence for sentence in conclusions if minus(sentence) not in text]


def _by_diagnosis(results: Results, sentences: Sequence[str]) -> Iterator[tuple[Diagnosis | None, list[str]]]:
    """Sentences with the diagnosis of the run after, whose corrections they tell of."""
    pair, letters = results.pair, results.letter_runs
    if letters is None:
        yield pair.diagnoses[1] if pair is not None and pair.diagnoses else None, [*sentences]
        return
    begins = {name: f"Going from {letters.several.reference} to {name} " for name in letters.diagnoses}
    for name, begin in begins.items():
        yield letters.diagnoses[name], [sentence for sentence in sentences if sentence.startswith(begin)]
    yield None, [sentence for sentence in sentences if not sentence.startswith(tuple(begins.values()))]
