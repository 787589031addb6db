"""Workers: the same answers from several processes, through their deaths."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from calibration import Item, Predictions, extract, load_items, load_model, load_workers, read_run
from calibration.errors import PromptTooLongError
from calibration.models.loading_options import Loading
from calibration.models.protocol import Model, Prompt
from calibration.models.workers.ray_workers import Workers
from calibration.runs.folder import Run
from factuality import ask, load_questions, truthfulqa_mc
from tests import tiny

DEMO = Path(__file__).parents[4] / "veracal" / "demo"
BASE = str(DEMO / "base")
# Parts are written as often as can be.
_EAGER = """
import sys
from calibration.runs import collection
collection._PART_SECONDS = 0.0
from veracal.cli import main
main(sys.argv[1:])
"""


def test_what_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'dtipe'"):
        load_workers(BASE, n_workers=1, dtipe="float32")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="there must be at least one worker, got 0"):
        load_workers(BASE, n_workers=0)
    with pytest.raises(ValueError, match="ask a server without them"):
        load_workers("openai:name@http://127.0.0.1:1/v1", n_workers=2)
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "calibration.models.workers.cluster.find_spec", lambda name: None if name == "ray" else found(name)
    )
    with pytest.raises(ImportError, match=r"workers need the package ray: pip install 'veracal\[ray\]'"):
        load_workers(BASE, n_workers=2)


@pytest.fixture(scope="module")
def workers() -> Iterator[Model]:
    import ray

    # Room for workers of several tests at once.
    ray.init(num_cpus=8, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    yield load_workers(BASE, n_workers=2, cpus_per_worker=1, dtype="float32", device="cpu")
    ray.shutdown()


@pytest.fixture(scope="module")
def local() -> Model:
    return load_model(BASE, dtype="float32", device="cpu")


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return load_items(DEMO / "items.jsonl")[:1200]


@pytest.fixture(scope="module")
def undisturbed(workers: Model, items: list[Item]) -> Predictions:
    return extract(workers, items)


def processes(of: int | None = None) -> list[psutil.Process]:
    """The workers that this process started, or another one."""
    children = psutil.Process(of).children(recursive=True)
    return [child for child in children if "ray::Worker" in " ".join(_command(child))]


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:  # it ended meanwhile
        return []


@pytest.mark.slow  # a Ray cluster starts
def test_two_workers_give_the_table_of_one_process(
    undisturbed: Predictions, local: Model, items: list[Item], tmp_path: Path
) -> None:
    one = extract(local, items, out=tmp_path / "run")
    numbers = ("logprobs", "letter_mass", "other_form_mass")
    assert undisturbed.frame.drop(numbers).equals(one.frame.drop(numbers))
    np.testing.assert_allclose(undisturbed.logprobs, one.logprobs, atol=1e-4)
    np.testing.assert_array_equal(undisturbed.predicted, one.predicted)


@pytest.mark.slow  # a Ray cluster starts
def test_the_same_table_when_a_worker_is_killed_midway(
    workers: Model, undisturbed: Predictions, items: list[Item], tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill(done: int, total: int) -> None:
        if done > 300 * (1 + len(killed)) and len(killed) < 2:
            victim = processes()[0]
            victim.kill()
            killed.append(victim.pid)

    run = extract(workers, items, out=tmp_path / "run", progress=kill)
    assert len(set(killed)) == 2
    assert run.frame.equals(undisturbed.frame)
    assert read_run(tmp_path / "run").frame.equals(undisturbed.frame)
    assert Run(tmp_path / "run").manifest["state"] == "complete"


@pytest.mark.slow  # a Ray cluster starts
def test_a_run_is_continued_by_workers(
    workers: Model, undisturbed: Predictions, items: list[Item], tmp_path: Path
) -> None:
    def stop(done: int, total: int) -> None:
        if done > 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract(workers, items, out=tmp_path / "run", progress=stop)
    kept = read_run(tmp_path / "run").n_items
    assert 500 < kept < 1200
    started: list[int] = []
    run = extract(workers, items, out=tmp_path / "run", progress=lambda done, _: started.append(done))
    assert started[0] == kept
    assert run.frame.equals(undisturbed.frame)


@pytest.mark.slow  # a Ray cluster starts
def test_questions_are_answered_as_by_one_process(workers: Model, local: Model) -> None:
    questions = load_questions(DEMO / "questions.jsonl")[:60]
    for how in ({}, {"samples": 3, "temperature": 1.0}):
        answers = [ask(model, questions, max_new_tokens=4, **how).frame for model in (workers, local)]  # type: ignore[arg-type]
        assert answers[0]["response"].equals(answers[1]["response"])
    one, other = (truthfulqa_mc(model, questions, variant="mc2").frame["score"] for model in (workers, local))
    np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.slow  # a Ray cluster starts
def test_what_a_worker_refuses_is_refused_at_the_call(workers: Model, items: list[Item], tmp_path: Path) -> None:
    long = Item("long", items[0].subject, "why? " * 200, ("a", "b"), 0)
    with pytest.raises(ValueError, match=r"item long: the prompt has \d+ tokens, .* context window 64; nothing is cut"):
        extract(workers, [*items[:20], long], out=tmp_path / "run")
    with pytest.raises(PromptTooLongError) as refused:
        workers.stream_logprobs(["short", "why? " * 200], [" A"])
    assert refused.value.row == 1
    with pytest.raises(ValueError, match="its chat template refuses these turns"):
        workers.chat([{"role": "user"}])
    assert not (tmp_path / "run").exists()
    with pytest.raises(FileNotFoundError, match=r"no such model: .* is neither a folder"):
        load_workers(str(tmp_path / "nowhere"), n_workers=1, cpus_per_worker=1)
    with pytest.raises(ValueError, match=r"a worker needs 1000 cores and 0 GPUs, and the cluster has \d+ and 0 in all"):
        load_workers(BASE, n_workers=1, cpus_per_worker=1000)


@pytest.mark.slow  # a Ray cluster starts
def test_warnings_of_workers_are_told_once(workers: Model, tmp_path: Path) -> None:
    tiny.network("mamba").save_pretrained(tmp_path)
    tiny.tokenizer().save_pretrained(tmp_path)
    with pytest.warns(UserWarning, match="room for 8 of 9 workers"):
        model = load_workers(str(tmp_path), n_workers=9, cpus_per_worker=1, device="cpu")
    with pytest.warns(UserWarning, match="prompts cannot share a prefix") as said:
        extract(model, tiny.items(16))
    assert sum("prompts cannot share a prefix" in str(warning.message) for warning in said) == 1, list(map(str, said))


@pytest.mark.slow  # a Ray cluster starts
@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")  # peft asks in an old way
def test_workers_put_an_adapter_on_their_model(workers: Model, tmp_path: Path) -> None:
    peft = pytest.importorskip("peft")
    base = tiny.save(tmp_path / "base")
    config = peft.LoraConfig(target_modules=["q_proj", "v_proj"], r=4, lora_alpha=64, init_lora_weights=False)
    peft.get_peft_model(tiny.network(), config).save_pretrained(tmp_path / "lora")
    spec, adapter = str(base), str(tmp_path / "lora")
    alone = load_model(spec, device="cpu", adapter=adapter)
    model = load_workers(spec, n_workers=2, cpus_per_worker=1, device="cpu", adapter=adapter)
    assert (model.name, model.description) == (f"{spec}+{adapter}", alone.description)
    run, expected = extract(model, tiny.items(16)), extract(alone, tiny.items(16))
    np.testing.assert_allclose(run.logprobs, expected.logprobs, atol=1e-4)
    assert np.abs(run.logprobs - extract(load_model(spec, device="cpu"), tiny.items(16)).logprobs).max() > 0.01
    with pytest.raises(FileNotFoundError, match="no such adapter"):
        load_workers(spec, n_workers=1, cpus_per_worker=1, device="cpu", adapter=str(tmp_path / "nowhere"))


class Dying:
    """A worker that dies over a prompt, or before it has a model."""

    def __init__(self, spec: str, _: dict[str, Any]) -> None:
        self.spec = spec

    def identity(self) -> tuple[str, str, dict[str, str]]:
        if self.spec == "large":
            os.kill(os.getpid(), signal.SIGKILL)
        return self.spec, "" if self.spec == "same" else str(os.getpid()), {}

    def answer(self, _: str, values: Any, named: Any, __: object) -> tuple[Any, list[str]]:
        prompts, done = values[0], named["done"]
        if Prompt("poison") in prompts and len(done) < len(prompts):
            os.kill(os.getpid(), signal.SIGKILL)
        left = [row for row in range(len(prompts)) if row not in done]
        return ([(left, np.zeros((len(left), 1), dtype=np.float32))] if left else []), []


@pytest.mark.slow  # a Ray cluster starts
def test_repeated_deaths_end_in_an_error(workers: Model) -> None:
    import ray

    actor = ray.remote(Dying).options(num_cpus=0)
    prompts = [f"prompt {row}" for row in range(20)]
    model = Workers(actor, 2, "same", Loading())
    assert model.next_token_logprobs(prompts, ["A"]).shape == (20, 1)
    answered: list[int] = []
    with pytest.raises(
        RuntimeError, match=r"3 workers in a row died on the same work \(out of memory\?.*says of the last: \w+"
    ):
        answered.extend(row for rows, _ in model.stream_logprobs([*prompts, "poison"], ["A"]) for row in rows)
    assert len(answered) >= 10  # all that was not beside it
    # The others are still there.
    assert model.next_token_logprobs(prompts, ["A"]).shape == (20, 1)
    with pytest.raises(RuntimeError, match="3 workers in a row died while they loaded the model"):
        Workers(actor, 1, "large", Loading())
    different = Workers(actor, 2, "different", Loading())
    with pytest.raises(ValueError, match="all workers must load the same model, got"):
        different._pool.wait({})  # the other one is ready


@pytest.mark.slow  # a Ray cluster starts
def test_the_command_line(tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = [
        sys.executable, "-m", "veracal", "extract", BASE, "--items", "demo", "--device", "cpu", "--workers", "2",
        "--json", "--out", str(run),
    ]  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    _until(lambda: len(processes(process.pid)) == 2)
    processes(process.pid)[0].kill()
    said, told = process.communicate(timeout=300)
    assert process.returncode == 0, told
    assert json.loads(said)["n_items"] == 2400  # nothing else on stdout
    assert "raylet" not in told
    assert read_run(run).n_items == 2400


@pytest.mark.slow  # a Ray cluster starts
def test_ctrl_c_keeps_what_workers_did(tmp_path: Path) -> None:
    tiny.network(num_hidden_layers=24).save_pretrained(tmp_path / "model")
    tiny.tokenizer().save_pretrained(tmp_path / "model")
    run = tmp_path / "run"
    command = [
        sys.executable, "-c", _EAGER, "extract", str(tmp_path / "model"), "--items", "demo", "--device", "cpu",
        "--workers", "2", "--batch-size", "1", "--out", str(run),
    ]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    _until(lambda: len(list((run / "parts").glob("part-*.parquet"))) >= 2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: every process of the group
    _, told = process.communicate(timeout=120)
    assert process.returncode == 130, told
    assert told.strip().splitlines()[-1] == "veracal: interrupted; what was done is kept, the same command continues"
    assert 0 < read_run(run).n_items < 2400
    assert Run(run).manifest["state"] == "running"


def _until(holds: Any) -> None:
    deadline = time.monotonic() + 120
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert holds()
