"""Files of the Hugging Face hub, through its local cache."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from ..errors import AbsentFileError

# Seconds that the first contact may take, and how often it is tried; later ones are those of huggingface_hub.
_PATIENCE, _TRIES = 5, 2
_REACHED: set[str] = set()


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

    away = _why_away(repository, file, repo_type=repo_type, revision=revision)
    try:
        return Path(
            hf_hub_download(repository, file, repo_type=repo_type, revision=revision, local_files_only=away is not None)
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = away or str(error).strip().splitlines()[0]
        kind = AbsentFileError if isinstance(error, RemoteEntryNotFoundError) else ConnectionError
        raise kind(
            f"{repository} ({file}) is not in the local cache and the hub did not give it: {reason} "
            "Without a network, give a folder instead, or copy the hub's cache and set HF_HOME."
        ) from None


def _why_away(
    repository: str, file: str, *, repo_type: Literal["model", "dataset"], revision: str | None
) -> str | None:
    """Why the hub cannot be reached, at the first contact; None if it can.

    huggingface_hub itself would try five more times, for most of a minute, before it looks into the cache.
    """
    from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError

    endpoint = constants.ENDPOINT
    if constants.HF_HUB_OFFLINE or endpoint in _REACHED:
        return None
    url = hf_hub_url(repository, file, repo_type=repo_type, revision=revision)
    for left in reversed(range(_TRIES)):
        try:
            get_hf_file_metadata(url, timeout=_PATIENCE)
        except (HfHubHTTPError, ValueError):
            break  # it answered
        except Exception as error:  # noqa: BLE001 (of whichever library carries it)
            if not left:
                reason = str(error).strip().splitlines()
                return f"{endpoint} cannot be reached ({reason[0] if reason else type(error).__name__})."
        else:
            break
    _REACHED.add(endpoint)
    return None
