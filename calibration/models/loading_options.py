"""Loading options: how weights are loaded and prompts are written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

from .tokenizing.chat_formats import PLAIN_FORMAT, ChatFormat, ChatOptions


class ModelOptions(ChatOptions, total=False):
    """Keyword arguments of `calibration.load_model`, for functions that hand them on.

    Attributes
    ----------
    dtype, device, revision, trust_remote_code, adapter, template_args, chat_template, date, bos
        As in `calibration.load_model`.
    """

    dtype: str
    device: str
    revision: str | None
    trust_remote_code: bool
    adapter: str | None


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
    adapter : str, optional
        Folder or hub name of an adapter of peft that is put on the model.
    chat_format : ChatFormat
        Which template writes a chat, with which arguments and date, and where a prompt begins.
    """

    dtype: str = "auto"
    device: str = "auto"
    revision: str | None = None
    trust_remote_code: bool = False
    adapter: str | None = None
    chat_format: ChatFormat = PLAIN_FORMAT

    @classmethod
    def of(
        cls,
        *,
        dtype: str = "auto",
        device: str = "auto",
        revision: str | None = None,
        trust_remote_code: bool = False,
        adapter: str | None = None,
        **chats: Unpack[ChatOptions],
    ) -> Loading:
        """Loading by the keyword arguments of `calibration.load_model`.

        Raises
        ------
        ValueError
            As `ChatFormat.of`.

        Examples
        --------
        >>> Loading.of(device="cpu", bos="yes").chat_format.bos
        'yes'
        """
        return cls(
            dtype=dtype, device=device, revision=revision, trust_remote_code=trust_remote_code, adapter=adapter,
            chat_format=ChatFormat.of(**chats),
        )  # fmt: skip

    @property
    def chosen(self) -> tuple[str, ...]:
        """Names of the options for weights that are not the default.

        Examples
        --------
        >>> Loading(device="cpu", trust_remote_code=True).chosen
        ('device', 'trust_remote_code')
        """
        names = ("dtype", "device", "revision", "trust_remote_code", "adapter")
        return tuple(name for name in names if getattr(self, name) != getattr(DEFAULT_LOADING, name))


DEFAULT_LOADING = Loading()
"""What the checkpoint and the machine suggest."""


def name_with_adapter(spec: str, adapter: str | None) -> str:
    """Name of a model in runs, with that of the adapter on it.

    Examples
    --------
    >>> name_with_adapter("HuggingFaceTB/SmolLM2-135M", "runs/lora")
    'HuggingFaceTB/SmolLM2-135M+runs/lora'
    """
    return spec if adapter is None else f"{spec}+{adapter}"
