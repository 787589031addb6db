"""Addresses of servers: what may be asked, and what may be shown of one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

NO_ADDRESS = "the URL must be an address like http://127.0.0.1:8000/v1, without ? and #"
NO_CREDENTIALS = "the URL must hold no credentials: set VERACAL_API_KEY to the key instead"


def checked_url(url: str) -> str:
    """The address of an API, without a slash at its end.

    Raises
    ------
    ValueError
        For an address that holds credentials, a query or a fragment, or that is none.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        known = False
    if "@" in url:
        raise ValueError(NO_CREDENTIALS)
    if not known or parts.query or parts.fragment:
        # Not quoted: what stands behind a question mark is often a key.
        raise ValueError(NO_ADDRESS)
    return url.rstrip("/")


def bare_url(url: str) -> str:
    """An address without credentials, query and fragment."""
    return re.sub(r"//[^/]*@", "//", url).partition("?")[0].partition("#")[0]
