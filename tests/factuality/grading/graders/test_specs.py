"""Names of graders, parsed."""

from __future__ import annotations

import pytest

from factuality.grading.graders.specs import SPECS, GraderSpec, parse_spec


@pytest.mark.parametrize(
    ("text", "kind", "target", "template"),
    [
        ("match", "match", "", ""),
        ("similarity", "similarity", "", ""),
        ("similarity:rougeL", "similarity", "rougeL", ""),
        ("combined:words", "combined", "words", ""),
        ("combine+references:a:b.csv", "combine+references", "a:b.csv", ""),
        ("nli:org/model", "nli", "org/model", ""),
        ("human:grades#1.csv", "human", "grades#1.csv", ""),
        ("model:openai:name@http://host:1/v1#closed-qa", "model", "openai:name@http://host:1/v1", "closed-qa"),
    ],
)
def test_a_name_has_a_kind_and_a_target(text: str, kind: str, target: str, template: str) -> None:
    assert parse_spec(text) == GraderSpec(text, kind, target, template)
    assert str(parse_spec(text)) == text


def test_every_name_in_messages_is_known() -> None:
    assert [parse_spec(spec).text for spec in SPECS] == list(SPECS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("matches", "the grader must be one of match, similarity, .*, got 'matches'"),
        ("match:words", "got 'match:words'"),
        ("nli:", "got 'nli:'"),
        ("model:", "got 'model:'"),
        ("Qwen/Qwen3-8B", "got 'Qwen/Qwen3-8B'; a model that judges is written model:Qwen/Qwen3-8B"),
        ("combined:all", "a combination must be combined, combined:words, .* got 'combined:all'"),
        ("combine:", "a combination must be combined, combined:words, .* got 'combine:'"),
    ],
)
def test_an_unknown_name_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_spec(text)
