"""HELM's run folders: found by content, whole or named, and joined over subjects."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from calibration import Verdicts
from calibration.logs.formats import read_logs
from calibration.logs.options import LogOptions
from tests.calibration.logs.helm_logs.run_folders import helm_run, letter, scored


def test_subjects_of_one_task_are_one_log_and_models_two(tmp_path: Path) -> None:
    for model in ("org/one", "org/two"):
        for subject in ("law", "art"):
            states = [letter("id1", "A", tops={"A": -0.1, "B": -3.0}), letter("id2", "B", tops={"A": -0.1, "B": -3.0})]
            folder = tmp_path / f"mmlu:subject={subject},model={model.replace('/', '_')}"
            helm_run(folder, states, name=f"mmlu:subject={subject}", model=model)
    logs = read_logs([tmp_path], options=LogOptions())
    assert [(log.task, log.model) for log in logs] == [("mmlu", "org/one"), ("mmlu", "org/two")]
    for log in logs:
        assert log.content.frame["item"].to_list() == ["art/id1", "art/id2", "law/id1", "law/id2"]
        assert log.content.frame["subject"].to_list() == ["art", "art", "law", "law"]
        assert log.origin["n_items"] == 4
    assert logs[0].remarks[0].startswith("art: ")


def test_subjects_that_hold_different_things_stay_apart(tmp_path: Path) -> None:
    helm_run(tmp_path / "a", [letter("id1", "A", -0.1), letter("id2", "A", -0.2)], name="mmlu:subject=law")
    helm_run(tmp_path / "b", [letter("id1", "A"), letter("id2", "A")], name="mmlu:subject=art")
    logs = read_logs([tmp_path], options=LogOptions())
    assert [(log.task, type(log.content).__name__) for log in logs] == [("mmlu:law", "Pairs"), ("mmlu:art", "Verdicts")]


def test_files_may_be_gzipped_renamed_or_lie_beside_the_named_one(tmp_path: Path) -> None:
    folder = helm_run(tmp_path / "run", [letter("a", "A")], per_instance=[scored("a", exact_match=1)])
    (log,) = read_logs([folder / "scenario_state.json"], options=LogOptions())
    assert [path.name for path in log.files] == ["scenario_state.json", "per_instance_stats.json", "run_spec.json"]
    for file in list(folder.iterdir()):
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    (zipped,) = read_logs([folder], options=LogOptions())
    (folder / "scenario_state.json.gz").rename(folder / "renamed")
    (renamed,) = read_logs([folder], options=LogOptions())
    for other in (zipped, renamed):
        assert other.content.frame.equals(log.content.frame)
        assert (other.task, other.model, other.remarks) == (log.task, log.model, log.remarks)


def test_a_run_is_named_by_its_folder_if_no_file_names_it(tmp_path: Path) -> None:
    folder = helm_run(tmp_path / "bbq:subject=all,method=multiple_choice_joint,model=x_y", [letter("a", "A")])
    (folder / "run_spec.json").unlink()
    (log,) = read_logs([folder], options=LogOptions())
    assert (log.task, log.model, log.content.frame["item"].to_list()) == ("bbq", "org/model", ["a"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "scenario_state.json",
            '{"adapter_spec": {}, "request_st',
            r"scenario_state\.json: must be JSON, as HELM's scen",
        ),
        (
            "scenario_state.json",
            "",
            r"scenario_state\.json: must be JSON, as HELM's scenario_state; it is cut off, empty",
        ),
        ("per_instance_stats.json", '[{"instance', r"per_instance_stats\.json: must be JSON"),
        ("stats.json", "nothing", r"stats\.json: must be JSON"),
        ("stats.json", "{}", r"stats\.json: must be a list, as HELM's stats"),
        ("run_spec.json", "[1]", r"run_spec\.json: must be an object, as HELM's run_spec"),
        ("scenario_state.json", '{"adapter_spec": {}}', r"request_states must be a list of requests, got none"),
    ],
)
def test_damaged_files_are_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    folder = helm_run(tmp_path / "run", [letter("a", "A")], per_instance=[scored("a", exact_match=1)])
    (folder / name).write_text(content)
    with pytest.raises(ValueError, match=message):
        read_logs([folder], options=LogOptions())


def test_a_folder_without_answers_says_what_was_looked_for(tmp_path: Path) -> None:
    folder = helm_run(tmp_path / "run", [letter("a", "A")])
    (folder / "scenario_state.json").unlink()
    with pytest.raises(
        ValueError, match=r"no answers in it; looked for scenario_state\.json and per_instance_stats\.json"
    ):
        read_logs([folder], options=LogOptions())


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (("instance",), r"request 0: must have 'instance', as HELM writes it"),
        (("instance", "id"), r"request 0: must have 'id'"),
        (("instance", "references"), r"request 0 \(a\): must have 'references'"),
        (("result",), r"request 0 \(a\): must have 'result'"),
        (("output_mapping",), r"request 0 \(a\): must have 'output_mapping'"),
    ],
)
def test_records_that_lack_something_are_named(tmp_path: Path, path: tuple[str, ...], message: str) -> None:
    state: dict[str, Any] = json.loads(json.dumps(letter("a", "A")))
    inner = state
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    with pytest.raises(ValueError, match=rf"scenario_state\.json, {message}"):
        read_logs([helm_run(tmp_path / "run", [state])], options=LogOptions())


def test_failed_requests_are_no_answers(tmp_path: Path) -> None:
    state = letter("a", "A")
    state["result"]["success"] = False
    with pytest.raises(ValueError, match=r"request 0 \(a\): the request failed; a failure is no answer"):
        read_logs([helm_run(tmp_path / "run", [state])], options=LogOptions())


@pytest.mark.parametrize(("option", "value"), [("normalize", "tokens"), ("metric", "exact_match"), ("partial", "half")])
def test_options_without_a_meaning_for_letters_are_refused(tmp_path: Path, option: str, value: str) -> None:
    folder = helm_run(tmp_path / "run", [letter("a", "A")])
    with pytest.raises(ValueError, match=f"--{option}"):
        read_logs([folder], options=LogOptions(**{option: value}))  # type: ignore[arg-type]


def test_nothing_of_hosts_and_paths_is_kept(tmp_path: Path) -> None:
    (log,) = read_logs([helm_run(tmp_path / "run", [letter("a", "A")])], options=LogOptions())
    assert isinstance(log.content, Verdicts)
    assert "host/x" not in str(log.origin) + str(log.settings)
