"""Which trials of a HELM run count."""

from __future__ import annotations

from collections.abc import Sequence

from ..options import LogOptions


def chosen_trials(path: object, trials: Sequence[int], options: LogOptions, *, once: bool) -> list[int]:
    """Indices of the trials that count.

    Parameters
    ----------
    path : object
        The file, for messages.
    trials : sequence of int
        Indices of all trials, in their order.
    options : LogOptions
        Whose epoch is the number of a trial, from 1; if omitted the first counts, or all.
    once : bool
        Whether an item counts once, as those with options do; otherwise each trial is a sample.

    Raises
    ------
    ValueError
        For a trial that the log does not have, and for all trials of items that count once.
    """
    epoch = options.epoch or (1 if once else "all")
    if epoch == "all" and once:
        raise ValueError(f"{path}: an item with options counts once: the epoch must be a number or mean, got 'all'")
    if not isinstance(epoch, int):
        return list(trials)
    if epoch > len(trials):
        raise ValueError(f"{path}: no epoch {epoch}: the log has {len(trials)} trial{'s' * (len(trials) > 1)}")
    return [trials[epoch - 1]]


def trial_remarks(trials: Sequence[int], taken: Sequence[int], *, mean: bool) -> list[str]:
    """Which of several trials count."""
    if len(trials) == 1:
        return []
    if len(taken) == 1:
        return [f"trial {trials.index(taken[0]) + 1} of {len(trials)} is taken (--epoch)"]
    return [f"the mean over {len(trials)} trials" if mean else f"all {len(trials)} trials, each a sample"]
