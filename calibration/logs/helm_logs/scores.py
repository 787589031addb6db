"""Scores that HELM logged for each instance, and its own means of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ...nearest_names import nearest
from ..options import LogOptions
from .members import HelmRun, reading

Scores = Mapping[str, Mapping[str, float]]
"""Scores by instance and metric."""

# What HELM counts beside scores: sizes, costs, and how generation ended.
_NO_SCORE = re.compile(
    r"num_.*|.*_cost|inference_.*|.*runtime.*|batch_size|finish_reason_.*|prompt_truncated|max_prob|logprob.*"
    r"|perplexity|bits_per_byte|predicted_index|.*_length|training_.*"
)
# Scores that compare an answer with references; where there is none, references may be labels of the instance.
_BY_REFERENCES = re.compile(
    r"(quasi_|prefix_|quasi_prefix_)*(exact_match|leave_articles)\w*(@\d+)?|f1_\w+|f1|rouge.*|bleu.*|math_equiv.*"
    r"|exact_set_match|iou_set_match|final_number_exact_match|chain_of_thought_correctness|code_eval_acc|absolute_value_difference"
)
_CLOSE = 1e-9
EXACT = "exact_match"
"""HELM's metric of options."""


def instance_scores(run: HelmRun, *, split: str, trial: int) -> dict[str, dict[str, float]]:
    """Scores of each instance of a split in a trial, unperturbed.

    Returns
    -------
    dict
        By instance and metric; empty if the folder has no ``per_instance_stats.json``.

    Raises
    ------
    ValueError
        For a record that is not as HELM writes it.
    """
    scores: dict[str, dict[str, float]] = {}
    entries = run.document("per_instance_stats") or []
    for number, entry in enumerate(entries):
        with reading(run.members["per_instance_stats"].path, f"record {number}"):
            if entry.get("perturbation") or int(entry.get("train_trial_index") or 0) != trial:
                continue
            for stat in entry["stats"]:
                name = stat["name"]
                if stat["count"] and not name.get("perturbation") and (name.get("split") or "") in ("", split):
                    metrics = scores.setdefault(str(entry["instance_id"]), {})
                    metrics[str(name["name"])] = float(stat["sum"]) / int(stat["count"])
    return scores


def instance_splits(run: HelmRun) -> list[str]:
    """The split of each instance, of a folder that has scores alone."""
    splits: dict[str, str] = {}
    for number, entry in enumerate(run.document("per_instance_stats") or []):
        with reading(run.members["per_instance_stats"].path, f"record {number}"):
            names = [str(stat["name"].get("split") or "") for stat in entry["stats"]]
            if names and not entry.get("perturbation"):
                splits.setdefault(str(entry["instance_id"]), names[0])
    return list(splits.values())


def instance_trials(run: HelmRun) -> list[int]:
    """Indices of the trials of a folder that has scores alone, in their order."""
    trials = set()
    for number, entry in enumerate(run.document("per_instance_stats") or []):
        with reading(run.members["per_instance_stats"].path, f"record {number}"):
            if not entry.get("perturbation"):
                trials.add(int(entry.get("train_trial_index") or 0))
    return sorted(trials) or [0]


def metric_names(scores: Scores) -> list[str]:
    """Metrics that score answers, in the log's order."""
    names = dict.fromkeys(name for metrics in scores.values() for name in metrics)
    return [name for name in names if not _NO_SCORE.fullmatch(name)]


def compares_with_references(names: Iterable[str]) -> bool:
    """Whether a metric compares answers with references."""
    return any(_BY_REFERENCES.fullmatch(name) for name in names)


def chosen_metric(path: str, scores: Scores, ids: Sequence[str], options: LogOptions) -> str:
    """The metric whose values become verdicts: the only one, or the named one.

    Raises
    ------
    ValueError
        If several can and none is named, the named one is not there, lacks an instance, or has values between 0 and 1
        of which ``--partial`` does not say what they become.
    """
    names = metric_names(scores)
    listed = ", ".join(f"{name}{_between(scores, ids, name)}" for name in names) or "none"
    if options.metric is not None and options.metric not in names:
        raise ValueError(f"{path}: no metric {options.metric!r}; there are: {listed}{nearest(options.metric, names)}")
    if options.metric is None and len(names) != 1:
        wanted = "say which with --metric (metric= in Python)" if names else "without scores there are no verdicts"
        raise ValueError(f"{path}: no one metric is the verdict: {listed}; {wanted}")
    name = names[0] if options.metric is None else options.metric
    lacking = [item for item in ids if name not in scores.get(item, {})]
    if lacking:
        raise ValueError(
            f"{path}: {name} is logged for {len(ids) - len(lacking)} of {len(ids)} instances, not for {lacking[0]}"
        )
    for item in ids:
        value = scores[item][name]
        if not (math.isfinite(value) and 0 <= value <= 1):
            raise ValueError(f"{path}: a verdict must be 0 or 1, {name} of {item} is {value:g}; it is no verdict")
        if 0 < value < 1 and options.partial is None:
            raise ValueError(
                f"{path}: a verdict must be 0 or 1, {name} of {item} is {value:g}{_between(scores, ids, name)}; say "
                "what such values become with --partial half, incorrect or ungraded (partial= in Python)"
            )
    return name


def _between(scores: Scores, ids: Sequence[str], name: str) -> str:
    """How many values of a metric are no verdict."""
    values = [scores[item][name] for item in ids if name in scores.get(item, {})]
    n_between = sum(value not in (0.0, 1.0) for value in values)
    return f" ({n_between} of {len(values)} values are neither 0 nor 1)" if n_between else ""


def mean_remarks(
    run: HelmRun, name: str, values: Sequence[float], *, split: str, n_taken: int, n_trials: int
) -> list[str]:
    """HELM's own mean of a metric, over all trials, beside that of these values.

    Raises
    ------
    ValueError
        If it is of the same instances and differs.
    """
    means = _means(run, split)
    if name not in means:
        return []
    mean, n_all = sum(values) / len(values), means.get("num_instances")
    stated = f"stats.json states {name} {means[name]:.6g}"
    if n_all is not None and n_all * n_trials == len(values) and n_taken == n_trials:
        if abs(mean - means[name]) > _CLOSE:
            raise ValueError(f"{run.members['stats'].path}: {stated}, but the {len(values)} records give {mean:.6g}")
        return [f"{stated}, as these {len(values)} records do"]
    over = f"over {n_all:g} instances" if n_all is not None else "over an unknown number of instances"
    trials = f" and {n_trials} trials" if n_trials > 1 else ""
    return [f"{stated} {over}{trials}; these are {len(values)}, with {mean:.6g}, and not compared"]


def _means(run: HelmRun, split: str) -> dict[str, float]:
    means: dict[str, float] = {}
    stats: list[Any] = run.document("stats") or []
    for number, stat in enumerate(stats):
        with reading(run.members["stats"].path, f"record {number}"):
            name = stat["name"]
            plain = not name.get("perturbation") and not name.get("sub_split")
            if plain and (name.get("split") or "") == split and stat["count"]:
                means[str(name["name"])] = float(stat["sum"]) / int(stat["count"])
    return means
