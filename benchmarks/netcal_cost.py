"""What netcal costs: the packages that it alone brings, their size on disk, the time to import it, and ENIR's time.

python -m benchmarks.netcal_cost [--enir N_ITEMS]
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
import warnings
from importlib import metadata

import numpy as np

from calibration import Predictions, recalibrate

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_IMPORT = (
    "import time, warnings; warnings.simplefilter('ignore'); import torch; start = time.process_time();"
    "from netcal import binning, scaling; print(time.process_time() - start)"
)


def required(names: list[str]) -> set[str]:
    """Packages with all that they require, as installed here, extras aside."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        try:
            requirements = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        seen.add(name)
        waiting += [
            match.group()
            for text in requirements
            if "extra ==" not in text and (match := _NAME.match(text)) is not None
        ]
    return seen


def size(name: str) -> int:
    """Bytes of the files of an installed package."""
    files = metadata.files(name) or []
    return sum(path.stat().st_size for file in files if (path := file.locate()).is_file())  # type: ignore[attr-defined]


def enir_seconds(n_items: int) -> float:
    """Processor seconds of `recalibrate` by ENIR on whole rows of four options, drawn from an over-confident model."""
    rng = np.random.default_rng(0)
    logits = 2 * rng.normal(size=(n_items, 4))
    tempered = np.exp(0.6 * logits)
    below = np.cumsum(tempered / tempered.sum(axis=1, keepdims=True), axis=1)
    answer = (rng.random((n_items, 1)) > below[:, :-1]).sum(axis=1)
    run = Predictions.from_arrays(logits, answer=answer)
    start = time.process_time()
    recalibrate(run, "netcal:ENIR")
    return time.process_time() - start


def main() -> None:
    """Print the packages, their sizes, the time of an import on top of torch, and that of ENIR if it is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--enir", type=int, metavar="N_ITEMS", help="time ENIR on so many items")
    n_items = parser.parse_args().enir
    if n_items:
        warnings.simplefilter("ignore")
        print(f"ENIR on whole rows of {n_items:,} items, five folds: {enir_seconds(n_items):.0f} s of one core")
        return
    ours = [text for text in metadata.requires("veracal") or [] if "extra ==" not in text]
    names = [match.group() for text in ours if (match := _NAME.match(text)) and match.group() != "netcal"]
    sizes = {name: size(name) for name in required(["netcal"]) - required(names)}
    for name, n_bytes in sorted(sizes.items(), key=lambda pair: -pair[1]):
        print(f"  {name:26} {n_bytes / 1e6:8.1f} MB")
    print(f"  {'together':26} {sum(sizes.values()) / 1e6:8.1f} MB")
    seconds = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True)
    print(f"import of its methods, torch imported before: {float(seconds.stdout):.1f} s of one core")


if __name__ == "__main__":
    main()
