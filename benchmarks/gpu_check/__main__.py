"""`python -m benchmarks.gpu_check`."""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from pathlib import Path

import torch

import benchmarks.gpu_check as description
from benchmarks.gpu_check.records import Records, table
from benchmarks.machines import machine

PARTS = ("letters", "speed", "memory")


def main(arguments: list[str] | None = None) -> int:
    """Run the parts in turn and print the table; 1 if a check failed."""
    options = _options(arguments)
    device = "cpu" if options.tiny else "cuda"
    if device == "cuda" and not torch.cuda.is_available():
        print("there is no GPU that torch can use; --tiny runs every part on a processor", file=sys.stderr)
        return 2
    sys.path.append(str(options.parcel / "packages"))  # of use where they are not installed
    from benchmarks.gpu_check.inputs import read_parcel
    from benchmarks.gpu_check.letters import check_letters
    from benchmarks.gpu_check.memory import check_memory
    from benchmarks.gpu_check.speed import check_speed

    checks = {"letters": check_letters, "speed": check_speed, "memory": check_memory}
    try:
        parcel = read_parcel(options.parcel)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    start = time.perf_counter()
    options.out.mkdir(parents=True, exist_ok=True)
    here = machine(device, torch.get_num_threads())
    records = []
    for part in options.parts:
        records.append(Records(part, options.out, here))
        print(f"\n{part}, {time.perf_counter() - start:.0f} s since the start", flush=True)
        with records[-1].attempt("", "", part):
            checks[part](parcel, options.parcel, records[-1], device=device, tiny=options.tiny)
    prompts = f"Prompts: {parcel.source}. Reference: {parcel.machine}."
    text = f"{table(records)}\n\n{prompts} {time.perf_counter() - start:.0f} seconds in all.\n"
    (options.out / "table.md").write_text(text, encoding="utf-8")
    print(f"\n{text}")
    return int(any(part.failed for part in records))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.gpu_check",
        description=description.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--parts", type=_parts, default=list(PARTS), help="of letters,speed,memory; all if omitted")
    parser.add_argument("--tiny", action="store_true", help="every part on a processor, on small models")
    parser.add_argument("--parcel", type=Path, default=Path("gpu_parcel"), help="folder that `make gpu-parcel` wrote")
    return parser.parse_args(arguments)


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(",")]
    for part in parts:
        if part not in PARTS:
            raise argparse.ArgumentTypeError(f"the parts are {', '.join(PARTS)}, got {part!r}")
    return parts


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    warnings.simplefilter("default")
    sys.exit(main())
