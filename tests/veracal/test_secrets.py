"""Keys and passwords: whatever goes wrong, the command line and its runs do not tell them, not with --debug either."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from calibration.models.servers import keys
from calibration.models.servers import server_model as served_model
from calibration.models.servers.connections import Connection
from calibration.runs.folder import Run
from tests import fake_server as fake
from tests.fake_server import NAME, fake_server
from veracal import console
from veracal.cli import main

KEY = "sk-a-very-secret-key"
pytestmark = [
    pytest.mark.filterwarnings("ignore:of .* rows .* have letters that the source did not give"),
    pytest.mark.filterwarnings("ignore:the model puts"),
]


@pytest.fixture(autouse=True)
def _a_key_and_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in keys.KEYS:
        monkeypatch.setenv(name, KEY)
    monkeypatch.setattr(
        served_model, "Connection", lambda url, **_: Connection(url, timeout=5.0, attempts=2, pause=0.001)
    )


def told(command: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[object, str]:
    """Exit status, and everything that was printed."""
    with pytest.raises(SystemExit) as status:
        main(command)
    said = capsys.readouterr()
    return status.value.code, said.out + said.err


ECHO = f"the key {KEY} (Bearer {KEY}) is not known"
FAULTS: dict[str, tuple[fake.Fault | None, int]] = {
    "none": (None, 0),
    "refused": (fake.status(401, ECHO), 1),
    "busy": (fake.status(429, ECHO), 1),
    "broken": (fake.status(500, ECHO), 1),
    "moved": (fake.status(307, "moved", Location=f"http://me:{KEY}@127.0.0.1/v1?key={KEY}"), 1),
    "garbage": (fake.raw(ECHO.encode()), 1),
    "cut": (fake.cut, 1),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_key_of_a_server(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fault, wanted = FAULTS[name]
    run = tmp_path / "run"
    with fake_server() as server:
        server.faults = [None] * 8  # it goes wrong when some is done
        server.always = fault
        command = ["extract", f"openai:{NAME}@{server.url}", "--items", "demo", "--limit", "2", "--out", str(run)]
        status, said = told([*command, "--batch-size", "1", "--debug"], capsys)
    assert {headers["Authorization"] for _, _, headers in server.requests} == {f"Bearer {KEY}"}
    assert status == wanted, said
    assert ("Traceback" in said) == bool(wanted)
    assert KEY not in said
    assert Run(run).manifest["settings"]["model"] == NAME
    files = [path for path in run.rglob("*") if path.is_file()]
    assert len(files) >= 2
    for path in files:
        assert KEY.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    "address",
    ["http://me:{}@127.0.0.1:1/v1", "http://{}@127.0.0.1:1/v1", "http://me:/{}@127.0.0.1:1/v1", "http://h/v1?key={}"],
)
def test_a_password_in_an_address(
    address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A terminal also shows what is being waited for.
    monkeypatch.setattr(console, "ERR", Console(stderr=True, force_terminal=True))
    model = f"openai:{NAME}@{address.format(KEY)}"
    for command in (
        ["extract", model, "--items", "demo", "--out", str(tmp_path / "run")],
        ["ask", model, "--questions", "demo", "--out", str(tmp_path / "run")],
        ["truthfulqa", model, "--primer", "none", "--questions", "demo", "--out", str(tmp_path / "run")],
        ["grade", str(tmp_path / "run"), "--grader", f"model:{model}"],
    ):
        status, said = told([*command, "--debug"], capsys)
        assert status in (1, 2), said
        assert KEY not in said, command[0]
    assert not (tmp_path / "run").exists()


@pytest.mark.slow  # torch is imported by a process of its own
def test_the_token_of_the_hub(tmp_path: Path) -> None:
    """In a process of its own: the hub's client reads its token when it is imported."""
    environment = {
        **os.environ,
        "HF_TOKEN": KEY,
        "HF_HOME": str(tmp_path / "home"),
        "HF_ENDPOINT": "http://127.0.0.1:9",
        "HF_HUB_OFFLINE": "0",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_ETAG_TIMEOUT": "1",
    }
    code = (
        "import huggingface_hub.utils._http as http\n"
        "import time\n"
        "time.sleep = lambda _: None\n"  # the hub's client would try again for half a minute
        "from veracal.cli import main\nimport sys\nmain(sys.argv[1:])"
    )
    command = ["extract", "someone/tiny", "--items", "demo", "--out", str(tmp_path / "run"), "--debug"]
    found = subprocess.run(
        [sys.executable, "-c", code, *command], env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 1
    assert "someone/tiny (config.json) is not in the local cache" in " ".join(found.stderr.split())
    assert KEY not in found.stdout + found.stderr
