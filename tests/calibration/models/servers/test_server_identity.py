"""What servers tell of their models: kept with the run, and a change of it is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from calibration import extract, read_run
from calibration.errors import OtherModelError, SettingsDifferError
from calibration.models.settings import model_identity
from calibration.runs.folder import Run
from calibration.runs.merging import merge_runs
from tests import fake_server as fake
from tests import tiny
from tests.fake_server import NAME, fake_server, reach

pytestmark = [
    pytest.mark.filterwarnings("ignore:of .* rows .* have letters that the source did not give"),
    pytest.mark.filterwarnings("ignore:the model puts"),
]


def models(**entry: Any) -> dict[str, Any]:
    """A list of models, with what changes from request to request."""
    return {
        "/v1/models": {"data": [{"id": "other", "root": "x"}, {"id": NAME, "created": 1, "permission": [], **entry}]}
    }


TOLD: dict[str, tuple[dict[str, Any], str]] = {
    "vLLM": (
        {**models(root="meta-llama/Llama-3.1-8B", owned_by="vllm"), "/version": {"version": "0.9.1"}},
        "root meta-llama/Llama-3.1-8B; version 0.9.1",
    ),
    "llama.cpp": (
        {
            **models(meta={"n_params": 134515008, "size": 144811776, "n_vocab": 49152}),
            "/props": {"model_path": "/m/smol.gguf", "build_info": "b6000-abc", "chat_template": "{{ x }}" * 40},
        },
        "parameters 134515008; bytes 144811776; path /m/smol.gguf; build b6000-abc; template c8210edf32a86cb6",
    ),
    "SGLang": ({"/get_model_info": {"model_path": "/m", "is_generation": True}}, "path /m"),
    "TGI": (
        {"/info": {"model_id": "m/x", "model_sha": "0f4b", "model_dtype": "torch.float16", "version": "3.0.1"}},
        "model m/x; commit 0f4b; dtype torch.float16; server version 3.0.1",
    ),
    "others": ({"/version": {"version": None}, "/v1/models": {"data": "none"}, "/info": ["x"], "/props": "<html>"}, ""),
    "hostile": ({"/version": {"version": "1\x1b[2J\n\u202e"}}, "version 1\\x1b[2J\\n\\u202e"),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_a_server_tells_is_kept(name: str, tmp_path: Path) -> None:
    tells, text = TOLD[name]
    with fake_server(tells=tells, tokenizer="llama.cpp" if name == "llama.cpp" else "") as server:
        extract(reach(server), tiny.items(2), out=tmp_path / "run")
    settings = Run(tmp_path / "run").manifest["settings"]
    assert settings.get("server", "") == text
    assert settings["address"] == server.url
    assert model_identity(settings) == f'server ["{NAME}", "", "{server.url}"]'


def test_another_model_under_the_same_name_is_other_settings(tmp_path: Path) -> None:
    items = tiny.items(4)
    with fake_server(tells=models(root="/m/before"), fingerprint="fp_1") as server:
        model = reach(server)
        assert model.description["server"] == "root /m/before; fingerprint fp_1"
        extract(model, items, shard=(1, 2), out=tmp_path / "run")
        server.tells = models(root="/m/after")
        with pytest.raises(SettingsDifferError, match=r"server: 'root /m/before; .*' there, 'root /m/after; .*' now"):
            extract(reach(server), items, out=tmp_path / "run")


def test_a_server_may_move(tmp_path: Path) -> None:
    """What it tells of its model decides, not its address: a run goes on, and shards go together."""
    items = tiny.items(6)
    with fake_server(tells=models(root="/m")) as one, fake_server(tells=models(root="/m")) as two:
        whole = extract(reach(one), items)
        extract(reach(one), items, shard=(1, 2), out=tmp_path / "first")
        extract(reach(two), items, shard=(2, 2), out=tmp_path / "second")
        merge_runs([tmp_path / "first", tmp_path / "second"], out=tmp_path / "merged")
        assert extract(reach(two), items, out=tmp_path / "first").frame.equals(whole.frame)
    assert read_run(tmp_path / "merged").frame.equals(whole.frame)
    assert Run(tmp_path / "first").manifest["settings"]["address"] == one.url


def test_a_fingerprint_that_changes_in_the_middle_is_refused(tmp_path: Path) -> None:
    items = tiny.items(8)
    with fake_server(fingerprint="fp_1") as server:
        model = reach(server)

        def turned(done: int, _: int) -> None:
            if done == 3:
                server.fingerprint = "fp_2"

        message = (
            rf"^{server.url}: the server answered with the system_fingerprint 'fp_1' and now does with 'fp_2': .*; "
            r"what was done is kept, the same command continues once the first one answers again"
        )
        with pytest.raises(OtherModelError, match=message):
            extract(model, items, batch_size=1, out=tmp_path / "run", progress=turned)
        kept = read_run(tmp_path / "run").n_items
        assert 3 <= kept < 8
        with pytest.raises(SettingsDifferError, match="server: 'fingerprint fp_1' there, 'fingerprint fp_2' now"):
            extract(reach(server), items, out=tmp_path / "run")
        server.fingerprint = "fp_1"
        assert extract(reach(server), items, out=tmp_path / "run").n_items == 8


@pytest.mark.parametrize("fingerprint", [None, "", 7])
def test_answers_without_a_fingerprint_are_no_change(fingerprint: object) -> None:
    with fake_server(fingerprint="fp_1") as server:
        model = reach(server)
        server.always = fake.changed(lambda answer: answer.update(system_fingerprint=fingerprint))
        model.next_token_logprobs(["Answer:"], [" A"])
    with fake_server(always=fake.changed(lambda answer: answer.update(system_fingerprint=fingerprint))) as server:
        assert "server" not in reach(server).description


def test_a_server_that_tells_nothing_is_asked_all_the_same(tmp_path: Path) -> None:
    with fake_server() as server:
        model = reach(server)
        assert "server" not in model.description
        extract(model, tiny.items(2), out=tmp_path / "run")
    assert "server" not in Run(tmp_path / "run").manifest["settings"]


def test_a_version_that_holds_the_key_is_kept_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERACAL_API_KEY", "sk-secret-1234567890-XYZ")
    with fake_server(answers=f"{NAME}-2024-sk-secret-1234567890-XYZ") as server:
        assert reach(server).revision == f"{NAME}-2024-***"
