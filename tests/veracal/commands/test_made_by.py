"""The command that made a run stands in its manifest, and on its page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer

from calibration.runs.folder import Run
from tests.pages import Page
from tests.veracal.command_line import run
from veracal.commands.made_by import command_line


@pytest.mark.usefixtures("figures_undrawn")
def test_an_import_tells_how_it_was_made(tmp_path: Path) -> None:
    log, out = tmp_path / "my log.csv", tmp_path / "run"
    log.write_text("logit_A,logit_B,answer\n" + "1.5,0.5,A\n0.5,1.5,A\n" * 10)
    assert run("import", log, "--format", "csv", "--model", "mine", "--out", out, "--json") == 0
    wanted = f"veracal import '{log}' --out {out} --format csv --model mine"
    assert Run(out).manifest["command"] == wanted
    assert run("report", out, "--html", tmp_path / "page.html") == 0
    assert wanted in Page(tmp_path / "page.html").words
    manifest = json.loads((out / "run.json").read_text())
    (out / "run.json").write_text(json.dumps(manifest | {"command": 3}))
    with pytest.raises(ValueError, match="'command' must be a text, got 3"):
        _ = Run(out).manifest


def test_passwords_are_left_out() -> None:
    app = typer.Typer()
    said: list[str] = []

    @app.command(name="ask")
    def _(ctx: typer.Context, model: str, samples: int = 1, quick: bool = False, as_json: bool = False) -> None:
        said.append(command_line(ctx))

    app(
        ["openai:m@http://me:secret@host/v1?key=secret", "--quick", "--as-json"], prog_name="ask", standalone_mode=False
    )
    assert said == ["veracal ask openai:m@http://host/v1 --quick"]
