"""No key of the machine that runs the tests reaches a server."""

from __future__ import annotations

import pytest

from calibration.models.servers.keys import KEYS


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
