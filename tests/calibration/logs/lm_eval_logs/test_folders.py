"""Folders of lm-eval's runs: tasks, dates, models, results beside samples, MMLU's subjects."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from calibration import Predictions, Verdicts
from calibration.logs.formats import read_logs
from calibration.logs.graded_answers import GradedAnswers
from calibration.logs.log import Log
from calibration.logs.options import LogOptions
from tests.calibration.logs.lm_eval_logs.samples import DATE, Value, answer, choice, write, write_results
from veracal import import_logs

LATER = "2026-02-03T04-05-06.789012"


def logs(*paths: Path, **options: Any) -> list[Log]:
    return read_logs(list(paths), options=LogOptions(**options))


def letters(subject: str, n: int = 2) -> list[Value]:
    doc = {"question": "Why?", "choices": ["x", "y"], "subject": subject}
    return [choice(number, [" A", " B"], [-1.0, -2.0], 0, acc=1.0, doc=doc) for number in range(n)]


def texts(n: int = 2) -> list[Value]:
    return [choice(number, [" one", " other"], [-1.0, -2.0], 0, acc=1.0) for number in range(n)]


def test_results_beside_tell_model_shots_and_counts(tmp_path: Path) -> None:
    path = write(tmp_path, "weather", texts())
    counts: dict[str, Any] = {"n-samples": {"weather": {"original": 13812, "effective": 2}}}
    write_results(
        tmp_path, {"weather": {"acc,none": 0.5}}, **counts,
        chat_template_sha="a" * 64, pretty_env_info="host of somebody", system_instruction="text",
    )  # fmt: skip
    (log,) = logs(path)
    assert (log.task, log.model, log.date) == ("weather", "org/model", DATE)
    assert (log.origin["shots"], log.origin["version"], log.origin["n_original"]) == (5, "0.4.13", 13812)
    assert "2 of 13,812 items" in log.remarks
    assert "the results state acc 0.5000 over the same items, whose own mean is 1.0000" in log.remarks
    assert "somebody" not in json.dumps(dict(log.origin))
    assert logs(path, model="mine")[0].model == "mine"


def test_the_accuracy_of_other_items_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "weather", texts())
    counts: dict[str, Any] = {"n-samples": {"weather": {"original": 9, "effective": 9}}}
    write_results(tmp_path, {"weather": {"acc,none": 0.5}}, **counts)
    (log,) = logs(path)
    assert "the results state acc 0.5000 over other items; the mean of these is 1.0000" in log.remarks


@pytest.mark.parametrize(
    ("fields", "model"),
    [
        ({"model_name": "/home/somebody/models/llama"}, "llama"),
        ({"model_name": None, "config": {"model_args": "dtype=float16,pretrained=org/old,x=1"}}, "org/old"),
        ({"model_name": None, "config": {"model_args": {"pretrained": "./mine"}}}, "mine"),
    ],
)
def test_names_of_models_hold_no_folders(tmp_path: Path, fields: dict[str, Any], model: str) -> None:
    path = write(tmp_path, "weather", texts())
    write_results(tmp_path, {"weather": {}}, **fields)
    assert logs(path)[0].model == model


def test_without_results_the_folder_names_the_model(tmp_path: Path) -> None:
    assert logs(write(tmp_path / "org__model", "weather", texts()))[0].model == "org/model"
    assert logs(write(tmp_path, "weather", texts(), layout="0.4.0"))[0].model == "pretrained=model_weather"


def test_a_folder_has_a_log_a_task_and_date(tmp_path: Path) -> None:
    write(tmp_path, "weather", texts())
    write(tmp_path, "weather", texts(3), date=LATER)
    write(tmp_path, "asked", [answer(0, "x", "x", exact_match=1.0, filter="strict")])
    write_results(tmp_path, {"weather": {}, "asked": {}})
    write_results(tmp_path, {"weather": {}}, date=LATER, model_name="org/later")
    named = {(log.task, log.model, log.date) for log in logs(tmp_path)}
    assert named == {
        ("weather", "org/model", DATE),
        ("weather", "org/later", LATER),
        ("asked", "org/model", DATE),
    }
    assert {log.task for log in logs(tmp_path, task="weather")} == {"weather"}
    # A choice that says nothing of some files says something of others.
    assert len(logs(tmp_path, filter="strict", metric="exact_match", normalize="chars")) == 3
    with pytest.raises(ValueError, match="no task 'wether'; there are: asked, weather; the nearest: 'weather'"):
        logs(tmp_path, task="wether")
    runs = import_logs(tmp_path, tmp_path / "runs")
    assert len({run.path.name for run in runs}) == 3


def test_subjects_of_mmlu_are_one_log(tmp_path: Path) -> None:
    write(tmp_path, "mmlu_anatomy", letters("anatomy"))
    write(tmp_path, "mmlu_high_school_us_history", letters("high_school_us_history", 3))
    write(tmp_path, "weather", texts())
    other, mmlu = sorted(logs(tmp_path), key=lambda log: log.task, reverse=True)
    assert (other.task, mmlu.task) == ("weather", "mmlu")
    assert isinstance(mmlu.content, Predictions)
    assert mmlu.content.item.tolist()[::2] == ["anatomy/0", "high_school_us_history/0", "high_school_us_history/2"]
    assert set(mmlu.content.subject.tolist()) == {"anatomy", "high_school_us_history"}
    assert len(mmlu.files) == 2
    assert mmlu.remarks == (
        "the log's acc is 1.0000, that of --normalize none, which is taken; it agrees in every record",
    )
    assert [log.task for log in logs(tmp_path, task="mmlu")] == ["mmlu"]
    (leaf,) = logs(tmp_path, task="mmlu_anatomy")
    assert isinstance(leaf.content, Predictions)
    assert (leaf.task, leaf.content.item.tolist()) == ("mmlu_anatomy", ["anatomy/0", "anatomy/1"])


def test_written_answers_of_mmlu_are_one_log_too(tmp_path: Path) -> None:
    for subject in ("anatomy", "law"):
        record = {**answer(0, "B", "B", exact_match=1.0), "doc": {"question": "Why?", "subject": subject}}
        write(tmp_path, f"mmlu_{subject}_generative_{subject}", [record])
    (first, second) = logs(tmp_path)
    assert {first.task, second.task} == {"mmlu_anatomy_generative_anatomy", "mmlu_law_generative_law"}
    for subject in ("anatomy", "law"):
        record = {**answer(0, "B", "B", exact_match=1.0), "doc": {"question": "Why?", "subject": subject}}
        write(tmp_path / "joined", f"mmlu_generative_{subject}", [record])
    (joined,) = logs(tmp_path / "joined")
    assert isinstance(joined.content, GradedAnswers)
    assert joined.content.frame["category"].to_list() == ["anatomy", "law"]


def test_the_largest_group_of_mmlu_names_the_log(tmp_path: Path) -> None:
    write(tmp_path, "mmlu_anatomy", letters("anatomy"))
    write(tmp_path, "mmlu_law", letters("law"))
    groups = {"all": ["my_mmlu"], "my_mmlu": ["mmlu_stem"], "mmlu_stem": ["mmlu_anatomy", "mmlu_law"]}
    write_results(tmp_path, {"mmlu_anatomy": {}, "mmlu_law": {}}, group_subtasks=groups)
    assert [log.task for log in logs(tmp_path)] == ["my_mmlu"]


def test_a_renamed_file_is_known_by_the_hash_of_its_records(tmp_path: Path) -> None:
    path = write(tmp_path, "weather", texts())
    hashes = "".join(f"{number:064x}" * 3 for number in range(2))
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    for row in rows:
        row["doc_hash"] = row["prompt_hash"] = row["target_hash"] = f"{row['doc_id']:064x}"
    renamed = tmp_path / "mine.jsonl"
    renamed.write_text("".join(json.dumps(row) + "\n" for row in rows))
    path.unlink()
    write_results(tmp_path, {"weather": {}}, task_hashes={"weather": hashlib.sha256(hashes.encode()).hexdigest()})
    (log,) = logs(renamed)
    assert (log.task, log.model) == ("weather", "org/model")


def test_results_of_another_date_are_not_taken(tmp_path: Path) -> None:
    path = write(tmp_path / "org__own", "weather", texts())
    write_results(tmp_path / "org__own", {"weather": {}}, date=LATER, model_name="org/other")
    assert logs(path)[0].model == "org/own"


def test_results_beside_other_samples_are_not_taken(tmp_path: Path) -> None:
    write(tmp_path / "org__one", "weather", texts())
    write(tmp_path / "org__two", "weather", texts(), date=LATER)
    results = write_results(tmp_path / "org__two", {"weather": {"acc,none": 1.0}}, model_name="org/two")
    results.rename(results.parent / "results.json")
    assert {(log.model, log.date) for log in logs(tmp_path)} == {("org/one", DATE), ("org/two", LATER)}


def test_two_files_of_one_subject_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    for name in ("first", "second"):
        path = write(tmp_path / name, "mmlu_law", letters("law"))
        path.rename(path.parent / "samples_mmlu_law.jsonl")
    with pytest.raises(ValueError, match=r"second/samples_mmlu_law\.jsonl: .*first/.* of the same task 'mmlu_law'"):
        logs(tmp_path)


def test_records_under_the_name_of_another_task_are_refused_by_their_hash(tmp_path: Path) -> None:
    path = write(tmp_path, "weather", texts(), layout="0.4.3")
    hashes = "".join(f"{number:064x}" * 3 for number in range(2))
    fields: dict[str, Any] = {
        "task_hashes": {"climate": hashlib.sha256(hashes.encode()).hexdigest()},
        "n-samples": {"weather": {"original": 2, "effective": 2}},
    }
    write_results(tmp_path, {"weather": {"acc,none": 0.5}, "climate": {"acc,none": 1.0}}, **fields)
    message = "the records are of the task 'climate' by their hash, not of 'weather'"
    with pytest.raises(ValueError, match=message):
        logs(path)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("partial", "half", "says what credit between right and wrong becomes, got options with log-likelihoods"),
        ("metric", "f1", "says which verdict of written answers is taken, got options with log-likelihoods"),
        ("filter", "strict", "no filter 'strict'; there are: 'none'"),
    ],
)
def test_options_that_say_nothing_about_any_task_are_refused(
    tmp_path: Path, option: str, value: str, said: str
) -> None:
    for task in ("weather", "climate"):
        write(tmp_path, task, texts())
    with pytest.raises(ValueError, match="samples_") as error:
        logs(tmp_path, **{option: value})
    assert said in str(error.value)


def test_a_metric_must_be_of_one_of_several_tasks(tmp_path: Path) -> None:
    for task in ("weather", "climate"):
        write(tmp_path, task, [answer(0, "So.", "So.", exact_match=1.0)])
    assert len(logs(tmp_path, metric="exact_match")) == 2
    with pytest.raises(ValueError, match="no metric 'bleu'; there are: exact_match"):
        logs(tmp_path, metric="bleu")


def test_credit_of_one_continuation_an_item_is_as_partial_says(tmp_path: Path) -> None:
    records = [choice(number, [" one"], [-1.0], 0, acc=value) for number, value in enumerate((1.0, 0.0, 0.5))]
    path = write(tmp_path, "weather", records)
    (log,) = logs(path, partial="incorrect")
    assert isinstance(log.content, Verdicts)
    assert log.content.frame["grade"].to_list() == ["correct", "incorrect", "incorrect"]
    assert (log.settings["partial"], log.origin["accuracy"]) == ("incorrect", 0.5)
    assert "1 of 3 answers has half credit and counts as incorrect" in log.remarks
    with pytest.raises(ValueError, match=r"doc_id 2\): acc must be 0 or 1, got 0\.5"):
        logs(path)
    (counted,) = logs(path, partial="half")
    assert isinstance(counted.content, Verdicts)
    assert counted.content.frame["credit"].to_list() == [None, None, 0.5]
    assert counted.content.accuracy == counted.origin["accuracy"] == 0.5
