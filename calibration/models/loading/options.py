"""Loading options: how weights are loaded and prompts are written."""

from __future__ import annotations

from dataclasses import dataclass

from ..tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat


@dataclass(frozen=True, kw_only=True)
class Loading:
    """How a model is loaded, whichever back end answers; see `calibration.load_model`.

    Attributes
    ----------
    dtype : str
        Number format of the weights; ``auto``: that of the checkpoint.
    device : str
        Device that computes; ``auto``: the first of cuda, mps and cpu; ``map``: layers spread over all of them.
    revision : str, optional
        Branch, tag or commit on the hub.
    trust_remote_code : bool
        Whether code that comes with the model runs.
    chat_format : ChatFormat
        Which template writes a chat, with which arguments and date, and where a prompt begins.
    """

    dtype: str = "auto"
    device: str = "auto"
    revision: str | None = None
    trust_remote_code: bool = False
    chat_format: ChatFormat = PLAIN_FORMAT
