"""Write docs/schema/ anew: python -m docs.json_schemas."""

from __future__ import annotations

import sys
from pathlib import Path

from .files import files

FOLDER = Path(__file__).parents[1] / "schema"


def main() -> None:
    """Write every schema."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    sys.stdout.write(f"schemas in {FOLDER}\n")


if __name__ == "__main__":
    main()
