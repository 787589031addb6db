"""The machine that a benchmark ran on, in words."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib import metadata
from pathlib import Path

_FLAGS = {"amx_bf16": "AMX", "avx512_bf16": "AVX-512 with bfloat16", "avx512f": "AVX-512", "avx2": "AVX2"}


def machine(device: str, threads: int) -> str:
    """Processor, threads used, memory, GPU where it computes, and the versions of what was compared."""
    parts = [f"{_processor()}, {threads} of {os.cpu_count()} threads", f"{_memory_gb():.0f} GB"]
    if device == "cuda":
        command = ["nvidia-smi", "--id=0", "--query-gpu=name", "--format=csv,noheader"]
        parts.append(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    return "; ".join([*parts, ", ".join(_versions())])


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    named = re.search(r"^model name\s*: *(.+)$", text, re.MULTILINE)
    flags = next((words for name, words in _FLAGS.items() if re.search(rf"\b{name}\b", text)), None)
    return f"{named[1].strip() if named else platform.machine()}{f' ({flags})' if flags else ''}"


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _versions() -> list[str]:
    found = []
    for name in ("torch", "transformers", "lm-eval", "xllamacpp", "vllm"):
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found
