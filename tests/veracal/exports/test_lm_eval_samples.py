"""Samples of lm-eval: equal when they come back, and as the harness reads them."""

from __future__ import annotations

import importlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import veracal as vc
from calibration import Predictions
from calibration.logs.run_folders import write_rows
from calibration.runs.run_kinds import PREDICTIONS
from tests.veracal.command_line import refusal, run
from tests.veracal.exports.runs_of_all_kinds import KEPT_RUNS, ODD, RUNS, further
from veracal.exports.exported_table import exported_table
from veracal.exports.run_contents import read_content

N = len(ODD)
ROWS = [[-1.5, -0.75, -3.0, -2.5][: 2 + row % 3] for row in range(N)]
ROWS[1] = [-0.75, -0.75, -3.0]  # a tie


def written(folder: Path, content: Predictions, texts: pl.DataFrame | None = None) -> None:
    frame = content.frame.with_columns(further(N))
    write_rows(frame, folder, {"model": content.model, "task": "a b", "shots": 5}, kind=PREDICTIONS, texts=texts)


def letters(folder: Path) -> None:
    """Log-probabilities of letters, with a mass."""
    answer = [row % 2 for row in range(N)]
    written(folder, Predictions.from_lists(logprobs=ROWS, answer=answer, item=ODD, subject=ODD[::-1], model="org/m"))


def shares(folder: Path) -> None:
    """Shares of options without texts and mass."""
    written(folder, Predictions.from_lists(ROWS, [row % 2 for row in range(N)], item=ODD, model="m"))


def likelihoods(folder: Path) -> None:
    """Shares of options with texts, some of which look like an index."""
    run = Predictions.from_lists(ROWS, [row % 2 for row in range(N)], item=ODD, model="m")
    options = [[f"{index} {name}" for index, name in enumerate(ODD[: len(row)])] for row in ROWS]
    options[0] = ["1", "0"]
    texts = pl.DataFrame(
        {
            "item": ODD, "subject": [""] * N, "question": ODD, "options": options,
            "answer": [row % 2 for row in range(N)], "content": [""] * N,
        }
    )  # fmt: skip
    written(folder, run, texts)


def exported(folder: Path, make: Callable[[Path], None]) -> tuple[Path, Path]:
    make(folder / "run")
    samples, results = vc.export_run(folder / "run", folder / "out", format="lm-eval").files
    return samples, results


@pytest.mark.parametrize("make", [letters, shares, likelihoods])
def test_predictions_come_back_equal(make: Callable[[Path], None], tmp_path: Path) -> None:
    exported(tmp_path, make)
    (imported,) = vc.import_logs(tmp_path / "out", tmp_path / "again")
    assert imported.log.format == "lm-eval"
    before, after = (read_content(tmp_path / name) for name in ("run", "again"))
    unstored = ["logprobs", "letter_mass", "content"]
    assert after.content.frame.drop(unstored).equals(before.content.frame.drop(unstored))
    assert isinstance(before.content, Predictions)
    assert isinstance(after.content, Predictions)
    assert np.asarray(after.content.probabilities) == pytest.approx(np.asarray(before.content.probabilities), abs=1e-7)
    masses = [side.content.frame["letter_mass"].fill_null(-1).to_list() for side in (before, after)]
    assert masses[1] == pytest.approx(masses[0])
    assert after.content.correct.tolist() == before.content.correct.tolist()


def test_texts_of_options_come_back(tmp_path: Path) -> None:
    exported(tmp_path, likelihoods)
    vc.import_logs(tmp_path / "out", tmp_path / "again")
    before, after = (read_content(tmp_path / name).texts_by_item for name in ("run", "again"))
    for name in ("question", "options"):
        assert [texts[name] for texts in after.values()] == [texts[name] for texts in before.values()]


def own_verdicts(folder: Path) -> None:
    """Answers that graders of this package judged; one grader's verdicts."""
    shutil.copytree(KEPT_RUNS / "graded", folder)
    for name in ("combined", "similarity"):
        (folder / "judgments" / f"{name}.parquet").unlink()


def stated(folder: Path) -> None:
    """The first samples of answers that state a confidence."""
    RUNS["own verdicts"](folder.with_name("all"))
    vc.export_run(folder.with_name("all"), folder.with_name("all.jsonl"))
    lines = folder.with_name("all.jsonl").read_text(encoding="utf-8").splitlines()
    folder.with_name("first.jsonl").write_text("\n".join(lines[::2]), encoding="utf-8")
    vc.import_logs(folder.with_name("first.jsonl"), folder)


@pytest.mark.parametrize("make", [RUNS["graded answers"], RUNS["partial answers"], own_verdicts, stated])
def test_graded_answers_come_back_equal(make: Callable[[Path], None], tmp_path: Path) -> None:
    exported(tmp_path, make)
    vc.import_logs(tmp_path / "out", tmp_path / "again")
    before, after = (read_content(tmp_path / name) for name in ("run", "again"))
    assert exported_table(after).equals(exported_table(before))
    assert after.manifest.get("remarks") == before.manifest.get("remarks")


