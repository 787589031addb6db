"""The format ``eval-results``: the hub's YAML of a model's scores on benchmarks."""

from __future__ import annotations

import json
import re
import unicodedata
from importlib import metadata
from pathlib import Path

from calibration.files.atomic import write_bytes

from .export_format import ExportFormat, ExportOptions
from .measured_scores import Score, scores_of
from .run_contents import LIKELIHOOD_KINDS, SCORED_KINDS, RunContent

_SUFFIXES = (".yaml", ".yml")
_DIGITS = 4
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
# Signs that YAML takes for the end of a line, or forbids.
_BREAKING = ("Cc", "Cs", "Zl", "Zp")


def _write(run: RunContent, out: Path, options: ExportOptions) -> list[Path]:
    if out.suffix not in _SUFFIXES:
        raise ValueError(f"{out}: must be a YAML file, as .eval_results/NAME.yaml in the model's repository")
    for name in ("dataset", "dataset_task"):
        if getattr(options, name) is None:
            raise ValueError(f"eval-results needs --{name.replace('_', '-')}: which task of which data set on the hub")
    accuracy, *others = _ordered(scores_of(run), run, options.variant)
    interval = ""
    if accuracy.low is not None and accuracy.high is not None:
        interval = f", 95 % interval {100 * accuracy.low:.2f} to {100 * accuracy.high:.2f}"
    notes = [f"{accuracy.key} in per cent of {accuracy.n}{interval}"]
    notes += [f"{score.name.lower()} {score.value:.4f}" for score in others]
    entry = {
        "dataset": {
            "id": _dataset(str(options.dataset)),
            "task_id": _plain("dataset-task", str(options.dataset_task)),
        },
        "value": round(100 * accuracy.value, _DIGITS),
        **({"date": date} if (date := _date(run)) else {}),
        **({"source": {"url": _address(options.source)}} if options.source is not None else {}),
        "notes": f"{'; '.join(notes)}; veracal {metadata.version('veracal')}",
    }
    options.refuse_existing(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(_yaml(entry).encode(), out)
    return [out]


def _dataset(name: str) -> str:
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils._validators import validate_repo_id

    try:
        validate_repo_id(name)
    except HFValidationError as error:
        raise ValueError(f"--dataset must be the id of a data set on the hub ({error})") from None
    return name


def _address(url: str) -> str:
    if not re.match(r"https?://[^/\s]", url):
        raise ValueError(f"--source must be the address of a page (https://…), got {url!r}")
    return _plain("source", url)


def _ordered(scores: list[Score], run: RunContent, variant: str | None) -> list[Score]:
    """The scores, that of the variant first."""
    if run.kind not in LIKELIHOOD_KINDS:
        if variant is not None:
            raise ValueError(f"--variant is of TruthfulQA's multiple choice; the run holds {run.kind}")
        return scores
    if variant is None:
        names = ", ".join(score.key for score in scores)
        raise ValueError(f"eval-results needs --variant: which score of multiple choice, of {names}")
    chosen = [score for score in scores if score.key == variant]
    if not chosen:
        names = ", ".join(score.key for score in scores)
        raise ValueError(f"--variant must be one of {names}, got {variant!r}")
    return chosen + [score for score in scores if score.key != variant]


def _date(run: RunContent) -> str:
    """The day of the evaluation, by its log or by the run's beginning."""
    logged = str(run.settings.get("date") or "") if "format" in run.settings else ""
    if day := _DAY.match(logged):
        return day[0]
    if logged:  # a log's own way to write dates says nothing to others, and the import's day is another
        return ""
    return str(run.manifest.get("started", ""))[:10] if "format" not in run.settings else ""


def _plain(name: str, text: str) -> str:
    """An option as it is, if it can stand in one line of YAML."""
    if not text.strip() or any(unicodedata.category(sign) in _BREAKING for sign in text):
        raise ValueError(f"--{name} must be a text of one line, got {text!r}")
    return text


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
    kinds=(*SCORED_KINDS, *LIKELIHOOD_KINDS),
    options=("dataset", "dataset_task", "source", "variant"),
    holds_rows=False,
)
