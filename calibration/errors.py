"""All exceptions of calibration."""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass


class RowError(ValueError):
    """An error that names a row, also after it has come from another process."""

    row: int

    def __reduce__(self) -> tuple[Any, ...]:
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class PromptTooLongError(RowError):
    """A prompt has more tokens than the model's context window; `row` is its place in the list that was given.

    `new` is how many more tokens were asked for after the prompt.
    """

    def __init__(self, row: int, tokens: int, window: int, *, new: int = 0) -> None:
        more = f" and {new} more are asked for" if new else ""
        super().__init__(f"the prompt has {tokens} tokens{more}, the model's context window {window}")
        self.row = row


class ContinuationError(RowError):
    """A text that cannot follow a prompt: it adds no token, or one that the tokenizer does not know.

    `row` is the place of its prompt in the list that was given.
    """

    def __init__(self, row: int, text: str) -> None:
        super().__init__(f"the continuation {text!r} must add tokens that the tokenizer knows")
        self.row = row


class AnswerError(RowError):
    """An answer of a model that cannot be used; `row` is the place of its prompt in the list that was given."""

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row


class NotFiniteError(AnswerError):
    """Logits that hold NaN or infinity."""

    def __init__(self, row: int, dtype: str = "") -> None:
        narrow = "; float16 ends at 65504, a wider dtype may do" if dtype == "float16" else ""
        super().__init__(
            row,
            "the model's logits are not finite (NaN or infinite), so it says nothing: a training that diverged, or a "
            f"damaged copy of its weights{narrow}",
        )


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


class OtherModelError(ValueError):
    """A server that answers with another model than was asked for."""


class RepeatedNameError(ValueError):
    """An object of JSON that names two members alike, of which a reader would keep one; `name` is their name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"an object names {name!r} twice")
        self.name = name


class ChangedFileError(ValueError):
    """A file that is written to while it is read."""


class UnfitWeightsError(ValueError):
    """Weights that are not those of their network, or no numbers."""


class GgufError(ValueError):
    """A file that is no whole GGUF file, and why."""


class AbsentFileError(ConnectionError):
    """A file that the hub's repository does not hold."""


class SettingsDifferError(ValueError):
    """A run folder was made with other settings than those asked for."""
