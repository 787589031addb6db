"""The command line as its users meet it: results, exit statuses, one-line errors."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import polars as pl
import pytest

from calibration import read_run
from calibration.analysis.position_bias import position_bias
from calibration.predictions.rotations import average_permutations
from calibration.runs.folder import Run
from factuality.answers.responses import read_responses
from tests import tiny
from veracal.cli import main


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("models") / "tiny"
    tiny.network().save_pretrained(path)
    tiny.tokenizer().save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def mmlu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mmlu")
    for split, count, verb in (("dev", 2, "was"), ("test", 6, "is")):
        (root / split).mkdir()
        for subject in ("history", "law"):
            rows = [
                f"What {verb} {subject} {number}?,one,two,three,four,{'ABCD'[number % 4]}\n" for number in range(count)
            ]
            (root / split / f"{subject}_{split}.csv").write_text("".join(rows))
    return root


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return int(stop.value.code or 0)


def refused(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Exit status and the error, which must be one line; what is said before it is left out."""
    status = run(*arguments)
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    lines = [line for line in captured.err.splitlines() if line.startswith("veracal: ")]
    assert len(lines) == 1
    assert captured.err.splitlines()[-1] == lines[0]
    return status, lines[0]


def test_from_recorded_letters_to_a_report(recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for style in ("completion", "chat"):
        assert run("import", recorded / f"smollm2-{style}.csv", "--format", "csv", "--out", tmp_path / style) == 0
    capsys.readouterr()
    assert run("summarize", tmp_path / "chat", "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["n_items"] == 150
    assert set(summary["ece_top"]) == {"value", "low", "high", "level", "p_value"}
    assert summary["accuracy"]["low"] < summary["accuracy"]["value"] < summary["accuracy"]["high"]
    assert (
        run("compare", tmp_path / "completion", tmp_path / "chat", "--json", "--html", tmp_path / "p" / "page.html")
        == 0
    )
    captured = capsys.readouterr()
    comparison = json.loads(captured.out)  # nothing else on stdout
    assert str(tmp_path / "p" / "page.html") in captured.err
    assert comparison["after"] == summary
    assert set(comparison["change"]["ece_top"]) == {"value", "low", "high", "level", "p_value", "clustered"}
    assert set(comparison["change"]["ece_top"]["clustered"]) == {"low", "high", "p_value"}
    assert comparison["settings"]["model"] == ["smollm2-completion", "smollm2-chat"]
    assert (tmp_path / "p" / "page.html").read_text().startswith("<!doctype html>")
    for command in (["summarize", tmp_path / "chat"], ["compare", tmp_path / "completion", tmp_path / "chat"]):
        assert run(*command) == 0
        assert "0.300" in capsys.readouterr().out


def test_runs_on_different_items_are_compared_on_what_both_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{number},{number % 7},3,{'AB'[number % 3 == 0]}" for number in range(60)]
    for name, part in (("before", rows[:50]), ("after", rows[10:])):
        (tmp_path / f"{name}.csv").write_text("\n".join(["id,logit_A,logit_B,answer", *part]))
        assert run("import", tmp_path / f"{name}.csv", "--format", "csv", "--out", tmp_path / name) == 0
    capsys.readouterr()
    pair = (tmp_path / "before", tmp_path / "after")
    status, message = refused(capsys, "compare", *pair)
    assert status == 1
    assert "only in before: 0, 1, 2 … (10 in all)" in message
    assert "--items common" in message
    assert run("compare", *pair, "--items", "common", "--json", "--html", tmp_path / "page.html") == 0
    found = json.loads(capsys.readouterr().out)
    assert {name: found["items"][name] for name in ("common", "only_before", "only_after")} == {
        "common": 40, "only_before": 10, "only_after": 10,
    }  # fmt: skip
    assert found["before"]["n_items"] == found["after"]["n_items"] == 40
    bounds = found["items"]["change_bounds"]["accuracy"]
    assert bounds["low"] < found["change"]["accuracy"]["value"] < bounds["high"]
    assert "compared on the 40 items that both hold" in (tmp_path / "page.html").read_text()
    assert run("compare", *pair, "--items", "common") == 0
    assert "Note on the changes: compared on the 40 items that both hold" in capsys.readouterr().out


def test_extract_and_continue(model: Path, mmlu: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["extract", model, "--items", f"mmlu:{mmlu}", "--shots", 2, "--subjects", "law", "--limit", 5]
    assert run(*command, "--out", tmp_path / "run", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_items"], result["shots"], result["style"], result["letter_form"]) == (5, 2, "completion", "space")
    assert run(*command, "--out", tmp_path / "run") == 0  # a finished run is not asked again
    status, message = refused(capsys, *command, "--style", "chat", "--out", tmp_path / "run")
    assert status == 1
    assert "style: 'completion' there, 'chat' now" in message
    assert run("extract", model, "--items", "demo", "--limit", 1, "--audit", "--json") == 0
    audit = json.loads(capsys.readouterr().out)
    assert [(row["style"], row["form"]) for row in audit["rows"] if row["chosen"]] == [
        ("completion", " A"),
        ("chat", "A"),
        ("chat-prefill", " A"),
    ]
    assert run("extract", model, "--items", "demo", "--limit", 1, "--audit") == 0
    assert "letter mass" in capsys.readouterr().out


def test_what_digits_of_answers_count_is_asked_once(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items, log = tmp_path / "items.csv", tmp_path / "log.csv"
    items.write_text("question;A;B;C;label\nWhat is law?;one;two;three;1\nWhat is history?;one;two;three;3\n")
    log.write_text("logit_A,logit_B,answer\n5,3,1\n2,7,2\n")
    for arguments in (["extract", model, "--items", items], ["import", log]):
        status, line = refused(capsys, *arguments, "--out", tmp_path / "refused")
        assert (status, (tmp_path / "refused").exists()) == (1, False)
        assert "the answers are digits and never 0, from '1' (line 2) to " in line
        assert "say which with --answers" in line
    assert run("extract", model, "--items", items, "--answers", "from-one", "--out", tmp_path / "extracted") == 0
    assert run("import", log, "--answers", "from-one", "--out", tmp_path / "imported") == 0
    assert read_run(tmp_path / "extracted").answer.tolist() == [0, 2]
    assert read_run(tmp_path / "imported").answer.tolist() == [0, 1]


def test_runs_in_different_styles_are_compared_and_what_differs_is_printed(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for style in ("completion", "chat-prefill"):
        assert run("extract", model, "--items", "demo", "--limit", 2, "--style", style, "--out", tmp_path / style) == 0
    assert run("compare", tmp_path / "completion", tmp_path / "chat-prefill") == 0
    assert "Differs: style: completion before, chat-prefill after." in capsys.readouterr().out


def interrupted(folder: Path, rows: pl.DataFrame) -> None:
    """A run as it would be if it had been interrupted after these rows."""
    for part in (folder / "parts").iterdir():
        part.unlink()
    half = Run(folder)
    half.append(rows)
    half.update(state="running")


def test_every_rotation_of_the_options(
    model: Path, mmlu: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["extract", model, "--items", f"mmlu:{mmlu}", "--limit", 3]
    plain, cyclic = tmp_path / "plain", tmp_path / "cyclic"
    assert run(*command, "--out", plain) == 0
    assert run(*command, "--permutations", "cyclic", "--out", cyclic, "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["n_items"], result["permutations"]) == (6, "cyclic")
    assert read_run(cyclic).frame.height == 24

    assert run("summarize", cyclic, "--json") == 0
    captured = capsys.readouterr()
    summary = json.loads(captured.out)
    assert "warning" not in captured.err
    mean = average_permutations(read_run(cyclic))
    assert summary["n_items"] == 6
    assert summary["accuracy"]["value"] == mean.accuracy
    assert summary["position_bias"] == position_bias(read_run(cyclic)).to_dict()
    assert run("summarize", plain, "--json") == 0
    assert "position_bias" not in json.loads(capsys.readouterr().out)
    assert run("summarize", cyclic) == 0
    shown = capsys.readouterr().out
    bias = position_bias(read_run(cyclic))
    assert "its numbers are of the mean over the rotations of each item's options." in shown
    assert f"The answer changes with the order for {bias.flip_rate} of the items." in shown
    for row in bias.letters.iter_rows(named=True):
        assert f"{row['mean_probability']:.3f} [{row['mean_probability_low']:.3f}, " in shown

    assert run("compare", plain, cyclic, "--html", tmp_path / "page.html") == 0
    shown = capsys.readouterr().out
    assert shown.count("of the mean over the rotations") == 1
    assert "Differs: permutations: none before, cyclic after." in shown
    assert run("compare", plain, cyclic, "--json") == 0
    comparison = json.loads(capsys.readouterr().out)
    assert comparison["after"]["brier"] == summary["brier"]
    assert comparison["settings"]["permutations"] == ["none", "cyclic"]

    # What an interrupted run has: one item less in every rotation, then none.
    part = next((cyclic / "parts").iterdir())
    rows = pl.read_parquet(part)
    interrupted(cyclic, rows[1:])
    assert run("summarize", cyclic, "--json") == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["n_items"] == 5
    assert f"warning: {cyclic} is not finished: 5 of 6 items" in captured.err
    interrupted(cyclic, rows.unique("item"))
    status, line = refused(capsys, "summarize", cyclic)
    assert status == 1
    assert "no item was asked with each of its options under each letter once" in line


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
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
    ],
)
def test_bad_use_is_one_clear_line(
    arguments: list[str], status: int, message: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [{"MODEL": str(model), "OUT": str(tmp_path / "out")}.get(word, word) for word in arguments]
    found, line = refused(capsys, *words)
    assert found == status
    assert message in line
    assert not (tmp_path / "out").exists()


def test_models_that_cannot_be_asked(mmlu: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = tmp_path / "small"
    tiny.network(max_position_embeddings=100).save_pretrained(small)
    tiny.tokenizer(chat=False).save_pretrained(small)
    words = tmp_path / "words"
    tiny.network().save_pretrained(words)
    tiny.tokenizer(letters="unknown").save_pretrained(words)
    out = tmp_path / "out"
    source = f"mmlu:{mmlu}"
    for model, extra, message in (
        (small, ["--shots", "2"], "item history/0: the prompt has"),
        (small, ["--style", "chat"], "no chat template"),
        (words, [], "must give each of the letters A to D tokens of its own"),
    ):
        status, line = refused(capsys, "extract", model, "--items", source, *extra, "--out", out)
        assert status == 1
        assert message in line
        assert not out.exists()


def test_runs_on_other_items_are_not_compared(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (recorded / "smollm2-chat.csv").read_text().splitlines()
    (tmp_path / "short.csv").write_text("\n".join(text[:-1]))
    assert run("import", recorded / "smollm2-chat.csv", "--out", tmp_path / "a") == 0
    assert run("import", tmp_path / "short.csv", "--out", tmp_path / "b") == 0
    capsys.readouterr()
    status, line = refused(capsys, "compare", tmp_path / "a", tmp_path / "b", "--html", tmp_path / "page.html")
    assert status == 1
    assert "two runs must hold the same items; only in before: medicine/14 (1 in all)" in line
    assert not (tmp_path / "page.html").exists()


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("summarize", "nowhere", "--debug") == 1
    assert "Traceback" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out == f"veracal {metadata.version('veracal')}\n"


def test_the_installed_command_answers() -> None:
    command = Path(sys.executable).parent / "veracal"
    found = subprocess.run([command, "--help"], capture_output=True, text=True, check=True)
    for name in ("extract", "import", "summarize", "compare", "demo"):
        assert name in found.stdout


def test_shards_from_the_command_line_to_one_run(
    model: Path, mmlu: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["extract", model, "--items", f"mmlu:{mmlu}", "--shots", 2]
    assert run(*command, "--out", tmp_path / "whole") == 0
    parts = [tmp_path / f"part-{number}" for number in (1, 2, 3)]
    for number, part in enumerate(parts, start=1):
        capsys.readouterr()
        assert run(*command, "--shard", f"{number}/3", "--out", part) == 0
        assert capsys.readouterr().err.endswith(f"{read_run(part).n_items} items in {part}; next: veracal merge\n")
    status, message = refused(capsys, "merge", parts[2], parts[0], "--out", tmp_path / "merged")
    assert status == 1
    there = 12 - read_run(parts[1]).n_items
    assert message.endswith(f"must be whole, but {there} of 12 are there: no run of shard 2/3 was given")
    assert run("merge", parts[2], parts[0], parts[1], "--out", tmp_path / "merged", "--json") == 0
    assert json.loads(capsys.readouterr().out)["n_rows"] == 12
    merged, whole = read_run(tmp_path / "merged"), read_run(tmp_path / "whole")
    assert merged.item.tolist() == whole.item.tolist()
    assert abs(merged.logprobs - whole.logprobs).max() < 1e-4
    assert run("summarize", tmp_path / "merged", "--json") == 0

    for shard, message in (("3", "must be written i/n"), ("0/3", "i from 1 to n, got 0/3")):
        assert refused(capsys, *command, "--shard", shard, "--out", tmp_path / "x")[0] == 2
        assert message in refused(capsys, *command, "--shard", shard, "--out", tmp_path / "x")[1]
    status, message = refused(capsys, *command, "--shard", "1/13", "--out", tmp_path / "x")
    assert (status, message[9:]) == (1, "there must be at most as many shards as items, got 13 shards of 12 items")
    assert refused(capsys, *command, "--shard", "1/2", "--audit")[0] == 2
    assert refused(capsys, *command, "--ray-address", "auto", "--out", tmp_path / "x")[0] == 2
    assert not (tmp_path / "x").exists()


def test_shards_of_answers(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [
        "ask", model, "--questions", "demo", "--limit", 2, "--max-new-tokens", 4, "--samples", 2, "--temperature", 1,
    ]  # fmt: skip
    assert run(*command, "--out", tmp_path / "whole") == 0
    for number in (2, 1):
        assert run(*command, "--shard", f"{number}/2", "--out", tmp_path / str(number)) == 0
    assert run("merge", tmp_path / "1", tmp_path / "2", "--out", tmp_path / "merged") == 0
    frames = [read_responses(tmp_path / name).frame for name in ("whole", "merged")]
    for name in ("question", "sample", "response", "finish"):
        assert frames[0][name].equals(frames[1][name])
    assert (
        run("truthfulqa", model, "--questions", "demo", "--limit", 1, "--primer", "none", "--out", tmp_path / "mc") == 0
    )
    message = refused(capsys, "merge", tmp_path / "mc", "--out", tmp_path / "other")[1]
    assert "runs of predictions and of responses can be merged, this one holds multiple-choice" in message
