"""A paragraph on methods, with the entries of BibTeX that it cites."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import factuality
from calibration import Pairs, Predictions, Verdicts
from calibration.analysis.letter_display import letter_display
from calibration.analysis.summary import defined_run_measures
from calibration.control_characters import escaped_line
from calibration.metrics.curves import wilson
from calibration.nearest_names import nearest
from calibration.predictions.scored_runs import ScoredRun, n_clusters
from calibration.result_tables.latex import latex_text
from calibration.result_tables.markdown import markdown_text
from calibration.uncertainty.few_errors import fewest
from calibration.uncertainty.kinds.rare_errors import ENOUGH_ERRORS
from calibration.uncertainty.q_values import q_values, shown_together
from factuality import Judgments
from factuality.answers.stated_confidence import stated_confidence
from factuality.confidence.confidences import scored_confidences
from factuality.grading.graders.judge import Judge
from factuality.grading.graders.logistic import fit_logistic
from factuality.grading.graders.matching import match
from factuality.grading.graders.similarity import Similarity
from factuality.grading.graders.specs import parse_spec
from factuality.multiple_choice.changes import multiple_choice_change
from factuality.outcomes.ratios import Ratio

from .bibliography import bibliography, source_keys
from .cited_runs import CitableRun, CitedRun, asked_sentences, cited_run, versions
from .estimators import (
    KEYS,
    Sentence,
    change_sentences,
    cluster_sentence,
    few_errors_sentences,
    listed,
    measure_sentences,
    weight_sentence,
)  # fmt: skip

# What grades answers, by the kind of its spec: in words, and what names the sources.
_GRADERS: dict[str, tuple[str, tuple[object, ...]]] = {
    "match": ("normalised comparison with reference answers", (match,)),
    "similarity": ("similarity with true and false reference answers", (Similarity,)),
    "combined": ("a logistic combination of comparison and similarities", (match, Similarity, fit_logistic)),
    "combine": ("a logistic combination of comparison and similarities", (match, Similarity, fit_logistic)),
    "combine+references": ("a logistic combination of comparison and similarities", (match, Similarity, fit_logistic)),
    "model": ("a model as the judge, whose verdict is read from its letters", (Judge,)),
    "nli": ("entailment of reference answers", ()),
    "human": ("people", ()),
}

CitationFormat = Literal["text", "md", "latex"]
# How texts and citations are written, what stands between keys; and the entries beside the paragraphs.
_MARKS: dict[CitationFormat, tuple[Callable[[str], str], str, str]] = {
    "text": (escaped_line, " [{}]", ", "),
    "md": (markdown_text, " [@{}]", "; @"),
    "latex": (latex_text, r"~\cite{{{}}}", ","),
}
_WITH_BIBTEX: dict[CitationFormat, str] = {
    "text": "{0}\n\n{1}",
    "md": "{0}\n\n```bibtex\n{1}\n```",
    "latex": "\\begin{{filecontents*}}[overwrite]{{veracal.bib}}\n{1}\n\\end{{filecontents*}}\n{0}",
}


@dataclass(frozen=True)
class Citation:
    """What was done with runs, in sentences, and the sources.

    Printed, it is the paragraph with the entries of BibTeX below it.

    Attributes
    ----------
    paragraphs : tuple of tuple of Sentence
        A paragraph a kind of run, and one on all.
    """

    paragraphs: tuple[tuple[Sentence, ...], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the sources, in the order in which they are cited."""
        return tuple(dict.fromkeys(key for part in self.paragraphs for sentence in part for key in _keys(sentence)))

    @property
    def bibtex(self) -> str:
        """Entries of all sources."""
        known = bibliography()
        return "\n".join(known[key].text for key in sorted(self.keys)).rstrip("\n")

    def __str__(self) -> str:
        return self.text("text")

    def __repr__(self) -> str:
        return f"<Citation of {len(self.keys)} sources; print shows it>"

    def _repr_html_(self) -> str:
        paragraphs = "".join(f"<p>{escape(self._written(part, 'text'))}</p>" for part in self.paragraphs)
        entries = f"<details><summary>BibTeX</summary><pre>{escape(self.bibtex)}</pre></details>"
        return f'<div style="max-width: 60em">{paragraphs}{entries}</div>'

    def to_markdown(self) -> str:
        """The paragraphs with citations as Pandoc reads them, and the entries as code."""
        return self.text("md")

    def to_latex(self) -> str:
        r"""The paragraphs with ``\cite``, behind the entries.

        LaTeX writes them to ``veracal.bib`` when it reads this.
        """
        return self.text("latex")

    def text(self, format: CitationFormat, *, with_bibtex: bool = True) -> str:
        """The paragraphs in a format, with the entries or without."""
        paragraphs = "\n\n".join(self._written(part, format) for part in self.paragraphs)
        return _WITH_BIBTEX[format].format(paragraphs, self.bibtex) if with_bibtex else paragraphs

    def to_dict(self) -> dict[str, Any]:
        """Paragraphs and entries for JSON."""
        return {
            "paragraphs": [self._written(part, "text") for part in self.paragraphs],
            "bibtex": {key: bibliography()[key].text for key in sorted(self.keys)},
        }

    def _written(self, part: Sequence[Sentence], format: CitationFormat) -> str:
        plain, cited, between = _MARKS[format]
        return " ".join(
            f"{plain(sentence.text)}{cited.format(between.join(keys)) if (keys := _keys(sentence)) else ''}."
            for sentence in part
        )


