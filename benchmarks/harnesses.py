"""The harnesses that are compared, each in a process of its own: `python -m benchmarks.harnesses NAME JOB RESULT`.

A job and its result are JSON files, of which `benchmarks.extraction` writes the first. What is timed begins with texts
and ends with log-probabilities; loading, and one short prompt that wakes everything up, come before.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.llama_server import llama_server
from benchmarks.rates import matrix_rate, shares

LETTERS = [" A", " B", " C", " D"]
# Requests that llama.cpp's server computes together.
SLOTS = 4

Score = Callable[[list[str]], NDArray[np.floating[Any]]]
"""Log-probabilities of the letters behind each text (n_texts, n_letters); NaN where the source does not give them."""


@dataclass(frozen=True)
class Job:
    """What a harness does.

    Attributes
    ----------
    prompts : list of str
        Texts.
    longest : int
        How many tokens the longest of them has.
    model, gguf : str
        A folder of a transformers model, and a GGUF file.
    dtype, device : str
        As `load_model` takes them.
    batch_size : int
        lm-eval's; veracal and the engines choose their own.
    threads : int
        Of the processor.
    profiled : bool
        Whether veracal computes it all again under a profiler.
    """

    prompts: list[str]
    longest: int
    model: str
    gguf: str
    dtype: str
    device: str
    batch_size: int
    threads: int
    profiled: bool = False


@contextmanager
def veracal(job: Job) -> Iterator[tuple[Score, int | None]]:
    """The engine of this package."""
    from calibration import load_model

    model = load_model(job.model, dtype=job.dtype, device=job.device)
    yield lambda prompts: model.next_token_logprobs(prompts, LETTERS), None


@contextmanager
def lm_eval(job: Job) -> Iterator[tuple[Score, int | None]]:
    """lm-eval's HF backend."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    harness = HFLM(pretrained=job.model, dtype=job.dtype, batch_size=job.batch_size, device=job.device)

    def score(prompts: list[str]) -> NDArray[np.float64]:
        requests = [Instance("loglikelihood", {}, (prompt, text), 0) for prompt in prompts for text in LETTERS]
        found = harness.loglikelihood(requests, disable_tqdm=True)
        return np.array([value for value, _ in found]).reshape(-1, len(LETTERS))

    yield score, None


@contextmanager
def llama_cpp(job: Job) -> Iterator[tuple[Score, int | None]]:
    """llama.cpp's server with the GGUF file, asked as veracal asks any server."""
    from calibration import load_model

    with llama_server(Path(job.gguf), threads=job.threads, slots=SLOTS, context=job.longest + 64) as (url, process):
        model = load_model(f"openai:smollm2@{url}")

        def score(prompts: list[str]) -> NDArray[np.float64]:
            table = np.full((len(prompts), len(LETTERS)), np.nan)
            for rows, values in model.stream_logprobs(prompts, LETTERS, batch_size=SLOTS):
                table[rows] = np.ma.filled(values, np.nan)
            return table

        yield score, process


@contextmanager
def vllm(job: Job) -> Iterator[tuple[Score, int | None]]:
    """The engine of vLLM with its prefix cache."""
    from calibration import load_model

    model = load_model(f"vllm:{job.model}", dtype=job.dtype, device=job.device)
    yield lambda prompts: model.next_token_logprobs(prompts, LETTERS), None


HARNESSES = {"veracal": veracal, "lm-eval": lm_eval, "llama.cpp": llama_cpp, "vllm": vllm}


def main() -> None:
    """Run one harness."""
    name, asked, found = sys.argv[1:]
    job = Job(**json.loads(Path(asked).read_text(encoding="utf-8")))
    import torch

    torch.set_num_threads(job.threads)
    with HARNESSES[name](job) as (score, process):
        score(["Two and two make"])
        memory = _DeviceMemory() if job.device == "cuda" else _ProcessMemory(process)
        with memory:
            start = time.perf_counter()
            values = score(job.prompts)
            seconds = time.perf_counter() - start
        result: dict[str, Any] = {
            "seconds": seconds,
            "loaded_mb": memory.before,
            "peak_mb": memory.peak,
            "logprobs": [[None if math.isnan(value) else value for value in row] for row in values.tolist()],
        }
        if name == "veracal":
            result["matrix_gflops"] = matrix_rate(job.model, job.dtype, job.device)
            if job.profiled:
                result["shares"] = shares(lambda: score(job.prompts), job.device)
    Path(found).write_text(json.dumps(result), encoding="utf-8")


class _ProcessMemory:
    """Resident memory of a process in MB, before and at its peak while the block runs."""

    def __init__(self, process: int | None) -> None:
        self.folder = Path("/proc") / str(process or "self")

    def __enter__(self) -> None:
        self.before = self._read("VmRSS")
        (self.folder / "clear_refs").write_text("5")  # from here on VmHWM is the peak of the work alone

    def __exit__(self, *_: object) -> None:
        self.peak = self._read("VmHWM")

    def _read(self, field: str) -> float:
        lines = (self.folder / "status").read_text(encoding="utf-8").splitlines()
        return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024


class _DeviceMemory:
    """Memory of the GPU in MB that all processes hold, before and at its peak while the block runs."""

    def __enter__(self) -> None:
        self.before = self.peak = self._read()
        self._over = Event()
        self._watch = Thread(target=self._follow)
        self._watch.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _follow(self) -> None:
        while not self._over.wait(0.2):
            self.peak = max(self.peak, self._read())

    @staticmethod
    def _read() -> float:
        command = ["nvidia-smi", "--id=0", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
        return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


if __name__ == "__main__":
    main()
