"""Errors of servers: no answer, an answer that cannot be read, and a refusal to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ServerError(ConnectionError):
    """A server that did not give a usable answer, however often it was asked."""


class NoLogprobsError(ValueError):
    """An answer without the log-probabilities that were asked for."""


class RefusedError(ValueError):
    """A server that will not answer what it was asked.

    Attributes
    ----------
    status : int
        The HTTP status.
    said : str
        The reason that the server gives, on one line, cut.
    details : mapping
        The members of the error that the server answered with, by name; empty if it is not JSON.
    """

    def __init__(self, message: str, *, status: int, said: str, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status = status
        self.said = said
        self.details = details
