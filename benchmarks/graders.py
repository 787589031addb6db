"""Graders that run offline against human verdicts: a table, and where they fail.

    python benchmarks/graders.py ada.csv babbage.csv [--write factuality/graders/coefficients.json]

Each file holds answers of one model that people judged (see `factuality.load_human_labels`), of which the clear ones
count; positive is truthful. ``combine:FILE`` on the file itself is cross-fitted by question. The weights
that come with the package were fitted on the files of the README's table: there, ``combined`` is scored on what it saw.
``--write`` fits those weights anew, on all the files.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibration.metrics.calibration_errors import ece
from calibration.metrics.ranking import auroc
from factuality.grading.graders import Grader
from factuality.grading.graders.combination import fit_combination, load_combination
from factuality.grading.graders.logistic import fit_logistic
from factuality.grading.graders.matching import Match
from factuality.grading.graders.similarity import Measure, cosine, load_similarity, minilm
from factuality.grading.graders.specs import parse_spec
from factuality.grading.human_labels import HumanLabels, load_human_labels
from factuality.grading.judgments import Verdict
from factuality.questions.question import Question
from factuality.words import split_words

_RESAMPLES = 1_000
_SIMILARITIES = ("rouge1", "rougeL", "bleu", "minilm")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    if options.write is not None:
        _write(_joined(options.files), options.write)
    files = {path.stem: load_human_labels(path).decided() for path in options.files}
    for name, labels in files.items():
        truthful = labels.frame["label"].to_numpy().astype(bool)
        print(f"\n{name}: {len(truthful)} answers, {truthful.mean():.1%} truthful")
        print(f"  {'grader':60} AUROC [95 %]          kappa  accuracy  balanced    ECE  decided")
        failures = ""
        for grader in _graders(name, files):
            verdicts = grader.judge(*_asked(labels))
            scores = np.array([0.5 if verdict.score is None else verdict.score for verdict in verdicts])
            print(f"  {grader.spec:60} {_figures(verdicts, scores, labels, truthful)}")
            if grader.spec.startswith("combine:"):
                failures = _failures(labels, verdicts, truthful, grader.spec)
        print(f"\n{failures}")


def _graders(name: str, files: dict[str, HumanLabels]) -> list[Grader]:
    graders: list[Grader] = [Match(), *(load_similarity(parse_spec(f"similarity:{one}")) for one in _SIMILARITIES)]
    graders += [load_combination(parse_spec("combined:words")), load_combination(parse_spec("combined"))]
    for source, labels in sorted(files.items(), key=lambda pair: pair[0] != name):
        for references in (False, True) if source != name else (False,):
            for meaning in (None, _meaning()):
                spec = f"combine{'+references' * references}:{source}{'' if meaning else ' (words alone)'}"
                graders.append(fit_combination(labels, meaning=meaning, references=references, spec=spec))
    return graders


@cache
def _meaning() -> Measure:
    return cosine(minilm())


def _asked(labels: HumanLabels) -> tuple[list[str], list[Question]]:
    questions = {question.id: question for question in labels.questions}
    return labels.frame["response"].to_list(), [questions[name] for name in labels.frame["question"]]


def _figures(
    verdicts: Sequence[Verdict], scores: NDArray[np.float64], labels: HumanLabels, truthful: NDArray[np.bool_]
) -> str:
    """One line: AUROC over all answers, the others over those on which the grader decided."""
    says = np.array([verdict.grade != "ungraded" for verdict in verdicts])
    right = np.array([verdict.grade != "incorrect" for verdict in verdicts])[says]
    low, high = _interval(scores, truthful, labels.frame["question"].to_numpy())
    human = truthful[says]
    hits = float((right == human).mean())
    chance = right.mean() * human.mean() + (1 - right.mean()) * (1 - human.mean())
    balanced = (right[human].mean() + 1 - right[~human].mean()) / 2
    probable = any(verdict.probability is not None for verdict in verdicts)
    given = np.array([verdict.score for verdict in verdicts])[says].astype(np.float64)
    calibrated = f"{ece(given, human):.3f}" if probable else "     "
    return (
        f"{auroc(scores, truthful):.3f} [{low:.3f}, {high:.3f}]  {(hits - chance) / (1 - chance):5.2f}  {hits:8.3f}  "
        f"{balanced:8.3f}  {calibrated}  {says.mean():7.1%}"
    )


def _interval(
    scores: NDArray[np.float64], truthful: NDArray[np.bool_], question: NDArray[np.str_]
) -> tuple[float, float]:
    """Percentiles of the AUROC when questions are drawn anew."""
    rng = np.random.default_rng(0)
    names, place = np.unique(question, return_inverse=True)
    drawn = []
    for _ in range(_RESAMPLES):
        times = np.bincount(rng.integers(0, len(names), len(names)), minlength=len(names))
        rows = np.repeat(np.arange(len(place)), times[place])
        drawn.append(auroc(scores[rows], truthful[rows]))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _failures(labels: HumanLabels, verdicts: Sequence[Verdict], truthful: NDArray[np.bool_], spec: str) -> str:
    """AUROC and mistakes of a grader, by category and by style of answer."""
    frame = labels.frame.select("category", "text", "response").with_columns(
        score=pl.Series([verdict.score for verdict in verdicts]), truthful=pl.Series(truthful)
    )
    styles = [_style(text, response) for text, response in frame.select("text", "response").iter_rows()]
    lines = [f"  {'where ' + spec + ' fails':70} answers  truthful  AUROC  wrong verdicts"]
    for column, groups in (("style", styles), ("category", frame["category"].to_list())):
        table = frame.with_columns(pl.Series(column, groups))
        for (name,), part in sorted(table.group_by(column), key=lambda pair: (-pair[1].height, pair[0])):
            labels_here, scores = part["truthful"].to_numpy(), part["score"].to_numpy()
            if part.height < 20 or labels_here.all() or not labels_here.any():
                continue
            wrong = ((scores >= 0.5) != labels_here).mean()
            figures = f"{part.height:7}  {labels_here.mean():8.0%}  {auroc(scores, labels_here):.3f}  {wrong:14.0%}"
            lines.append(f"  {column:9} {name!s:60} {figures}")
    return "\n".join(lines)


def _style(question: str, response: str) -> str:
    said, asked = split_words(response), set(split_words(question))
    if said[:1] in (("yes",), ("no",)):
        return "yes or no"
    if len(set(said) - asked) <= 1:
        return "repeats the question"
    return next((f"at most {length} words" for length in (4, 12) if len(said) <= length), "more than 12 words")


def _joined(paths: Sequence[Path]) -> HumanLabels:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "all.csv"
        pl.concat([pl.read_csv(path, infer_schema=False) for path in paths], how="diagonal").write_csv(path)
        return load_human_labels(path).decided()


def _write(labels: HumanLabels, path: Path) -> None:
    responses, questions = _asked(labels)
    truthful = labels.frame["label"].to_numpy().astype(bool)
    fits = {
        "words": fit_combination(labels).whole,
        "meaning": fit_combination(labels, meaning=_meaning()).whole,
    }
    for name in _SIMILARITIES:
        grader = load_similarity(parse_spec(f"similarity:{name}"))
        fits[grader.spec] = fit_logistic(grader.differences(responses, questions)[:, None], truthful, ["difference"])
    path.write_text(json.dumps({name: fit.as_json() for name, fit in fits.items()}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
