"""What must hold of run folders: foreign parts."""

from __future__ import annotations

import re

from .case_folders import lines


def foreign_parts(text: str) -> None:
    for status, names in ((0, ("base", "rl")), (1, ("model", "items", "grade"))):
        for name in names:
            assert lines(text, f"{name}: exit ") == [f"{name}: exit {status}"]
    for command in ("compare", "report"):
        assert lines(text, f"{command}: exit ") == [f"{command}: exit 1"] * 2
    # By summarize, compare, report and the extract that would go on.
    foreign = lines(
        text, "veracal: model/parts/part-000000.parquet, item 'rivers/0': the model must be that of run.json"
    )
    assert len(foreign) == 4
    assert all(re.search(r"/base'; got model '.*/rl'", line) for line in foreign)
    others = lines(
        text, "veracal: items/parts/part-000001.parquet, item 'lakes/0': the item must be one that the run asks"
    )
    assert len(others) == 4
    assert lines(text, "veracal: mixed/parts/part-000000.parquet, question 'sun2': the model must be that of run.json")
    assert text.count("no numbers") == 2
    assert "items 42" not in text
    assert "unexpected" not in text
