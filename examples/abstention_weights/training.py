"""Weights of wording from labelled answers, and how well they read sets that they were not fitted on."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit

from factuality import load_questions
from factuality.grading.abstention import declines, declines_by_rules
from factuality.grading.abstention_phrases.answer_features import features_of
from factuality.grading.abstention_phrases.answer_text import read_answer
from factuality.grading.abstention_phrases.second_opinion import WordWeights

ROOT = Path(__file__).parents[2]
QUESTIONS = ROOT / "factuality" / "questions" / "adversarial" / "questions.jsonl"
LABELLED = ROOT / "tests" / "factuality" / "grading"
WEIGHTS = ROOT / "factuality" / "grading" / "abstention_phrases" / "word_weights.txt"
SEALED = ("sealed, first", "sealed, second")
# Sets by people who knew nothing of the rules, on which the rules were not tuned either.
STRANGERS = ("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth")
# Features of fewer answers are left out, and weights that add less.
_FEWEST_ANSWERS, _LEAST_WEIGHT = 3, 0.1
_PENALTY = 1.0

Answer = tuple[str, bool, str]
"""Text, whether it abstains, set."""


def labelled() -> list[Answer]:
    """All labelled answers, the references of the project's own questions among them, which are answers."""
    files = ("abstentions.jsonl", "abstentions_with_questions.jsonl")
    rows = [json.loads(line) for name in files for line in (LABELLED / name).read_text("utf-8").splitlines()]
    references = dict.fromkeys(
        text for question in load_questions(QUESTIONS) for text in (*question.correct, *question.incorrect)
    )
    return [(row["text"], row["abstains"], row["set"]) for row in rows] + [
        (text, False, "references") for text in references
    ]


def hash_of(answers: Sequence[Answer]) -> str:
    """A hash of texts and labels."""
    return hashlib.sha256(json.dumps([answer[:2] for answer in answers]).encode()).hexdigest()


def fitted(answers: Sequence[Answer]) -> WordWeights:
    """Logistic regression with a ridge penalty on the features of answers, rounded to hundredths."""
    rows = [features_of(read_answer(text)) for text, _, _ in answers]
    counts = Counter(feature for row in rows for feature in row)
    names = sorted(feature for feature, count in counts.items() if count >= _FEWEST_ANSWERS)
    columns = {name: column for column, name in enumerate(names)}
    indices = [sorted(columns[feature] for feature in row if feature in columns) for row in rows]
    ends = np.cumsum([0, *(len(row) for row in indices)])
    matrix = csr_matrix((np.ones(ends[-1]), np.concatenate(indices), ends), shape=(len(rows), len(names)))
    transposed = matrix.T.tocsr()
    signs = np.where([abstains for _, abstains, _ in answers], 1.0, -1.0)

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (matrix @ values[:-1] + values[-1])
        slopes = -signs * expit(-margins)
        penalty = _PENALTY / 2 * (values[:-1] @ values[:-1])
        gradient = np.append(transposed @ slopes + _PENALTY * values[:-1], slopes.sum())
        return float(np.logaddexp(0, -margins).sum() + penalty), gradient

    options = {"maxiter": 5000, "maxfun": 10_000, "ftol": 1e-15, "gtol": 1e-5}
    values = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", options=options).x
    kept = {name: round(100 * value) for name, value in zip(names, values, strict=False) if abs(value) >= _LEAST_WEIGHT}
    return WordWeights(round(100 * values[-1]), kept, hash_of(answers))


def precision_recall(verdicts: Sequence[bool], labels: Sequence[bool]) -> str:
    """Precision and recall with the counts that they are made of."""
    hits = sum(verdict and label for verdict, label in zip(verdicts, labels, strict=True))
    return (
        f"precision {hits / sum(verdicts):.3f} ({hits}/{sum(verdicts)}), "
        f"recall {hits / sum(labels):.3f} ({hits}/{sum(labels)})"
    )


def read_by(weights: WordWeights, answers: Sequence[Answer]) -> list[bool]:
    """Whether answers abstain by the rules and these weights."""
    return [weights.abstains(read_answer(text), ruled=declines_by_rules(text)) for text, _, _ in answers]


def main() -> None:
    """Write the weights anew, or print how sets are read by weights of the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="print figures instead of writing weights")
    answers = labelled()
    known = [answer for answer in answers if answer[2] not in SEALED]
    if not parser.parse_args().held_out:
        WEIGHTS.write_text(fitted(known).as_text(), encoding="utf-8", newline="\n")
        return
    before: list[bool] = []
    after: list[bool] = []
    labels: list[bool] = []
    for name in (*SEALED, *STRANGERS):
        held_out = [answer for answer in answers if answer[2] == name]
        truth = [abstains for _, abstains, _ in held_out]
        rules = [declines_by_rules(text) for text, _, _ in held_out]
        if name in SEALED:
            both = [declines(text) for text, _, _ in held_out]
        else:
            texts = {text for text, _, _ in held_out}
            both = read_by(fitted([answer for answer in known if answer[0] not in texts]), held_out)
            before, after, labels = [*before, *rules], [*after, *both], [*labels, *truth]
        print(f"{name}: rules {precision_recall(rules, truth)}; both {precision_recall(both, truth)}")
    print(f"all but the sealed: rules {precision_recall(before, labels)}; both {precision_recall(after, labels)}")


if __name__ == "__main__":
    main()
