"""Models and MMLU from a hub: a local one, and none at all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

from calibration.models.weights.model_files import ModelFiles
from calibration.models.weights.weights_hash import weights_hash
from tests import tiny
from tests.fake_hub import COMMIT, fake_hub, python_at

_LOAD_MMLU = """
import calibration
items = calibration.load_mmlu(subjects=["law"])
print(len(items), items[1].id, items[1].letter)
"""
_LOAD_MODEL = """
import calibration
calibration.load_model("someone/tiny")
"""
_LOAD_MODELS = """
import json
import calibration
for name in ("tiny", "damaged", "merged", "adapter"):
    try:
        model = calibration.load_model(f"someone/{name}")
        shape = model.next_token_logprobs(["Answer:"], [" A", " B"]).shape
        got = [model.name, model.revision, model.description["weights"], str(shape)]
    except ValueError as error:
        got = [f"ValueError: {error}"]
    print(json.dumps([name, got]))
"""


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
        found = python_at(_LOAD_MMLU, tmp_path / "home", endpoint)
    assert found.stdout.strip() == "3 law/1 B", found.stderr
    again = python_at(_LOAD_MMLU, tmp_path / "home", "http://127.0.0.1:9")
    assert again.stdout.strip() == "3 law/1 B", again.stderr


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models of a hub: whole, with a cut file, an adapter beside the weights of a model, an adapter alone."""
    root = tmp_path_factory.mktemp("hub")
    for name in ("tiny", "damaged", "merged"):
        tiny.save(root / "someone" / name)
    weights = root / "someone" / "damaged" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8])
    (root / "someone" / "adapter").mkdir()
    for name in ("merged", "adapter"):
        (root / "someone" / name / "adapter_config.json").write_text('{"base_model_name_or_path": "someone/else"}')
    return root


@pytest.fixture(scope="module")
def loaded(hub: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each model of the hub gives, or its error; one process loads all, for torch takes seconds to import."""
    with fake_hub(hub) as endpoint:
        found = python_at(_LOAD_MODELS, tmp_path_factory.mktemp("home"), endpoint)
    assert found.returncode == 0, found.stderr
    return dict(json.loads(line) for line in found.stdout.splitlines())


def test_a_model_comes_from_the_hub_with_its_commit(hub: Path, loaded: dict[str, list[str]]) -> None:
    weights = weights_hash(ModelFiles.of_folder(hub / "someone" / "tiny"))  # the same as of the folder
    assert loaded["tiny"] == ["someone/tiny", COMMIT, weights, "(1, 2)"]


def test_a_damaged_file_of_the_hub_is_named(loaded: dict[str, list[str]]) -> None:
    (error,) = loaded["damaged"]
    assert re.search(r"^ValueError: .*model\.safetensors: cut: [\d,]+ of [\d,]+ bytes are there", error)


@pytest.mark.parametrize("name", ["merged", "adapter"])
def test_an_adapter_on_the_hub_is_refused(name: str, loaded: dict[str, list[str]]) -> None:
    (error,) = loaded[name]
    refusal = f"ValueError: someone/{name}: holds an adapter (adapter_config.json), which is read from a folder"
    assert error.startswith(refusal)
    assert f"hf download someone/{name} --local-dir FOLDER" in error


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
    found = python_at(guarded, tmp_path, "http://127.0.0.1:9", HF_HUB_OFFLINE=offline)
    assert re.search(message, found.stdout), found.stderr
    assert len(found.stdout.splitlines()) == 1
