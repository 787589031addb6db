"""The guide's walks through logs of other tools: their commands run as they are written."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.calibration.logs.decision_logs import test_reading as decisions
from tests.calibration.logs.evals_logs import test_reading as evals
from tests.calibration.logs.every_eval_logs import test_reading as every_eval
from tests.calibration.logs.helm_logs import run_folders as helm
from tests.calibration.logs.inspect_logs.inspect_files import free, header, lettered, sample, write_eval
from tests.calibration.logs.lighteval_logs import test_reading as lighteval
from tests.calibration.logs.lm_eval_logs import samples, test_options
from tests.conftest import ROOT
from tests.workbooks import workbook

from .command_line import run


def commands(title: str) -> list[list[str]]:
    """Arguments of the commands in a section of the guide."""
    section = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8").partition(f"\n### {title}\n")[2]
    (block,) = re.findall(r"```\n(.*?)```", section.partition("\n##")[0], flags=re.DOTALL)
    return [shlex.split(line)[1:] for line in block.splitlines()]


def exit_codes(title: str) -> list[int]:
    """Exit codes of the commands in a section of the guide, run one after another."""
    return [run(*arguments) for arguments in commands(title)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which the commands run."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_walk_through_a_log_of_inspect_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    letters = [sample(number, tokens=lettered({" B": 0.5, " A": 0.2})) for number in range(6)]
    write_eval(folder / "mmlu.eval", letters, header(1.0))
    scores = {"model_graded_fact": {"value": "P"}, "f1": {"value": 0.3}}
    right = {"model_graded_fact": {"value": "C"}, "f1": {"value": 0.9}}
    write_eval(folder / "facts.eval", [free(1, scores=scores), free(2, scores=right)])
    assert exit_codes("An Inspect log") == [0, 0, 0, 0]
    printed = capsys.readouterr().err
    assert "planets: 6 items of openai/gpt-4o (inspect) in runs/mmlu" in printed
    assert "1 of 2 answers has half credit and counts with it" in printed


def test_the_walk_through_a_log_of_evals_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evals.written(folder, evals.asked("A"), evals.matched(correct=True, expected="A")).rename("match.jsonl")
    evals.written(folder, *evals.judged(choice="C", score=None), spec=evals.fact()).rename("judged.jsonl")
    assert exit_codes("A log of OpenAI's evals") == [0, 0, 0]
    printed = capsys.readouterr().err
    assert "1 verdict of gpt-4 (evals) in runs/match" in printed
    assert "1 graded answer of gpt-4 (evals) in runs/judged" in printed


def test_the_walk_through_a_run_of_helm_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tops = {"A": -0.5, "B": -1.5, "C": -2.5}
    for subject in ("law", "art"):
        states = [helm.letter(str(number), "A", tops=tops, right=(number % 2,)) for number in range(4)]
        helm.helm_run(folder / "helm" / "mmlu" / subject, states, name=f"mmlu:subject={subject}")
    states = [helm.request(helm.instance(name), [helm.token("Yes.", -0.5)]) for name in "ab"]
    scores = [helm.scored("a", xst_score=1.0, xst_gpt_score=1.0), helm.scored("b", xst_score=0.5, xst_gpt_score=1.0)]
    helm.helm_run(folder / "helm" / "xstest", states, method="generation", name="xstest:kind=safe", per_instance=scores)
    assert exit_codes("A HELM run") == [0, 0, 0, 0]
    printed = capsys.readouterr().err
    assert "mmlu: 8 items of org/model (helm) in runs/mmlu" in printed
    assert "1 of 2 values of xst_score lie between 0 and 1: incorrect" in printed


def test_the_walk_through_records_of_every_eval_ever_and_out_again_runs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    every_eval.written(folder / "records", [every_eval.record(str(number), number % 2) for number in range(4)])
    assert exit_codes("Records of Every Eval Ever") == [0, 0]
    assert exit_codes("Out again") == [0, 0, 0, 0, 0]
    printed = capsys.readouterr().err
    assert "4 verdicts of org/m (veracal) in runs/from-csv" in printed
    assert "colours: 4 verdicts of org/m (every-eval-ever) in runs/again" in printed


def test_the_walk_through_a_log_of_lm_eval_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results = folder / "results" / "org__model"
    for subject in ("anatomy", "law"):
        doc = {"question": "Why?", "choices": ["x", "y", "z"], "subject": subject}
        samples.write(results, f"mmlu_{subject}", test_options.letters(doc=doc))
    samples.write(results, "sciq", test_options.texts())
    graded = [samples.answer(0, "x", "x", filter="strict-match", exact_match=1.0)]
    samples.write(results, "gsm8k", graded)
    assert exit_codes("An lm-eval log") == [0, 0, 0, 0, 0]
    printed = capsys.readouterr().err
    assert "mmlu: 4 items of org/model (lm-eval) in runs/lm_eval/mmlu" in printed
    assert "the log's acc_norm is 0.5000, that of --normalize chars, which is taken" in printed


def test_the_walk_through_a_log_of_lighteval_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [lighteval.row([" A", " B"], 0, [-1.0, -2.0], acc=1, id=f"{number}") for number in range(4)]
    lighteval.write(folder, rows, layout="structs").rename("details_mmlu.parquet")
    assert exit_codes("A lighteval log") == [0, 0]
    assert "weather: 4 items of details_mmlu (lighteval) in runs/lighteval" in capsys.readouterr().err


def test_the_walk_through_a_data_frame_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    section = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8").partition("\n### A data frame\n")[2]
    (script,) = re.findall(r"```python\n(.*?)```", section.partition("\n##")[0], flags=re.DOTALL)
    exec(script, {})  # noqa: S102 (the guide's own script)
    assert capsys.readouterr().out.splitlines() == ["0.4 1.0"]
    assert Path("letters.parquet").is_file()


def test_the_walk_through_a_spreadsheet_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names, first = ["Question", "Answer", "Verdict", "Score", "Language"], ["Why?", "So.", "Correct", 90, "en"]
    others = [
        ["Who?", "Me.", "wrong", 40, "en"],
        ["Wo?", "Da.", "wrong", 40, "de"],
        ["Wann?", "Nie.", "correct", 40, "de"],
    ]
    workbook(folder / "graded.xlsx", {"Sheet1": [[*names], [*first], *others]})
    (folder / "other.csv").write_text("human,certainty,correct\nright,0.5,7\nwrong,0.75,8\n", encoding="utf-8")
    assert exit_codes("Graded answers in a spreadsheet") == [0, 0, 0, 0]
    printed = capsys.readouterr()
    assert "4 graded answers of graded (table) in runs/graded" in printed.err
    assert "share of right answers by language; q: that the group differs from all other items" in printed.out
    assert "2 confidences of other (table) in runs/other" in printed.err


def test_the_walk_through_a_decision_board_runs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    decisions.written(folder / "results.jsonl", [decisions.result("a")])
    decisions.written(folder / "rows.jsonl", [decisions.row("a")])
    decisions.written(folder / "jevbench.jsonl", [decisions.bench("a", 0.75, correct=True)])
    assert exit_codes("A decision board") == [0, 0]
    printed = capsys.readouterr().err
    assert "Colours: 1 item of m (decision-index) in runs/board" in printed
    assert "jevbench: 1 confidence of m (jevbench) in runs/bench" in printed
