"""Damaged files of a model: each refused on one line that names the file, what is wrong and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calibration import load_model
from calibration.models.weights.file_damage import damage
from tests.tiny_gguf import write_gguf

LFS = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 131072\n"
)
PAGE = b"\n<!DOCTYPE html><title>Sign in</title>"
POINTER = "a git-lfs pointer, not the file that it stands for; `git lfs pull` in its repository brings that"


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_gguf(tmp_path_factory.mktemp("gguf") / "good.gguf").read_bytes()


def refused(path: Path, file: Path, message: str) -> None:
    """What loading says: the file, the fault and nothing else."""
    with pytest.raises(ValueError, match=r".") as caught:
        load_model(str(path), device="cpu")
    told = str(caught.value)
    assert told.startswith(f"{file}: {message}"), told
    assert "\n" not in told


def test_whole_files_are_taken(folder: Path, gguf: bytes, tmp_path: Path) -> None:
    assert {name.name: damage(name) for name in folder.iterdir() if damage(name)} == {}
    assert load_model(str(folder), device="cpu").description["weights"]
    (tmp_path / "good.gguf").write_bytes(gguf)
    assert load_model(str(tmp_path / "good.gguf"), device="cpu").description["weights"]


def test_damaged_gguf_files(gguf: bytes, tmp_path: Path) -> None:
    size = len(gguf)
    cases = {
        "half": (gguf[: size // 2], f"cut: {size // 2:,} of {size:,} bytes are there; bring it again, whole"),
        "last": (gguf[:-64], f"cut: {size - 64:,} of {size:,} bytes are there"),
        "header": (gguf[:200], "cut or damaged: its header does not end within its 200 bytes"),
        "magic": (gguf[:4], "cut or damaged: its header does not end within its 4 bytes"),
        "version": (gguf[:4] + (99).to_bytes(4, "little") + gguf[8:], "of the GGUF version 99, and versions 2 and 3"),
        "counts": (gguf[:8] + (2**62).to_bytes(8, "little") + gguf[16:], ""),
        "values": (gguf[:16] + (2**63).to_bytes(8, "little") + gguf[24:], ""),
        "name": (gguf[:24] + (2**64 - 1).to_bytes(8, "little") + gguf[32:], "cut or damaged: its header does not end"),
        "text": (b"hello, this is text\n", "no GGUF file (it begins with b'hello, this '); bring it again, whole"),
        "empty": (b"", "empty; bring it again, whole"),
        "lfs": (LFS, POINTER),
        "html": (
            PAGE,
            "a web page (it begins with '\\n<!DOCTYPE html><title>Sign in</title>'), perhaps one to sign in",
        ),
    }
    for name, (content, message) in cases.items():
        file = tmp_path / f"{name}.gguf"
        file.write_bytes(content)
        refused(file, file, message)


def test_damaged_safetensors(folder: Path) -> None:
    file = max(folder.glob("model-*.safetensors"))
    content = file.read_bytes()
    size = len(content)
    header = 8 + int.from_bytes(content[:8], "little")
    cases = {
        content[:-1]: f"cut: {size - 1:,} of {size:,} bytes are there; bring it again, whole",
        content[:100]: f"cut: 100 bytes are there, its header alone has {header:,}",
        content[:5]: "cut: 5 bytes are there, less than a header",
        content + b"more": f"damaged: {size + 4:,} bytes are there, its header speaks of {size:,}",
        content[:8] + b"{" + b"\xff" * (header - 9) + content[header:]: "damaged: its header cannot be read",
        b"": "empty; bring it again, whole",
        b"hello, this is text\n": "no safetensors file (it begins with 'hello, th'); bring it again, whole",
        LFS: POINTER,
        PAGE: "a web page (it begins with",
    }
    for damaged, message in cases.items():
        file.write_bytes(damaged)
        refused(folder, file, message)
    file.unlink()
    index = folder / "model.safetensors.index.json"
    refused(folder, index, f"all files that it lists must be there, 1 are not ({file.name}); bring them, too")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json", "generation_config.json"])
def test_damaged_configuration(name: str, folder: Path) -> None:
    file = folder / name
    content = file.read_bytes()
    cases = {
        LFS: POINTER,
        b"": "empty; bring it again, whole",
        PAGE: "a web page (it begins with",
        content[: len(content) // 2]: "no whole JSON (",
        "{}".encode("utf-16"): "JSON must be UTF-8, and this is not (cut or damaged?)",
        b"\xef\xbb\xbf" + content: "no whole JSON (Unexpected UTF-8 BOM",
    }
    for damaged, message in cases.items():
        file.write_bytes(damaged)
        refused(folder, file, message)


def test_a_large_vocabulary_that_is_cut(folder: Path) -> None:
    file = folder / "tokenizer.json"
    file.write_text(json.dumps({"vocabulary": [0] * 500_000})[:-2])
    refused(folder, file, "cut: JSON must end with a bracket")


def test_a_damaged_file_beside_the_model_is_none_of_it(folder: Path) -> None:
    (folder / "README.md").write_bytes(LFS)
    (folder / "other.safetensors").write_bytes(LFS)
    assert load_model(str(folder), device="cpu").description["weights"]
