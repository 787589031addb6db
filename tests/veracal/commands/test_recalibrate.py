"""`veracal recalibrate`: measures before and after, for people and for machines."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.special import softmax

from calibration import read_run, recalibrate
from tests.veracal.command_line import run, without_marks
from veracal.recalibrations import recalibrations


def write(path: Path, seed: int) -> Path:
    """An imported run of 120 items that is twice too sharp."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(120, 4))
    answer = (softmax(honest, axis=1).cumsum(axis=1)[:, :-1] < rng.random((120, 1))).sum(axis=1)
    rows = [
        f"{seed}-{row},s{row % 6},{'ABCD'[right]},{','.join(str(2 * value) for value in logits)}\n"
        for row, (right, logits) in enumerate(zip(answer, honest, strict=True))
    ]
    file = path.with_suffix(".csv")
    file.write_text("id,subject,answer,logit_A,logit_B,logit_C,logit_D\n" + "".join(rows))
    assert run("import", file, "--out", path) == 0
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("runs") / "run", 0)


def test_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("recalibrate", folder) == 0
    out = capsys.readouterr().out
    found = recalibrate(read_run(folder))
    assert "run, temperature, cross-fitted in 5 folds of items: 120 items" in out
    row = next(line for line in out.splitlines() if line.startswith("ECE, top"))
    assert row.split()[2:5] == [
        f"{found.before['ece_top'].value:.3f}", f"{found.after['ece_top'].value:.3f}",
        f"{found.change['ece_top'].value:+.3f}",
    ]  # fmt: skip
    assert f"Temperature of all items to fit on: {found.to_dict()['temperature']:.3f}." in out
    assert out.count("  noise floor") == 2


@pytest.mark.parametrize("method", ["letter bias", "netcal:HistogramBinning", "netcal:BBQ:top"])
def test_the_json(folder: Path, capsys: pytest.CaptureFixture[str], method: str) -> None:
    arguments = ("--method", method, "--by", "subjects", "--folds", 3, "--seed", 4)
    assert run("recalibrate", folder, *arguments, "--json") == 0
    found = without_marks(json.loads(capsys.readouterr().out))
    expected = recalibrate(read_run(folder), method, by="subjects", n_folds=3, seed=4)
    assert found == json.loads(json.dumps(expected.to_dict()))
    assert (found["method"], found["by"], found["n_items"]) == (method, "subjects", 120)
    assert found["after"]["ece_top"]["value"] == expected.after["ece_top"].value
    assert found["after"]["ece_top_null95"] == expected.floors_after["ece_top"]
    assert ("ece_choices" in found["after"]) == (method != "netcal:BBQ:top")
    assert "temperature" not in found


def test_fitted_on_another_run(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write(tmp_path / "other", 1)
    assert run("recalibrate", folder, "--fit", other) == 0
    assert f"fitted on {other}: 120 items" in capsys.readouterr().out
    capsys.readouterr()
    assert run("recalibrate", folder, "--fit", other, "--by", "subjects", "--folds", 4) == 2
    message = "--by and --folds have no effect beside --fit RUN, by which nothing is split into folds: leave them out"
    assert message in capsys.readouterr().err
    assert run("recalibrate", folder, "--fit", folder) == 1
    message = "items fitted on must be others than those scored; 0-0 is both, 120 of 120 are in all"
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("netcal:Nonsense", "netcal has no method 'Nonsense' for options; known are netcal:BBQ"),
        ("netcal:BetaCalibrationDependent", "calibrates the boxes of object detection"),
        ("nonsense", "method must be one of temperature"),
    ],
)
def test_an_unknown_method_is_wrong_use(
    folder: Path, capsys: pytest.CaptureFixture[str], method: str, message: str
) -> None:
    assert run("recalibrate", folder, "--method", method) == 2
    assert message in capsys.readouterr().err


def test_a_summary_shows_what_each_method_does(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    methods = ("temperature", "netcal:HistogramBinning")
    tables = []
    for method in methods:
        assert run("recalibrate", folder, "--method", method, "--by", "subjects") == 0
        tables.append(capsys.readouterr().out)
    assert run("summarize", folder) == 0
    summary = capsys.readouterr().out
    options = [word for method in methods for word in ("--recalibrate", method)]
    assert run("summarize", folder, *options, "--by", "subjects") == 0
    assert capsys.readouterr().out == "".join([summary, *tables])
    assert "run, netcal:HistogramBinning, cross-fitted in 5 folds of subjects: 120 items" in tables[1]


def test_the_json_of_a_summary_lists_the_methods(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("summarize", folder, "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert "recalibration" not in summary
    options = ("--recalibrate", "temperature", "--recalibrate", "netcal:HistogramBinning:top")
    assert run("summarize", folder, *options, "--recalibrate", "temperature", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    predictions = read_run(folder)
    expected = [recalibrate(predictions, method).to_dict() for method in ("temperature", "netcal:HistogramBinning:top")]
    assert found.pop("recalibration") == json.loads(json.dumps(expected))
    assert found == summary


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--recalibrate", "temperature", "--recalibrate", "nonsense"],
            "--recalibrate: method must be one of temperature",
        ),
        (["--recalibrate", "netcal:NearIsotonicRegression"], "use netcal:NearIsotonicRegression:top"),
        (["--by", "subjects"], "--by needs --recalibrate METHOD"),
    ],
)
@pytest.mark.parametrize("command", ["summarize", "report", "compare"])
def test_wrong_use_of_the_option_is_told_before_any_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, options: list[str], message: str
) -> None:
    nowhere = tmp_path / "nowhere"
    runs = [nowhere] if command == "summarize" else [nowhere, tmp_path / "no", "--html", tmp_path / "page.html"]
    assert run(command, *runs, *options) == 2
    assert message in capsys.readouterr().err


def test_a_method_that_a_run_cannot_take_is_an_error_that_names_both(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "sure.csv"
    file.write_text("id,answer,logit_A,logit_B\n" + "".join(f"{row},A,{1 + row % 3},0\n" for row in range(20)))
    assert run("import", file, "--out", tmp_path / "sure") == 0
    capsys.readouterr()
    assert run("summarize", tmp_path / "sure", "--recalibrate", "netcal:HistogramBinning") == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    message = (
        "veracal: sure cannot be recalibrated by netcal:HistogramBinning: "
        "every letter must be right at least once among the 20 items to fit on, B never is"
    )
    assert message in captured.err


def test_folds_of_several_methods_are_counted_together(folder: Path) -> None:
    counts: list[tuple[int, int]] = []
    recalibrations(
        read_run(folder), ["temperature", "platt"], by="items", name="run",
        progress=lambda done, total: counts.append((done, total)),
    )  # fmt: skip
    assert counts == [(done, 10) for done in range(1, 11)]


def test_an_interrupt_promises_nothing_that_was_kept(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("calibration.recalibrate", interrupted)
    capsys.readouterr()
    assert run("recalibrate", folder, "--method", "netcal:ENIR") == 130
    out, told = capsys.readouterr()
    assert out == ""
    assert told.strip().splitlines()[-1] == "veracal: interrupted; nothing was changed, the same command starts anew"
