"""Failures while a model is loaded: damage, other tensors, memory that runs out."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager

from safetensors import SafetensorError

from ...errors import ChangedFileError, UnfitWeightsError
from ..memory import is_out_of_memory
from ..weights.adapters import refuse_unread_adapter
from ..weights.file_damage import refuse_damaged
from ..weights.model_files import refuse_changes
from .locations import Location

_FAILURES = (
    OSError, ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError, EOFError, struct.error,
)  # fmt: skip


@contextmanager
def guarded_loading(
    spec: str,
    location: Location,
    fault: str,
    *,
    code: bool = False,
    less: str = "a smaller --dtype or another --device",
) -> Iterator[None]:
    """Guard the loading of a model: files stay undamaged, errors are one line.

    Parameters
    ----------
    spec : str
        What the user calls the model.
    location : Location
        Where its files lie.
    fault : str
        What to say of a model that cannot be loaded, before the reason.
    code : bool
        Whether code that comes with it runs.
    less : str
        What takes less memory.

    Raises
    ------
    MemoryError
        If the memory does not suffice.
    ValueError
        Naming the damaged file, or why transformers cannot load the model.
    """
    files = location.files(code=code)
    refuse_damaged(files, downloading=bool(location.commit))
    if not location.gguf:
        refuse_unread_adapter(location.folder)
    before = files.states
    try:
        yield
    except (UnfitWeightsError, ChangedFileError):
        raise
    except (*_FAILURES, SafetensorError) as error:
        if is_out_of_memory(error):
            raise MemoryError(f"{spec}: out of memory while it is loaded; take {less}") from error
        refuse_damaged(location.files(code=code))  # those of the hub were not there before
        raise ValueError(f"{spec}: {fault}: {_reason(error)}") from None
    refuse_changes(before, location.files(code=code).states)


def _reason(error: Exception) -> str:
    """Why transformers loaded nothing, on one line."""
    reason = " ".join(str(error).split())
    if "model.safetensors" in reason:  # it names the file that it did not find
        return (
            "it must hold its weights as safetensors; pickles such as pytorch_model.bin may run code and are not read. "
            "Convert them where you trust them: transformers' from_pretrained, then save_pretrained"
        )
    return reason
