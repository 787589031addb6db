"""Loading a grader by its name."""

from __future__ import annotations

from typing import Any

import pytest

from factuality.graders import load_grader


@pytest.mark.parametrize("spec", ["match", "combined:words", "similarity:bleu"])
@pytest.mark.parametrize(
    "options",
    [{"dtype": "float32"}, {"device": "cpu"}, {"revision": "main"}, {"batch_size": 4}, {"trust_remote_code": True}],
)
def test_a_grader_without_a_model_takes_no_options_of_one(spec: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(options))} would have no effect on the grader {spec}: leave out"):
        load_grader(spec, **options)
    assert load_grader(spec).spec == spec
