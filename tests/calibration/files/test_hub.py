"""Models and MMLU from a hub: a local one, and none at all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from calibration import load_model
from calibration.models.weights.model_files import ModelFiles
from calibration.models.weights.weights_hash import weights_hash
from tests import tiny
from tests.fake_hub import COMMIT, fake_hub, hub_used, python_at

_LOAD_MMLU = """
import calibration
items = calibration.load_mmlu(subjects=["law"])
print(len(items), items[1].id, items[1].letter)
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


@pytest.fixture
def at_hub(hub: Path, tmp_path: Path) -> Iterator[None]:
    with fake_hub(hub) as endpoint, hub_used(endpoint, tmp_path / "home"):
        yield


@pytest.mark.usefixtures("at_hub")
def test_a_model_comes_from_the_hub_with_its_commit(hub: Path) -> None:
    model = load_model("someone/tiny")
    assert (model.name, model.revision) == ("someone/tiny", COMMIT)
    weights = weights_hash(ModelFiles.of_folder(hub / "someone" / "tiny"))  # the same as of the folder
    assert model.description["weights"] == weights
    assert model.next_token_logprobs(["Answer:"], [" A", " B"]).shape == (1, 2)


@pytest.mark.usefixtures("at_hub")
def test_a_damaged_file_of_the_hub_is_named() -> None:
    with pytest.raises(ValueError, match=r"model\.safetensors: cut: [\d,]+ of [\d,]+ bytes are there"):
        load_model("someone/damaged")


@pytest.mark.usefixtures("at_hub")
@pytest.mark.parametrize("name", ["merged", "adapter"])
def test_an_adapter_on_the_hub_is_refused(name: str) -> None:
    refusal = rf"^someone/{name}: holds an adapter \(adapter_config\.json\), which is read from a folder"
    with pytest.raises(ValueError, match=refusal + rf"(.|\n)*hf download someone/{name} --local-dir FOLDER"):
        load_model(f"someone/{name}")


def test_without_a_hub_the_error_says_so(tmp_path: Path) -> None:
    tried = "".join(f"    {line}\n" for line in _LOAD_MMLU.strip().splitlines())
    guarded = f"try:\n{tried}except ConnectionError as error:\n    print(error)\n"
    found = python_at(guarded, tmp_path, "http://127.0.0.1:9", HF_HUB_OFFLINE="1")
    absent = r"^cais/mmlu \(all/test-00000-of-00001.parquet\) is not in the local cache [^\n]*\n$"
    assert re.search(absent, found.stdout), found.stderr


@pytest.mark.parametrize(
    ("message", "offline"),
    [
        (r"someone/tiny \(config.json\) is not in the local cache and the hub did not give it", True),
        (r"someone/tiny \(config.json\) .* http://127.0.0.1:9 cannot be reached \(.* give a folder instead", False),
    ],
)
def test_without_a_hub_no_model_is_loaded(message: str, *, offline: bool, tmp_path: Path) -> None:
    away = hub_used("http://127.0.0.1:9", tmp_path, offline=offline)
    with away, pytest.raises(ConnectionError, match=f"^{message}") as error:
        load_model("someone/tiny")
    assert len(str(error.value).splitlines()) == 1
