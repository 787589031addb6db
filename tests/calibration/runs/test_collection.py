"""Collection: what is refused before there is a folder, what is asked again, and in which order rows come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from calibration.errors import PromptTooLongError, SettingsDifferError
from calibration.files.digest import digest
from calibration.models.protocol import Prompt
from calibration.models.settings import model_settings
from calibration.runs import collection
from calibration.runs.collection import AskedRun, Progress, resumed
from calibration.runs.folder import Run
from calibration.runs.run_kinds import RunKind
from tests import tiny

SCHEMA = pl.Schema(
    {
        "model": pl.String(),
        "revision": pl.String(),
        "word": pl.String(),
        "sample": pl.Int32(),
        "length": pl.Int32(),
        "prompt": pl.String(),
    }
)
LENGTHS = RunKind(name="lengths", schema=SCHEMA, key="word", texts="words", turn="sample", drawn=True)
WORDS = ("ebb", "tide", "as", "ebbing")
PROMPTS = {(word, sample): Prompt(f"{word}?") for word in WORDS for sample in range(2)}
KEYS = list(PROMPTS)
MODEL = tiny.model()
SETTINGS = {**model_settings(MODEL), "counts": "letters"}


class Counter:
    """Answers prompts two at a time, the last first, and notes which it was asked."""

    def __init__(self, keys: list[tuple[str, int]] = KEYS, *, stop_after: int = 100) -> None:
        self.keys = keys
        self.stop_after = stop_after
        self.asked: list[tuple[str, int]] = []

    def rows(self, done: frozenset[int]) -> Iterator[list[dict[str, Any]]]:
        missing = [index for index in reversed(range(len(self.keys))) if index not in done]
        for batch in [missing[start : start + 2] for start in range(0, len(missing), 2)]:
            if len(self.asked) >= self.stop_after:
                raise KeyboardInterrupt
            asked = [self.keys[index] for index in batch]
            self.asked += asked
            yield [{"word": word, "sample": sample, "length": len(word)} for word, sample in asked]


def asked_run(**changes: Any) -> AskedRun:
    fields = {
        "kind": LENGTHS,
        "prompts": PROMPTS,
        "settings": SETTINGS,
        "n_items": 8,
        "if_too_long": "ask less",
        **changes,
    }
    return AskedRun(**{"keys": list(fields["prompts"]), **fields})


def counted(
    counter: Counter, out: Path | None, *, progress: Progress | None = None, asked: AskedRun | None = None
) -> pl.DataFrame:
    with resumed(out, asked or asked_run()) as run:
        return run.filled(counter.rows(run.done), progress=progress)


@pytest.fixture(autouse=True)
def _every_batch_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "_PART_SECONDS", 0.0)


def test_rows_come_back_in_the_order_of_the_prompts(tmp_path: Path) -> None:
    counter = Counter()
    frame = counted(counter, tmp_path / "run")
    assert LENGTHS.keys(frame) == KEYS
    assert frame["length"].to_list() == [3, 3, 4, 4, 2, 2, 6, 6]
    assert counter.asked == KEYS[::-1]
    assert frame["prompt"].to_list() == [digest(prompt.text) for prompt in PROMPTS.values()]
    assert set(frame["model"]) == {MODEL.name}
    manifest = Run(tmp_path / "run", LENGTHS).manifest
    assert manifest["settings"]["prompts"] == digest("ebb?\x1etide?\x1eas?\x1eebbing?")  # each once, whatever is drawn
    assert (manifest["state"], manifest["n_items"], manifest["n_done"]) == ("complete", 8, 8)


def test_nothing_is_written_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert counted(Counter(), None).equals(counted(Counter(), tmp_path / "run"))
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_what_an_interrupted_run_holds_is_not_asked_again(tmp_path: Path) -> None:
    killed, again = Counter(stop_after=4), Counter()
    with pytest.raises(KeyboardInterrupt):
        counted(killed, tmp_path)
    assert Run(tmp_path, LENGTHS).manifest["state"] == "running"
    assert counted(again, tmp_path).equals(counted(Counter(), None))
    assert killed.asked + again.asked == KEYS[::-1]
    assert Run(tmp_path, LENGTHS).manifest["state"] == "complete"


def refuse_prompt(row: int) -> None:
    raise PromptTooLongError(row, 3000, 2048)


def test_a_refused_prompt_leaves_no_folder_and_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match=r"^word tide: the prompt has 3000 tokens, .*2048; nothing is cut: ask less$"),
        resumed(tmp_path / "run", asked_run()) as run,
    ):
        refuse_prompt(2)
    assert run.done == frozenset()
    assert not (tmp_path / "run").exists()


def test_a_prompt_is_named_by_its_place_in_the_shard(tmp_path: Path) -> None:
    asked = asked_run(keys=[KEYS[index] for index in (1, 4, 6)])
    with pytest.raises(ValueError, match=r"^word ebbing: the prompt"), resumed(tmp_path, asked):
        refuse_prompt(2)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"settings": {**SETTINGS, "counts": "bytes"}},
            r"\(counts: 'letters' there, 'bytes' now\); choose another folder",
        ),
        ({"prompts": {**PROMPTS, ("ebb", 0): Prompt("Ebb?")}}, r"word 'ebb': the prompt must be the one that is asked"),
        ({"prompts": {("ebb", 0): Prompt("ebb?")}}, r"\(prompts: '\w{16}' there, '\w{16}' now\)"),
    ],
)
def test_another_run_is_refused_before_anything_is_asked(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    counted(Counter(), tmp_path)
    with pytest.raises((SettingsDifferError, ValueError), match=message), resumed(tmp_path, asked_run(**changes)):
        pytest.fail("was asked")


def test_two_shards_fill_one_folder_and_count_their_own_prompts(tmp_path: Path) -> None:
    """Prompts 1, 4 and 6 are the second shard: to its model they are 0, 1 and 2."""
    second = [1, 4, 6]
    first = [index for index in range(8) if index not in second]
    steps: list[tuple[int, int]] = []
    for shard_prompts in (first, second):
        counter = Counter([KEYS[index] for index in shard_prompts])
        asked = asked_run(keys=counter.keys)
        frame = counted(counter, tmp_path, asked=asked, progress=lambda done, of: steps.append((done, of)))
        assert LENGTHS.keys(frame) == counter.keys
        assert sorted(counter.asked) == sorted(counter.keys)
    assert steps == [(0, 5), (2, 5), (4, 5), (5, 5), (0, 3), (2, 3), (3, 3)]
    assert Run(tmp_path, LENGTHS).manifest["state"] == "complete"


def test_the_folder_is_locked_while_it_is_filled(tmp_path: Path) -> None:
    counter, other = Counter(), Counter()
    with resumed(tmp_path, asked_run()) as run:
        with pytest.raises(ValueError, match="another process"):
            counted(other, tmp_path)
        run.filled(counter.rows(run.done))
    assert not other.asked
    assert counted(other, tmp_path).height == 8
