"""Errors that report memory that ran out."""

from __future__ import annotations

# Of CUDA and MPS, of the processor on Linux, on Windows, of a matrix library on the device.
_MESSAGES = ("out of memory", "can't allocate memory", "not enough memory", "ALLOC_FAILED")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error reports that memory ran out, Python's own or torch's.

    Examples
    --------
    >>> is_out_of_memory(RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB."))
    True
    >>> is_out_of_memory(RuntimeError("shapes cannot be multiplied"))
    False
    """
    message = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in message for words in _MESSAGES)
    )
