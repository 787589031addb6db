"""Digests: short hashes of texts and files for manifests."""

from __future__ import annotations

import hashlib
from pathlib import Path

_DIGITS = 16


def digest(text: str | bytes) -> str:
    """First 16 hexadecimal digits of a text's SHA-256.

    Examples
    --------
    >>> digest("The sky is blue")
    '0669b4c1d5a6b14a'
    """
    content = text.encode() if isinstance(text, str) else text
    return hashlib.sha256(content).hexdigest()[:_DIGITS]


def file_digest(path: Path) -> str:
    """First 16 hexadecimal digits of the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_DIGITS]
