"""Texts that others wrote, made fit to be shown."""

from __future__ import annotations

import re

from markupsafe import Markup

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")


def visible(value: object) -> object:
    r"""A text with its control characters as pictures (`␛` for an escape); anything else as it is.

    Examples
    --------
    >>> visible("red\x1b[31m")
    'red␛[31m'
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return _CONTROL.sub(lambda found: "␡" if found[0] == "\x7f" else chr(0x2400 + ord(found[0])), value)


def minus(text: str) -> str:
    """A text whose negative numbers have a minus sign, which does not break at the end of a line as a hyphen does.

    Examples
    --------
    >>> minus("llama-3 -0.5 [-1, 2]")
    'llama-3 −0.5 [−1, 2]'
    """
    return re.sub(r"(?<![\w-])-(?=\d)", "−", text)


def name(text: str) -> str:
    r"""A name on one line, without control characters and marks that turn the direction of its neighbours.

    Examples
    --------
    >>> name("model\u202e\ntxt")
    'model txt'
    """
    return " ".join(_CONTROL.sub(" ", _DIRECTION.sub("", text)).split())
