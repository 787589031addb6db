"""Bad use of any command is one clear line, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.veracal.command_line import refusal

BAD_USE: list[tuple[list[str], int, str]] = [
    (["extract", "MODEL", "--items", "missing.jsonl", "--out", "OUT"], 1, "no such file: missing.jsonl"),
    (["extract", "MODEL", "--items", "mmlu:missing", "--out", "OUT"], 1, "must hold test/SUBJECT_test.csv files"),
    (
        ["extract", "MODEL", "--items", "demo", "--subjects", "lore", "--out", "OUT"],
        1,
        "no item has the subject 'lore'",
    ),
    (
        ["extract", "MODEL", "--items", "demo", "--subjects", ",", "--out", "OUT"],
        2,
        "must name at least one subject",
    ),
    (["extract", "MODEL", "--items", "demo", "--shots", "2", "--out", "OUT"], 1, "demo has no dev split"),
    (["extract", "MODEL", "--items", "demo", "--dtype", "int3", "--out", "OUT"], 1, "dtype must be auto"),
    (["extract", "./none", "--items", "demo", "--out", "OUT"], 1, "neither a folder, a .gguf file nor a hub name"),
    (["extract", "MODEL", "--items", "demo"], 2, "give --out RUN, or --audit"),
    (["extract", "MODEL", "--items", "demo", "--limit", "0", "--out", "OUT"], 2, "Invalid value for '--limit'"),
    (["extract", "MODEL", "--items", "demo", "--style", "poem", "--out", "OUT"], 2, "'poem' is not one of"),
    (["extract", "MODEL", "--items", "demo", "--permutations", "all", "--out", "OUT"], 2, "'all' is not one of"),
    (["extract", "MODEL", "--out", "OUT"], 2, "Missing option '--items'"),
    (["import", "missing.csv", "--out", "OUT"], 1, "no such file: missing.csv"),
    (["import", "missing.csv"], 2, "Missing option '--out'"),
    (["summarize", "nowhere"], 1, "nowhere: no run here"),
    (["compare", "nowhere"], 2, "Missing argument 'AFTER'"),
    (["conquer"], 2, "No such command 'conquer'"),
    (["summarize", "--yaml"], 2, "No such option: --yaml"),
    (["ask", "MODEL", "--questions", "missing.jsonl", "--out", "OUT"], 1, "no such file: missing.jsonl"),
    (["ask", "MODEL", "--questions", "items.csv", "--out", "OUT"], 1, "no such file: items.csv"),
    (["ask", "MODEL", "--questions", "SRC"], 2, "Missing option '--out'"),
    (["ask", "MODEL", "--out", "OUT"], 2, "Missing option '--questions'"),
    (["ask", "./none", "--questions", "SRC", "--out", "OUT"], 1, "neither a folder, a .gguf file nor a hub name"),
    (["ask", "MODEL", "--questions", "SRC", "--style", "poem", "--out", "OUT"], 2, "'poem' is not one of"),
    (["ask", "MODEL", "--questions", "SRC", "--limit", "0", "--out", "OUT"], 2, "Invalid value for '--limit'"),
    (
        ["ask", "MODEL", "--questions", "SRC", "--max-new-tokens", "4000", "--out", "OUT"],
        1,
        "nothing is cut: ask for fewer tokens (--max-new-tokens), or leave the question out",
    ),
    (
        ["ask", "MODEL", "--questions", "SRC", "--samples", "5", "--out", "OUT"],
        2,
        "--samples above 1 needs a --temperature above 0",
    ),
    (["ask", "MODEL", "--questions", "SRC", "--temperature", "-1", "--out", "OUT"], 2, "value for '--temperature'"),
    (
        ["ask", "MODEL", "--questions", "SRC", "--primer", "qa-6", "--dev", "SRC", "--out", "OUT"],
        2,
        "takes its few-shot examples from --dev SRC",
    ),
    (
        ["ask", "MODEL", "--questions", "SRC", "--stop", "", "--out", "OUT"],
        1,
        "a stop text must not be empty",
    ),
    (
        ["ask", "MODEL", "--questions", "SRC", "--primer", "qa-6", "--state-confidence", "--out", "OUT"],
        1,
        "stated confidence and confidence targets need the primer none",
    ),
    (
        ["ask", "MODEL", "--questions", "SRC", "--confidence-target", "75", "--out", "OUT"],
        2,
        "--confidence-target must be below 1, as 0.75 for 75 per cent, got 75",
    ),
    (
        ["grade", "OUT", "--rubric", "classes.toml", "--grader", "model:MODEL", "--questions", "SRC"],
        2,
        "--questions has no effect beside --rubric, which has no references: leave it out",
    ),
    (["grade", "nowhere", "--grader", "match"], 1, "nowhere: no run here"),
    (["grade", "OUT", "--rubric", "classes.toml"], 2, "--rubric needs a judge: --grader model:SPEC"),
    (["grade", "OUT", "--grader", "match", "--template", "fact"], 1, "a template belongs to a judge, model:SPEC"),
    (["truthfulqa", "MODEL", "--questions", "SRC", "--out", "OUT"], 2, "Missing option '--primer'"),
    (
        ["truthfulqa", "./none", "--questions", "SRC", "--primer", "none", "--variant", "binary", "--out", "OUT"],
        1,
        "the variant binary needs a best incorrect answer, question q0 names none",
    ),
    (
        ["truthfulqa", "MODEL", "--questions", "items.csv", "--primer", "none", "--out", "OUT"],
        1,
        "no such file: items.csv",
    ),
    (
        ["truthfulqa", "MODEL", "--questions", "SRC", "--primer", "none", "--dev", "SRC", "--out", "OUT"],
        2,
        "no other primer has any",
    ),
    (
        ["truthfulqa", "MODEL", "--questions", "SRC", "--primer", "5-shot", "--dev", "SRC", "--out", "OUT"],
        1,
        "an example of the primer 5-shot must not be asked, q0 is",
    ),
]


@pytest.mark.parametrize(("arguments", "status", "message"), BAD_USE)
def test_bad_use_is_one_clear_line(
    arguments: list[str],
    status: int,
    message: str,
    model: Path,
    questions: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = {"MODEL": str(model), "SRC": str(questions), "OUT": str(tmp_path / "out")}
    got, line = refusal(capsys, *(known.get(word, word) for word in arguments))
    assert got == status
    assert message in line
    assert not (tmp_path / "out").exists()
