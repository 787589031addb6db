"""Requests of a HELM run that count: one split, nothing perturbed, by trial."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..options import LogOptions
from .chosen_trials import chosen_trials, trial_remarks
from .members import HelmRun, reading

# The perturbation that changes nothing.
_UNCHANGED = "identity"
_SEVERAL = 2


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request of a run, with what came back.

    Attributes
    ----------
    id : str
        Id of its instance.
    where : str
        The record, for messages.
    state : dict
        The request state, as logged.
    question : str
        Text of the instance.
    references : tuple of str
        Texts of its references.
    correct : tuple of int
        Indices of the references that are tagged as right.
    """

    id: str
    where: str
    state: dict[str, Any]
    question: str
    references: tuple[str, ...]
    correct: tuple[int, ...]

    @property
    def completions(self) -> list[dict[str, Any]]:
        """What came back, likeliest first, as HELM's metrics order it."""
        completions: list[dict[str, Any]] = self.state["result"]["completions"]
        return sorted(completions, key=lambda completion: -(completion.get("logprob") or 0.0))

    @property
    def text(self) -> str:
        """The text that HELM's metrics judge; empty if nothing came back."""
        completions = self.completions
        return str(completions[0]["text"]) if completions else ""

    @property
    def tokens(self) -> list[dict[str, Any]]:
        """Tokens of that text, or of the echoed prompt, if the client returned any."""
        completions = self.completions
        return list(completions[0].get("tokens") or []) if completions else []


@dataclass(frozen=True, kw_only=True)
class Requests:
    """The requests of a run that count.

    Attributes
    ----------
    rows : tuple of Request
        In the order of the log.
    split : str
        The split that they are of; empty if the log names none.
    trial : int
        Index of the trial that they are of.
    n_trials : int
        How many the log has.
    n_all : int
        Number of all requests in the log.
    remarks : tuple of str
        What was left out.
    """

    rows: tuple[Request, ...]
    split: str
    trial: int
    n_trials: int
    n_all: int
    remarks: tuple[str, ...]

    @property
    def n_instances(self) -> int:
        """Number of instances."""
        return len({row.id for row in self.rows})


def requests_of(run: HelmRun, options: LogOptions, *, once: bool) -> list[Requests]:
    """Requests of one split and of no perturbed copy, by trials that count.

    Parameters
    ----------
    run : HelmRun
        The run.
    options : LogOptions
        Which split and which trials.
    once : bool
        Whether an item counts once.

    Raises
    ------
    ValueError
        For a record that is not as HELM writes it, several splits of which none is named, a split or a trial that the
        log does not have, and a log without requests that count.
    """
    states = run.document("scenario_state").get("request_states")
    path = run.path
    if not isinstance(states, list) or not states:
        raise ValueError(f"{path}: request_states must be a list of requests, got none")
    labels = []
    for number, state in enumerate(states):
        with reading(path, f"request {number}"):
            instance = state["instance"]
            perturbation = (instance.get("perturbation") or {}).get("name", "")
            labels.append((str(instance.get("split") or ""), perturbation, int(state.get("train_trial_index") or 0)))
    unchanged = "" if any(not perturbation for _, perturbation, _ in labels) else _UNCHANGED
    whole = [label for label in labels if label[1] == unchanged]
    if not whole:
        raise ValueError(f"{path}: all {len(labels)} requests are of perturbed copies, none of an instance as it is")
    split = chosen_split(path.as_posix(), [label[0] for label in whole], options)
    trials = sorted({trial for name, _, trial in whole if name == split})
    taken = chosen_trials(path, trials, options, once=once)
    remarks = [*_remarks(labels, split, unchanged, taken), *trial_remarks(trials, taken, mean=options.epoch == "mean")]
    return [
        Requests(
            rows=tuple(
                _request(run, number, states[number])
                for number, label in enumerate(labels)
                if label == (split, unchanged, trial)
            ),
            split=split,
            trial=trial,
            n_trials=len(trials),
            n_all=len(states),
            remarks=tuple(remarks),
        )
        for trial in taken
    ]


def chosen_split(path: str, splits: Sequence[str], options: LogOptions) -> str:
    """The split that is read: the only one, or the one that is named.

    Raises
    ------
    ValueError
        If there are several and none is named, or the named one is not there.
    """
    counts = Counter(splits)
    names = ", ".join(f"{name or '(none)'} ({n})" for name, n in counts.items())
    if options.split is not None:
        if options.split not in counts:
            raise ValueError(f"{path}: no split {options.split!r}; there are: {names}")
        return options.split
    if len(counts) > 1:
        raise ValueError(f"{path}: requests of several splits: {names}; say which with --split (split= in Python)")
    return next(iter(counts))


def completion_remarks(rows: Sequence[Request]) -> list[str]:
    """That requests have several completions, of which one was judged."""
    most = max(len(row.completions) for row in rows)
    if most < _SEVERAL:
        return []
    return [f"the log has up to {most} completions to a request and one verdict for all: the likeliest is the answer"]


def _request(run: HelmRun, number: int, state: dict[str, Any]) -> Request:
    with reading(run.path, f"request {number}"):
        instance = state["instance"]
        name = str(instance["id"])
        where = f"request {number} ({name})"
    with reading(run.path, where):
        texts = [str(reference["output"]["text"]) for reference in instance["references"]]
        right = [row for row, reference in enumerate(instance["references"]) if "correct" in reference["tags"]]
        request = Request(
            id=name, where=where, state=state, question=str(instance["input"]["text"]), references=tuple(texts),
            correct=tuple(right),
        )  # fmt: skip
        if state["result"].get("success") is False:
            raise ValueError(f"{run.path}, {where}: the request failed; a failure is no answer")
        _ = request.text
    return request


def _remarks(labels: Sequence[tuple[str, str, int]], split: str, unchanged: str, taken: Sequence[int]) -> list[str]:
    """What was left out, counted."""
    n_copies = sum(perturbation != unchanged for _, perturbation, _ in labels)
    n_splits = sum(name != split and perturbation == unchanged for name, perturbation, _ in labels)
    n_trials = sum(label[:2] == (split, unchanged) and label[2] not in taken for label in labels)
    counts = {
        "of perturbed copies": n_copies,
        "of other splits": n_splits,
        "of further trials, which ask the same instances again": n_trials,
    }
    return [f"{n} of {len(labels)} requests left out: {what}" for what, n in counts.items() if n]
