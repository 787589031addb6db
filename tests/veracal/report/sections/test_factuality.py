"""Factuality in the report: graded answers, multiple choice, and runs that do not fit."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

import factuality
import veracal
from calibration import Item
from calibration.files.atomic import write_parquet
from tests.pages import QUESTIONS, Page, choices, responses, unpacked, write_runs
from veracal.cli import main

pytestmark = pytest.mark.usefixtures("figures_undrawn")  # those of answers are drawn in test_escaping.py


@pytest.fixture
def letters(tmp_path: Path) -> list[Path]:
    items = [Item(f"law/{row}", "law", f"Which? {row}", ("p", "q", "r", "s"), row % 4) for row in range(40)]
    return write_runs(tmp_path / "letters", items)


def test_rates_changes_and_answers(letters: list[Path], tmp_path: Path) -> None:
    runs = [responses(tmp_path / "asked-after", "after", 4), responses(tmp_path / "asked-before", "before", 12)]
    # The kinds may come in any order, and so may the answers: what is before is said by the letters.
    labels = ("tuned", "base", "tuned", "base")
    veracal.write_report([runs[0], *letters, runs[1]], tmp_path / "page.html", labels=labels)
    page = Page(tmp_path / "page.html")
    assert page.ids.index("factuality") < page.ids.index("answers") < page.ids.index("items")
    assert {"factuality-adversarial", "factuality-control", "outcomes"} <= set(page.ids)
    assert "On adversarial questions wrong answers fell (0.75 → 0.25" in page.words
    assert "Free-form answers to 24 adversarial and 8 control questions, graded by match." in page.words
    moved = pl.read_csv(io.BytesIO(page.files["factuality_tempted.csv"]))
    overall = moved.filter(pl.col("category") == "all adversarial").row(0, named=True)
    assert (overall["before"], overall["after"]) == (0.75, 0.25)
    bars = pl.read_csv(io.BytesIO(page.files["factuality_adversarial.csv"]))
    assert bars["run"].unique(maintain_order=True).to_list() == ["base", "tuned"]
    assert bars["category"].unique(maintain_order=True).to_list() == ["all adversarial", "history", "cost in $ and ^_{"]
    data = unpacked(page.source, "answers")
    assert data["id"] == [question.id for question in QUESTIONS]
    assert [run["name"] for run in data["runs"]] == ["base", "tuned"]
    assert data["runs"][0]["grade"][:3] == ["incorrect"] * 3
    assert data["runs"][0]["tempted"][:3] == [1] * 3
    assert data["runs"][1]["grade"][15] == "abstained"


def test_questions_are_controls_only_beside_adversarial_ones(tmp_path: Path) -> None:
    calm = [replace(question, incorrect=()) for question in QUESTIONS if not question.adversarial]
    runs = [responses(tmp_path / name, name, n, questions=calm) for name, n in (("before", 4), ("after", 2))]
    veracal.write_report(runs, tmp_path / "page.html")
    page = Page(tmp_path / "page.html")
    assert f"Free-form answers to {len(calm)} questions, graded by match." in page.words
    assert {"factuality-all", "outcomes"} <= set(page.ids)
    assert "factuality_all.csv" in page.files
    assert "factuality_tempted.csv" not in page.files
    assert "Adversarial and control questions" not in page.words
    assert not [text for text in ("control question", "all control", "ommon misconception") if text in page.words]
    veracal.write_report(runs[:1], tmp_path / "page.html")
    assert f" of {len(calm)} questions correctly" in Page(tmp_path / "page.html").words


def test_answers_to_common_questions_say_what_each_side_lost(tmp_path: Path) -> None:
    before = responses(tmp_path / "before", "before", 12, questions=QUESTIONS[:30])
    after = responses(tmp_path / "after", "after", 4, questions=QUESTIONS[4:])
    with pytest.raises(ValueError, match="items common"):
        veracal.write_report([before, after], tmp_path / "page.html")
    veracal.write_report([before, after], tmp_path / "page.html", items="common")
    page = Page(tmp_path / "page.html")
    assert (
        "On the changes: compared on the 26 questions that both hold; left out are 4 that only the first holds and 2 "
        "that only the second holds." in page.words
    )
    assert "over all 32 questions, whatever the missing answers were, the change is bounded: correct by " in page.words
    assert "the run is not finished" not in page.words
    assert "What changed between two runs on 26 open questions." in page.words
    assert "Free-form answers to 19 adversarial and 7 control questions" in page.words
    assert unpacked(page.source, "answers")["id"] == [question.id for question in QUESTIONS[4:30]]
    moved = pl.read_csv(io.BytesIO(page.files["factuality_correct.csv"]))
    assert moved.filter(pl.col("category") == "all adversarial")["n"].to_list() == [19]


def test_choices_of_common_questions_say_what_each_side_lost(tmp_path: Path) -> None:
    before = choices(tmp_path / "before", "before", "none", 8, questions=QUESTIONS[:30])
    after = choices(tmp_path / "after", "after", "none", 8, questions=QUESTIONS[4:])
    veracal.write_report([before, after], tmp_path / "page.html", items="common")
    page = Page(tmp_path / "page.html")
    assert "On the changes: compared on the 26 questions that both hold; left out are 4 that only the" in page.words
    assert "the run is not finished" not in page.words
    scores = pl.read_csv(io.BytesIO(page.files["multiple_choice.csv"]))
    assert scores.select("questions", "mc1").rows() == [(26, 4 / 26), (26, 8 / 26)]  # 4 that the first won are left out
    veracal.write_report([before, after], tmp_path / "all.html")
    page = Page(tmp_path / "all.html")
    assert "compared on the" not in page.words
    assert pl.read_csv(io.BytesIO(page.files["multiple_choice.csv"]))["questions"].to_list() == [30, 28]


def test_one_run_has_rates_but_no_change(letters: list[Path], tmp_path: Path) -> None:
    veracal.write_report([*letters, responses(tmp_path / "asked", "before", 12)], tmp_path / "page.html")
    page = Page(tmp_path / "page.html")
    assert "On adversarial questions" not in page.words
    assert "factuality-adversarial" in page.ids
    assert len(unpacked(page.source, "answers")["runs"]) == 1


def test_a_page_of_answers_alone(tmp_path: Path) -> None:
    runs = [responses(tmp_path / f"asked-{name}", name, wrong) for name, wrong in (("base", 12), ("rl", 4))]
    veracal.write_report(runs[:1], tmp_path / "one.html")
    page = Page(tmp_path / "one.html")
    assert "Answers to 32 open questions." in page.words
    assert (
        "base answers 0.17 [0.07, 0.36] of 24 adversarial questions correctly, states something false in 0.75 "
        "[0.55, 0.88], and withholds an answer in 0.08 [0.02, 0.26]." in page.words
    )
    assert {"factuality", "answers", "runs"} <= set(page.ids)
    assert not {"reliability", "items", "letters"} & set(page.ids)
    veracal.write_report(runs, tmp_path / "two.html")
    page = Page(tmp_path / "two.html")
    assert "What changed between two runs on 32 open questions." in page.words
    assert "On adversarial questions wrong answers fell" in page.words


def test_a_page_of_multiple_choice_alone(tmp_path: Path) -> None:
    veracal.write_report([choices(tmp_path / "scored", "base", "none", 8)], tmp_path / "page.html", labels=("tiny",))
    words = Page(tmp_path / "page.html").words
    assert "tiny finds the best answer likelier than every false one in 0.25" in words


def test_the_binary_form_is_shown_and_compared_where_every_question_has_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [replace(question, best_incorrect=question.incorrect[0]) for question in QUESTIONS]
    runs = [choices(tmp_path / name, name, "none", won, questions=named) for name, won in (("base", 8), ("rl", 16))]
    veracal.write_report(runs, tmp_path / "page.html")
    scores = pl.read_csv(io.BytesIO(Page(tmp_path / "page.html").files["multiple_choice.csv"]))
    assert scores["binary"].to_list() == [0.25, 0.5]
    with pytest.raises(SystemExit):
        main(["compare", *map(str, runs), "--json"])
    change = json.loads(capsys.readouterr().out)["change"]
    assert list(change) == ["mc1", "mc2", "binary"]
    assert change["binary"][-1]["change"] == 0.25


def test_of_several_graders_one_must_be_named(tmp_path: Path) -> None:
    run = responses(tmp_path / "asked", "base", 12)
    other = factuality.read_judgments(run).frame.with_columns(grader=pl.lit("model:a/b"))
    write_parquet(other, run / "judgments" / "model%3Aa%2Fb.parquet")
    with pytest.raises(ValueError, match=r"judged by match, model:a/b; name one of these graders \(--grader match\)"):
        veracal.write_report([run], tmp_path / "page.html")
    veracal.write_report([run], tmp_path / "page.html", grader="model:a/b")
    assert "graded by model:a/b." in Page(tmp_path / "page.html").words


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (("Base", "SFT", "RL"), ("Base", "SFT", "RL")),
        (("Base", "RL", "Base", "SFT", "RL"), ("Base", "SFT", "RL")),
        (None, ("model-before", "middle", "model-after")),
    ],
)
def test_answers_of_three_models_are_each_compared_with_the_reference(
    labels: tuple[str, ...] | None, names: tuple[str, str, str], letters: list[Path], tmp_path: Path
) -> None:
    asked = (("before", 12), ("middle", 8), ("after", 4))
    runs = [responses(tmp_path / f"asked-{model}", model, wrong) for model, wrong in asked]
    veracal.write_report([*letters, *runs], tmp_path / "page.html", labels=labels)
    page = Page(tmp_path / "page.html")
    before, middle, after = names
    assert f"<title>{before}, {middle}, {after} · veracal</title>" in page.source
    # 12 and 4 of 16 in each of two categories; a fourth of the questions is calm.
    sentence = f"From {before} to {after}: On adversarial questions wrong answers fell (0.75 → 0.25, change"
    assert sentence in page.words
    assert f"Changes are from {before} to each other run, paired by question" in page.words
    assert f'<th scope="col"><bdi>Change, {before} → {after}</bdi></th>' in page.source
    data = unpacked(page.source, "answers")["runs"]
    assert [run["name"] for run in data] == [before, middle, after]
    assert [run["grade"].count("incorrect") for run in data] == [24, 16, 8]
    assert [run["name"] for run in unpacked(page.source, "items")["runs"]] == [before, after]


def test_answers_of_a_model_without_letters_are_compared_with_the_reference(
    letters: list[Path], tmp_path: Path
) -> None:
    runs = [responses(tmp_path / f"asked-{model}", model, wrong) for model, wrong in (("before", 12), ("middle", 8))]
    veracal.write_report([*letters, *runs], tmp_path / "page.html")
    words = Page(tmp_path / "page.html").words
    assert "Changes are from model-before to middle, paired by question" in words
    assert "On adversarial questions" in words


def test_multiple_choice_of_one_model_with_two_primers(letters: list[Path], tmp_path: Path) -> None:
    runs = [
        choices(tmp_path / f"{model}-{primer}", model, primer, won)
        for model, primer, won in (
            ("before", "none", 8), ("after", "none", 16), ("before", "5-shot", 12), ("after", "5-shot", 24),
        )
    ]  # fmt: skip
    veracal.write_report([*letters, *runs], tmp_path / "page.html", labels=("base", "tuned"))
    page = Page(tmp_path / "page.html")
    scores = pl.read_csv(io.BytesIO(page.files["multiple_choice.csv"]))
    assert scores.select("run", "primer", "mc1").rows() == [
        ("base", "none", 0.25), ("base", "5-shot", 0.375), ("tuned", "none", 0.5), ("tuned", "5-shot", 0.75),
    ]  # fmt: skip
    assert "mc1, mc2 and binary" in page.words
    assert "binary" not in scores.columns


def test_answers_that_were_not_graded_are_refused(letters: list[Path], tmp_path: Path) -> None:
    asked = responses(tmp_path / "asked", "base", 12, graded=False)
    with pytest.raises(FileNotFoundError, match="not graded yet; use: veracal grade"):
        veracal.write_report([*letters, asked], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_page_may_not_stand_in_any_of_the_runs(letters: list[Path], tmp_path: Path) -> None:
    asked = responses(tmp_path / "asked", "base", 12)
    with pytest.raises(ValueError, match="the page must be outside the run folders"):
        veracal.write_report([*letters, asked], asked / "page.html")


def test_runs_that_nothing_tells_apart_are_numbered(tmp_path: Path) -> None:
    runs = [responses(tmp_path / place / "asked", "tiny", wrong) for place, wrong in (("a", 12), ("b", 4))]
    veracal.write_report(runs, tmp_path / "page.html", labels=("same", "same"))
    page = Page(tmp_path / "page.html")
    assert [run["name"] for run in unpacked(page.source, "answers")["runs"]] == ["same (asked) 1", "same (asked) 2"]
    assert page.ids.count("factuality-correct-caption") == 1


def test_runs_that_were_interrupted_say_so(letters: list[Path], tmp_path: Path) -> None:
    asked, scored = responses(tmp_path / "asked", "base", 12), choices(tmp_path / "scored", "base", "none", 8)
    for run in (asked, scored):
        manifest = (run / "run.json").read_text(encoding="utf-8").replace('"n_items": 32', '"n_items": 50')
        (run / "run.json").write_text(manifest.replace("complete", "running"), encoding="utf-8")
    veracal.write_report([*letters, asked, scored], tmp_path / "page.html")
    words = Page(tmp_path / "page.html").words
    assert "base: the run is not finished, 32 of 50 answers." in words
    assert "base: the run is not finished, 32 of 50 questions." in words


def test_thoughts_are_folded_and_cut_answers_counted(tmp_path: Path) -> None:
    folder = responses(tmp_path / "asked", "base", 0, graded=False, thoughts="<think>Hm </script><b>")
    with pytest.warns(UserWarning, match="1 of 32 answers was cut off"):
        factuality.grade(folder, grader="match")
    veracal.write_report([folder], tmp_path / "page.html")
    page = Page(tmp_path / "page.html")
    assert "1 of 32 answers was cut off in the model's thoughts or before an answer: it is ungraded" in page.words
    (run,) = unpacked(page.source, "answers")["runs"]
    assert run["thoughts"] == ["<think>Hm </script><b>"] * 32
    assert (run["grade"][0], run["reason"][0]) == ("ungraded", "cut off")
    assert 'element("details"' in page.source
