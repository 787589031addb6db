"""llama.cpp's own server on loopback: the letters that it gives, beside those of the same weights here.

Weights of 4 bits are multiplied in another way there: llama.cpp rounds the activations to 8 bits, here the weights are
written out as float32. The same weights served as float32 show how much of the difference that is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.llama_server import llama_server
from calibration import Item, extract, load_mmlu, load_model
from calibration.errors import PromptTooLongError
from calibration.extraction.prompts import completion, messages
from calibration.models.local.transformers_model import LocalModel
from calibration.models.protocol import Prompt
from calibration.models.servers.keys import KEYS
from calibration.models.servers.server_model import ServerModel

pytestmark = pytest.mark.real

SPACED, BARE = [" A", " B", " C", " D"], ["A", "B", "C", "D"]
# Largest and mean difference of a log-probability in nats over 40 items: of 4-bit arithmetic, and of float32 with
# llama.cpp's cache of 16 bits. Measured: 0.87 and 0.19 (mean over letters), 0.02 and 0.006.
FOUR_BITS = (1.5, 0.3)
FULL = (0.05, 0.015)


@pytest.fixture(scope="module", autouse=True)
def _no_keys() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in KEYS:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="module")
def gguf(smollm2: LocalModel) -> Path:
    return Path(smollm2.name)


@pytest.fixture(scope="module")
def served(gguf: Path) -> Iterator[ServerModel]:
    with llama_server(gguf) as (url, _):
        model = load_model(f"openai:smollm2@{url}")
        assert isinstance(model, ServerModel)
        yield model


@pytest.fixture(scope="module")
def items(data: Path) -> list[Item]:
    return load_mmlu(data / "mmlu", subjects=["anatomy"])[:40]


def read(model: ServerModel, prompts: Sequence[str | Prompt], letters: list[str]) -> tuple[Any, Any]:
    """Values and flags (n_prompts, n_letters)."""
    pieces = model.stream_logprobs(prompts, letters, batch_size=2)
    parts = [(np.ma.getdata(values), np.ma.getmaskarray(values)) for _, values in pieces]
    return np.concatenate([values for values, _ in parts]), np.concatenate([flags for _, flags in parts])


def assert_alike(found: Any, expected: Any, most: float, mean: float) -> None:
    difference = np.abs(found - expected)
    assert difference.max() < most
    assert difference.mean() < mean


def test_letters_are_those_of_the_local_model(served: ServerModel, smollm2: LocalModel, items: list[Item]) -> None:
    prompts = [completion(item) for item in items]
    expected = smollm2.next_token_logprobs(prompts, SPACED)
    found, bounded = read(served, prompts, SPACED)
    assert_alike(found[~bounded], expected[~bounded], *FOUR_BITS)
    assert (~bounded).mean() > 0.5
    # A letter that is not among the 20 likeliest tokens: what the server would have said of it, had it been asked for
    # all of them, is no more than its bound.
    assert bounded.any(axis=1).sum() > 10
    tokenizer = served.server.tokenizer
    assert tokenizer is not None
    for row in np.flatnonzero(bounded.any(axis=1))[:3]:
        asked = {"prompt": prompts[row], "max_tokens": 1, "temperature": 0, "logprobs": 49_152}
        choice = served.server.ask("completions", asked)["choices"][0]
        every = {entry["id"]: entry["logprob"] for entry in choice["logprobs"]["content"][0]["top_logprobs"]}
        assert len(every) == 49_152
        for place in np.flatnonzero(bounded[row]):
            (number,) = tokenizer.encode(Prompt(SPACED[place]))  # it adds none
            assert every[number] <= found[row, place] + FULL[0]
            assert sum(value > every[number] for value in every.values()) >= 20


def test_the_difference_is_the_rounding(gguf: Path, smollm2: LocalModel, items: list[Item], tmp_path: Path) -> None:
    """The same weights served as float32 give the same letters."""
    prompts = [completion(item) for item in items]
    weights = written_out(gguf, tmp_path / "float32.gguf")
    with llama_server(weights) as (url, _):
        model = load_model(f"openai:smollm2@{url}")
        assert isinstance(model, ServerModel)
        found, bounded = read(model, prompts, SPACED)
    weights.unlink()  # half a gigabyte
    expected = smollm2.next_token_logprobs(prompts, SPACED)
    assert_alike(found[~bounded], expected[~bounded], *FULL)
    assert (expected[bounded] <= found[bounded] + FULL[0]).all()


def test_chats(served: ServerModel, smollm2: LocalModel, items: list[Item]) -> None:
    turns = [messages(item) for item in items[:8]]
    for prefill, letters in (("", BARE), ("Answer:", SPACED)):
        expected = smollm2.next_token_logprobs([smollm2.chat(turn, prefill=prefill) for turn in turns], letters)
        chats = [served.chat(turn, prefill=prefill) for turn in turns]
        assert served.added_tokens(chats[0], letters[1]) == smollm2.added_tokens(
            smollm2.chat(turns[0], prefill=prefill), letters[1]
        )
        found, bounded = read(served, chats, letters)
        assert (~bounded).mean() > 0.5
        assert_alike(found[~bounded], expected[~bounded], *FOUR_BITS)


def test_a_run_from_end_to_end(served: ServerModel, items: list[Item], tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="have letters that the source did not give"):
        run = extract(served, items[:12], batch_size=2, out=tmp_path / "run")
    assert run.n_items == 12
    flags = run.frame["bounded"].list.any()
    assert flags.any()
    with pytest.raises(PromptTooLongError, match="context window"):
        served.next_token_logprobs(["word " * 5000], SPACED)


def test_generation(served: ServerModel, smollm2: LocalModel) -> None:
    prompts = ["The capital of France is", "Two and two make"]
    ((_, (first,)), (_, (second,))) = served.generate(prompts, max_new_tokens=4)
    known = {
        row: text
        for rows, texts in smollm2.generate(prompts, max_new_tokens=4)
        for row, text in zip(rows, texts, strict=True)
    }
    assert first.text.startswith(" Paris")
    assert known[0].text.startswith(" Paris")
    assert len(first.logprobs) == len(second.logprobs) == 4
    assert first.logprobs[0] == pytest.approx(known[0].logprobs[0], abs=FOUR_BITS[0])
    drawn = [
        text.text
        for _ in range(2)
        for _, (text,) in served.generate(prompts[:1], max_new_tokens=8, temperature=1.0, seeds=[7], batch_size=1)
    ]
    assert drawn[0] == drawn[1]


def written_out(gguf: Path, path: Path) -> Path:
    """A GGUF file with the same weights as float32."""
    from gguf import GGUFReader, GGUFValueType, GGUFWriter
    from gguf.quants import dequantize

    reader = GGUFReader(gguf)
    writer = GGUFWriter(path, reader.fields["general.architecture"].contents())
    for name, entry in reader.fields.items():
        if name.startswith("GGUF.") or name in {"general.architecture", "general.file_type"}:
            continue
        inner = entry.types[-1] if entry.types[0] == GGUFValueType.ARRAY else None
        writer.add_key_value(name, entry.contents(), entry.types[0], sub_type=inner)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, dequantize(tensor.data, tensor.tensor_type).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
