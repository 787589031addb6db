"""`ask`, `grade` and `truthfulqa` as their users meet them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from calibration.runs import collection
from calibration.runs import folder as runs
from factuality import rates, read_judgments, read_multiple_choice, read_responses
from factuality.multiple_choice.scores import VARIANTS
from tests import tiny
from tests.factuality import sets
from tests.label_files import write_labels
from tests.veracal.test_cli import refused, run
from veracal import sources


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny"
    tiny.network().save_pretrained(path)
    tiny.tokenizer().save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("questions") / "questions.jsonl"
    rows = [
        {
            "id": question.id,
            "category": question.category,
            "question": question.question,
            "ideal": question.ideal,
            "aliases": question.correct[1:],
            "incorrect": question.incorrect,
            "adversarial": question.adversarial,
        }
        for question in sets.questions()
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dev") / "dev.jsonl"
    rows = [
        {
            "id": f"d{number}",
            "category": "dev",
            "question": f"Why {number}?",
            "ideal": f"so {number}",
            "incorrect": ["no"],
        }
        for number in range(5)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_from_questions_to_rates(model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    command = ["ask", model, "--questions", source, "--max-new-tokens", 5, "--limit", 3, "--batch-size", 4]
    assert run(*command, "--out", out, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["run"], result["n_answers"], result["style"], result["max_new_tokens"]) == (
        str(out), 9, "completion", 5,
    )  # fmt: skip
    assert run(*command, "--out", out) == 0  # a finished run is not asked again
    assert f"9 answers in {out}; grade them with: veracal grade {out}" in capsys.readouterr().err
    assert run("grade", out, "--grader", "match", "--json") == 0
    graded = json.loads(capsys.readouterr().out)
    judgments = read_judgments(out)
    overall = rates(judgments).overall()
    assert (graded["model"], graded["grader"], graded["n_answers"]) == (str(model), "match", 9)
    assert graded["adversarial"]["n"] == overall["n"] == 6
    assert graded["calm"]["n"] == 3
    assert graded["adversarial"]["incorrect"] == {
        "value": overall["incorrect"],
        "low": overall["incorrect_low"],
        "high": overall["incorrect_high"],
        "level": 0.95,
    }
    assert [(row["category"], row["adversarial"]) for row in graded["categories"]] == [
        ("rivers", True), ("law", True), ("law", False),
    ]  # fmt: skip
    assert run("grade", out, "--grader", "match") == 0
    table = capsys.readouterr().out
    for name in ("law, calm", "all adversarial", "all calm", "ungraded", "tempted", "abstained"):
        assert name in table


def test_a_plain_table_of_questions_and_answers_is_asked_and_graded(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, out = tmp_path / "plain.csv", tmp_path / "run"
    plain.write_text("question,answer,incorrect\nWhat colour is the Sun?,white,yellow; orange\nWho?,nobody,\n")
    assert run("ask", model, "--questions", plain, "--max-new-tokens", 3, "--out", out) == 0
    assert [question.id for question in read_responses(out).questions] == ["0", "1"]
    capsys.readouterr()
    assert run("grade", out, "--grader", "match", "--json") == 0
    graded = json.loads(capsys.readouterr().out)
    assert [(row["category"], row["adversarial"], row["n"]) for row in graded["categories"]] == [
        ("", True, 1), ("", False, 1),
    ]  # fmt: skip
    assert run("grade", out, "--grader", "match") == 0
    table = capsys.readouterr().out
    assert "no category, calm" in table
    assert "all adversarial" in table


def test_references_may_be_changed_after_asking(
    model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run("ask", model, "--questions", source, "--max-new-tokens", 5, "--out", out) == 0
    said = {row["question"]: row["response"] for row in read_responses(out).frame.iter_rows(named=True)}
    other = tmp_path / "other.jsonl"
    rows = [
        {"id": name, "category": "any", "question": "What?", "ideal": text, "incorrect": ["nothing of it"]}
        for name, text in said.items()
    ]
    other.write_text("".join(json.dumps(row) + "\n" for row in rows))
    capsys.readouterr()
    assert run("grade", out, "--grader", "match", "--questions", other, "--json") == 0
    assert json.loads(capsys.readouterr().out)["adversarial"]["correct"]["value"] > 0.9


def test_samples_primers_and_stops(
    model: Path, source: Path, dev: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["ask", model, "--questions", source, "--max-new-tokens", 5, "--limit", 1]
    drawn = [*command, "--samples", 3, "--temperature", 0.8, "--stop", r"x\n", "--stop", "yy", "--json"]
    assert run(*drawn, "--seed", 7, "--out", tmp_path / "drawn") == 0
    result = json.loads(capsys.readouterr().out)
    wanted = {"n_answers": 9, "samples": 3, "temperature": 0.8, "seed": 7, "stop": ["\n", "x\n", "yy"]}
    assert {name: result[name] for name in wanted} == wanted
    first = read_responses(tmp_path / "drawn").frame
    assert run(*drawn, "--seed", 7, "--batch-size", 2, "--out", tmp_path / "again") == 0
    assert read_responses(tmp_path / "again").frame["response"].equals(first["response"])
    capsys.readouterr()
    status, line = refused(capsys, "grade", tmp_path / "drawn", "--grader", "match")
    assert status == 1
    assert "its 9 answers are graded, but there are no rates: they need one answer a question" in line
    assert read_judgments(tmp_path / "drawn", grader="match").n_answers == 9
    assert run(*drawn[:-1], "--seed", 7, "--out", tmp_path / "drawn") == 0
    assert f"read them with factuality.read_responses('{tmp_path / 'drawn'}')" in capsys.readouterr().err
    five = [*command, "--primer", "5-shot", "--dev", dev, "--style", "chat", "--json", "--out", tmp_path / "five"]
    assert run(*five) == 0
    assert json.loads(capsys.readouterr().out)["primer"] == "5-shot"
    assert run(*command, "--state-confidence", "--style", "chat", "--json", "--out", tmp_path / "stated") == 0
    assert json.loads(capsys.readouterr().out)["state_confidence"] is True


def test_both_scores_of_truthfulqa(
    model: Path, source: Path, dev: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["truthfulqa", model, "--questions", source, "--limit", 2]
    assert run(*command, "--primer", "qa-6", "--out", tmp_path / "qa-6", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_questions"], result["primer"], result["style"]) == (6, "qa-6", "completion")
    for variant in VARIANTS:
        found = read_multiple_choice(tmp_path / "qa-6", variant=variant)
        assert result[variant]["value"] == found.score
        assert result[variant]["low"] <= found.score <= result[variant]["high"]
        parts = [(part["category"], part["n"], part[variant]["value"]) for part in result["categories"]]
        assert parts == found.by_category().select("category", "n", "score").rows()
    assert "binary" not in result
    one = [
        *command,
        "--primer",
        "5-shot",
        "--dev",
        dev,
        "--variant",
        "mc2",
        "--style",
        "chat",
        "--out",
        tmp_path / "five",
    ]
    assert run(*one, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert "mc2" in result
    assert "mc1" not in result
    assert run(*one) == 0
    text = capsys.readouterr().out
    assert "6 questions, primer 5-shot: scores with 95 % intervals" in " ".join(text.split())
    assert [line.split()[:2] for line in text.splitlines()[-3:]] == [["rivers", "2"], ["law", "4"], ["all", "6"]]
    status, line = refused(capsys, *command, "--primer", "none", "--out", tmp_path / "qa-6")
    assert status == 1
    assert "primer: 'qa-6' there, 'none' now" in line


def test_truthfulqa_s_own_file_with_two_answers(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    header = "Type,Category,Question,Best Answer,Best Incorrect Answer,Correct Answers,Incorrect Answers,Source"
    rows = [
        f"Adversarial,law,Who is {k}?,Nobody,Somebody {k},Nobody; No one,Somebody {k}; All,a book" for k in range(5)
    ]
    (tmp_path / "TruthfulQA.csv").write_text("\n".join([header, *rows]), encoding="utf-8")
    out = tmp_path / "run"
    command = ["truthfulqa", model, "--questions", tmp_path, "--primer", "none", "--out", out, "--json"]
    assert run(*command) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["n_questions"] == 5
    assert result["binary"]["value"] == read_multiple_choice(out, variant="binary").score >= result["mc1"]["value"]
    assert run(*command, "--variant", "binary") == 0
    alone = json.loads(capsys.readouterr().out)
    assert alone["binary"] == result["binary"]
    assert not {"mc1", "mc2"} & set(alone)


def test_without_dev_the_project_s_own_set_is_shown_solved(
    model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["truthfulqa", model, "--questions", source, "--limit", 1, "--primer", "5-shot"]
    assert run(*command, "--out", tmp_path / "own", "--json") == 0
    own = json.loads(capsys.readouterr().out)
    shown = sources.read_solved_questions(None)
    assert len({question.category for question in shown[:5]}) == 5
    rows = [
        {"id": question.id, "category": question.category, "question": question.question, "ideal": question.ideal,
         "incorrect": question.incorrect}
        for question in shown[:5]
    ]  # fmt: skip
    dev = tmp_path / "dev.jsonl"
    dev.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert run(*command, "--dev", dev, "--out", tmp_path / "named", "--json") == 0
    named = json.loads(capsys.readouterr().out)
    assert (named["prompts"], named["mc2"]) == (own["prompts"], own["mc2"])


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
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
    ],
)
def test_bad_use_is_one_clear_line(
    arguments: list[str],
    status: int,
    message: str,
    model: Path,
    source: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    known = {"MODEL": str(model), "SRC": str(source), "OUT": str(tmp_path / "out")}
    found, line = refused(capsys, *(known.get(word, word) for word in arguments))
    assert found == status
    assert message in line
    assert not (tmp_path / "out").exists()


def test_runs_of_another_kind_are_refused(
    model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert run("ask", model, "--questions", source, "--limit", 1, "--max-new-tokens", 2, "--out", out) == 0
    capsys.readouterr()
    for command, message in (
        (
            ["summarize", out],
            f"holds a run of responses, not of predictions; its rates are shown by: veracal grade {out}",
        ),
        (
            ["recalibrate", out],
            f"holds a run of responses, not of predictions; its rates are shown by: veracal grade {out}",
        ),
        (["grade", out, "--grader", f"openai:{model}"], f"; a model that judges is written model:openai:{model}"),
        (["grade", out, "--grader", "oracle"], "the grader must be one of match, similarity, "),
        (["truthfulqa", model, "--questions", source, "--primer", "none", "--out", out], "holds a run of responses"),
        (["extract", model, "--items", "demo", "--out", out], "holds a run of responses, not of predictions"),
    ):
        status, line = refused(capsys, *command)
        assert status == 1
        assert message in line


def test_ctrl_c_keeps_what_was_done(
    model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collection, "_PART_SECONDS", 0.0)
    out = tmp_path / "run"
    command = ["ask", model, "--questions", source, "--max-new-tokens", 3, "--batch-size", 2, "--out", out]
    real = runs.Run.append

    def interrupt(self: runs.Run, frame: object, append: Callable[..., None] = real) -> None:
        append(self, frame)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(runs.Run, "append", interrupt)
        status, line = refused(capsys, *command)
    assert status == 130
    assert line == "veracal: interrupted; what was done is kept, the same command continues"
    kept = read_responses(out).frame.height
    assert 0 < kept < 12
    assert run("grade", out, "--grader", "match") == 0
    assert f"{out} is not finished: {kept} of 12 answers" in capsys.readouterr().err
    assert run(*command) == 0
    assert read_responses(out).frame.height == 12


def test_graded_runs_are_compared(
    model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [tmp_path / style for style in ("completion", "chat")]
    for out in runs:
        assert run("ask", model, "--questions", source, "--style", out.name, "--max-new-tokens", 3, "--out", out) == 0
        assert run("grade", out, "--grader", "match") == 0
    capsys.readouterr()
    assert run("compare", *runs, "--html", tmp_path / "page.html", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"before", "after", "change", "settings"}
    assert found["settings"]["style"] == ["completion", "chat"]
    assert {"category", "measure", "change", "low", "high", "p_value", "q_value"} <= set(found["change"][0])
    assert (tmp_path / "page.html").is_file()
    assert run("compare", *runs) == 0
    table = capsys.readouterr().out
    assert "all adversarial" in table
    assert "Differs: style: completion before, chat after." in table
    assert run("compare", *runs, "--items", "common", "--json") == 0
    common = json.loads(capsys.readouterr().out)
    assert common["items"]["only_before"] == common["items"]["only_after"] == 0
    assert common["change"] == found["change"]
    assert set(common["items"]["change_bounds"]) == {"correct", "tempted", "abstained", "incorrect"}
    status, error = refused(capsys, "compare", runs[0], tmp_path / "nothing")
    assert status == 1
    assert "no run here" in error


def test_scores_by_likelihood_are_compared(
    model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [tmp_path / primer for primer in ("none", "qa-6")]
    for out in runs:
        assert run("truthfulqa", model, "--questions", source, "--primer", out.name, "--out", out) == 0
    capsys.readouterr()
    assert run("compare", *runs, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["before"]) == set(found["change"]) == {"mc1", "mc2"}
    assert found["change"]["mc1"][-1]["category"] == "all"
    assert run("compare", *runs, "--items", "common", "--json") == 0
    common = json.loads(capsys.readouterr().out)
    assert common["change"] == found["change"]
    assert set(common["items"]["change_bounds"]) == {"mc1", "mc2"}
    assert run("compare", *runs) == 0
    assert "mc2" in capsys.readouterr().out


def test_answers_are_sorted_by_a_rubric(
    model: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, rubric = tmp_path / "run", tmp_path / "rubric.json"
    kinds = [{"key": key, "name": f"kind {key}", "description": f"It is {key}."} for key in "AB"]
    rubric.write_text(json.dumps({"title": "Kinds", "instruction": "Sort them.", "classes": kinds}))
    assert run("ask", model, "--questions", source, "--max-new-tokens", 3, "--limit", 2, "--out", out) == 0
    capsys.readouterr()
    assert run("grade", out, "--rubric", rubric, "--grader", f"model:{model}", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["rubric"], found["judge"]) == ("Kinds", str(model))
    assert run("grade", out, "--rubric", rubric, "--grader", f"model:{model}") == 0
    assert "Kinds, sorted by" in capsys.readouterr().out


def test_a_grader_is_held_against_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write_labels(tmp_path / "labels.csv", 300)
    command = ["grade", file, "--format", "truthfulqa-labels", "--grader", "match", "--labels", 50, "--seed", 1]
    assert run(*command, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    keys = ["accuracy", "balanced_accuracy", "kappa", "auroc", "rate", "human_rate", "corrected_rate"]
    assert list(found)[: len(keys)] == keys
    assert found["n_labels"] == 50
    assert run(*command) == 0
    assert "match against people: 300 answers" in capsys.readouterr().out
