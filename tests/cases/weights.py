"""What must hold of weights: changed, missing, not finite."""

from __future__ import annotations

import re

from .case_folders import exits, lines

POINTER = r"a git-lfs pointer, .*`git lfs pull`"
# What the message says of each file; the first of them are GGUF files.
DAMAGES = {
    "half.gguf": r"^half\.gguf: cut: [\d,]+ of [\d,]+ bytes are there",
    "header.gguf": r"^header\.gguf: cut",
    "magic.gguf": r"^magic\.gguf: cut",
    "version.gguf": r"^version\.gguf: of the GGUF version 99",
    "counts.gguf": r"^counts\.gguf: cut or damaged",
    "last.gguf": r"^last\.gguf: cut: [\d,]+ of [\d,]+ bytes are there",
    "text.gguf": r"^text\.gguf: no GGUF file \(it begins with ",
    "empty.gguf": r"^empty\.gguf: empty",
    "lfs.gguf": r"^lfs\.gguf: " + POINTER,
    "html.gguf": r"^html\.gguf: .*\(it begins with ",
    "safetensors: a git-lfs pointer": r"^m/model\.safetensors: " + POINTER,
    "safetensors: empty": r"^m/model\.safetensors: empty",
    "safetensors: a page to sign in": r"^m/model\.safetensors: .*\(it begins with ",
    "safetensors: cut": r"^m/model\.safetensors: cut: [\d,]+ of [\d,]+ bytes are there",
    "tokenizer.json: a git-lfs pointer": r"^m/tokenizer\.json: " + POINTER,
}
INNER_WORDS = (
    "Traceback",
    "unexpected",
    "unpack_from",
    "cannot reshape array",
    "codec can't decode",
    "Error while deserializing",
    "Expecting value",
)


def weights_changed(text: str) -> None:
    assert exits(text) == [1, 1, 1]
    refusals = re.findall(r"^veracal: (\w+) holds a run made with other settings \(weights: ", text, re.MULTILINE)
    assert refusals == ["run", "half"]
    before, after = (line.split(" ", 1)[1] for line in lines(text, "run 40 accuracy"))
    assert before == after
    assert lines(text, "half 20 accuracy")
    (fresh,) = lines(text, "fresh 40 accuracy")
    assert fresh.split(" ", 1)[1] != before
    old, kept = lines(text, "['")
    assert kept == old
    (asked,) = lines(text, "fresh ['")
    assert asked.removeprefix("fresh ") != old


def missing_tensors(text: str) -> None:
    assert re.findall(r"^(\w+): (?:extract|ask) exit (\d)", text, re.MULTILINE) == [
        ("drop", "1"),
        ("drop", "1"),
        ("rename", "1"),
        ("add", "1"),
        ("cut", "1"),
        ("drop", "1"),
    ]
    dropped = lines(text, "veracal: drop: ")
    assert len(dropped) == 2
    assert all("1 missing (transformer.h.1.attn.c_attn.weight)" in line for line in dropped)
    (renamed,) = lines(text, "veracal: rename: ")
    assert "1 missing (transformer.h.2.mlp.c_fc.weight)" in renamed
    (added,) = lines(text, "veracal: add: ")
    assert "unknown to the network (transformer.h.3.attn.c_attn.weight)" in added
    (cut,) = lines(text, "veracal: cut: ")
    assert "transformer.h.1.attn.c_attn.weight (in the file 128×64, in the network 128×384)" in cut
    assert "ignore_mismatched_sizes" not in text
    assert not lines(text, "   [[")  # numbers of a run


def nan_weights(text: str) -> None:
    for model, tensor, size in (
        ("nan", "transformer.h.1.attn.c_attn.weight", 49152),
        ("inf", "transformer.wte.weight", 570752),
    ):
        refusals = lines(text, f"veracal: {model}: ")
        # Twice by extract, and by ask.
        assert len(refusals) == 3
        message = f"its weights hold numbers that are not finite ({tensor}, 1 of {size})"
        assert all(message in line for line in refusals)
        for command in ("extract", "extract", "ask", "grade", "ask demo"):
            assert f"{model}: {command} exit 1" in text
    assert exits(text) == [1] * 10
    assert '"complete"' not in text
    assert not re.search(r"logprobs \[|^\[\(", text, re.MULTILINE)


def damaged_weights(text: str) -> None:
    assert lines(text, "good") == ["good (a tiny whole file): exit 0"]
    attempts = re.findall(r"^(.+): exit 1\nveracal: (.*)$", text, re.MULTILINE)
    assert [name for name, _ in attempts] == list(DAMAGES)
    for name, message in attempts:
        assert re.search(DAMAGES[name], message), name
    assert exits(text) == [0, *[1] * len(DAMAGES)]
    for inner in INNER_WORDS:
        assert inner not in text
    assert "a run folder stays" not in text
