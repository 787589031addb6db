"""Units of work: prompts that one worker computes together."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..partition import blocks

# Prompts of one unit: enough that a shared prefix is rarely computed twice, few enough that workers end together and a
# lost one loses little. Short lists still give several workers something to do.
_UNIT = 128
_FEWEST_UNITS = 8


def work_units(texts: Sequence[str]) -> list[list[int]]:
    """Prompt indexes by unit of work, decided by the prompts' texts alone."""
    if not texts:
        return []
    return blocks(texts, min(len(texts), max(_FEWEST_UNITS, math.ceil(len(texts) / _UNIT))))
