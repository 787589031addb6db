"""Options with log-likelihoods in lm-eval's samples: what is read of them, and what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import softmax

from calibration import Predictions, import_log
from calibration.logs.formats import read_logs
from calibration.logs.log import Log
from calibration.logs.options import LogOptions
from tests.calibration.logs.lm_eval_logs.samples import LAYOUTS, Value, choice, write, write_results

TEXTS = [" warm", " very cold indeed", " mild"]
LETTERS = [" A", " B", " C"]


def log(path: Path, **options: Any) -> Log:
    (only,) = read_logs([path], options=LogOptions(**options))
    return only


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(ValueError, match=path.name) as error:
        read_logs([path], options=LogOptions(**options))
    assert "\n" not in str(error.value)
    return str(error.value)


def texts() -> list[Value]:
    """Two records: raw, the first option is the likeliest; by length, the second."""
    return [
        choice(0, TEXTS, [-5.0, -6.0, -9.0], 1, acc=0.0, acc_norm=1.0, acc_bytes=1.0),
        choice(1, TEXTS, [-5.0, -7.0, -6.0], 0, acc=1.0, acc_norm=0.0, acc_bytes=0.0),
    ]


def letters(*, doc: Value | None = None) -> list[Value]:
    doc = doc or {"question": "Why?", "choices": ["x", "y", "z"], "level": 3, "added_by": "somebody"}
    return [
        choice(number, LETTERS, [-1.0, -2.0, -3.0], number % 3, acc=float(number == 0), doc=doc) for number in (0, 1)
    ]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_texts_are_shares_in_every_layout(tmp_path: Path, layout: str) -> None:
    read = log(write(tmp_path, "weather", texts(), layout=layout))
    run = read.content
    assert isinstance(run, Predictions)
    np.testing.assert_allclose(run.probabilities, softmax([[-5, -6, -9], [-5, -7, -6]], axis=1), atol=1e-6)
    assert (run.answer.tolist(), run.correct.tolist()) == ([1, 0], [False, True])
    assert run.frame["letter_mass"].null_count() == 2
    assert run.item.tolist()[0].endswith("weather/0")
    assert read.items is not None
    assert read.items["options"].to_list()[0] == ["warm", "very cold indeed", "mild"]
    assert read.items["question"].to_list() == ["Question 0?", "Question 1?"]
    assert any("acc is 0.5000, that of --normalize none, which is taken; it agrees in every" in r for r in read.remarks)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_ten_options_keep_their_order(tmp_path: Path, layout: str) -> None:
    options = [f" option {number}" for number in range(12)]
    records = [choice(0, options, [-12.0 + number for number in range(12)], "option 10", acc=0.0)]
    run = import_log(write(tmp_path, "many", records, layout=layout))
    assert (run.predicted[0], run.answer[0]) == (11, 10)


@pytest.mark.parametrize(("length", "lengths"), [("chars", [4, 16, 4]), ("bytes", [4, 16, 5])])
def test_a_length_divides_and_the_accuracy_of_that_length_is_told(
    tmp_path: Path, length: Any, lengths: list[int]
) -> None:
    options = [" warm", " very cold indeed", " múd" if length == "bytes" else " mild"]
    lengths = [len(option[1:].encode() if length == "bytes" else option[1:]) for option in options]
    records = [choice(0, options, [-5.0, -6.0, -9.0], 1, acc=0.0, acc_norm=1.0, acc_bytes=1.0)]
    read = log(write(tmp_path, "weather", records), normalize=length)
    assert isinstance(read.content, Predictions)
    expected = softmax(np.array([-5.0, -6.0, -9.0]) / lengths)
    np.testing.assert_allclose(read.content.probabilities[0], expected, atol=1e-6)
    assert read.settings["normalize"] == length
    assert read.origin["accuracy"] == 1.0


def test_tokens_are_not_in_the_log(tmp_path: Path) -> None:
    path = write(tmp_path, "weather", texts())
    assert "cannot be divided by tokens: the log has no numbers of tokens" in refusal(path, normalize="tokens")


def test_letters_in_one_context_keep_their_mass_and_the_texts_of_the_document(tmp_path: Path) -> None:
    read = log(write(tmp_path, "mine", letters()))
    assert isinstance(read.content, Predictions)
    assert read.content.frame["letter_mass"].to_list() == pytest.approx(
        [math.exp(-1) + math.exp(-2) + math.exp(-3)] * 2
    )
    np.testing.assert_allclose(read.content.logprobs[0], [-1, -2, -3])
    assert read.items is not None
    assert read.items.select("options", "level").row(0) == (["x", "y", "z"], 3)
    assert "added_by" not in read.items.columns
    from_extract = read.content.frame["content"]
    assert from_extract[0] == from_extract[1] != ""


def test_letters_that_sum_to_more_than_one_are_shares(tmp_path: Path) -> None:
    read = log(write(tmp_path, "mine", [choice(0, LETTERS, [-0.1, -0.2, -0.3], 0, acc=1.0)]))
    assert isinstance(read.content, Predictions)
    assert read.content.frame["letter_mass"][0] is None
    assert any("sum to more than 1" in remark for remark in read.remarks)


def test_a_letter_that_was_given_no_probability_is_bounded(tmp_path: Path) -> None:
    run = import_log(write(tmp_path, "mine", [choice(0, LETTERS, [-1.0, -2.0, -math.inf], 0, acc=1.0)]))
    assert run.frame["bounded"].to_list() == [[False, False, True]]
    assert run.logprobs[0, 2] == pytest.approx(-2.0)


@pytest.mark.parametrize(
    ("target", "answer"),
    [(2, 2), ("2", 2), ("mild", 2), ("C", 2), ("[2]", 2), (" mild", 2)],
)
def test_targets_are_texts_indices_or_letters(tmp_path: Path, target: object, answer: int) -> None:
    run = import_log(write(tmp_path, "weather", [choice(0, TEXTS, [-5.0, -6.0, -9.0], target, acc=0.0)]))
    assert run.answer.tolist() == [answer]


def test_the_reading_of_targets_holds_for_a_whole_file(tmp_path: Path) -> None:
    numbers = [" 1", " 0", " 7"]
    records = [choice(0, TEXTS, [-5.0, -6.0, -9.0], "1", acc=0.0), choice(1, numbers, [-5.0, -6.0, -9.0], "1", acc=0.0)]
    # As a text the second target would be option 0, which the log would count as right.
    assert import_log(write(tmp_path, "weather", records)).answer.tolist() == [1, 1]


def test_two_readings_that_differ_are_refused(tmp_path: Path) -> None:
    numbers = [" 2", " 1", " 7"]
    path = write(tmp_path, "digits", [choice(0, numbers, [-9.0, -6.0, -5.0], "2", acc=0.0)])
    # As an index it is option 2, which the log counts as wrong: only the text is left.
    assert import_log(path).answer.tolist() == [0]
    path = write(tmp_path, "digits", [choice(0, numbers, [-9.0, -5.0, -6.0], "2", acc=0.0)])
    assert "may be read as text or as index, and both agree" in refusal(path)
    path = write(
        tmp_path, "digits", [choice(0, numbers, [-9.0, -5.0, -6.0], "2", acc=0.0, brier_score=[2, "[0.1 0.8]"])]
    )
    assert import_log(path).answer.tolist() == [2]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (choice(3, TEXTS, [-5.0, -6.0, -9.0], -100, acc=0.0), "line 1 (doc_id 3): the target must name one of the 3"),
        (choice(3, TEXTS, [-5.0, -6.0, -9.0], 7, acc=0.0), "(doc_id 3): the target must name one of the 3 options"),
        (choice(3, TEXTS, [-5.0, -6.0, -9.0], [0, 2], acc=1.0), "(doc_id 3): several options are right"),
        (choice(3, TEXTS, [-5.0, -6.0, -9.0], 0, acc=0.0), "is 0, and option 0 is the likeliest, but the log"),
        (choice(3, TEXTS, [-5.0, -6.0, -9.0], 0, acc=0.37), "acc must be 0 or 1 where one option is right, got 0.37"),
        (choice(3, TEXTS, [-5.0, -6.0, math.nan], 0, acc=1.0), "(doc_id 3): log-likelihoods must be numbers, got"),
        (choice(3, TEXTS, [-5.0, -6.0, 2.0], 2, acc=1.0), "log-likelihoods must not be positive"),
        (choice(3, TEXTS, [-5.0, -6.0], 0, acc=1.0), "line 1: 3 requests must have as many log-likelihoods, got 2"),
        (
            choice(3, [" same"] * 3, [-5.0, -6.0, -9.0], "same", acc=1.0, contexts=["a", "b", "c"]),
            "the target must name one of the 3 options",
        ),
    ],
)  # fmt: skip
def test_what_is_refused(tmp_path: Path, record: Value, message: str) -> None:
    assert message in refusal(write(tmp_path, "weather", [record]))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_two_contexts_of_one_continuation_are_told_apart_by_the_accuracy(tmp_path: Path, layout: str) -> None:
    records = [
        choice(number, [" won."] * 2, [-5.0, -6.0], "won.", acc=float(number), contexts=["Ann", "Bea"])
        for number in (0, 1)
    ]
    read = log(write(tmp_path, "wino", records, layout=layout))
    assert isinstance(read.content, Predictions)
    assert read.content.answer.tolist() == [1, 0]
    assert [remark for remark in read.remarks if "different contexts" in remark]
    assert "divided by chars" in refusal(write(tmp_path, "wino", records, layout=layout), normalize="chars")


def test_requests_without_a_context_are_left_out(tmp_path: Path) -> None:
    record = choice(0, TEXTS * 2, [-5.0, -6.0, -9.0, -1.0, -2.0, -3.0], 0, acc=1.0, acc_mutual_info=0.0,
                    contexts=["Q"] * 3 + [""] * 3)  # fmt: skip
    run = import_log(write(tmp_path, "weather", [record]))
    np.testing.assert_allclose(run.probabilities[0], softmax([-5, -6, -9]), atol=1e-6)


def test_the_first_of_tied_options_counts(tmp_path: Path) -> None:
    record = choice(0, TEXTS, [-5.0, -5.0, -9.0], 0, acc=1.0)
    assert import_log(write(tmp_path, "weather", [record])).correct.tolist() == [True]


def test_continuations_may_have_no_delimiter(tmp_path: Path) -> None:
    options = ["warm", "very cold indeed", "mild"]
    record = choice(0, options, [-5.0, -6.0, -9.0], "mild", acc=0.0, acc_norm=0.0)
    again = choice(1, [" cold", "warm", "mild"], [-5.0, -6.0, -9.0], "mild", acc=0.0, acc_norm=0.0)
    spaced = choice(0, TEXTS, [-5.0, -6.0, -9.0], "mild", acc=0.0, acc_norm=0.0)
    assert import_log(write(tmp_path, "weather", [record])).answer.tolist() == [2]
    # One continuation without it says that the others' blank is their own.
    assert import_log(write(tmp_path, "weather", [spaced, again])).answer.tolist() == [2, 2]


def test_records_of_several_ranks_are_put_in_order_and_gaps_are_told(tmp_path: Path) -> None:
    records = [choice(number, TEXTS, [-5.0, -6.0, -9.0], 0, acc=1.0) for number in (4, 0, 2)]
    read = log(write(tmp_path, "weather", records))
    assert isinstance(read.content, Predictions)
    assert read.content.item.tolist() == ["weather/0", "weather/2", "weather/4"]
    assert any("2 numbers are missing" in remark for remark in read.remarks)
    path = write(tmp_path, "weather", [records[0], records[0]])
    assert "each item must occur once" in refusal(path)


def test_the_accuracy_alone_may_be_of_a_length(tmp_path: Path) -> None:
    record = choice(0, TEXTS, [-5.0, -6.0, -9.0], 1, acc_norm=1.0)
    read = log(write(tmp_path, "weather", [record]))
    assert isinstance(read.content, Predictions)
    assert read.content.correct.tolist() == [False]
    assert "accuracy" not in read.origin


def test_keys_of_forks_are_no_metrics(tmp_path: Path) -> None:
    record = choice(
        0, TEXTS, [-5.0, -6.0, -9.0], 0, acc=1.0, extra={"energy_joules": 12.0, "hallucination": "truthful"}
    )
    assert log(write(tmp_path, "weather", [record])).origin["accuracy"] == 1.0


def test_version_3_writes_prompts_and_likelihoods(tmp_path: Path) -> None:
    rows = [
        {"doc_id": 0, "prompt_0": "a", "logit_0": -5.0, "truth": 1, "prompt_1": "a", "logit_1": -6.0, "acc": "False"},
        {"doc_id": 1, "prompt_0": "b", "logit_0": -5.0, "truth": 0, "prompt_1": "b", "logit_1": -6.0, "acc": "1.0"},
    ]
    path = tmp_path / "copa_write_out_info.json"
    path.write_text(json.dumps(rows, indent=4))
    read = log(path)
    assert isinstance(read.content, Predictions)
    assert (read.task, read.content.answer.tolist(), read.items) == ("copa", [1, 0], None)
    assert "the log holds no texts of the options" in refusal(path, normalize="chars")


GOOD = '{"doc_id": 0, "filtered_resps": [["-1", "False"], ["-2", "False"]], "acc": 1.0, "target": "0"}\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a log of no known format"),
        (GOOD[:50], "a log of no known format"),
        (GOOD + '{"doc_id"', "line 2: not JSON"),
        (GOOD + "{}", "line 2: a record must be an object with doc_id"),
        (GOOD + '{"doc_id": 1, "filtered_resps": ["x"], "acc": 1.0}', "all records must be of one kind"),
        ('{"doc_id": "x", "filtered_resps": []}', "doc_id must be a number, got 'x'"),
    ],
)
def test_damaged_files_are_refused_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "samples_weather.jsonl"
    path.write_text(text)
    assert message in refusal(path)


def test_results_alone_hold_no_items(tmp_path: Path) -> None:
    assert "results of lm-eval without samples" in refusal(write_results(tmp_path, {"weather": {"acc,none": 0.5}}))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_right_options_without_a_logged_accuracy_are_told_and_the_others_checked(tmp_path: Path, layout: str) -> None:
    def path(*accuracies: float | None) -> Path:
        records = [choice(number, TEXTS, [-5.0, -6.0, -9.0], 0, acc=acc) for number, acc in enumerate(accuracies)]
        return write(tmp_path, "weather", records, layout=layout)

    (log,) = read_logs([path(1.0, None, 1.0)], options=LogOptions())
    told = "not every record logs an accuracy of the likeliest option: 1 of 3 right options is unchecked"
    assert log.remarks == (told,)
    assert "accuracy" not in log.origin
    assert "but the log counts it as wrong" in refusal(path(1.0, None, 0.0))


def test_any_accuracy_of_a_record_checks_its_right_option(tmp_path: Path) -> None:
    def path(*accuracies: tuple[float | None, float | None]) -> Path:
        records = [
            choice(number, TEXTS, [-5.0, -6.0, -9.0], 0, acc=acc, acc_norm=acc_norm)
            for number, (acc, acc_norm) in enumerate(accuracies)
        ]
        return write(tmp_path, "weather", records)

    assert "are unchecked" not in str(log(path((1.0, None), (None, 0.0))).remarks)
    assert "(doc_id 1): the right option, read as index, is 0" in refusal(path((1.0, None), (None, 1.0)))
    assert "1 of 2 right options is unchecked" in str(log(path((1.0, 0.0), (None, None))).remarks)


def test_two_options_need_an_accuracy_in_every_record_if_it_alone_tells_them_apart(tmp_path: Path) -> None:
    records = [
        choice(number, [" end"] * 2, [-5.0, -6.0], "end", acc=acc, contexts=["He", "She"])
        for number, acc in enumerate([1.0, None])
    ]
    message = "line 2 (doc_id 1): there must be an accuracy, which alone tells the right one of two options"
    assert message in refusal(write(tmp_path, "weather", records))


def test_samples_are_known_by_what_they_hold(tmp_path: Path) -> None:
    records = [choice(number, TEXTS, [-5.0, -6.0, -9.0], 0, acc=1.0) for number in range(2)]
    path = write(tmp_path, "weather", records)
    for name in ("samples.csv", "samples.txt", "samples.parquet", "samples"):
        (log,) = read_logs([path.rename(tmp_path / name)], options=LogOptions())
        assert log.format == "lm-eval"
        assert isinstance(log.content, Predictions)
        path = tmp_path / name


@pytest.mark.parametrize(
    ("encoding", "message"), [("utf-16", "this is UTF-16"), ("latin-1", "it is probably Latin-1 or Windows-1252")]
)
def test_another_encoding_is_named(tmp_path: Path, encoding: str, message: str) -> None:
    records = [choice(number, [" für", " wider"], [-5.0, -6.0], 0, acc=1.0) for number in range(2)]
    path = write(tmp_path, "weather", records)
    path.write_text(path.read_text(encoding="utf-8"), encoding=encoding)
    assert message in refusal(path)


def test_a_byte_order_mark_changes_nothing(tmp_path: Path) -> None:
    records = [choice(number, [" für", " wider"], [-5.0, -6.0], 0, acc=1.0) for number in range(2)]
    path = write(tmp_path, "weather", records)
    (plain,) = read_logs([path], options=LogOptions())
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    (marked,) = read_logs([path], options=LogOptions())
    assert isinstance(plain.content, Predictions)
    assert isinstance(marked.content, Predictions)
    assert marked.content.frame.equals(plain.content.frame)


def first_request(doc_id: int, target: str, likelihoods: list[float], acc: float) -> str:
    """A record as the versions before 0.4 wrote it: of the requests the first alone."""
    pairs = [[value, False] for value in likelihoods]
    record = {
        "doc_id": doc_id, "doc": {"question": f"Question {doc_id}?"}, "target": target,
        "arguments": [f"Question {doc_id}?\nAnswer:", " yes"], "resps": [[pair] for pair in pairs],
        "filtered_resps": pairs, "acc": acc,
    }  # fmt: skip
    return json.dumps(record)


def test_before_version_4_the_options_are_known_by_the_accuracy(tmp_path: Path) -> None:
    rows = [("yes", [-1.0, -2.0, -3.0], 1.0), ("no", [-2.0, -1.0, -3.0], 1.0), ("maybe", [-2.0, -3.0, -1.0], 1.0)]
    rows.append(("no", [-1.0, -2.0, -3.0], 0.0))
    path = tmp_path / "_pubmed.jsonl"
    path.write_text("".join(first_request(number, *row) + "\n" for number, row in enumerate(rows)))
    content = log(path).content
    assert isinstance(content, Predictions)
    assert content.answer.tolist() == [0, 1, 2, 1]
    assert "the log lacks the options: one meaning alone of its targets fits its accuracy" in log(path).remarks
    path.write_text("".join(first_request(number, *row) + "\n" for number, row in enumerate(rows[:1])))
    assert "the target must name one of the 3 options" in refusal(path)


def test_a_target_must_name_what_the_metrics_of_its_record_tell(tmp_path: Path) -> None:
    def path(*targets: int) -> Path:
        records = [
            choice(number, TEXTS, [-5.0, -6.0, -9.0], target, acc=1.0, brier_score=[0, "[0.7 0.2 0.1]"])
            for number, target in enumerate(targets)
        ]
        return write(tmp_path, "weather", records)

    assert isinstance(log(path(0, 0, 0)).content, Predictions)
    for target in (1, 7):
        message = "line 2 (doc_id 1): the target, read as index as in other records, is not option 0, which"
        assert message in refusal(path(0, target, 0))


def test_requests_without_a_context_stand_in_all_records(tmp_path: Path) -> None:
    records = [
        choice(0, TEXTS[:2] * 2, [-5.0, -6.0, -1.0, -2.0], 0, acc=1.0, contexts=["Why?", "Why?", "", ""]),
        choice(1, TEXTS[:2] * 2, [-5.0, -6.0, -1.0, -2.0], 0, acc=0.0, contexts=["", "", "Why?", "Why?"]),
    ]
    assert "must stand behind the others in all records, or in none; they do in 1 of 2" in refusal(
        write(tmp_path, "weather", records)
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_likelihoods_that_are_no_numbers_are_refused(tmp_path: Path, layout: str) -> None:
    records = [choice(0, TEXTS[:2], ["-5,5", "-6,0"], 0, acc=1.0)]  # type: ignore[list-item]
    assert "log-likelihoods must be numbers, got '-5,5'" in refusal(write(tmp_path, "weather", records, layout=layout))
