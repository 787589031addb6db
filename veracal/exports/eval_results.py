"""The format ``eval-results``: the hub's YAML of a model's scores on benchmarks."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

from calibration.files.atomic import write_bytes

from .export_format import ExportFormat, ExportOptions
from .measured_scores import scores_of
from .run_contents import SCORED_KINDS, RunContent

_SUFFIXES = (".yaml", ".yml")
_DIGITS = 4


def _write(run: RunContent, out: Path, options: ExportOptions) -> list[Path]:
    if out.suffix not in _SUFFIXES:
        raise ValueError(f"{out}: must be a YAML file, as .eval_results/NAME.yaml in the model's repository")
    for name in ("dataset", "dataset_task"):
        if getattr(options, name) is None:
            raise ValueError(f"eval-results needs --{name.replace('_', '-')}: which task of which data set on the hub")
    accuracy, *others = scores_of(run)
    interval = ""
    if accuracy.low is not None and accuracy.high is not None:
        interval = f", 95 % interval {100 * accuracy.low:.2f} to {100 * accuracy.high:.2f}"
    notes = [f"accuracy in per cent of {accuracy.n}{interval}"]
    notes += [f"{score.name.lower()} {score.value:.4f}" for score in others]
    entry = {
        "dataset": {"id": options.dataset, "task_id": options.dataset_task},
        "value": round(100 * accuracy.value, _DIGITS),
        **({"date": str(run.manifest["started"])[:10]} if "started" in run.manifest else {}),
        **({"source": {"url": options.source}} if options.source is not None else {}),
        "notes": f"{'; '.join(notes)}; veracal {metadata.version('veracal')}",
    }
    options.refuse_existing(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(_yaml(entry).encode(), out)
    return [out]


def _yaml(entry: dict[str, object]) -> str:
    """A list of one mapping, with texts quoted as in JSON."""
    lines = []
    for name, value in entry.items():
        if isinstance(value, dict):
            lines += [f"{name}:", *(f"  {key}: {json.dumps(text, ensure_ascii=False)}" for key, text in value.items())]
        else:
            lines.append(f"{name}: {json.dumps(value, ensure_ascii=False)}")
    return "".join(f"{'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(lines))


EVAL_RESULTS = ExportFormat(
    name="eval-results",
    what="a YAML file for .eval_results/ in a model's repository on the hub",
    write=_write,
    kinds=SCORED_KINDS,
    options=("dataset", "dataset_task", "source"),
)
