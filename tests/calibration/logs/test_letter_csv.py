"""Recorded letters: what a CSV must hold, and what it becomes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from calibration import Predictions, ece, import_log, read_run
from calibration.runs.folder import Run
from tests.conftest import ROOT

HEADER = "subject,index,logit_A,logit_B,logit_C,logit_D,answer\n"


def log(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_logits_become_log_softmax_over_the_letters(tmp_path: Path) -> None:
    run = import_log(log(tmp_path, HEADER + "law,3,1,2,3,4,C\n"), out=tmp_path / "run")
    expected = np.array([1, 2, 3, 4]) - np.log(np.exp([1, 2, 3, 4]).sum())
    np.testing.assert_allclose(run.logprobs[0], expected, rtol=1e-6)
    assert (run.item[0], run.subject[0], run.answer[0], run.model) == ("law/3", "law", 2, "log")
    assert run.frame["letter_mass"][0] is None
    again = read_run(tmp_path / "run")
    assert again.frame.equals(run.frame)
    manifest = Run(tmp_path / "run").manifest
    assert (manifest["state"], manifest["n_items"], manifest["n_done"]) == ("complete", 1, 1)


def test_ids_come_from_subject_and_index_else_id_else_the_row(tmp_path: Path) -> None:
    assert import_log(log(tmp_path, "id,logit_A,logit_B,answer\nq7,0,1,B\n")).item.tolist() == ["q7"]
    assert import_log(log(tmp_path, "logit_A,logit_B,answer\n0,2,1\n2,0,0\n")).item.tolist() == ["0", "1"]


def test_items_may_have_fewer_options_than_others(tmp_path: Path) -> None:
    run = import_log(log(tmp_path, "logit_A,logit_B,logit_C,answer\n0,1,,B\n0,1,2,C\n"))
    assert run.n_options.tolist() == [2, 3]
    np.testing.assert_allclose(run.probabilities.sum(axis=1), 1)
    assert len(run.choice_confidence) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "law,0,1,2,3,4,E\n", r"log\.csv, line 2: the answer must be a letter from A to D, got 'E'"),
        (HEADER + "law,0,1,nan,3,4,A\n", r"line 2: logit_B must be a finite number, .* got 'nan'"),
        (HEADER + "law,0,1,inf,3,4,A\n", r"line 2: logit_B must be a finite number, .* got 'inf'"),
        (HEADER + "law,0,1,two,3,4,A\n", r"line 2: logit_B must be a number, got 'two'"),
        (HEADER + "law,0,1,1e300,3,4,A\n", r"line 2: logit_B must be a finite number, .* got '1e300'"),
        (HEADER + "law,0,1,1_0,3,4,A\n", r"line 2: logit_B must be a number in plain digits, got '1_0'"),
        (HEADER + "law,0,1,,3,4,A\n", r"line 2: .* only the last ones may be empty"),
        (
            "id,Model,logit_A,logit_B,answer\na,x,1,2,A\nb,y,1,2,A\n",
            r"log\.csv: the rows must be of one model, got 'x' \(line 2\) and 'y' \(line 3\); import each from a file",
        ),
        ("id,logprob_A,logprob_B,answer\na,-9999,-1e4,A\n", r"line 2.*a log-probability|a log-probability.*line 2"),
        (HEADER + "law,0,1,2,3,4,A\nlaw,0,1,2,3,4,A\n", r"line 3: ids must be unique: law/0 is at line 2 too"),
        (HEADER + ",0,1,2,3,4,A\n", r"line 2: the subject is empty"),
        (HEADER + "law,x,1,2,3,4,A\n", r"line 2: index must be a row number from 0, got 'x'"),
        (HEADER + "law,0,1,2,3,A\n", r"line 2: every row must have the 7 columns of the header"),
        (HEADER, r"log\.csv: the file holds no rows under its header"),
        ("", r"log\.csv: the file is empty"),
        (
            "logit_A,logit_C,answer\n1,2,A\n",
            r"line 1: columns of letters must run from A without a gap, B is missing before 'logit_C'",
        ),
        ("question,A,B,C,answer\nQ,1,2,3,A\n", r"log\.csv: the columns must hold letters .* got 'question', 'A"),
        ("logit_A,logit_B,key\n1,2,A\n", r"line 1: there must be a field 'answer' .* the file has 'logit_A', 'logit_B"),
    ],
)
def test_a_bad_log_is_refused_by_line_and_leaves_nothing(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        import_log(log(tmp_path, text), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_other_refusals(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        import_log(tmp_path / "none.csv")
    with pytest.raises(ValueError, match=r"the format must be one of auto, csv, .*got 'xml'"):
        import_log(log(tmp_path, HEADER), format="xml")
    good = log(tmp_path, HEADER + "law,0,1,2,3,4,A\n")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").touch()
    with pytest.raises(ValueError, match="must be a new or empty folder, or a run to continue; it holds other files"):
        import_log(good, out=tmp_path / "full")


def test_importing_twice_into_one_folder_changes_nothing(tmp_path: Path) -> None:
    good = log(tmp_path, HEADER + "law,0,1,2,3,4,A\n")
    first = import_log(good, out=tmp_path / "run")
    import_log(good, out=tmp_path / "run")
    assert read_run(tmp_path / "run").frame.equals(first.frame)
    log(tmp_path, HEADER + "law,0,1,2,3,9,A\n")
    with pytest.raises(ValueError, match="holds a run made with other settings"):
        import_log(good, out=tmp_path / "run")


@pytest.mark.parametrize(
    ("text", "probabilities", "mass"),
    [
        ("prob_A,prob_B,prob_C,answer\n.7,.3,,A\n.2,.5,.3,B\n", [[0.7, 0.3, 0], [0.2, 0.5, 0.3]], [None, None]),
        ("P_a;P_b;Answer\n0,7;0,3;A\n1;0;B\n", [[0.7, 0.3], [1, 0]], [None, None]),
        ("logprob_A,logprob_B,answer\n-0.5,-2,A\n-1,-2,B\n", [[0.817574, 0.182426], [0.731059, 0.268941]],
         [0.741866, 0.503215]),
        ("Logit A;LOGIT_B;gold\n1,5;-0,5;A\n2;0,25;B\n", [[0.880797, 0.119203], [0.851953, 0.148047]], [None, None]),
    ],
)  # fmt: skip
def test_each_kind_of_scores(
    text: str, probabilities: list[list[float]], mass: list[float | None], tmp_path: Path
) -> None:
    run = import_log(log(tmp_path, text), out=tmp_path / "run")
    np.testing.assert_allclose(run.probabilities, probabilities, atol=1e-6)
    assert run.frame["letter_mass"].to_list() == pytest.approx(mass, abs=1e-6)
    assert run.answer.tolist() == [0, 1]
    assert read_run(tmp_path / "run").frame.equals(run.frame)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "logit_A,logit_B,answer\n.7,.3,A\n.2,.8,B\n",
            r"log\.csv: these are probabilities, not logits: 2 of 2 rows .*li",
        ),
        ("prob_A,prob_B,answer\n.7,.3,A\n.2,.7,B\n", r"log\.csv: probabilities must sum to 1 .*, line 3 has 0\.9$"),
        (
            "prob_A,prob_B,answer\n70,30,A\n",
            r"log\.csv: probabilities must be in \[0, 1\], line 2 has \[70\.0, 30\.0\]",
        ),
        ("logprob_A,logprob_B,answer\n-1,-2,A\n-.35,-.36,B\n", r"not sum to more than 1\.006 .*, line 3 has 1\.40236$"),
        (
            "logprob_A,logprob_B,answer\n.7,-9,A\n",
            r"log-probabilities must not be positive, line 2 has \[0\.7, -9\.0\]",
        ),
        (
            "logit_A,logit_B,prob_A,prob_B,answer\n1,2,.7,.3,A\n",
            r"must have either logit_A, .* or prob_A, … or logprob_",
        ),
        ("logit_A;logit_B;answer\n1,5;2;A\n1.5;2;B\n", r"log\.csv, line 2: logit_A must be a number, got '1,5'"),
        (
            "logit_A,logit_B,answer\n5,3,1\n2,7,2\n",
            r"log\.csv: the answers are digits and never 0, .* --answers from-one\|from-zero \(",
        ),
        (
            "logit_A,logit_B,answer\n5,3,A\n2,7,0\n",
            r"got letters and digits: 'A' \(line 2\) and '0' \(line 3\); say what",
        ),
    ],
)
def test_scores_and_answers_of_another_kind_are_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        import_log(log(tmp_path, text), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_digits_count_may_be_told(tmp_path: Path) -> None:
    path = log(tmp_path, "logit_A,logit_B,answer\n5,3,1\n2,7,2\n")
    assert import_log(path, answers="from-one", out=tmp_path / "run").answer.tolist() == [0, 1]
    with pytest.raises(ValueError, match="holds a run made with other settings"):
        import_log(log(tmp_path, "logit_A,logit_B,answer\n5,3,A\n2,7,B\n"), out=tmp_path / "run")
    with pytest.raises(ValueError, match="answers must be letters, from-zero or from-one: a log holds no texts"):
        import_log(path, answers="text")


def test_a_copy_with_other_line_ends_holds_the_same_letters(tmp_path: Path) -> None:
    path = log(tmp_path, HEADER + "law,0,1,2,3,4,A\n")
    first = import_log(path)
    for end in (b"\r\n", b"\r"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", end))
        assert import_log(path).frame.equals(first.frame)


def test_an_import_of_an_earlier_version_is_the_same_run(tmp_path: Path) -> None:
    kept = ROOT / "tests" / "kept_runs"
    shutil.copytree(kept / "imported", tmp_path / "run")
    run = import_log(kept / "letters.csv", out=tmp_path / "run", model="imported")
    assert run.frame.equals(read_run(kept / "imported").frame)


def reference(run: Predictions) -> list[float]:
    return [run.accuracy, ece(run.confidence, run.correct), ece(run.choice_confidence, run.choice_correct)]


@pytest.mark.real
def test_the_recorded_pair_gives_the_reference_values(data: Path) -> None:
    before = import_log(data / "recorded" / "llama-3.1-8b.csv")
    after = import_log(data / "recorded" / "llama-3.1-8b-instruct.csv")
    np.testing.assert_allclose(reference(before), [0.6033, 0.0417, 0.0163], atol=5e-5)
    np.testing.assert_allclose(reference(after), [0.5936, 0.1185, 0.0702], atol=5e-5)


def test_other_columns_stay_with_the_items(tmp_path: Path) -> None:
    text = "id,language,Revision,,logit_A,logit_B,answer\na,de,x,0,0,1,B\nb,,x,1,2,0,A\n"
    run = import_log(log(tmp_path, text), out=tmp_path / "run")
    assert run.frame["language"].to_list() == ["de", None]
    assert run.frame.columns[-2:] == ["prompt", "language"]
    assert read_run(tmp_path / "run").frame.equals(run.frame)


def test_probabilities_may_be_in_per_cent(tmp_path: Path) -> None:
    run = import_log(log(tmp_path, "prob_A,prob_B,answer\n70,30,A\n12.5,87.5,B\n"), scale=100)
    np.testing.assert_allclose(run.probabilities, [[0.7, 0.3], [0.125, 0.875]], atol=1e-7)
    with pytest.raises(ValueError, match=r"log\.csv: the values are at most 0\.7, which are no parts of 100"):
        import_log(log(tmp_path, "prob_A,prob_B,answer\n.7,.3,A\n"), scale=100)
    with pytest.raises(ValueError, match=r"log\.csv: scale \(--scale\) divides probabilities, got logits"):
        import_log(log(tmp_path, "logit_A,logit_B,answer\n7,3,A\n"), scale=100)


def test_verdicts_beside_the_letters_must_be_theirs(tmp_path: Path) -> None:
    run = import_log(log(tmp_path, "prob_A,prob_B,answer,correct\n.7,.3,A,1\n.2,.8,A,0\n"))
    assert run.frame["correct"].to_list() == ["1", "0"]
    with pytest.raises(
        ValueError, match=r"log\.csv, line 3: 'correct' says 'yes', but option B is the likeliest and A"
    ):
        import_log(log(tmp_path, "prob_A,prob_B,answer,correct\n.7,.3,A,yes\n.2,.8,A,yes\n"))


def test_columns_of_texts_say_what_digits_count(tmp_path: Path) -> None:
    header = "prob_A,prob_B,option_1,option_2,answer\n"
    assert import_log(log(tmp_path, header + ".7,.3,x,y,1\n.2,.8,x,y,2\n")).answer.tolist() == [0, 1]
    with pytest.raises(ValueError, match=r"log\.csv, line 3: the options are numbered 1, 2, and the answer '0' names"):
        import_log(log(tmp_path, header + ".7,.3,x,y,1\n.2,.8,x,y,0\n"))


def test_commas_that_may_stand_between_thousands_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"log\.csv, line 2: logit_A may have decimal commas or commas between .*'1,500'"
    ):
        import_log(log(tmp_path, "logit_A;logit_B;answer\n1,500;2;A\n"))
    assert import_log(log(tmp_path, "logit_A;logit_B;answer\n1,500;0,250;A\n")).accuracy == 1
