"""llama.cpp's server, which the package xllamacpp carries, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

_SERVE = """
import sys, xllamacpp
weights, threads, slots, context = sys.argv[1], *map(int, sys.argv[2:])
settings = xllamacpp.CommonParams()
settings.model.path, settings.model_alias, settings.port = weights, {"smollm2"}, 0
settings.n_ctx, settings.n_parallel, settings.warmup = slots * context, slots, False
settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = threads
server = xllamacpp.Server(settings)
print("listening at", server.listening_address, flush=True)
sys.stdin.read()
"""


@contextmanager
def llama_server(weights: Path, *, threads: int = 1, slots: int = 2, context: int = 2048) -> Iterator[tuple[str, int]]:
    """A server of a GGUF file, under the name smollm2: the address of its API, and its process.

    Parameters
    ----------
    weights : Path
        The file.
    threads : int
        How many threads compute.
    slots : int
        How many requests it computes at a time.
    context : int
        How many tokens each of them may have.
    """
    if find_spec("xllamacpp") is None:
        raise ModuleNotFoundError("llama.cpp's server is not installed: pip install xllamacpp")
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(weights), str(threads), str(slots), str(context)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        lines = (line.split() for line in process.stdout or ())
        address = next((words[-1] for words in lines if words[:2] == ["listening", "at"]), "")
        if not address:
            raise RuntimeError("llama.cpp's server did not start")
        yield f"{address}/v1", process.pid
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()
