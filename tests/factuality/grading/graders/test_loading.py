"""Loading a grader by its name."""

from __future__ import annotations

from typing import Any

import pytest

from factuality.grading.graders.loading import load_grader


@pytest.mark.parametrize(("spec", "near"), [("mach", "match"), ("Similarity", "similarity"), ("modle:x", "model")])
def test_an_unknown_grader_is_told_what_there_is(spec: str, near: str) -> None:
    with pytest.raises(ValueError, match=f"must be one of match, .*got '{spec}'.*; the nearest: '{near}'$"):
        load_grader(spec)


def test_an_unknown_similarity_is_told_what_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ConnectionError(f"{name} is not in the local cache")

    monkeypatch.setattr("calibration.models.encoders.encoder.load_encoder", absent)
    known = "similarities by name are rouge1, rougeL, bleu, minilm; the nearest: 'rouge1'"
    with pytest.raises(ConnectionError, match=f"^rogue1 is not in the local cache; {known}$"):
        load_grader("similarity:rogue1")
    with pytest.raises(ConnectionError, match=r"^owner/name is not in the local cache$"):
        load_grader("similarity:owner/name")


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'dtipe'"):
        load_grader("match", dtipe="float32")  # type: ignore[call-arg]


@pytest.mark.parametrize("spec", ["match", "combined:words", "similarity:bleu"])
@pytest.mark.parametrize(
    "options",
    [{"dtype": "float32"}, {"device": "cpu"}, {"revision": "main"}, {"batch_size": 4}, {"trust_remote_code": True}],
)
def test_a_grader_without_a_model_takes_no_options_of_one(spec: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(options))} would have no effect on the grader {spec}: leave out"):
        load_grader(spec, **options)
    assert load_grader(spec).spec == spec
