"""Logs of Inspect as files: archives of every method, journals, damage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calibration.logs.inspect_logs.document import is_inspect, read_document, sample_record
from calibration.logs.source import Source
from tests.archives import write_archive

from .inspect_files import free, header, sample, write_eval, write_json


@pytest.mark.parametrize("method", [0, 8, 93])
def test_an_archive_is_read_as_the_document_of_the_same_log(tmp_path: Path, method: int) -> None:
    samples = [sample("a/b_epoch_7"), sample(2, value="I", read="A")]
    archive = read_document(Source(write_eval(tmp_path / "log.eval", samples, method=method)))
    document = read_document(Source(write_json(tmp_path / "log.json", samples)))
    assert [one.id for one in archive.samples] == [one.id for one in document.samples] == ["a/b_epoch_7", 2]
    assert [one.scores for one in archive.samples] == [one.scores for one in document.samples]
    assert archive.header["eval"] == document.header["eval"]


def test_of_a_sample_that_was_written_twice_the_last_counts(tmp_path: Path) -> None:
    samples = [sample(1, "ANSWER: A"), sample(2), sample(1, "ANSWER: C")]
    document = read_document(Source(write_eval(tmp_path / "log.eval", samples)))
    assert [(one.id, one.answer) for one in document.samples] == [(1, "ANSWER: C"), (2, "ANSWER: B")]


def test_a_log_of_a_killed_run_has_its_journal_alone(tmp_path: Path) -> None:
    path = write_eval(tmp_path / "log.eval", [sample()], name="_journal/start.json")
    assert read_document(Source(path)).header["status"] == "started"


def test_the_transcript_is_not_parsed() -> None:
    record = json.dumps(sample(tokens=[{"token": "B", "logprob": -0.5}]))
    cut = record[: record.index('"events"')] + '"events": [no JSON'
    assert sample_record(cut.encode(), "log")["scores"]["choice"]["value"] == "C"


def test_a_sample_without_scores_is_parsed_to_its_end() -> None:
    record = {**sample(scores=None), "error": {"message": "out of time"}}
    assert sample_record(json.dumps(record).encode(), "log")["error"] == {"message": "out of time"}


def test_texts_that_were_moved_to_attachments_are_fetched_back(tmp_path: Path) -> None:
    moved = free(1, "attachment://ff", attachments={"ff": "Jupiter, a planet"})
    document = read_document(Source(write_eval(tmp_path / "log.eval", [moved])))
    assert document.samples[0].answer == "Jupiter, a planet"


def test_contents_may_be_parts_and_inputs_messages(tmp_path: Path) -> None:
    parts = [
        {"type": "reasoning", "reasoning": "hm"},
        {"type": "text", "text": "Jupi"},
        {"type": "text", "text": "ter"},
    ]
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Which?"}, {"type": "image", "image": "data:"}]},
        {"role": "assistant", "content": "Well"},
    ]
    record = free(1, parts, input=turns, target=["Jupiter", "the fifth"])
    (one,) = read_document(Source(write_json(tmp_path / "log.json", [record]))).samples
    assert (one.answer, one.reasoned, one.question) == ("Jupi\nter", True, "Which?")
    assert one.target == ("Jupiter", "the fifth")


@pytest.mark.parametrize(
    "place",
    [{"scorer": "includes"}, {"scorer": {"name": "includes"}}],
)
def test_an_old_sample_has_one_score_and_its_transcript(tmp_path: Path, place: dict[str, Any]) -> None:
    record = {**free(scores=None, events=None), "score": {"value": "C", "answer": "x"}, "transcript": []}
    head = header(results={"metrics": {}, **place})
    (one,) = read_document(Source(write_json(tmp_path / "log.json", [record], head))).samples
    assert list(one.scores) == ["includes"]


def test_a_sample_in_pieces_is_read_from_its_shell_or_refused(tmp_path: Path) -> None:
    folder = "samples/1_epoch_1"
    whole = json.dumps(sample()).encode()
    head = ("header.json", json.dumps(header()).encode())
    path = write_archive(
        tmp_path / "log.eval", [(f"{folder}/sample.json", whole), (f"{folder}/events.json", b"[]"), head]
    )
    assert len(read_document(Source(path)).samples) == 1
    shell = json.dumps({"id": 1, "epoch": 1}).encode()
    path = write_archive(tmp_path / "log.eval", [(f"{folder}/sample.json", shell), head])
    with pytest.raises(ValueError, match=r"1_epoch_1/sample\.json: the sample was written in pieces"):
        read_document(Source(path))


def damaged(path: Path, kind: str) -> Path:
    """A log that is damaged in one way."""
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "renamed":
        path.write_text("no archive")
    elif kind == "cut":
        raw = write_eval(path, [sample()]).read_bytes()
        path.write_bytes(raw[: len(raw) // 2])
    elif kind == "member":
        write_eval(path, [sample()], damage="samples/1_epoch_1.json")
    elif kind == "no header":
        write_archive(path, [("samples/1_epoch_1.json", json.dumps(sample()).encode())])
    elif kind == "other header":
        write_archive(path, [("header.json", b"[]")])
    elif kind == "broken header":
        write_archive(path, [("header.json", b"{")])
    elif kind == "broken sample":
        write_archive(path, [("header.json", json.dumps(header()).encode()), ("samples/1_epoch_1.json", b'{"id": 1')])
    elif kind == "no samples":
        write_eval(path, [], header(status="error"))
    elif kind == "no id":
        write_archive(path, [("header.json", json.dumps(header()).encode()), ("samples/x.json", b'{"epoch": 1}')])
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("empty", r"log\.eval: a log of Inspect \(\.eval\) must be a ZIP archive, got b''"),
        ("renamed", r"log\.eval: a log of Inspect \(\.eval\) must be a ZIP archive, got b'no a'"),
        ("cut", r"log\.eval: no whole ZIP archive \(.*was it cut off\?"),
        ("member", r"log\.eval, samples/1_epoch_1\.json: a damaged member"),
        ("no header", r"log\.eval: looked for header\.json and _journal/start\.json in the archive"),
        ("other header", r"log\.eval: looked for the header of a log of Inspect, with eval"),
        ("broken header", r"log\.eval, header\.json: not JSON"),
        ("broken sample", r"log\.eval, samples/1_epoch_1\.json: not JSON"),
        ("no samples", r"log\.eval: the log holds no samples \(status error\)"),
        ("no id", r"log\.eval, samples/x\.json: a sample must have an id, got None"),
    ],
)
def test_damage_is_told_in_one_line_with_file_and_member(tmp_path: Path, kind: str, message: str) -> None:
    source = Source(damaged(tmp_path / "log.eval", kind))
    assert is_inspect(source)
    with pytest.raises(ValueError, match=message) as error:
        read_document(source)
    assert "\n" not in str(error.value)


def test_results_without_samples_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"the log holds no samples \(status success\): it states results alone"):
        read_document(Source(write_json(tmp_path / "log.json", None)))


@pytest.mark.parametrize("text", ["[]", '{"eval": {}}', '{"spec": {}}', "", "no JSON", '{"eval": "x"}'])
def test_other_json_is_no_log_of_inspect(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.json"
    path.write_text(text)
    assert not is_inspect(Source(path))


def test_a_sample_that_stands_twice_in_a_document_is_refused(tmp_path: Path) -> None:
    path = write_json(tmp_path / "log.json", [sample(1), sample(2), sample(1, value="I")])
    with pytest.raises(ValueError, match=r"log\.json, sample 3: sample 1, epoch 1 stands in .*log\.json, sample 1 too"):
        read_document(Source(path))
    members = [(f"samples/{name}.json", json.dumps(sample(1)).encode()) for name in ("1_epoch_1", "other")]
    path = write_archive(tmp_path / "log.eval", [("header.json", json.dumps(header()).encode()), *members])
    with pytest.raises(ValueError, match=r"samples/other\.json: sample 1, epoch 1 stands in .*1_epoch_1\.json too"):
        read_document(Source(path))


def test_a_document_is_read_whatever_its_suffix(tmp_path: Path) -> None:
    for suffix in (".eval", ".txt", ".csv"):
        assert len(read_document(Source(write_json(tmp_path / f"log{suffix}", [sample(1)]))).samples) == 1
