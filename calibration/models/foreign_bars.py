"""Progress bars of transformers, held back."""

from __future__ import annotations


def hold_back_bars() -> None:
    """Let transformers draw no progress bars in this process."""
    from transformers.utils import logging

    logging.disable_progress_bar()
