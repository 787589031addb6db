"""The check of the CUDA path: its arithmetic, and that it starts on a bare machine."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.floor import Work, lm_eval_batches
from benchmarks.gpu_check import __main__ as gpu_check
from benchmarks.gpu_check import letters, memory, parcel, speed
from benchmarks.gpu_check.inputs import DEMO, LETTERS, SHAPES, Parcel, Subject, random_model, read_parcel
from benchmarks.gpu_check.records import Records, table
from calibration.models.local.transformers_model import LocalModel
from tests import tiny
from tests.conftest import ROOT

SUBJECTS = [Subject(f"Which {what}? " * 9, [f"When {number}?\nAnswer:" for number in range(4)]) for what in ("a", "it")]
# What a bare machine lacks.
ABSENT = ["polars", "typer", "scipy", "matplotlib", "rich", "accelerate"]


# lazy-loader as if it were not installed: only the parcel's copy is seen.
CARRIED = """
import importlib.machinery, sys
class Carried:
    def find_spec(name, path=None, target=None):
        if name == "lazy_loader":
            folders = [folder for folder in sys.path if folder.endswith("packages") and "site" not in folder]
            spec = importlib.machinery.PathFinder.find_spec(name, folders)
            if spec is None:
                raise ModuleNotFoundError(name)
            return spec