def _keys(sentence: Sentence) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for function in sentence.behind for key in source_keys(function)))


def cite(
    runs: CitableRun | Sequence[CitableRun],
    *,
    measures: Sequence[str] | None = None,
    grader: str | None = None,
    all_pairs: bool = False,
) -> Citation:
    """What was done with runs, as a paragraph on methods with its sources.

    Parameters
    ----------
    runs : path, run in memory, or sequence of them
        Run folders tell how the model was asked and with which versions. Several are told as compared with the first.
    measures : sequence of str, optional
        Keys of the measures that are reported; if omitted, all of the table.
    grader : str, optional
        Whose judgments of graded answers, if there are several.
    all_pairs : bool
        Whether all pairs of three runs or more were compared, with letters of runs that are not shown to differ.

    Raises
    ------
    ValueError
        For no run, and for unknown measures.
    TypeError
        For what is no run.

    Examples
    --------
    >>> from calibration import Pairs
    >>> run = Pairs.from_arrays([0.9, 0.8, 0.7], [1, 1, 0], model="mine")
    >>> print(cite(run, measures=["accuracy"]).to_dict()["paragraphs"][0])
    mine answered 3 items. Accuracy has Wilson's score interval [wilson1927]. Intervals hold at 95 %.
    """
    given = [runs] if isinstance(runs, CitableRun) else list(runs)
    if not given:
        raise ValueError("at least one run must be given, got none")
    if unknown := [key for key in measures or () if key not in KEYS]:
        raise ValueError(f"measures must be among {', '.join(KEYS)}; got {unknown[0]!r}{nearest(unknown[0], KEYS)}")
    cited = [cited_run(run, grader=grader) for run in given]
    by_kind: dict[type, list[CitedRun]] = {}
    for run in cited:
        by_kind.setdefault(type(run.content), []).append(run)
    parts = [
        (*_of_kind(alike, measures), *(_multiplicity(all_pairs=all_pairs) if len(alike) > 2 else ()))
        for alike in by_kind.values()
    ]
    made = versions(cited)
    closing = (Sentence("Intervals hold at 95 %"), *([made] if made.text else []))
    return Citation((*parts[:-1], (*parts[-1], *closing)))


def _of_kind(runs: Sequence[CitedRun], measures: Sequence[str] | None) -> Iterator[Sentence]:
    yield from asked_sentences(runs)
    content = runs[0].content
    if isinstance(content, Judgments):
        yield from _of_judgments(runs, measures)
    elif isinstance(content, tuple):
        yield Sentence("MC1 and the binary score have Wilson's score intervals, MC2 Student's t", (wilson,))
        if len(runs) > 1:
            text = "Changes are paired by question, of shares with Tango's intervals; q-values are over categories"
            yield Sentence(text, (multiple_choice_change,))
    else:
        yield from _of_scored(content, [run.content for run in runs], measures)


def _of_scored(first: ScoredRun, contents: Sequence[Any], measures: Sequence[str] | None) -> Iterator[Sentence]:
    defined, _ = defined_run_measures(first)
    keys = [key for key in defined if key in KEYS and (measures is None or key in measures)]
    yield from measure_sentences(keys, whole=isinstance(first, Predictions))
    if isinstance(first, Predictions | Pairs) and any(fewest(run.correct > 0) < ENOUGH_ERRORS for run in contents):
        yield from few_errors_sentences(keys)
    if not isinstance(first, Verdicts) and n_clusters(first) is not None:
        yield cluster_sentence()
    if isinstance(first, Pairs) and first.weights is not None:
        yield weight_sentence()
    if len(contents) > 1:
        yield from change_sentences(keys, n_subjects=len(set(first.subject.tolist())))


def _of_judgments(runs: Sequence[CitedRun], measures: Sequence[str] | None) -> Iterator[Sentence]:
    judged = [run.content for run in runs if isinstance(run.content, Judgments)]
    for spec in dict.fromkeys(str(one.frame["grader"][0]) for one in judged):
        try:
            text, behind = _GRADERS[parse_spec(spec).kind]
        except ValueError:
            text, behind = "the verdicts of the log", ()
        yield Sentence(f"Answers were graded by {spec}: {text}", behind)
    yield Sentence("Rates are shares of questions with Wilson's score intervals", (factuality.rates,))
    if len(judged) > 1:
        text = "Changes are paired by question, with q-values over measures and categories"
        yield Sentence(text, (factuality.rate_change, Ratio.change))
    confident = [scored for one in judged if (scored := scored_confidences(one)) is not None]
    if confident:
        kinds = listed(sorted({scored.kind for scored in confident}))
        behind = (stated_confidence,) if "stated" in kinds else ()
        yield Sentence(f"Confidence in an answer is of the kind {kinds}", behind)
        yield from _of_scored(confident[0].pairs, [scored.pairs for scored in confident][:1], measures)


def _multiplicity(*, all_pairs: bool) -> Iterator[Sentence]:
    yield Sentence("q-values are false discovery rates over the changes of all runs and measures", (q_values,))
    if all_pairs:
        text = "Runs with a common letter are not shown to differ when all pairs are tested together (Holm)"
        yield Sentence(text, (shown_together, letter_display))
