"""Names of models, tasks and datasets without the folders of somebody's machine."""

from __future__ import annotations

import re

_ABSOLUTE = re.compile(r"(?:^|(?<=/))(?:[A-Za-z]:(?=[\\/])|file:/|~|\.{1,2}(?=[\\/]))?[\\/].*")


def without_folders(name: str) -> str:
    """A name with the last part alone of a path that it holds.

    Examples
    --------
    >>> without_folders("openai/gpt-4o"), without_folders("/home/me/models/llama"), without_folders("hf//data/me/llama")
    ('openai/gpt-4o', 'llama', 'hf/llama')
    """
    path = _ABSOLUTE.search(name)
    if path is None:
        return name
    last = next((part for part in reversed(re.split(r"[\\/]", path[0])) if part), "")
    return name[: path.start()] + last
