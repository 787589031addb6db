"""Chat formats: template, its arguments and date, beginning-of-text token."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict, get_args

Bos = Literal["auto", "yes", "no"]
BOS: tuple[Bos, ...] = get_args(Bos)
# Names of the template's own variables, which are no arguments.
_RESERVED = frozenset(
    {"messages", "tools", "documents", "add_generation_prompt", "continue_final_message", "chat_template"}
)


class ChatOptions(TypedDict, total=False):
    """Keyword arguments of `calibration.load_model` that say how prompts are written.

    Attributes
    ----------
    template_args, chat_template, date, bos
        As in `calibration.load_model`.
    """

    template_args: Mapping[str, Any] | None
    chat_template: str | None
    date: str | dt.date | None
    bos: Bos


@dataclass(frozen=True)
class ChatFormat:
    """How a model's prompts are written.

    Attributes
    ----------
    template : str
        A file that holds a chat template, or the name of one of the tokenizer's; empty: the tokenizer's own.
    arguments : mapping
        What the template is given beside the turns, such as ``{"enable_thinking": False}``.
    date : datetime.date, optional
        The date that a template writes; today if omitted.
    bos : {"auto", "yes", "no"}
        The beginning-of-text token in front of a prompt: as tokenizer and template put it, exactly once, or never.

    Raises
    ------
    ValueError
        For an unknown `bos`, and for arguments that are no JSON or that name a variable of every template.

    Examples
    --------
    >>> ChatFormat(arguments={"enable_thinking": False}).described
    {'template_args': '{"enable_thinking": false}'}
    """

    template: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    date: dt.date | None = None
    bos: Bos = "auto"

    def __post_init__(self) -> None:
        if self.bos not in BOS:
            raise ValueError(f"bos must be one of {', '.join(BOS)}, got {self.bos!r}")
        if not isinstance(self.arguments, Mapping) or not all(isinstance(name, str) for name in self.arguments):
            raise ValueError(f"the template's arguments must be an object of names and values, got {self.arguments!r}")
        for name in self.arguments:
            if name in _RESERVED:
                raise ValueError(f"the template's argument {name!r} is set by the prompt: leave it out")
        try:
            json.dumps(self.arguments)
        except (TypeError, ValueError):
            raise ValueError(f"the template's arguments must be JSON values, got {self.arguments!r}") from None

    @classmethod
    def of(
        cls,
        *,
        template_args: Mapping[str, Any] | None = None,
        chat_template: str | None = None,
        date: str | dt.date | None = None,
        bos: Bos = "auto",
    ) -> ChatFormat:
        """The format that the arguments of `calibration.load_model` describe.

        Raises
        ------
        ValueError
            For a date that is none, and as the class.

        Examples
        --------
        >>> ChatFormat.of(date="2026-11-29").date
        datetime.date(2026, 11, 29)
        """
        return cls(chat_template or "", dict(template_args or {}), parse_date(date), bos)

    @property
    def described(self) -> dict[str, str]:
        """Arguments and beginning-of-text token for a model's description, unless default."""
        arguments = json.dumps(self.arguments, sort_keys=True, ensure_ascii=False)
        return {
            **({"template_args": arguments} if self.arguments else {}),
            **({"bos": self.bos} if self.bos != "auto" else {}),
        }


PLAIN_FORMAT = ChatFormat()
"""The tokenizer's own template, and special tokens as they are put."""


def parse_date(value: str | dt.date | None) -> dt.date | None:
    """A date that is written like 2026-11-29.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> parse_date("2026-11-29"), parse_date(None)
    (datetime.date(2026, 11, 29), None)
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if value is None or isinstance(value, dt.date):
        return value
    try:
        day = dt.date.fromisoformat(value)
    except (TypeError, ValueError):
        day = None
    if day is None or day.isoformat() != value:
        raise ValueError(f"the date must be written like 2026-11-29 (YYYY-MM-DD), got {value!r}")
    return day
