"""Devices that compute, and number formats of weights."""

from __future__ import annotations

import torch

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16, "float64": torch.float64}


def refuse_unknown_dtype(dtype: str) -> None:
    """Raise unless a dtype is ``auto`` or one of `DTYPES`.

    Raises
    ------
    ValueError
        With the known ones.
    """
    if dtype != "auto" and dtype not in DTYPES:
        raise ValueError(f"dtype must be auto, {', '.join(DTYPES)}, got {dtype!r}")


def device_named(device: str) -> torch.device:
    """Device of a name; of ``auto`` the first of cuda, mps and cpu."""
    if device == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(device)
        torch.empty(0, device=chosen)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise ValueError(f"the device {device!r} cannot be used: {' '.join(str(error).split())}") from None
    return chosen
