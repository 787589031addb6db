"""Runs of any number of models, of one kind or several, joined by the identity of their models."""

from __future__ import annotations

from pathlib import Path

import pytest

import veracal as vc
from tests.pages import choices, responses

NAMES = ("base", "sft", "rl")


def confident(name: str, sure: float) -> vc.Pairs:
    return vc.Pairs.from_arrays([sure] * 30, [1, 1, 0] * 10, model=name)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("kinds")
    answers = [responses(folder / f"answers-{name}", name, wrong) for name, wrong in zip(NAMES, (2, 5, 9), strict=True)]
    scores = [choices(folder / f"scores-{name}", name, "none", won) for name, won in (("rl", 9), ("base", 26))]
    return [*answers, *scores]


def test_runs_of_several_kinds_are_joined_by_their_models_not_by_position(folders: list[Path]) -> None:
    got = vc.runs(folders)
    assert set(got.names) == set(NAMES)
    assert list(got.answers) == list(NAMES)
    assert {name: round(scores[0].score * 32) for name, scores in got.likelihoods.items()} == {"rl": 9, "base": 26}
    change = got.compare("multiple-choice", reference="base").change("rl", "mc1")
    assert change is not None
    assert change.value == pytest.approx(-17 / 32)
    assert got.compare("responses").measures[0] == "correct"
    with pytest.raises(ValueError, match="kind must be one of responses, multiple-choice"):
        got.compare()
    with pytest.raises(ValueError, match="multiple-choice, got 'pairs'"):
        got.compare("pairs")


def test_runs_in_memory_of_one_kind_or_alone() -> None:
    stages = [confident(name, sure) for name, sure in zip(NAMES, (0.6, 0.7, 0.9), strict=True)]
    got = vc.runs(stages, labels=["A", "B", "C"])
    assert list(got.pairs) == ["A", "B", "C"]
    assert (got.letters, got.verdicts, got.answers, got.likelihoods) == ({}, {}, {}, {})
    kinds: list[vc.Predictions | vc.Pairs] = [
        vc.Predictions.from_arrays([[1.0, 0.0]] * 3, [0, 1, 0], model="a"),
        confident("a", 0.6),
    ]
    assert [list(getattr(vc.runs(kinds), kind)) for kind in ("letters", "pairs")] == [["a"], ["a"]]
    assert repr(got) == "<Runs of A, B, C: 3 of pairs>"
    assert vc.runs(stages[:1]).names == ("base",)
    twenty = vc.runs([confident(f"step {n}", 0.5 + n / 50) for n in range(20)])
    assert len(twenty.names) == 20
    assert list(got.compare().changes) == [("A", "B"), ("A", "C")]


def test_a_page_is_of_all_runs(folders: list[Path], tmp_path: Path, figures_undrawn: None) -> None:
    vc.runs([*folders[:2]], labels=["A", "B"]).report(tmp_path / "page.html")
    assert "A → B" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_runs_that_make_no_collection_are_refused(folders: list[Path]) -> None:
    with pytest.raises(ValueError, match="a run is given twice"):
        vc.runs([*folders, folders[0]])
    with pytest.raises(ValueError, match="got one path"):
        vc.runs(str(folders[0]))
    with pytest.raises(ValueError, match=r"labels must be one a run \(3\).*got 2"):
        vc.runs(folders[:3], labels=["A", "B"])
    with pytest.raises(TypeError, match="run 1 is a int"):
        vc.runs([3])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="at least one run"):
        vc.runs([])
