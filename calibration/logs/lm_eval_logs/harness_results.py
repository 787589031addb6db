"""The results file of an lm-eval run: model, shots, versions, counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...tables.stored_tables import RUN_NOTE
from ..bare_names import without_folders
from ..source import Source

DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}[-:]\d{2}[-:]\d{2}(?:\.\d+)?")
_PRETRAINED = re.compile(r"(?:^|,)(?:pretrained|model|engine|model_name)=([^,]+)")


@dataclass(frozen=True)
class HarnessResults:
    """What lm-eval writes of a run beside its samples.

    Attributes
    ----------
    path : Path or None
        The file; None if there is none.
    document : mapping
        What it holds.
    """

    path: Path | None
    document: Mapping[str, Any]

    @property
    def named_date(self) -> str:
        """When the run ended, by the name of the file; otherwise empty."""
        named = DATE.search(self.path.name) if self.path is not None else None
        return named[0] if named else ""

    @property
    def date(self) -> str:
        """When the run ended by the file's name, otherwise when it began."""
        if self.named_date:
            return self.named_date
        began = self.document.get("date")
        return datetime.fromtimestamp(began, UTC).isoformat() if isinstance(began, int | float) else ""

    @property
    def tasks(self) -> tuple[str, ...]:
        """Names of all tasks and groups."""
        return tuple(self._part("results"))

    @property
    def model(self) -> str:
        """Name of the model; empty if it is not told."""
        named = self.document.get("model_name")
        if not named:
            config = self._part("config")
            arguments = config.get("model_args")
            if isinstance(arguments, dict):
                named = next((arguments[key] for key in ("pretrained", "model", "engine") if key in arguments), "")
            else:
                match = _PRETRAINED.search(str(arguments or ""))
                named = match[1] if match else ""
        return without_folders(str(named or ""))

    @property
    def note(self) -> Any:
        """What an export keeps beside the rows; None in the harness's files."""
        return self.document.get(RUN_NOTE)

    @property
    def task_hashes(self) -> Mapping[str, Any]:
        """Hash of all records of each task."""
        return self._part("task_hashes")

    def metric(self, task: str, name: str, filter: str) -> float | None:
        """Mean of a metric over the run; None if it is not told."""
        row = self._part("results", task)
        value = row.get(f"{name},{filter or 'none'}", row.get(name))
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def config(self, task: str) -> Mapping[str, Any]:
        """Settings of a task."""
        return self._part("configs", task)

    def n_effective(self, task: str) -> int | None:
        """Documents that the run asked; None if it is not told."""
        count = self._part("n-samples", task).get("effective")
        return count if isinstance(count, int) else None

    def n_original(self, task: str) -> int | None:
        """Documents that the task has; None if it is not told."""
        count = self._part("n-samples", task).get("original")
        return count if isinstance(count, int) else None

    def filters(self, task: str) -> list[str]:
        """Names of a task's filters, in their order."""
        listed = self.config(task).get("filter_list")
        filters = listed if isinstance(listed, list) else []
        return [str(entry.get("name")) for entry in filters if isinstance(entry, dict)]

    def group_of(self, task: str, word: str) -> str:
        """The largest group with the word in its name that holds a task."""
        group, inside = "", task
        while inside:
            above = [name for name, members in self._part("group_subtasks").items() if _holds(members, inside)]
            inside = next((name for name in above if word in name and name != inside), "")
            group = inside or group
        return group

    def origin(self, task: str) -> dict[str, Any]:
        """What is kept of a run."""
        config, run = self.config(task), self._part("config")
        template = self.document.get("chat_template_sha")
        kept = {
            "version": self.document.get("lm_eval_version"),
            "transformers": self.document.get("transformers_version"),
            "task_version": self._part("versions").get(task),
            "shots": self._part("n-shot").get(task, config.get("num_fewshot")),
            "chat_template": str(template)[:16] if template else None,
            "fewshot_as_multiturn": self.document.get("fewshot_as_multiturn") or None,
            "system_instruction": str(self.document.get("system_instruction_sha") or "")[:16] or None,
            "output_type": config.get("output_type"),
            "limit": run.get("limit"),
            "dtype": run.get("model_dtype"),
            "n_original": self.n_original(task),
            "n_effective": self.n_effective(task),
        }
        plain = {name: value for name, value in kept.items() if isinstance(value, str | int | float)}
        return {"harness": "lm-eval", **plain}

    def _part(self, *names: str) -> Mapping[str, Any]:
        part: Any = self.document
        for name in names:
            part = part.get(name) if isinstance(part, Mapping) else None
        return part if isinstance(part, Mapping) else {}


NO_RESULTS = HarnessResults(None, {})


def is_results(value: Any) -> bool:
    """Whether a JSON value is a results file of lm-eval."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("results"), dict)
        and "versions" in value
        and "config_general" not in value  # lighteval
        and ("configs" in value or "config" in value)
    )


def results_beside(folder: Path) -> list[HarnessResults]:
    """Results files in a folder of samples."""
    return [
        HarnessResults(path, document)
        for path in sorted(folder.glob("*.json"))
        if "results" in path.name or DATE.search(path.name)
        if is_results(document := Source(path).first)
    ]


def _holds(members: Any, task: str) -> bool:
    return isinstance(members, list) and task in members
