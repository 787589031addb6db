"""Verdicts spelled out: each of them, in the ways in which judges and people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calibration.predictions.grades import GRADES
from factuality.grading.verdict_words import GRADE_WORDS, Reading, read_grade, read_verdict, verdict_of


@pytest.mark.parametrize("word", GRADE_WORDS)
def test_every_word_in_every_dress(word: str) -> None:
    grade = GRADE_WORDS[word]
    for text in (
        word, word.upper(), word.capitalize(), f" {word}\n", f"{word}.", f"**{word}**", f'"{word}"',
        f"`{word.upper()}`", f"({word})", f"[[{word.upper()}]]", word.replace(" ", "_").upper(),
        word.replace(" ", "-"), f"Verdict: {word}",
        f"**Verdict:** {word.upper()}.", f"Grade: **{word}**", f"### Final verdict\n\n{word.upper()}",
        f"<verdict>{word}</verdict>", f'{{"verdict": "{word}", "reason": "long"}}', f"B: {word.upper()}", f"- {word}",
        f"I compared them.\nFinal answer: \\boxed{{\\text{{{word}}}}}", f"The grade is {word}.", f"→ {word}",
        f"Verdict — {word} (see above)", f"{word.upper()}: the years are the question.",
    ):  # fmt: skip
        assert verdict_of(text) == grade, text


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        # One word within another, which parsers that look for a substring get wrong.
        ("INCORRECT", "incorrect"),
        ("NOT_ATTEMPTED", "abstained"),
        ("NOT_CORRECT", "incorrect"),
        ("The response is INCORRECT", "incorrect"),
        ("correctly", "ungraded"),
        ("correctness", "ungraded"),
        ("untrue", "incorrect"),
        ("knowledge", "ungraded"),
        # Several verdicts: the last one that is declared, else the last one.
        ("First INCORRECT, on reflection CORRECT", "correct"),
        ("CORRECT? No: INCORRECT", "incorrect"),
        ("Verdict: correct\nWait.\nVerdict: incorrect", "incorrect"),
        ("CORRECT, INCORRECT or NOT_ATTEMPTED: the response is CORRECT", "correct"),
        ("CORRECT\n\nExplanation: an INCORRECT answer would have said Lyon.", "correct"),
        ("Explanation: it calls Paris INCORRECT.\n\nCORRECT", "correct"),
        ("True, the sky is blue, but it says green: INCORRECT", "incorrect"),
        ("No, the answer is correct.", "correct"),
        # Words of verdicts that judge something else.
        ("The answer is incorrect. The correct answer is Paris.", "incorrect"),
        ("Correct answer: Paris. The response said Lyon.", "ungraded"),
        ("It gives a wrong year.", "ungraded"),
        ("Paris is the correct one, so this is wrong.", "incorrect"),
        ("CORRECT. An answer of Lyon would be incorrect.", "correct"),
        ("It would be correct if it said Paris.", "ungraded"),
        ("I cannot tell whether it is correct.", "ungraded"),
        # Quotations.
        ('The student wrote "CORRECT", but this is INCORRECT', "incorrect"),
        ('It is correct: it avoids the "incorrect" claim', "correct"),
        ('The response only says "not attempted"', "ungraded"),
        ("It says 'I abstained', which is no answer, so: not attempted", "abstained"),
        ("Its heading reads “CORRECT”.", "ungraded"),
        # Denied and half verdicts.
        ("It isn't correct.", "incorrect"),
        ("It isn’t correct.", "incorrect"),
        ("This is not incorrect.", "ungraded"),
        ("Not quite correct", "ungraded"),
        ("Verdict: partially correct", "ungraded"),
        ("It is mostly correct.", "ungraded"),
        ("The question was never abstained from", "ungraded"),
        # Nothing, and what says nothing.
        ("", "ungraded"),
        (" \n\t", "ungraded"),
        ("...", "ungraded"),
        ("**", "ungraded"),
        ("Paris", "ungraded"),
        ("A", "ungraded"),
        ("Verdict: B", "ungraded"),
        ("Verdict:", "ungraded"),
        ("1", "ungraded"),
        ("yes and no", "ungraded"),
        ("It is true that rivers are wet.", "ungraded"),
        ("There is no doubt", "ungraded"),
        # Other languages, and words that look like one of ours.
        ("Richtig", "ungraded"),
        ("falsch", "ungraded"),
        ("correcto", "ungraded"),
        ("incorrecte", "ungraded"),
        ("correctă", "ungraded"),
        ("正しい", "ungraded"),
        ("неверно", "ungraded"),
        ("İNCORRECT", "ungraded"),
        ("ＣＯＲＲＥＣＴ", "correct"),  # full width
    ],
)
def test_verdicts(text: str, grade: str) -> None:
    assert verdict_of(text) == grade


VALUES = {
    "incorrect": [
        "correct: no", "Correct: No.", "**Correct:** No", "**Correct**: no", "- **correct**: No", "correct = False",
        "is_correct = False", "isCorrect: false", "correct == False", "correct -> no", "correct → no", "correct - no",
        "correct (no)", "correct=0", "correct: 0.0", "correct: f", "correct: ✗", "Correct: ❌", "Correct? No.",
        "Is it correct? No, it says Lyon.", "Is the answer correct?\nNo", "Is this a correct answer? No.",
        "Is the response wrong? Yes.", "Correct or incorrect? Incorrect.", "correct / incorrect: incorrect",
        "correct: incorrect", "Incorrect: yes", "INCORRECT: no mention of Paris", "Incorrect: wrong year",
        "correct: no it says Lyon", "Correct:\nNo", "**Correct:**\n\nNo", "Accurate: No", "Truthful: false",
        "Correctness: no", "Correctness: incorrect", "JUDGEMENT -> WRONG", "CORRECT? No: INCORRECT", "not correct",
        '{"correct": false}', "{'is_correct': False, 'reason': 'x'}", '{"correct": "no"}', '{"correct": false,}',
        '{"is_correct": false, "reason": "it is correct to say so"}', '{"result": {"correct": false}}',
        '{"evaluation": {"verdict": {"value": "incorrect"}}}', '{"correct_answer": "Paris", "is_correct": false}',
        '{"correct": false, "incorrect": true, "not_attempted": false}', '{"attempted": true, "correct": false}',
        'Here it is:\n```json\n{"grade": "INCORRECT"}\n```', "<correct>no</correct>", "<verdict>INCORRECT</verdict>",
        '<verdict value="incorrect"/>', '<result correct="false"/>', "<INCORRECT>", "$\\boxed{\\text{incorrect}}$",
        "extracted_final_answer: None\nreasoning: It differs.\ncorrect: no\nconfidence: 100%",
        "| Verdict | Reason |\n|---|---|\n| incorrect | it says Lyon |",
        # What may be written stands in front of what is.
        "correct (yes/no): no", "Correct [true/false] = false", "Correct (1 = yes, 0 = no): 0",
        # Gaps and other signs between name and value.
        "is_correct\tFalse", "correct ✗", "Correct ❌", "correct;no", "correct ... no", "correct (not)", "correct [no]",
        "correct ⇒ no", "correct ⟶ no", "correct: „no“", "correct: «no»", "Verdict: ¬correct", "isnt correct",
        # Ticked and struck out.
        "[ ] correct [x] incorrect", "☐ correct ☒ incorrect", "- [ ] correct\n- [x] incorrect", "~~correct~~ incorrect",
        "<del>correct</del> incorrect",
        # Two names on one line.
        "attempted: yes, correct: no", "Answered? Yes. Correct? No.",
        # A negation is parted from its word by line ends, markup, spaces.
        "NOT\nCORRECT", "not\n\ncorrect", "**NOT**\n**CORRECT**", "NOT  CORRECT", "NOT\r\nCORRECT", "NOT\xa0CORRECT",
        "NOT&nbsp;CORRECT", "NOT<br>CORRECT", "<b>NOT</b> <b>CORRECT</b>", "<p>NOT</p><p>CORRECT</p>",
        "It isn't\n> correct.", "The answer is not\ncorrect.", "NOT:\nCORRECT",
        "NOT…\nCORRECT", "IN\nCORRECT", "in-\ncorrect",
    ],
    "correct": [
        "correct: yes", "Is it correct: yes", "is_correct=True", "correct => yes", "correct = 1", "correct: 1.0",
        "correct (yes/no): yes", "Correct (1 = yes, 0 = no): 1", "is_correct\tTrue", "correct ✓", "✓ correct",
        "[x] correct [ ] incorrect", "☑ correct", "~~incorrect~~ correct", "attempted: yes, correct: yes",
        "correct: T", "correct: ✅", "Correct: ✔️", "Correct? Yes", "Truthful: yes", "verdict = TRUE",
        "CORRECT: the response names Paris as asked.", "Correct:\nThe response names the right city, Paris.",
        '{"correct": true}', "{'correct': True}", '{"verdict": true}', '{"grades": ["correct"]}',
        '{"correct": "Yes", "refused": false}', '{"reasoning": "incorrect because", "correct": "yes"}',
        '```json\n{"verdict": "correct", "confidence": 0.9}\n```', "<is_correct>yes</is_correct>", "<CORRECT>",
        "<answer><verdict>correct</verdict></answer>", "A: CORRECT",
        "extracted_final_answer: No\n\nreasoning: The answer no matches.\n\ncorrect: yes\n\nconfidence: 85",
    ],
    "abstained": [
        "refused", "Refused.", "DECLINED", "Grade: refused", "<grade> refused </grade>", "**Verdict:** Refused",
        "The model refused to answer.", "The response refuses to answer the question.", "The model declined.",
        "The assistant did not attempt an answer.", "Verdict: the model refused to answer", "refused: yes",
        "refused = true", '{"refused": true}', '{"refusal": true}', "<refused>true</refused>",
        "Did the model refuse? Yes.", "NotAttempted", "**C: NOT_ATTEMPTED**", "<NOT ATTEMPTED>",
        '{"final_verdict": "Not attempted"}', '{"attempted": false}', "attempted: no", "correct: not attempted",
        "\\boxed{[IDK]}", '{"correct": false, "refused": true}',
        '{"correct": false, "incorrect": false, "not_attempted": true}',
    ],
    "ungraded": [
        # A sign against the word, or what stands on the next line.
        "✗ correct", "👎 correct", "✓ incorrect", "correct\nno", "~~correct~~", "(A) correct (B) incorrect",
        "Truthful: yes. Correct: no.", "in-correct", "non-correct", "less than correct",
        "I cannot say that it is correct", "I do not think that the answer is correct",
        # Half a value, or none.
        "correct: partially", "correct: not really", "correct: maybe", "correct: n/a", "correct: null", "correct: 0.5",
        "correct: 1/5", "correct: yes and no", "correct: yes, but incorrect in the year", "partially correct: yes",
        '{"correct": null}', '{"correct": 0.3, "incorrect": 0.7}', '{"score": 1}', "Score: 0/1", "Grade: 1",
        # What is not wrong may be right or refused; what is not refused may be right or wrong.
        "incorrect: no", "Is the response wrong? No.", "refused: no", "It is not incorrect",
        # Denied by other words than not.
        "It is no longer correct", "The answer is far from correct.", "anything but correct", "nowhere near correct",
        "It is barely correct", "By no means correct", "It fails to be correct",
        # The correct answer, not that the answer is correct.
        "Correct: Paris", "correct: F. Scott Fitzgerald", "Correct answer: No", "[correct_answer]: no",
        "The answer is No.", "The reference answer is no.", '{"correct": "Paris", "response": "Lyon"}',
        '{"correct_answer": "yes", "model_answer": "no"}',
        # Two readings.
        "correct, no", "correct: no mention of Lyon", "correct\nincorrect", "The answer is correct but refuses",
        "The first part is correct; the second part is wrong.", "Verdict: correct\nVerdict: incorrect",
        "Yes\n\nThe response is incorrect.", '{"grades": ["correct", "incorrect"]}',
        '[{"correct": true}, {"correct": false}]', '{"correct": true, "correct": false}',
        '{"correct": true, "verdict": "incorrect"}', "neither correct nor incorrect",
        # The options, repeated.
        "correct/incorrect", "CORRECT or INCORRECT", "Verdict: CORRECT, INCORRECT or NOT_ATTEMPTED",
        "A: CORRECT\nB: INCORRECT\nC: NOT_ATTEMPTED",
        # The grader declines, not the answer.
        "I refuse to grade this.", "I can't grade this: correct answer unknown",
        # Letters and numbers whose meaning is the judge's own.
        "C", "GRADE: I", "GRADE: C", "0", "✓",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("text", "grade"), [(text, grade) for grade, texts in VALUES.items() for text in texts])
def test_the_value_behind_a_name_decides(text: str, grade: str) -> None:
    assert verdict_of(text) == grade


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("I would grade this as INCORRECT", "incorrect"),
        ("This should be marked incorrect.", "incorrect"),
        ("The response says that Sartre refused the prize, which is correct.", "correct"),
        ("The response rightly says he declined the prize. Verdict: correct", "correct"),
        ("Verdict: correct\nWait, I misread it.\nVerdict: incorrect", "incorrect"),
        ("Verdict: correct\n\nVerdict: correct", "correct"),
    ],
)
def test_running_text(text: str, grade: str) -> None:
    assert verdict_of(text) == grade


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("correct\nincorrect", Reading("ungraded", "more than one verdict in 'correct\\nincorrect'")),
        ("partially correct", Reading("ungraded", "no plain verdict in 'partially correct'")),
        ("correct: maybe", Reading("ungraded", "no plain verdict in 'correct: maybe'")),
        ("unclear", Reading("ungraded")),
        ("Paris", Reading("ungraded")),
        ("wrong", Reading("incorrect")),
    ],
)
def test_a_text_without_one_verdict_is_quoted(text: str, reading: Reading) -> None:
    assert read_grade(text) == reading


def test_long_quotations_are_cut() -> None:
    assert read_grade("correct\nincorrect" + "." * 1000).problem.endswith("correct\\nincorrect" + "." * 103 + "…'")


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("B", "B"),
        ("b.", "B"),
        ("(B)", "B"),
        ("**B**", "B"),
        ("Verdict: B", "B"),
        ("`Verdict: B`", "B"),
        ("Answer: (B) because it contradicts the reference", "B"),
        ("B. It contradicts the reference.", "B"),
        ("A would be too kind.\n\nB", "B"),
        ("Verdict: A\nVerdict: B", "B"),
        ("\\boxed{B}", "B"),
        ("A river runs there.", None),
        ("Answer: A river", None),
        ("I chose plan B for it", None),
        ("Banana", None),
        ("D", None),
        ("", None),
    ],
)
def test_letters_count_only_where_they_are_declared(text: str, letter: str | None) -> None:
    assert read_verdict(text, ["A", "B", "C"]) == letter


@given(st.text())
def test_every_text_gets_a_grade(text: str) -> None:
    assert verdict_of(text) in GRADES


@given(st.text(max_size=60), st.sampled_from(sorted(GRADE_WORDS)))
def test_a_verdict_declared_at_the_end_decides(text: str, word: str) -> None:
    assert verdict_of(f"{text}\nVerdict: {word}") == GRADE_WORDS[word]


@pytest.mark.parametrize(
    "piece", ["correct or not ", "'", '"(', "Verdict: ", " ", "(", "A.:", "\n", "<", "{", "n't", '{"a":', "<a>"]
)
def test_long_texts_take_no_time_to_speak_of(piece: str) -> None:
    assert verdict_of(piece * (80_000 // len(piece)) + "\nVerdict: incorrect") == "incorrect"
