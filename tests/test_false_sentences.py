"""The benchmark of false sentences: what it calls false, and pages of runs without a change."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.false_sentences import truths
from benchmarks.false_sentences.__main__ import DOCS, main
from benchmarks.false_sentences.claims import false_claims
from benchmarks.false_sentences.pages import results_of, sentences_of
from benchmarks.false_sentences.record import read_record
from benchmarks.false_sentences.scenes import Scene, scenes
from benchmarks.false_sentences.table import table
from benchmarks.false_sentences.truths import Truth

_KINDS = {
    "a calibrated model twice, ten subjects", "a calibrated model twice, at equal accuracy", "stated confidences twice",
    "a calibrated run alone, ten subjects", "answers of equal rates", "answers by likelihood, equal scores",
    "a calibrated model three times", "stated confidences three times",
}  # fmt: skip
_VALUES = {"accuracy": 0.7, "signed_gap": 0.0, "ece_choices": 0.0, "ece_top": 0.0, "auroc": 0.8, "correct": 0.5}
STILL = Truth(before=_VALUES, after=_VALUES)
SURER = Truth(before=_VALUES, after=_VALUES | {"signed_gap": 0.1, "ece_choices": 0.1, "ece_top": 0.1})


@pytest.fixture(autouse=True)
def small_populations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.coverage.truths.ITEMS", 20_000)
    monkeypatch.setattr(truths, "_ITEMS", 20_000)


@pytest.mark.parametrize(
    ("sentence", "still", "surer"),
    [
        ("Post-training raised accuracy (0.700 → 0.720) and made the model over-confident: ECE", True, True),
        ("Post-training left accuracy within 0.03 of what it was and made the model over-confident: ECE", True, False),
        ("left accuracy within 0.03 of what it was and made the model more over-confident", True, False),
        ("is not shown to have changed calibration, the model over-confident", True, False),
        ("left the ECE within 0.03 of what it was, its confidence within 0.03 of its accuracy on average", False, True),
        ("made the probabilities less reliable, neither over- nor under-confidence shown", True, False),
        ("turned under-confidence into over-confidence", True, True),
        ("Confidence separates right from wrong answers less well than before (AUROC", True, True),
        ("Confidence separates right from wrong answers as well as before to within 0.03 (AUROC", False, False),
        ("one is right in 0.7 of 200 answers; its confidence is above that on average (+0.1) and is not calibrated: "
         "it has an ECE of 0.1", True, False),
        ("From one to two, accuracy stayed within 0.03 of what it was (+0.010 [-0.010, +0.020]); the ECE rose (+0.1 "
         "[+0.05, +0.15])", True, False),
        ("On equally hard items, the signed gap rose (+0.1 [+0.05, +0.15]); no change of the ECE (top) is shown (+0.01 "
         "[-0.05, +0.06]; about 1,200 such items would do).", True, False),
        ("Over the same candidates, the ECE (choices) stayed within 0.03 of what it was (+0.01, between -0.01 and "
         "+0.028, each end alone).", False, True),
        ("Compared with one, accuracy is the same to within 0.03 in two and three; the ECE over choices is higher in "
         "two and not shown to differ in three.", True, False),
        ("Compared with one, accuracy is not shown to differ in two; confidence − accuracy is the same to within 0.03 "
         "in all 5 other runs.", False, True),
        ("Confidences: Compared with one, accuracy is lower in two.", True, True),
        ("On all questions right answers fell (0.50 → 0.40, change -0.10 [-0.18, -0.02]).", True, True),
        ("The gap rose in 2 of 10 subjects and fell in 0, at q < 0.05.", True, False),
        ("Worst of 10 by accuracy: law, 0.500 [0.400, 0.600], the choice allowed for", True, True),
        ("the top ECE is within its noise floor (0.1): by that alone 20 items cannot tell this model from a perfectly "
         "calibrated one", False, False),
    ],
)  # fmt: skip
def test_what_is_false_of_a_population(sentence: str, still: bool, surer: bool) -> None:
    assert bool(false_claims([sentence], STILL, None)) == still
    assert bool(false_claims([sentence], SURER, None)) == surer


def test_a_direction_that_no_rule_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no rule knows what this claims: accuracy improved"):
        false_claims(["accuracy improved"], STILL, None)


@pytest.mark.parametrize("scene", [scene for scene in scenes() if scene.name in _KINDS], ids=lambda scene: scene.name)
def test_every_sentence_of_a_page_is_known(scene: Scene) -> None:
    """Pages of 60 seeded items, a kind of page each, on which nothing is false."""
    results = results_of(scene.runs(60, np.random.default_rng(1)), scene.groups, equal_accuracy=scene.equal_accuracy)
    assert false_claims(sentences_of(results), scene.truth(), None) == []


def test_counts_go_on_and_stand_in_the_document(tmp_path: Path) -> None:
    document = tmp_path / "statistics.md"
    document.write_text("before\n<!-- python -m benchmarks.false_sentences -->\n<!-- end -->\nafter\n")
    options = [
        "--record",
        str(tmp_path / "record.json"),
        "--out",
        str(document),
        "--largest",
        "20",
        "--only",
        "answers",
    ]
    main(["--times", "1", *options])
    main(["--times", "1", *options])
    record = read_record(tmp_path / "record.json")
    assert {count.pages for counts in record.values() for count in counts.values()} == {1}
    written = document.read_text()
    assert "| answers of equal rates | 0 of 1 |" in written
    assert written.endswith("after\n")


def test_the_table_of_the_docs_is_that_of_the_record() -> None:
    record = read_record(DOCS / "false_sentences.json")
    assert table(record, list(scenes())) in (DOCS / "statistics.md").read_text(encoding="utf-8")
