"""The results file of a lighteval run, and the names of its files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..bare_names import without_folders
from ..lm_eval_logs.harness_results import DATE
from ..source import Source

_SUITES = ("harness", "lighteval", "leaderboard", "community", "helm", "bigbench", "original", "extended", "custom")
_SHOTS = re.compile(r"^\d+$")


@dataclass(frozen=True)
class LightevalResults:
    """What lighteval writes of a run beside its details."""

    document: Mapping[str, Any]

    @property
    def model(self) -> str:
        """Name of the model; empty if it is not told."""
        general = _part(self.document, "config_general")
        named = _part(general, "model_config").get("model_name") or general.get("model_name")
        return without_folders(str(named or ""))

    def normalisation(self, task: str, metric: str) -> str:
        """How a metric of a task normalises log-likelihoods; empty if unknown."""
        for name, config in _part(self.document, "config_tasks").items():
            if plain_task(name)[0] != task or not isinstance(config, Mapping):
                continue
            for entry in config.get("metrics") or []:
                if isinstance(entry, Mapping) and entry.get("metric_name") == metric:
                    return str(entry.get("sample_level_fn") or "")
        return ""

    def metric(self, task: str, name: str) -> float | None:
        """Mean of a metric over the run; None if it is not told."""
        for key, row in _part(self.document, "results").items():
            value = row.get(name) if plain_task(key)[0] == task and isinstance(row, Mapping) else None
            if isinstance(value, int | float):
                return float(value)
        return None

    @property
    def tasks(self) -> list[str]:
        """Names of its tasks, without suite and shots."""
        return [plain_task(name)[0] for name in _part(self.document, "results")]


def is_lighteval_results(value: Any) -> bool:
    """Whether a JSON value is a results file of lighteval."""
    return isinstance(value, dict) and isinstance(value.get("results"), dict) and "config_general" in value


def results_of(path: Path, given: Sequence[Source]) -> LightevalResults:
    """Results of the run of a details file, given or beside it."""
    date = DATE.search(path.name)
    folders = [path.parent]
    parts = path.resolve().parts
    if "details" in parts:
        at = len(parts) - 1 - parts[::-1].index("details")
        folders.append(Path(*parts[:at], "results", *parts[at + 1 : -2]))
    beside = [Source(file) for folder in folders if folder.is_dir() for file in sorted(folder.glob("*results*.json"))]
    fitting = []
    for source in {source.path.resolve(): source for source in (*given, *beside)}.values():
        named = DATE.search(source.name)
        if date and named and date[0] != named[0]:
            continue
        if is_lighteval_results(source.first):
            fitting.append(LightevalResults(source.first))
    return fitting[0] if len(fitting) == 1 else LightevalResults({})


def plain_task(name: str) -> tuple[str, int | None]:
    """Name of a task without suite, and its shots.

    Examples
    --------
    >>> plain_task("leaderboard|mmlu:anatomy|5|0"), plain_task("anli:r1|0"), plain_task("harness|hendrycksTest-law|5")
    (('mmlu:anatomy', 5), ('anli:r1', 0), ('mmlu:law', 5))
    """
    parts = name.split("|")
    if len(parts) == 1:  # a file whose signs were replaced
        words = name.split("_")
        n_numbers = next((count for count, word in enumerate(reversed(words)) if not _SHOTS.match(word)), 0)
        shots = words[len(words) - n_numbers] if n_numbers else None
        words = words[: len(words) - min(n_numbers, 2)]
        words = words[1:] if len(words) > 1 and words[0] in _SUITES else words
        return _mmlu("_".join(words)), None if shots is None else int(shots)
    numbers = [part for part in parts if _SHOTS.match(part)]
    texts = [part for part in parts if part and not _SHOTS.match(part)]
    return _mmlu(texts[-1] if texts else name), int(numbers[0]) if numbers else None


def task_in_name(name: str) -> str:
    """Task with its shots in the name of a file; otherwise all of it.

    Examples
    --------
    >>> task_in_name("details_anli:r1|0_2026-08-10T17-22-11.385681.parquet")
    'anli:r1|0'
    """
    stem = name.removesuffix(".parquet")
    date = DATE.search(stem)
    if date:
        stem = stem[: date.start()].rstrip("_")
    return stem.partition("details_")[2] or stem


def _mmlu(task: str) -> str:
    return re.sub(r"^(hendrycksTest-|mmlu_(?=[a-z]))", "mmlu:", task)


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = document.get(name)
    return part if isinstance(part, Mapping) else {}
