"""What must hold of answers and their grades: thoughts, verdicts, abstentions."""

from __future__ import annotations

import ast
import re

from .case_folders import lines

GRADERS = ["combined.parquet", "match.parquet", "similarity.parquet"]
HABITS = ("none", "think_closed", "think", "reasoning")
ABSTAINED = (
    "refused",
    "<grade> refused </grade>",
    "REFUSED",
    "Grade: refused",
    "The model refused to answer.",
    "NOT_ATTEMPTED",
    "Grade: NOT_ATTEMPTED",
    "**C: NOT_ATTEMPTED**",
    r"\boxed{[IDK]}",
    "Not attempted",
)
PLAIN = {
    "correct": "correct",
    "CORRECT.": "correct",
    "<grade>correct</grade>": "correct",
    '{"grade": "correct"}': "correct",
    '{"verdict": "INCORRECT", "reason": "x"}': "incorrect",
    "Score: correct": "correct",
    "Rating: incorrect": "incorrect",
    "Final verdict: correct": "correct",
    "correct / incorrect: incorrect": "incorrect",
    "<think>It looks correct.</think>\nincorrect": "incorrect",
}
DENIED = (
    "correct: no",
    "Correct: false",
    "Is the answer correct? No.",
    "No, it is wrong",
    "I would grade this as INCORRECT",
)
REFUSALS = (
    "Cannot be determined.",
    "There is no information available about this.",
    "I have no way of knowing that.",
)


def reasoning_answers(text: str) -> None:
    grades = {habit: [line.split(" | ")[1:] for line in lines(text, f"{habit} | ")] for habit in HABITS}
    assert {habit: [row[0] for row in rows] for habit, rows in grades.items()} == dict.fromkeys(HABITS, GRADERS)
    assert {row[1] for row in grades["none"]} == {"correct"}
    assert grades["think_closed"] == grades["none"]
    for habit in ("think", "reasoning"):
        assert [row[1:] for row in grades[habit]] == [["ungraded", "False", "None", "cut off"]] * 3
    warnings = lines(text, "veracal: warning: 2 of 2 answers were cut off")
    assert len(warnings) == 2
    assert all("--max-new-tokens" in warning for warning in warnings)


def refused_verdicts(text: str) -> None:
    rows = re.findall(r"^(['\"].*['\"]) -> (\w+)$", text, re.MULTILINE)
    verdicts: dict[str, str] = {ast.literal_eval(words): verdict for words, verdict in rows}
    assert {words: verdicts[words] for words in ABSTAINED} == dict.fromkeys(ABSTAINED, "abstained")
    assert {words: verdicts[words] for words in PLAIN} == PLAIN
    assert not {words: verdicts[words] for words in DENIED if verdicts[words] not in {"incorrect", "ungraded"}}
    # Two answers of which a file says "correct: no" and {"correct": false}: none is correct.
    assert re.search(r"^science +2 +0 \[", text, re.MULTILINE)


def abstentions(text: str) -> None:
    assert "18 refusals, 15 answers looked at" in text
    assert not lines(text, "declines") + lines(text, "does not decline")
    rows = re.findall(r"^(['\"].*['\"]) match: (\w+) \| combined: (\w+)$", text, re.MULTILINE)
    grades = {ast.literal_eval(words): (match, combined) for words, match, combined in rows}
    assert len(grades) == 8
    for words in REFUSALS:
        assert grades.pop(words) == ("abstained", "abstained"), words
    for words, (match, combined) in grades.items():
        assert match != "abstained", words
        assert combined in {"correct", "incorrect"}, words
