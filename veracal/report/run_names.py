"""Names of the models of a report, and the runs of each model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calibration.models.settings import model_identity
from calibration.runs.folder import Run
from factuality import MultipleChoice

from .escaping import name as plain

KINDS = ("predictions", "pairs", "verdicts", "responses", "multiple-choice")
"""What a report shows, in the order of its sections."""


@dataclass(frozen=True)
class FoundRun:
    """A run folder that a report was asked to show.

    Attributes
    ----------
    path : Path
        The folder.
    manifest : dict
        Its ``run.json``.
    scores : MultipleChoice or None
        Scores by likelihood that lie in memory alone; the folder does not exist.
    """

    path: Path
    manifest: dict[str, Any]
    scores: MultipleChoice | None = None

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        return str(self.manifest["kind"])

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of the run."""
        return dict(self.manifest["settings"])

    @property
    def identity(self) -> str | None:
        """Identity of its model; None if the run does not tell.

        In memory it is the name.
        """
        model = self.settings.get("model")
        if self.settings.get("source") == "memory" and model != self.path.name:
            return f"memory {model}"
        return model_identity(self.settings)

    @property
    def primer(self) -> str:
        """The primer of a run by likelihood, empty for other kinds."""
        return str(self.settings.get("primer")) if self.kind == "multiple-choice" else ""


def find_runs(runs: Sequence[str | Path | FoundRun]) -> list[FoundRun]:
    """The run folders of a report.

    Raises
    ------
    ValueError
        For no run, one path instead of several, or a run of a kind that no report shows.
    """
    if isinstance(runs, str | Path):
        raise ValueError(f"runs must be a sequence of run folders, got one path: {runs}")
    folders = [run if isinstance(run, FoundRun) else FoundRun(Path(run), Run(Path(run)).manifest) for run in runs]
    for run in folders:
        if run.kind not in KINDS:
            raise ValueError(f"{run.path}: a report shows runs of {', '.join(KINDS)}; this one holds {run.kind!r}")
    if not folders:
        raise ValueError("a report needs at least one run, got none")
    return folders


def refuse_twice(given: Sequence[object]) -> None:
    """Raise if a run folder, or a run in memory, is given twice.

    Raises
    ------
    ValueError
        Naming it.
    """
    keys = [str(Path(run).resolve()) if isinstance(run, str | Path) else id(run) for run in given]
    twice = next((number for number, key in enumerate(keys) if keys.index(key) < number), None)
    if twice is not None:
        run = given[twice]
        raise ValueError(f"a run is given twice: {run if isinstance(run, str | Path) else f'run {twice + 1}'}")


def runs_by_name(runs: Sequence[str | Path], labels: Sequence[str] | None = None) -> dict[str, list[Path]]:
    """The folders of each model, by what `name_runs` calls it."""
    folders = find_runs(runs)
    by_name: dict[str, list[Path]] = {}
    for name, run in zip(name_runs(folders, labels), folders, strict=True):
        by_name.setdefault(name, []).append(run.path)
    return by_name


def name_runs(runs: Sequence[FoundRun], labels: Sequence[str] | None = None) -> list[str]:
    """Names of runs, equal exactly for runs of one model.

    Parameters
    ----------
    runs : sequence of FoundRun
        In the order in which they were given.
    labels : sequence of str, optional
        One a run, or one a model in the order of the models. If omitted, the models' own names.

    Raises
    ------
    ValueError
        For labels of another number, labels that contradict the runs, and runs of several kinds of which it is not
        known which are of one model.
    """
    if labels is not None and (isinstance(labels, str) or not all(plain(label) for label in labels)):
        raise ValueError(f"labels must be a sequence of names, none of them empty; got {labels!r}")
    if labels is not None and len(labels) == len(runs):
        return _labelled([plain(label) for label in labels], runs)
    models = _models(runs, labels)
    first = dict(reversed(list(zip(models, runs, strict=True))))
    if labels is None:
        order = list(dict.fromkeys(models))
        given = [_own_name(first[model]) for model in order]
    else:
        order = _order_models(models, runs, labels)
        given = [plain(label) for label in labels]
    names = dict(zip(order, _distinct(given, [first[model] for model in order]), strict=True))
    return [names[model] for model in models]


def in_order(models: Sequence[Hashable], kinds: Sequence[str]) -> list[Hashable]:
    """The distinct models, each behind those that stand before it in some kind.

    Where kinds contradict each other, in the order of `KINDS`.

    Examples
    --------
    >>> in_order(["base", "rl", "base", "sft", "rl"], ["predictions"] * 2 + ["responses"] * 3)
    ['base', 'sft', 'rl']
    """
    order, _ = _sorted(models, kinds)
    return order


