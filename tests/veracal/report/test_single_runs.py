"""Pages of one run of every kind, and of runs in memory by groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import veracal as vc
from tests.pages import Page, unpacked

N = 240
RNG = np.random.default_rng(0)
LANGUAGE = np.repeat(["de", "fr", "sw"], N // 3)
SUBJECT = np.tile(["high_school_law", "art"], N // 2)
ODDS = RNG.normal(size=N) * 1.5


def letters(sharp: float = 1.0, model: str = "base") -> vc.Predictions:
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(N, 4)) * 1.5
    answer = (scores + rng.gumbel(size=(N, 4))).argmax(axis=1)
    run = vc.Predictions.from_arrays(logits=scores * sharp, answer=answer, subject=SUBJECT.tolist(), model=model)
    return vc.Predictions(run.frame.with_columns(language=pl.Series(LANGUAGE)))


def pairs(sharp: float = 1.0, model: str = "base") -> vc.Pairs:
    table = {"confidence": 1 / (1 + np.exp(-ODDS * sharp)), "correct": (RNG.logistic(size=N) < ODDS).astype(int)}
    return vc.Pairs.from_frame(table | {"category": SUBJECT, "language": LANGUAGE}, model=model)


def verdicts(model: str = "base") -> vc.Verdicts:
    table = {"correct": (RNG.logistic(size=N) < ODDS).astype(int), "category": SUBJECT, "language": LANGUAGE}
    return vc.Verdicts.from_frame(table, model=model)


def judgments(model: str = "base") -> vc.Judgments:
    table: dict[str, Any] = {"question": [f"What is {row}?" for row in range(N)], "answer": ["  That. "] * N}
    table |= {"verdict": np.where(RNG.logistic(size=N) < ODDS, "correct", "wrong"), "confidence": RNG.random(N)}
    return vc.Judgments.from_frame(table | {"category": SUBJECT, "language": LANGUAGE}, model=model)


def scores(variant: str = "mc1", model: str = "base") -> vc.MultipleChoice:
    rows: dict[str, Any] = {"model": model, "question": [str(row) for row in range(40)], "text": "?", "category": "law"}
    rows |= {"adversarial": True, "primer": "none", "variant": variant, "score": [1.0, 0.0] * 20}
    return vc.MultipleChoice(pl.DataFrame(rows))


def page_of(folder: Path, *runs: Any, **options: Any) -> Page:
    vc.write_report(runs, folder / "page.html", **options)
    return Page(folder / "page.html")


def test_one_run_of_letters_has_diagrams_measures_groups_and_items(tmp_path: Path) -> None:
    run = letters()
    page = page_of(tmp_path, run, groups=["language"], recalibrate=["temperature"])
    for name in (
        "choices-reliability-choices",
        "choices-reliability-top",
        "choices-risk-coverage",
        "letters",
        "choices-groups-subject-signed_gap",
        "choices-groups-language-ece_top",
        "recalibration",
        "items-browser",
    ):
        assert name in page.ids, name
    assert len(page.ids) == len(set(page.ids))
    summary = vc.summarize(run)
    assert f"<td>{summary['ece_choices']}</td>" in page.source
    assert "noise floor of ECE, choices" in page.words
    assert not {"choices_changes.csv", "changes.csv"} & set(page.files)
    assert "Going from" not in page.words
    assert "Before → after" not in page.words
    assert len(unpacked(page.source, "items")["runs"]) == 1
    groups = pl.read_csv(page.files["choices-groups-language-accuracy.csv"])
    expected = vc.by_group(run, "language", "accuracy").frame
    assert groups["value"].to_list() == pytest.approx(expected["value"].to_list())
    assert set(pl.read_csv(page.files["letter_shares.csv"]).columns) == {
        "letter",
        "right",
        "predicted",
        "mean_probability",
    }


@pytest.mark.parametrize(
    ("run", "ids", "words"),
    [
        (pairs(), ("confidences-reliability", "confidences-groups-language-ece_top"), "ECE by language"),
        (
            verdicts(),
            ("verdicts-groups-subject", "verdicts-groups-language-accuracy"),
            "nothing is known of its confidence",
        ),
        (
            judgments(),
            ("factuality", "answers-graded-groups-language-correct", "answer-confidence-groups-language-signed_gap"),
            "Share of right answers by language",
        ),
    ],
    ids=["pairs", "verdicts", "judgments"],
)
def test_one_run_of_any_kind_is_told_by_groups(run: Any, ids: tuple[str, ...], words: str, tmp_path: Path) -> None:
    page = page_of(tmp_path, run, groups=["language"])
    assert set(ids) <= set(page.ids)
    assert words in page.words
    assert "ECE (top)" not in page.words
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [
        (pairs(), pairs(2.0, "other"), "confidences-groups-language-signed_gap"),
        (verdicts(), verdicts("other"), "verdicts-groups-language-accuracy"),
        (judgments(), judgments("other"), "answers-graded-groups-language-correct"),
        (letters(), letters(2.0, "other"), "groups-language-signed_gap"),
    ],
    ids=["pairs", "verdicts", "judgments", "letters"],
)
@pytest.mark.usefixtures("figures_undrawn")
def test_two_runs_of_any_kind_change_by_group(before: Any, after: Any, key: str, tmp_path: Path) -> None:
    page = page_of(tmp_path, before, after, groups=["language"])
    table = pl.read_csv(page.files[f"{key}.csv"])
    assert table["language"].to_list() == ["de", "fr", "sw"]
    assert {"change", "low", "high", "q_value"} <= set(table.columns)
    assert "groups and fell in" in page.words or "is shown in the 3 groups" in page.words


def test_scores_by_likelihood_in_memory(tmp_path: Path) -> None:
    page = page_of(tmp_path, scores("mc2"))
    assert "base gives the true answers 0.500" in page.words
    assert "mc2" in page.ids
    with pytest.raises(ValueError, match="all scores by likelihood must be of one variant, got mc1 and mc2"):
        page_of(tmp_path, scores("mc1"), scores("mc2", "other"))
    with pytest.raises(ValueError, match="and these runs hold none"):
        page_of(tmp_path, scores(), groups=["language"])


@pytest.mark.usefixtures("figures_undrawn")
def test_kinds_in_memory_are_joined_by_the_names_of_their_models(tmp_path: Path) -> None:
    page = page_of(tmp_path, letters(), pairs(), pairs(2.0, "other"), verdicts(), judgments(), scores())
    assert "base → other" in page.words
    assert "confidences_changes.csv" in page.files


def test_a_kind_without_the_column_says_so(tmp_path: Path) -> None:
    bare = vc.Pairs.from_arrays(np.linspace(0.1, 0.9, 40), [0, 1] * 20)
    page = page_of(tmp_path, letters(), bare, groups=["language"], labels=("base", "bare"))
    assert "On Confidences: not shown by language: no column is called 'language'" in page.words
    with pytest.raises(ValueError, match="no column is called 'langage'"):
        page_of(tmp_path, letters(), groups=["langage"])


def test_few_answers_tell_nothing_of_calibration(tmp_path: Path) -> None:
    page = page_of(tmp_path, vc.Pairs.from_arrays(np.linspace(0.1, 0.9, 40), [0, 1] * 20))
    assert "of 40 answers, too few to tell how far its confidence can be trusted" in page.words


@pytest.mark.parametrize(
    ("names", "subject"),
    [
        (("Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B-Instruct"), "Post-training "),
        (("llama-3", "gpt-4"), "Going from llama-3 to gpt-4 "),
    ],
)
@pytest.mark.usefixtures("figures_undrawn")
def test_post_training_is_named_where_names_tell_it(names: tuple[str, str], subject: str, tmp_path: Path) -> None:
    page = page_of(tmp_path, *(letters(sharp, name) for sharp, name in zip((1.0, 3.0), names, strict=True)))
    assert subject in page.words.partition("What the numbers mean")[0]
    assert ("post-training" in page.words.lower()) == (subject == "Post-training ")


def test_abbreviations_are_told_where_they_stand_and_defined(tmp_path: Path) -> None:
    page = page_of(tmp_path, letters())
    before, _, after = page.words.rpartition("How the runs were made")
    for short in ("ECE", "CE²", "AUROC", "AURC", "AUGRC"):
        assert f"{short}: " in before, short
        assert short in after, short


def test_one_confidence_has_no_view_in_notes() -> None:
    few = vc.Pairs.from_arrays([0.9, 0.8, 0.7], [1, 1, 1])
    notes = [*vc.summarize(few).notes, *vc.compare(few, few).notes]
    assert any("CE²" in note or "ECE" in note for note in notes)
    assert not any("(top)" in note for note in notes)
