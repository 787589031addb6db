"""A hub on loopback: the part of its interface that downloads use, over a folder of repositories."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from huggingface_hub import constants, hf_api

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def fake_hub(root: Path) -> Iterator[str]:
    """Serve ``root/owner/name/…`` (models) and ``root/datasets/owner/name/…``; gives the endpoint."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

        def _answer(self, *, body: bool) -> None:
            path = unquote(urlsplit(self.path).path).strip("/")
            if path.startswith("api/"):
                self._describe(path, body=body)
                return
            repository, _, rest = path.partition("/resolve/")
            revision, _, name = rest.partition("/")
            if not (root / repository).is_dir():
                self._send(404, b"", {"X-Error-Code": "RepoNotFound"}, body=body)
            elif revision not in ("main", COMMIT):
                self._send(404, b"", {"X-Error-Code": "RevisionNotFound"}, body=body)
            elif not (root / repository / name).is_file():
                self._send(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, body=body)
            else:
                content = (root / repository / name).read_bytes()
                tag = hashlib.sha256(content).hexdigest()
                self._send(200, content, {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT}, body=body)

        def _describe(self, path: str, *, body: bool) -> None:
            kind, *parts = path.removeprefix("api/").split("/")
            repository = "/".join(parts[:2])
            folder = root / repository if kind == "models" else root / kind / repository
            if not folder.is_dir():
                self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"}, body=body)
                return
            names = [str(file.relative_to(folder)) for file in sorted(folder.rglob("*")) if file.is_file()]
            listing: object = {"id": repository, "sha": COMMIT, "siblings": [{"rfilename": name} for name in names]}
            if "tree" in parts:
                listing = [
                    {"type": "file", "path": name, "size": (folder / name).stat().st_size, "oid": COMMIT}
                    for name in names
                ]
            self._send(200, json.dumps(listing).encode(), {"Content-Type": "application/json"}, body=body)

        def _send(self, status: int, content: bytes, headers: dict[str, str], *, body: bool) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def hub_used(endpoint: str, home: Path, *, offline: bool = False) -> Iterator[None]:
    """Let the hub's client in this process use an endpoint and a cache, as the environment would at its import."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(constants, "ENDPOINT", endpoint)
        addresses = f"{endpoint}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        patch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", addresses)
        patch.setattr(hf_api.api, "endpoint", endpoint)
        # transformers keeps a client of its own, with the endpoint of its first use.
        patch.setattr("transformers.utils.hub._hf_api", None)
        patch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
        patch.setattr(constants, "HF_HUB_OFFLINE", offline)
        patch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        patch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
        yield


def python_at(code: str, home: Path, endpoint: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, whose hub and cache are the given ones."""
    environment = {
        **os.environ,
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        **extra,
    }
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