def test_settings_dates_and_tasks_come_back(tmp_path: Path) -> None:
    run = Predictions.from_lists(ROWS, [row % 2 for row in range(N)], item=ODD, model="org/m")
    settings = {"task": "arc:challenge|25", "date": "2024-05-01T10-11-12.5", "format": "lighteval", "normalize": "none"}
    write_rows(
        run.frame, tmp_path / "run", {"model": "org/m", **settings}, kind=PREDICTIONS,
        notes={"origin": {"harness": "lighteval", "shots": 25}, "remarks": ["20 of 30 items"]},
    )  # fmt: skip
    samples, _ = vc.export_run(tmp_path / "run", tmp_path / "out", format="lm-eval").files
    assert samples.name == "samples_arc-challenge-25_2024-05-01T10-11-12.500000.jsonl"
    (again,) = vc.import_logs(tmp_path / "out", tmp_path / "again")
    assert (again.log.task, again.log.date) == (settings["task"], settings["date"])
    assert again.log.origin == {"harness": "lighteval", "shots": 25}
    assert again.log.remarks == ("20 of 30 items",)
    assert again.log.settings["normalize"] == "none"


def edited(tmp_path: Path, further: object) -> None:
    """Samples whose first record keeps something else."""
    samples, _ = exported(tmp_path, RUNS["graded answers"])
    records = [json.loads(line) for line in samples.read_text(encoding="utf-8").splitlines()]
    records[0]["doc"]["veracal"]["further"] = further
    samples.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")


@pytest.mark.parametrize("further", [{"score": "much"}, {"token_logprobs": 3}])
def test_further_values_of_another_type_are_refused(further: object, tmp_path: Path) -> None:
    edited(tmp_path, further)
    with pytest.raises(ValueError, match=r"jsonl: what an export keeps in doc\['veracal'\] must be as it was written"):
        vc.import_logs(tmp_path / "out", tmp_path / "again")


@pytest.mark.parametrize("further", [{"unknown": [1]}, "text", {}])
def test_further_values_that_are_missing_are_unknown(further: object, tmp_path: Path) -> None:
    edited(tmp_path, further)
    (again,) = vc.import_logs(tmp_path / "out", tmp_path / "again")
    assert again.n_items == N


def test_a_sample_is_as_the_harness_writes_it(tmp_path: Path) -> None:
    samples, results = exported(tmp_path, letters)
    assert samples.parent == results.parent == tmp_path / "out" / "org__m"
    first = json.loads(samples.read_text(encoding="utf-8").splitlines()[0])
    assert list(first) == [
        "doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics", "doc_hash",
        "prompt_hash", "target_hash", "acc", "brier_score",
    ]  # fmt: skip
    assert first["arguments"] == {
        "gen_args_0": {"arg_0": "", "arg_1": " A"},
        "gen_args_1": {"arg_0": "", "arg_1": " B"},
    }
    assert first["resps"] == [[["-1.5", "False"]], [["-0.75", "False"]]]
    assert (first["target"], first["acc"], first["brier_score"][0]) == ("0", 0.0, 0)
    document = json.loads(results.read_text(encoding="utf-8"))
    assert document["model_name"] == "org/m"
    assert document["n-shot"] == {"a-b": 5}


@pytest.mark.oracle  # needs lm-eval
def test_the_harness_reads_names_hashes_and_means(tmp_path: Path) -> None:
    utils: Any = importlib.import_module("lm_eval.utils")
    metrics: Any = importlib.import_module("lm_eval.api.metrics")
    samples, results = exported(tmp_path, letters)
    names = [str(samples), str(results)]
    assert utils.get_sample_results_filenames(names) == [str(samples)]
    assert utils.get_results_filenames(names) == [str(results)]
    assert utils.get_file_task_name(samples.name) == "a-b"
    assert utils.get_file_datetime(samples.name) in results.name
    assert utils.sanitize_model_name("org/m") == samples.parent.name
    assert "|a-b" in utils.make_table(json.loads(results.read_text(encoding="utf-8")))
    document = json.loads(results.read_text(encoding="utf-8"))
    records: list[dict[str, Any]] = [json.loads(line) for line in samples.read_text(encoding="utf-8").splitlines()]
    for record in records:
        assert utils.hash_string(json.dumps(record["doc"], indent=2, ensure_ascii=False)) == record["doc_hash"]
    hashes = "".join(record["doc_hash"] + record["prompt_hash"] + record["target_hash"] for record in records)
    assert document["task_hashes"]["a-b"] == utils.hash_string(hashes)
    assert document["results"]["a-b"]["acc,none"] == metrics.mean([record["acc"] for record in records])
    same_width = [record for record in records if len(record["filtered_resps"]) == 2]
    pairs = [(gold, np.fromstring(text.strip("[]"), sep=" ")) for gold, text in (r["brier_score"] for r in same_width)]
    own = np.mean([((values - np.eye(2)[gold]) ** 2).sum() for gold, values in pairs])
    assert metrics.brier_score(pairs) == pytest.approx(own)


def test_the_task_can_be_named(tmp_path: Path) -> None:
    letters(tmp_path / "run")
    assert run("export", tmp_path / "run", "--format", "lm-eval", "--out", tmp_path / "out", "--task", "x_y") == 0
    (imported,) = vc.import_logs(tmp_path / "out", tmp_path / "again")
    assert imported.log.task == "x_y"


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("letters", "hold no upper bounds, and item '-5' has a letter that is only bounded; csv, jsonl and parquet"),
        ("several orders", "hold one order of the options, and items of the run stand in several; csv, jsonl"),
        ("pairs", "lm-eval cannot hold a run of pairs, only of predictions or responses; it can be written as csv,"),
        ("verdicts", "lm-eval cannot hold a run of verdicts, only of"),
        ("multiple choice", "lm-eval cannot hold a run of multiple-choice, only of"),
    ],
)
def test_what_samples_cannot_hold_is_refused(
    kind: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    RUNS[kind](tmp_path / "run")
    assert message in refusal(capsys, "export", tmp_path / "run", "--format", "lm-eval", "--out", tmp_path / "out")[1]
    assert not (tmp_path / "out").exists()
