"""Models and MMLU from a hub: a local one, and none at all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from calibration.models.weights.model_files import ModelFiles
from tests import tiny
from tests.fake_hub import COMMIT, fake_hub

_LOAD_MMLU = """
import calibration
items = calibration.load_mmlu(subjects=["law"])
print(len(items), items[1].id, items[1].letter)
"""
_LOAD_MODEL = """
import calibration
model = calibration.load_model("someone/tiny")
print(model.name, model.revision, model.description["weights"])
print(model.next_token_logprobs(["Answer:"], [" A", " B"]).shape)
"""


def python(code: str, home: Path, endpoint: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, whose hub and cache are the given ones."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        **extra,
    }
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_mmlu_comes_from_the_hub_and_then_from_its_cache(tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "datasets" / "cais" / "mmlu" / "all"
    folder.mkdir(parents=True)
    rows = [
        {"question": f"Q{number}", "subject": subject, "choices": ["a", "b", "c", "d"], "answer": number % 4}
        for subject in ("law", "art")
        for number in range(3)
    ]
    pl.DataFrame(rows).write_parquet(folder / "test-00000-of-00001.parquet")
    with fake_hub(tmp_path / "hub") as endpoint:
        found = python(_LOAD_MMLU, tmp_path / "home", endpoint)
    assert found.stdout.strip() == "3 law/1 B", found.stderr
    again = python(_LOAD_MMLU, tmp_path / "home", "http://127.0.0.1:9")
    assert again.stdout.strip() == "3 law/1 B", again.stderr


def test_a_model_comes_from_the_hub_with_its_commit(tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "someone" / "tiny"
    tiny.network().save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    with fake_hub(tmp_path / "hub") as endpoint:
        found = python(_LOAD_MODEL, tmp_path / "home", endpoint)
    weights = ModelFiles.of_folder(folder).hash()  # the same as of the folder
    assert found.stdout.split() == ["someone/tiny", COMMIT, weights, "(1,", "2)"], found.stderr


def test_a_damaged_file_of_the_hub_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "someone" / "tiny"
    tiny.network().save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-8])
    with fake_hub(tmp_path / "hub") as endpoint:
        found = python(_LOAD_MODEL, tmp_path / "home", endpoint)
    assert re.search(r"ValueError: .*model\.safetensors: cut: [\d,]+ of [\d,]+ bytes are there", found.stderr)


@pytest.mark.parametrize(
    ("code", "message", "offline"),
    [
        (_LOAD_MMLU, r"cais/mmlu \(all/test-00000-of-00001.parquet\) is not in the local cache", "1"),
        (_LOAD_MODEL, r"someone/tiny \(config.json\) is not in the local cache and the hub did not give it", "1"),
        # The hub's own client tries again for half a minute.
        pytest.param(
            _LOAD_MODEL, r"someone/tiny \(config.json\) .* give a folder instead", "0", marks=pytest.mark.slow
        ),
    ],
)
def test_without_a_hub_the_error_says_so(code: str, message: str, offline: str, tmp_path: Path) -> None:
    tried = "".join(f"    {line}\n" for line in code.strip().splitlines())
    guarded = f"try:\n{tried}except ConnectionError as error:\n    print(error)\n"
    found = python(guarded, tmp_path, "http://127.0.0.1:9", HF_HUB_OFFLINE=offline)
    assert re.search(message, found.stdout), found.stderr
    assert len(found.stdout.splitlines()) == 1


@pytest.mark.parametrize("whole", [True, False])
def test_an_adapter_on_the_hub_is_refused(whole: bool, tmp_path: Path) -> None:
    folder = tmp_path / "hub" / "someone" / "tiny"
    folder.mkdir(parents=True)
    if whole:
        tiny.network().save_pretrained(folder)
        tiny.tokenizer().save_pretrained(folder)
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "someone/else"}')
    with fake_hub(tmp_path / "hub") as endpoint:
        found = python(_LOAD_MODEL, tmp_path / "home", endpoint)
    assert (
        "ValueError: someone/tiny: holds an adapter (adapter_config.json), which is read from a folder" in found.stderr
    )
    assert "hf download someone/tiny --local-dir FOLDER" in found.stderr
