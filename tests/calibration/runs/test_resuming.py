"""Resuming: what is refused before there is a folder, what is asked again, and in which order rows come back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from calibration.errors import SettingsDifferError
from calibration.files.digest import digest
from calibration.models.protocol import Prompt
from calibration.runs import collection
from calibration.runs.folder import Run
from calibration.runs.resuming import resume
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
SETTINGS = {"counts": "letters"}
MODEL = tiny.model()


class Counter:
    """Answers prompts two at a time, the last first, and notes which it was asked."""

    def __init__(self, keys: list[tuple[str, int]] = KEYS, *, stop_after: int = 100) -> None:
        self.keys = keys
        self.stop_after = stop_after
        self.asked: list[tuple[str, int]] = []

    def ask(self, done: frozenset[int]) -> Iterator[tuple[list[int], list[int]]]:
        missing = [index for index in reversed(range(len(self.keys))) if index not in done]
        return self._answers([missing[start : start + 2] for start in range(0, len(missing), 2)])

    def row(self, shard_index: int, length: int) -> dict[str, Any]:
        word, sample = self.keys[shard_index]
        return {"word": word, "sample": sample, "length": length}

    def _answers(self, batches: list[list[int]]) -> Iterator[tuple[list[int], list[int]]]:
        for batch in batches:
            if len(self.asked) >= self.stop_after:
                raise KeyboardInterrupt
            self.asked += [self.keys[index] for index in batch]
            yield batch, [len(self.keys[index][0]) for index in batch]


def counted(counter: Counter, out: Path | None, **changes: Any) -> pl.DataFrame:
    return resume(
        MODEL,
        PROMPTS,
        counter.ask,
        counter.row,
        **{"out": out, "settings": SETTINGS, "kind": LENGTHS, "n_items": 8, **changes},
    )


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


def _refused(_: frozenset[int]) -> Iterator[tuple[list[int], list[int]]]:
    raise ValueError("a prompt is too long")


def _never(_: frozenset[int]) -> Iterator[tuple[list[int], list[int]]]:
    pytest.fail("was asked")


def test_a_refused_prompt_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a prompt is too long"):
        resume(MODEL, PROMPTS, _refused, Counter().row, out=tmp_path / "run", settings=SETTINGS, kind=LENGTHS)
    assert not (tmp_path / "run" / "run.json").exists()
    assert not (tmp_path / "run" / "parts").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"settings": {"counts": "bytes"}}, r"\(counts: 'letters' there, 'bytes' now\); choose another folder"),
        ({"prompts": {**PROMPTS, ("ebb", 0): Prompt("Ebb?")}}, r"word 'ebb': the prompt must be the one that is asked"),
        ({"prompts": {("ebb", 0): Prompt("ebb?")}}, r"\(prompts: '\w{16}' there, '\w{16}' now\)"),
    ],
)
def test_another_run_is_refused_before_anything_is_asked(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    counted(Counter(), tmp_path)
    arguments = {"prompts": PROMPTS, "settings": SETTINGS, **changes}
    prompts = arguments.pop("prompts")
    with pytest.raises((SettingsDifferError, ValueError), match=message):
        resume(MODEL, prompts, _never, Counter().row, out=tmp_path, kind=LENGTHS, **arguments)


def test_two_shards_fill_one_folder_and_count_their_own_prompts(tmp_path: Path) -> None:
    """Prompts 1, 4 and 6 are the second shard: its indexes are 0, 1 and 2."""
    second = [1, 4, 6]
    first = [index for index in range(8) if index not in second]
    steps: list[tuple[int, int]] = []
    for shard_prompts in (first, second):
        counter = Counter([KEYS[index] for index in shard_prompts])
        frame = counted(
            counter, tmp_path, shard_prompts=shard_prompts, progress=lambda done, of: steps.append((done, of))
        )
        assert LENGTHS.keys(frame) == counter.keys
        assert sorted(counter.asked) == sorted(counter.keys)
    assert steps == [(0, 5), (2, 5), (4, 5), (5, 5), (0, 3), (2, 3), (3, 3)]
    assert Run(tmp_path, LENGTHS).manifest["state"] == "complete"


def test_the_folder_is_locked_while_it_is_filled(tmp_path: Path) -> None:
    counter, other = Counter(), Counter()

    def ask_twice(done: frozenset[int]) -> Iterator[tuple[list[int], list[int]]]:
        with pytest.raises(ValueError, match="another process"):
            counted(other, tmp_path)
        return counter.ask(done)

    resume(MODEL, PROMPTS, ask_twice, counter.row, out=tmp_path, settings=SETTINGS, kind=LENGTHS, n_items=8)
    assert not other.asked
    assert counted(other, tmp_path).height == 8