sys.meta_path.insert(0, Carried)
"""


def write_parcel(folder: Path) -> None:
    """A parcel whose slice is a tiny model with random weights."""
    tiny.network().save_pretrained(folder / "slice")
    tiny.tokenizer(chat=False).save_pretrained(folder / "slice")
    demo = ["Which sea does the river Zibu reach?\nA. Gibamar\nB. Pazimar\nAnswer:"] * 2
    parcel.write(folder, source="a test", subjects=SUBJECTS, demo=demo)


def records(folder: Path) -> Records:
    return Records("letters", folder, "a machine")


@pytest.mark.slow  # torch is imported by a process of its own
def test_it_starts_where_only_torch_transformers_and_numpy_are(tmp_path: Path) -> None:
    write_parcel(tmp_path / "parcel")
    arguments = ["--tiny", "--parts", "memory", "--parcel", str(tmp_path / "parcel"), "--out", str(tmp_path / "out")]
    code = (
        f"{CARRIED}\nsys.modules.update(dict.fromkeys({ABSENT}));"  # None: as if it were not installed
        f"from benchmarks.gpu_check.__main__ import main; sys.exit(main({arguments}))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    lines = json.loads((tmp_path / "out" / "memory.json").read_text())["lines"]
    assert {line["status"] for line in lines} == {"ok"}
    assert [line["check"].partition(",")[0] for line in lines if "shrink" in line["check"]] == [
        "letters under a limit",
        "answers under a limit",
    ]


def test_wrong_letters_are_seen(tmp_path: Path) -> None:
    write_parcel(tmp_path / "parcel")
    asked = read_parcel(tmp_path / "parcel")
    model, prompts = tiny.model(chat=False), asked.prompts(8)
    kept = records(tmp_path)
    letters._beside_processor(model, "slice", "float32", prompts, asked, kept)
    letters._kernels(model, "slice", "float32", prompts, kept)
    assert {line.status for line in kept.lines} == {"ok"}
    assert [line.note for line in kept.lines if "in front of" in line.check] == ["uses 'cascade'"]
    with torch.no_grad():
        next(iter(model.network.parameters())).mul_(1.01)
    letters._beside_processor(model, "slice", "float32", prompts, asked, kept)
    assert kept.lines[-1].status == "FAILED"
    assert "FAILED" in table([kept])


def test_a_slower_kernel_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> object:
        raise NotImplementedError("no such kernel here")

    monkeypatch.setattr("calibration.models.sharing.tree_attention.cascade_attention", broken)
    kept = records(tmp_path)
    prompts = Parcel("a test", "", SUBJECTS, []).prompts(8)
    letters._kernels(tiny.model(chat=False), "tiny", "float32", prompts, kept)
    failed = {line.check.partition(",")[0]: line.note for line in kept.lines if line.status == "FAILED"}
    assert failed == {
        "shared prefixes": "NotImplementedError: no such kernel here",
        "kernels in front of the one that is used": "uses 'model'",
    }


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes_are_of_their_size(shape: str) -> None:
    name, sizes = SHAPES[shape]
    import transformers

    with torch.device("meta"):
        network = transformers.AutoModelForCausalLM.from_config(getattr(transformers, f"{name}Config")(**sizes))
    billions = sum(weights.numel() for weights in network.parameters()) / 1e9
    assert (0.9 < billions < 1.8) if shape.endswith("1B") else (7.5 < billions < 8.5), billions


def test_random_weights_make_letters_that_depend_on_the_prompt() -> None:
    model = random_model("qwen 1B", tiny.tokenizer(chat=False), dtype="float32", device="cpu", tiny=True)
    values = model.next_token_logprobs(Parcel("a test", "", SUBJECTS, []).prompts(8), LETTERS)
    assert values.std(axis=0).min() > 0.05


def test_hugging_face_batches_are_the_same_letters() -> None:
    model: LocalModel = tiny.model(chat=False)
    prompts = [*Parcel("a test", "", SUBJECTS, []).prompts(7), "What?\nAnswer:", "What?\nAnswer:"]
    tokens = model.tokenizer(prompts)["input_ids"]
    wanted = letters.letter_tokens(model, prompts[0])
    expected = model.next_token_logprobs(prompts, LETTERS)
    np.testing.assert_allclose(speed.batch_letters(model, tokens, wanted, 3), expected, atol=1e-4)
    # Lengths 3, 2, 2: a batch of 2 × 3 and one of 1 × 2, logits at each end, 2 × 6 and 3 pairs.
    assert speed._work_of_batches([[1, 2, 3], [4, 5], [6, 7]], 2) == Work(tokens=8, logits=3, pairs=15)
    assert lm_eval_batches([[1, 2, 3], [4, 5], [6, 7]], 2) == [[0, 1], [2]]


def test_letters_of_several_tokens_are_refused() -> None:
    with pytest.raises(ValueError, match="' A' must be one token, got None"):
        letters.letter_tokens(LocalModel("", "", tiny.network(), tiny.tokenizer(letters="unknown")), "The Answer:")


def test_memory_that_does_not_run_out_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MADE", "another error")
    kept = records(tmp_path)
    with kept.attempt("tiny", "float32", "letters where memory runs out"):
        memory._letters(tiny.model(chat=False), "tiny", Parcel("a test", "", SUBJECTS, []).prompts(8), kept)
    assert [(line.status, line.note) for line in kept.lines] == [("FAILED", "RuntimeError: another error")]


def test_what_was_done_is_kept_line_by_line(tmp_path: Path) -> None:
    kept = records(tmp_path)
    kept.add("m", "float32", "first", value=2e-5, limit=1e-4)
    kept.add("m", "float32", "second", value=float("nan"), limit=1e-4)
    kept.skip("m", "float32", "third", "accelerate is not installed")
    content = json.loads((tmp_path / "letters.json").read_text())
    assert [line["status"] for line in content["lines"]] == ["ok", "FAILED", "skipped"]
    assert content["machine"] == "a machine"
    assert table([kept]).splitlines()[2:] == [
        "| part    | model | type    | check  | value      | limit  |         | note                        |",
        "| ------- | ----- | ------- | ------ | ---------- | ------ | ------- | --------------------------- |",
        "| letters | m     | float32 | first  | 2e-05 nats | 0.0001 | ok      |                             |",
        "| letters | m     | float32 | second | nan nats   | 0.0001 | FAILED  |                             |",
        "| letters | m     | float32 | third  |            |        | skipped | accelerate is not installed |",
    ]


def test_prompts_come_evenly_from_the_subjects() -> None:
    asked = Parcel("", "", [Subject("a", ["0", "1"]), Subject("b", ["0", "1", "2", "3"]), Subject("c", ["0"])], [])
    assert asked.prompts(5) == ["a0", "a1", "b0", "b1", "c0"]
    assert asked.prompts(3, n_subjects=1) == ["a0", "a1"]
    assert len(asked.prompts(99)) == 7


def test_made_up_prompts_share_their_solved_examples() -> None:
    subjects = parcel.made_up_subjects(n_prompts=60)
    assert sum(len(subject.questions) for subject in subjects) == 60
    assert len({subject.solved for subject in subjects}) == len(subjects) == 57
    assert all(subject.solved.count("Answer: ") == 5 for subject in subjects)
    assert subjects == parcel.made_up_subjects(n_prompts=60)


def test_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    out = ["--out", str(tmp_path / "out")]
    assert gpu_check.main([*out, "--tiny", "--parcel", str(tmp_path)]) == 2
    assert "no parcel here; `make gpu-parcel` makes it" in capsys.readouterr().err
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu_check.main(out) == 2
    assert "there is no GPU that torch can use; --tiny" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        gpu_check.main([*out, "--parts", "letters,sped"])
    assert "the parts are letters, speed, memory, got 'sped'" in capsys.readouterr().err
    assert (DEMO / "model.safetensors").is_file()
