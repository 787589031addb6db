"""Options of a reader: what to take where a log leaves a choice."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Literal, TypedDict, get_args

from ..items.answer_keys import Answers
from ..predictions.credit import Partial

OWN_TABLE = "a table that veracal wrote, which says so itself"
"""What a file holds that leaves nothing to choose."""

Normalize = Literal["none", "chars", "bytes", "tokens"]
Which = Literal["mean", "all"]
Epoch = int | Which


# What options are for that not everything a format holds has a use for.
_USES = {
    "normalize": "divides log-likelihoods of options",
    "metric": "says which verdict of written answers is taken",
    "epoch": "says which of several answers to an item counts",
    "partial": "says what credit between right and wrong becomes",
    "answers": "says how right letters are written",
    "scale": "divides confidences or probabilities",
    "columns": "says which column holds what",
}


@dataclass(frozen=True, kw_only=True)
class LogOptions:
    """Choices that a log leaves open.

    None takes the only possibility, or the usual one.

    Attributes
    ----------
    task : str, optional
        The task to read if there are several.
    model : str, optional
        A name for tables and figures, in place of the log's.
    normalize : {"none", "chars", "bytes", "tokens"}
        Length that log-likelihoods of options are divided by.
    filter : str, optional
        lm-eval: whose answers, if the log has several filters.
    scorer : str, optional
        ``NAME`` or ``NAME.KEY``: whose verdicts, if there are several scorers or values.
    metric : str, optional
        The metric that is the verdict, if there are several.
    split : str, optional
        HELM: ``valid`` or ``test``, if the log has both.
    epoch : int, "mean" or "all", optional
        Which of several answers to an item, from 1; their mean; or all as samples.
    partial : {"half", "incorrect", "ungraded"}
        What partial credit becomes: ``half`` counts the credit that the log gives, half a right answer or another part.
    answers : {"letters", "from-zero", "from-one", "text"}, optional
        How a table writes its right answers.
    scale : float, optional
        What confidences or probabilities of a table are divided by: 100 for per cent.
    columns : mapping of str to str, optional
        Columns of a table by what they hold, as ``{"confidence": "prob"}``; others are recognised by their names.
    """

    task: str | None = None
    model: str | None = None
    normalize: Normalize | None = None
    filter: str | None = None
    scorer: str | None = None
    metric: str | None = None
    split: str | None = None
    epoch: Epoch | None = None
    partial: Partial | None = None
    answers: Answers | None = None
    scale: float | None = None
    columns: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        for name, words in (("normalize", Normalize), ("partial", Partial), ("answers", Answers)):
            given = getattr(self, name)
            if given is not None and given not in get_args(words):
                raise ValueError(f"{name} must be one of {', '.join(get_args(words))}, got {given!r}")
        epoch = self.epoch
        if epoch is None or epoch in get_args(Which):
            return
        if not isinstance(epoch, int) or isinstance(epoch, bool) or epoch < 1:
            raise ValueError(f"epoch must be a number from 1, mean or all, got {epoch!r}")

    def refuse_idle(self, format: str, taken: Collection[str]) -> None:
        """Raise for an option that the format has no use for.

        Raises
        ------
        ValueError
            Naming the option.
        """
        for option in fields(self):
            if getattr(self, option.name) is not None and option.name not in {"model", "task", *taken}:
                written = "column" if option.name == "columns" else option.name
                raise ValueError(f"--{written} ({option.name}= in Python) says nothing about a log of {format}")

    def refuse_without_use(self, names: Collection[str], *, where: object, got: str) -> None:
        """Raise for an option that says nothing about what a log holds.

        Parameters
        ----------
        names : collection of str
            Options that mean nothing to it.
        where : object
            The file, for messages.
        got : str
            What the file holds.

        Raises
        ------
        ValueError
            Naming the option and what it is for.
        """
        for name in names:
            if getattr(self, name) is not None:
                written = "column" if name == "columns" else name
                raise ValueError(f"{where}: --{written} ({name}= in Python) {_USES[name]}, got {got}")

    @property
    def choices(self) -> dict[str, object]:
        """Options that were given and decide numbers."""
        given = {option.name: getattr(self, option.name) for option in fields(self)}
        chosen = {name: value for name, value in given.items() if value is not None and name not in {"task", "model"}}
        return chosen if self.columns is None else {**chosen, "columns": dict(self.columns)}


class GivenOptions(TypedDict, total=False):
    """`LogOptions` as keyword arguments."""

    task: str | None
    model: str | None
    normalize: Normalize | None
    filter: str | None
    scorer: str | None
    metric: str | None
    split: str | None
    epoch: Epoch | None
    partial: Partial | None
    answers: Answers | None
    scale: float | None
    columns: Mapping[str, str] | None