def _labelled(labels: list[str], runs: Sequence[FoundRun]) -> list[str]:
    """One label a run; equal ones say that runs are of one model."""
    weights: dict[str, FoundRun] = {}
    for label, run in zip(labels, runs, strict=True):
        other = weights.setdefault(label, run) if "weights" in run.settings else run
        if other.identity != run.identity:
            raise ValueError(
                f"{other.path} and {run.path} are both called {label!r}, but their models have other weights; "
                "runs of one label must be of one model"
            )
    ways = [(label, run.kind, run.primer) for label, run in zip(labels, runs, strict=True)]
    twice = next((way for way, times in Counter(ways).items() if times > 1), None)
    if twice is None:
        return labels
    if len({run.kind for run in runs}) > 1:
        raise ValueError(
            f"two runs of {twice[1]} are both called {twice[0]!r}, so that it is not known which of them belongs to "
            "the runs of other kinds; give them labels of their own"
        )
    return _distinct(labels, runs)


def _models(runs: Sequence[FoundRun], labels: Sequence[str] | None) -> list[Hashable]:
    """Something equal for runs of one model and for no others."""
    several = len({run.kind for run in runs}) > 1
    unknown = [str(run.path) for run in runs if run.identity is None]
    if several and unknown:
        got = "" if labels is None else f" ({len(runs)}; got {len(labels)})"
        raise ValueError(
            "runs of several kinds are joined by the weights of their models, or the addresses of their servers, which "
            f"{', '.join(unknown)} {'does' if len(unknown) == 1 else 'do'} not name (recorded answers, or a run of an "
            f"earlier version); give one label a run{got}, in the order of the runs and the same for runs of one "
            "model: --labels A,B,A,B"
        )
    # Runs of an earlier version are only known by their model's name.
    models: list[Hashable] = [run.identity or (run.kind, str(run.settings.get("model"))) for run in runs]
    ways = Counter((model, run.kind, run.primer) for model, run in zip(models, runs, strict=True))
    repeated = {(model, kind) for (model, kind, _), times in ways.items() if times > 1}
    for model, kind in repeated:
        same = [run for other, run in zip(models, runs, strict=True) if other == model]
        if any(run.kind != kind for run in same):
            raise ValueError(
                f"{', '.join(str(run.path) for run in same)} are of one model, several of them runs of {kind}, so "
                "that it is not known which belong together; give one label a run, in the order of the runs and the "
                "same for those that do: --labels A,B,A,B"
            )
    return [
        (model, row) if (model, run.kind) in repeated else model
        for row, (model, run) in enumerate(zip(models, runs, strict=True))
    ]


def _order_models(models: Sequence[Hashable], runs: Sequence[FoundRun], labels: Sequence[str]) -> list[Hashable]:
    """The models in the order of the labels; raises if there is none."""
    order, certain = _sorted(models, [run.kind for run in runs])
    if len(labels) != len(order):
        first = dict(reversed(list(zip(models, runs, strict=True))))
        named = ", ".join(_own_name(first[model]) for model in order)
        raise ValueError(
            f"labels must be one a run ({len(runs)}) or one a model ({len(order)}: {named}), got {len(labels)}: "
            f"{', '.join(labels)}"
        )
    if not certain:
        raise ValueError(
            "one label a model needs the models in one order in every kind of run; give one label a run "
            f"({len(runs)}), in the order of the runs, the same one to runs of one model"
        )
    return order


def _sorted(models: Sequence[Hashable], kinds: Sequence[str]) -> tuple[list[Hashable], bool]:
    """The distinct models, in an order that fits every kind, and its uniqueness."""
    by_kind = [
        list(dict.fromkeys(model for model, kind in zip(models, kinds, strict=True) if kind == wanted))
        for wanted in KINDS
    ]
    waiting = list(dict.fromkeys(model for row in by_kind for model in row))
    order: list[Hashable] = []
    certain = True
    while waiting:
        heads = [next((model for model in row if model in waiting), None) for row in by_kind]
        ready = [
            model
            for model in waiting
            if all(head == model or model not in row for head, row in zip(heads, by_kind, strict=True))
        ]
        certain = certain and len(ready) == 1
        order.append(ready[0] if ready else waiting[0])
        waiting.remove(order[-1])
    return order, certain


def _distinct(names: list[str], runs: Sequence[FoundRun]) -> list[str]:
    """Names, with the folder if two are equal, and a number if needed."""
    names = [
        f"{name} ({plain(run.path.name)})" if names.count(name) > 1 else name
        for name, run in zip(names, runs, strict=True)
    ]
    return [f"{name} {row}" if names.count(name) > 1 else name for row, name in enumerate(names, start=1)]


def _own_name(run: FoundRun) -> str:
    """The run's name, or the model's (short if a path), or the folder's."""
    if given := plain(str(run.manifest.get("name") or "")):
        return given
    model = plain(str(run.settings.get("model") or "")).rstrip("/").rsplit("/", 1)[-1]
    return model or plain(run.path.name)
