"""The paragraph on methods: what the runs' folders tell, and the estimators of what is reported alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from calibration import Pairs
from tests.conftest import KEPT
from tests.veracal.command_line import refusal, run
from veracal import cite

LETTERS, AFTER = KEPT / "letters", KEPT / "letters-after"


def paragraph(*runs: Path | Pairs, measures: list[str] | None = None, all_pairs: bool = False) -> str:
    (text,) = cite(list(runs), measures=measures, all_pairs=all_pairs).to_dict()["paragraphs"]
    return str(text)


def test_one_run_is_told_with_prompt_letters_and_versions() -> None:
    text = paragraph(LETTERS, measures=["accuracy"])
    assert text == (
        "base answered 24 multiple-choice items of 6 subjects (hash of the items: 98af98846d34d48a). Each item was put "
        "to base as plain text to be completed, without few-shot examples. The probability of an option is that of its "
        "letter with a blank in front (“ A”) as the next token, for base. Accuracy has Wilson's score interval "
        "[wilson1927]. Intervals hold at 95 %. Runs were made with veracal 0.1.0, torch 2.13.0+cpu and transformers "
        "5.23.0."
    )


def test_sources_are_those_of_the_reported_measures_alone() -> None:
    assert cite(LETTERS, measures=["accuracy"]).keys == ("wilson1927",)
    assert "guo2017" in cite(LETTERS, measures=["ece_top"]).keys
    assert "wilson1927" not in cite(LETTERS, measures=["ece_top"]).keys


def test_two_runs_share_what_they_share() -> None:
    text = paragraph(LETTERS, AFTER, measures=["accuracy"])
    assert text.startswith("base and rl answered 24 multiple-choice items")
    assert "Each item was put to rl in the model's chat template" in text
    assert "Tango's score interval, whose test is McNemar's [mcnemar1947, miller2024, tango1998]" in text
    assert "new subjects" not in text  # six are fewer than the ten that such an interval needs


def test_letters_of_runs_are_told_where_all_pairs_were_compared() -> None:
    runs = [Pairs.from_arrays([0.9, 0.8, 0.7], [1, 1, 0], model=name) for name in "abc"]
    assert "[holm1979, piepho2004]" in paragraph(*runs, measures=["accuracy"], all_pairs=True)
    text = paragraph(*runs, measures=["accuracy"])
    assert "[benjamini1995]" in text
    assert "Holm" not in text


def test_rotations_are_told() -> None:
    assert "in every rotation of its options" in paragraph(KEPT / "letters-rotated", measures=["accuracy"])


def test_an_imported_run_names_its_log_and_no_version_of_torch() -> None:
    text = paragraph(KEPT / "imported", measures=["accuracy"])
    assert text.startswith("What imported answered to 20 multiple-choice items of 2 subjects was read from letters.csv")
    assert "Runs were made with veracal 0.1.0." in text


def test_graded_answers_are_told_with_grader_and_decoding() -> None:
    text = str(cite(KEPT / "graded", grader="match", measures=["accuracy"]))
    assert "rl gave 24 answers to 24 open questions" in text
    assert "decoded greedily, at most 8 tokens each" in text
    assert "graded by match: normalised comparison with reference answers [rajpurkar2016, wei2024]" in text


def test_scores_by_likelihood_are_told() -> None:
    text = paragraph(KEPT / "truthfulqa")
    assert "scored by their likelihood under base (MC1 and MC2) [evans2025, lin2022truthfulqa]" in text
    assert "MC2 Student's t" in text


def test_runs_of_several_kinds_have_a_paragraph_each() -> None:
    made = cite([LETTERS, KEPT / "truthfulqa"], measures=["accuracy"])
    assert len(made.to_dict()["paragraphs"]) == 2


def test_pairs_have_a_score_of_confidence_and_clusters() -> None:
    pairs = Pairs.from_arrays(
        [0.6, 0.7, 0.8, 0.9] * 30, [0, 1, 1, 1] * 30, cluster=[str(index // 4) for index in range(120)]
    )
    text = paragraph(pairs)
    assert "The Brier score is that of confidence" in text
    assert "clusters are drawn whole" in text
    assert "not seen" not in text  # 30 wrong answers are enough


def test_names_are_no_commands_of_latex_and_no_places_to_fill() -> None:
    named = Pairs.from_arrays([0.9, 0.8, 0.7], [1, 1, 0], model=r"a_b {0} 100% \x")
    text = cite(named, measures=["accuracy"]).to_latex()
    assert r"a\_b \{0\} 100\% \textbackslash{}x answered 3 items." in text
    assert r"~\cite{wilson1927}." in text
    assert text.startswith("\\begin{filecontents*}[overwrite]{veracal.bib}\n@article{wilson1927,")


def test_markdown_is_that_of_pandoc() -> None:
    text = cite(LETTERS, measures=["nll"]).to_markdown()
    assert "The log loss is in nats [@good1952; @hall1983; @johnson1978]." in text
    assert text.endswith("}\n```")


def test_unknown_measures_and_no_run_are_refused() -> None:
    with pytest.raises(ValueError, match="got 'ece_tpo'"):
        cite(LETTERS, measures=["ece_tpo"])
    with pytest.raises(ValueError, match="at least one run"):
        cite([])
    with pytest.raises(TypeError, match="got int"):
        cite([3])  # type: ignore[list-item]


def test_the_command_prints_and_writes_the_entries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bib = tmp_path / "methods.bib"
    assert run("cite", LETTERS, "--measures", "accuracy", "--format", "latex", "--bib", bib) == 0
    out = capsys.readouterr().out
    assert out.startswith("base answered 24")
    assert "filecontents" not in out
    assert bib.read_text(encoding="utf-8").startswith("@article{wilson1927,")
    assert run("cite", LETTERS, "--measures", "accuracy", "--json") == 0
    assert '"wilson1927": "@article' in capsys.readouterr().out


def test_a_run_that_was_not_graded_is_refused_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert "veracal grade" in refusal(capsys, "cite", KEPT / "answers")[1]


def test_a_notebook_shows_paragraphs_and_entries_as_text() -> None:
    run = Pairs.from_arrays([0.9, 0.8, 0.7], [1, 1, 0], model="<b>mine")
    shown = cite(run, measures=["accuracy"])._repr_html_()
    assert "<p>&lt;b&gt;mine answered 3 items." in shown
    assert "<pre>@article{wilson1927," in shown
