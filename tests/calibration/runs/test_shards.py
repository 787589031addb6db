"""Shards: who gets what, and what comes of putting it together."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration import Item, extract, merge_runs, read_run
from calibration.errors import SettingsDifferError
from calibration.models.local.transformers_model import LocalModel
from calibration.models.partition import blocks
from calibration.runs.folder import Run
from calibration.runs.run_writer import RunWriter
from calibration.runs.shards import members, parse_shard
from tests import tiny

TEXTS = st.lists(st.text("ab \n", max_size=12), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def model() -> LocalModel:
    return tiny.model()


@given(texts=TEXTS, data=st.data())
def test_shards_share_out_everything_once(texts: list[str], data: st.DataObject) -> None:
    n_shards = data.draw(st.integers(1, len(texts)))
    parts = [members(texts, (number, n_shards), what="texts") for number in range(1, n_shards + 1)]
    assert sorted(place for part in parts for place in part) == list(range(len(texts)))
    assert all(parts)
    # Each is a stretch of the sorted texts, so that what begins alike stays together.
    ordered = sorted(texts)
    stretches = sorted(sorted(texts[place] for place in part) for part in parts)
    assert [text for stretch in stretches for text in stretch] == ordered


def test_shards_cost_about_the_same_and_cut_few_subjects() -> None:
    texts = [
        f"{'law' if row < 300 else 'art'}\n{row * 7919 % 1000} " + "why? " * (20 if row < 300 else 2)
        for row in range(900)
    ]
    parts = blocks(texts, 8)
    costs = [sum(len(texts[place]) for place in part) for part in parts]
    assert max(costs) < 1.4 * min(costs)
    assert sum(len({texts[place][:3] for place in part}) for part in parts) <= 2 + 7
    # What stands in front of many texts is computed once and counts once.
    assert [len(part) for part in blocks(["p" * 1000 + letter for letter in "abcdef"] + ["q" * 1500], 2)] == [6, 1]


def test_the_list_alone_decides(model: LocalModel) -> None:
    items = tiny.items(20)
    one, other = (extract(model, asked, shard=(2, 3)).item.tolist() for asked in (items, items[::-1]))
    assert sorted(one) == sorted(other)
    assert one == [item.id for item in items if item.id in one]  # in the order of the items
    assert extract(model, items, shard=(2, 3), style="chat", form="bare").item.tolist() == one


def test_what_is_no_shard() -> None:
    for text in ("3", "1/", "-1/2", "1/2/3", "a/b", "1.5/2"):
        with pytest.raises(ValueError, match=r"a shard must be written i/n, such as 1/4 for the first of four, got"):
            parse_shard(text)
    for shard in ((0, 2), (3, 2), (1, 0)):
        with pytest.raises(ValueError, match=rf"must have i from 1 to n, got {shard[0]}/{shard[1]}"):
            members(["a", "b"], shard, what="items")
    for number in (1, 3):  # whichever it is: no task of a batch goes ahead
        with pytest.raises(ValueError, match="at most as many shards as items, got 3 shards of 2 items"):
            members(["a", "b"], (number, 3), what="items")


@pytest.mark.parametrize("permutations", ["none", "cyclic"])
def test_merged_shards_are_the_run_of_one_process(model: LocalModel, tmp_path: Path, permutations: str) -> None:
    items = tiny.items(30)
    whole = extract(model, items, permutations=permutations, out=tmp_path / "whole")  # type: ignore[arg-type]
    shown: list[tuple[int, int]] = []
    for number in (2, 3, 1):
        part = extract(
            model, items, permutations=permutations, shard=(number, 3), out=tmp_path / str(number),  # type: ignore[arg-type]
            progress=lambda *step: shown.append(step),
        )  # fmt: skip
        assert shown[-1] == (part.frame.height, part.frame.height)
        assert Run(tmp_path / str(number)).manifest["state"] == "running"  # it is the whole run, begun
    folders = [tmp_path / number for number in "312"]
    merged = merge_runs(folders, out=tmp_path / "merged")
    found = merged.predictions()
    assert found.frame.drop("logprobs", "letter_mass", "other_form_mass").equals(
        whole.frame.drop("logprobs", "letter_mass", "other_form_mass")
    )
    one, other = (run.frame["logprobs"].explode().to_numpy() for run in (found, whole))
    np.testing.assert_allclose(one, other, atol=1e-4)
    manifests = [{**run.manifest, "started": ""} for run in (Run(tmp_path / "whole"), merged)]
    assert manifests[0] == manifests[1]
    # So it is a run like that of one process: it is not begun again.
    assert extract(model, items, permutations=permutations, out=merged.path).frame.equals(found.frame)  # type: ignore[arg-type]
    # In any order the same, and once more changes nothing.
    assert merge_runs(folders[::-1], out=tmp_path / "other").predictions().frame.equals(found.frame)
    merge_runs([*folders, folders[0]], out=merged.path)
    assert merged.read_frame().height == len(found.frame)


def test_a_killed_shard_continues(model: LocalModel, tmp_path: Path) -> None:
    items = tiny.items(30)
    part = extract(model, items, shard=(1, 2), out=tmp_path / "one")
    killed = RunWriter.open(tmp_path / "killed", Run(tmp_path / "one").manifest["settings"], items=items)
    killed.append(part.frame[:4])
    progress: list[tuple[int, int]] = []
    again = extract(model, items, shard=(1, 2), out=tmp_path / "killed", progress=lambda *step: progress.append(step))
    assert again.frame.equals(part.frame)
    assert progress[0] == (4, part.n_items)
    # Another shard may go on in the same folder, which is then whole.
    rest = extract(model, items, shard=(2, 2), out=tmp_path / "killed", progress=lambda *step: progress.append(step))
    assert progress[-1] == (rest.n_items, rest.n_items) == (30 - part.n_items,) * 2
    assert Run(tmp_path / "killed").manifest["state"] == "complete"


def test_wrong_mixtures_are_refused(model: LocalModel, tmp_path: Path) -> None:
    items = tiny.items(12)
    for number in (1, 2, 3):
        extract(model, items, shard=(number, 3), out=tmp_path / f"part-{number}")
    one, two, three = (tmp_path / f"part-{number}" for number in (1, 2, 3))
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="must be at least one run to merge, got none"):
        merge_runs([], out=out)
    with pytest.raises(FileNotFoundError, match="part-4: no run here"):
        merge_runs([one, tmp_path / "part-4"], out=out)
    with pytest.raises(ValueError, match=r"must be whole, but \d+ of 12 are there: no run of shard 1/3, 3/3 was given"):
        merge_runs([two], out=out)

    extract(model, items, style="chat", shard=(3, 3), out=tmp_path / "chat")
    differences = r"\(letter_form: 'bare', not 'space'; style: 'chat', not 'completion'\)"
    with pytest.raises(SettingsDifferError, match=rf"chat was made with other settings .*{differences}"):
        merge_runs([one, two, tmp_path / "chat"], out=out)
    changed = [*items[:-1], Item(items[-1].id, items[-1].subject, "Another one?", items[-1].options, 0)]
    extract(model, changed, shard=(3, 3), out=tmp_path / "changed")
    with pytest.raises(SettingsDifferError, match=r"changed was made with other settings .*\(items: '.*; prompts: '"):
        merge_runs([one, two, tmp_path / "changed"], out=out)

    killed = tmp_path / "killed"
    shutil.copytree(three, killed)
    (part,) = (killed / "parts").iterdir()
    rows = pl.read_parquet(part, glob=False)
    part.unlink()
    RunWriter(killed).append(rows[:2])
    with pytest.raises(ValueError, match=rf"killed \(shard 3/3\) holds 2 of its {len(rows)}$"):
        merge_runs([one, two, killed], out=out)
    assert not out.exists()
    # Half a shard and the whole of it: what occurs twice agrees.
    assert read_run(merge_runs([killed, one, two, three], out=out).path).n_items == 12

    part.unlink()
    RunWriter(killed).append(rows.with_columns(letter_mass=pl.lit(0.5, pl.Float32)))
    with pytest.raises(
        ValueError, match=r"part-3 and .*killed must agree where they hold the same item, but differ on"
    ):
        merge_runs([one, two, three, killed], out=tmp_path / "again")
