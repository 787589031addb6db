"""What netcal costs: the packages that it alone brings, their size on disk, and the time to import it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata

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


def main() -> None:
    """Print the packages, their sizes and the time of an import on top of torch."""
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
