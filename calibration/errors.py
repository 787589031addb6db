"""All exceptions of calibration.

::

    ValueError
    ├── UndefinedMeasure          measures, intervals     these answers do not define it
    ├── RowError                  models                  a prompt, by its row
    │   ├── PromptTooLongError
    │   ├── ContinuationError
    │   └── AnswerError
    │       └── NotFiniteError
    ├── NoLogprobsError           models.servers          no log-probabilities in an answer
    ├── RefusedError              models.servers          an HTTP error
    ├── OtherModelError           models.servers          another model answers
    ├── RepeatedNameError         models.servers          JSON that names a member twice
    ├── ChangedFileError          models.weights          a file that is written to
    ├── UnfitWeightsError         models.weights          weights of another network
    ├── GgufError                 models.weights          a damaged GGUF file
    └── SettingsDifferError       runs                    a run made with other settings
    ConnectionError
    ├── AbsentFileError           files                   the hub's repository has no such file
    └── ServerError               models.servers          no usable answer after all tries

Any other `ValueError` is raised where an argument does not hold what it must.
"""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from typing import Any


class UndefinedMeasure(ValueError):  # noqa: N818 (the name of a state of the data, not of a mistake)
    """A measure or interval that these answers do not define.

    Such as an AUROC without a wrong answer.

    Raised by `calibration.metrics` and `calibration.uncertainty`. Tables of measures (`summarize`, `compare`,
    `subject_changes`, `label_noise`, `recalibrate`, `diagnose`) leave such a measure out, with a note.
    """


class RowError(ValueError):
    """An error that names a row, also after pickling.

    Raised as one of its subclasses.
    """

    row: int

    def __reduce__(self) -> tuple[Any, ...]:
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class PromptTooLongError(RowError):
    """A prompt with more tokens than the model's context window.

    Raised by every model. `row` is the prompt's index, `new` the number of tokens requested after it.
    """

    def __init__(self, row: int, tokens: int, window: int, *, new: int = 0) -> None:
        more = f" and {new} more are asked for" if new else ""
        super().__init__(f"the prompt has {tokens} tokens{more}, the model's context window {window}")
        self.row = row


class ContinuationError(RowError):
    """A text that cannot follow a prompt: it adds no known token.

    Raised by `calibration.models.tokenizing` and models of servers. `row` is the prompt's index.
    """

    def __init__(self, row: int, text: str) -> None:
        super().__init__(f"the continuation {text!r} must add tokens that the tokenizer knows")
        self.row = row


class AnswerError(RowError):
    """An answer of a model that cannot be used.

    Raised by models of servers. `row` is the prompt's index.
    """

    def __init__(self, row: int, reason: str) -> None:
        super().__init__(reason)
        self.row = row


class NotFiniteError(AnswerError):
    """Logits that hold NaN or infinity; raised by models of transformers and vLLM."""

    def __init__(self, row: int, dtype: str = "") -> None:
        narrow = "; float16 ends at 65504, a wider dtype may do" if dtype == "float16" else ""
        super().__init__(
            row,
            "the model's logits are not finite (NaN or infinite), so it says nothing: a training that diverged, or a "
            f"damaged copy of its weights{narrow}",
        )


class ServerError(ConnectionError):
    """A server without a usable answer after all tries; raised by `calibration.models.servers.connections`."""


class NoLogprobsError(ValueError):
    """An answer without the requested log-probabilities; raised by `calibration.models.servers`."""


class RefusedError(ValueError):
    """A request that a server refuses; raised by `calibration.models.servers.connections`.

    Attributes
    ----------
    status : int
        The HTTP status.
    reason : str
        The reason that the server gives, on one line, cut.
    details : mapping
        The members of the error that the server answered with, by name; empty if it is not JSON.
    """

    def __init__(self, message: str, *, status: int, reason: str, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.details = details


class OtherModelError(ValueError):
    """A server that runs another model than the requested one; raised by `calibration.models.servers.server`."""


class RepeatedNameError(ValueError):
    """A JSON object that has the member `name` twice.

    Raised by `calibration.models.servers.json_content`.
    """

    def __init__(self, name: str) -> None:
        super().__init__(f"an object names {name!r} twice")
        self.name = name


class ChangedFileError(ValueError):
    """A file that is written to while it is read; raised by `calibration.models.weights`."""


class UnfitWeightsError(ValueError):
    """Weights that do not fit their network or are no numbers; raised by `calibration.models.weights`."""


class GgufError(ValueError):
    """A damaged GGUF file, with the reason; raised by `calibration.models.weights.gguf_header`."""


class AbsentFileError(ConnectionError):
    """A file that the hub's repository does not hold; raised by `calibration.files.hub`."""


class SettingsDifferError(ValueError):
    """A run folder made with other settings than the requested ones; raised by `calibration.runs`."""
