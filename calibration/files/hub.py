"""Files of the Hugging Face hub, through its local cache."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ..errors import AbsentFileError


def download(
    repository: str, file: str, *, repo_type: Literal["model", "dataset"], revision: str | None = None
) -> Path:
    """Path of a hub file in the local cache, downloaded if needed.

    Parameters
    ----------
    repository : str
        ``owner/name`` on the hub.
    file : str
        The path inside it.
    repo_type : {"model", "dataset"}
        Kind of the repository.
    revision : str, optional
        A branch, tag or commit.

    Raises
    ------
    ConnectionError
        If the file is neither in the cache nor to be had, saying how to work without a network; an
        `AbsentFileError` if the hub says that there is no such file.
    """
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RemoteEntryNotFoundError

    try:
        return Path(hf_hub_download(repository, file, repo_type=repo_type, revision=revision))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        kind = AbsentFileError if isinstance(error, RemoteEntryNotFoundError) else ConnectionError
        raise kind(
            f"{repository} ({file}) is not in the local cache and the hub did not give it: {reason} "
            "Without a network, give a folder instead, or copy the hub's cache and set HF_HOME."
        ) from None
