"""Texts that others wrote, made fit to be shown."""

from __future__ import annotations

import re

from markupsafe import Markup

from calibration.control_characters import escaped, escaped_line


def visible(value: object) -> object:
    r"""A text with control characters written out; other values as they are.

    Examples
    --------
    >>> print(visible("red\x1b[31m"))
    red\x1b[31m
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return escaped(value.replace("\r\n", "\n"))


def minus(text: str) -> str:
    """A text with a minus sign before negative numbers.

    A hyphen would break at the end of a line.

    Examples
    --------
    >>> minus("llama-3 -0.5 [-1, 2]")
    'llama-3 −0.5 [−1, 2]'
    """
    return re.sub(r"(?<![\w-])-(?=\d)", "−", text)


def name(text: str) -> str:
    r"""A name on one line, its control characters written out.

    Examples
    --------
    >>> print(name("model\u202e\ntxt"))
    model\u202e txt
    """
    return escaped_line(" ".join(text.split()))
