from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import softmax
from scipy.stats import rankdata

from calibration import Change, Predictions, compare, summarize
from calibration.analysis.annotated_runs import SETS, AnnotatedSets, annotated_sets, compare_annotated
from calibration.analysis.label_noise import _effects, label_noise
from calibration.items.annotations import Annotations, load_annotations
from calibration.predictions.rotations import average_permutations
from calibration.uncertainty.changes import measure_change
from calibration.uncertainty.measure_table import MEASURES

FAULTS = ("wrong_groundtruth", "bad_question_clarity", "expert")
WITH_INTERVAL = {"accuracy", "accuracy_ties_split", "mean_confidence", "signed_gap", "brier", "auroc"}


def listed(**items: tuple[str, int | None]) -> Annotations:
    rows = [(item, *fault) for item, fault in items.items()]
    return Annotations(pl.DataFrame(rows, schema=["item", "error_type", "corrected_answer"], orient="row"))


def noisy(n: int, seed: int, *, sharpness: float = 2.0, share: float = 0.4) -> tuple[Predictions, Annotations]:
    """A run that is too sharp, on items of which some have a fault, the rarer the surer the model is."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, 4)) * 2
    right = (softmax(logits, axis=1).cumsum(axis=1)[:, :-1] < rng.random((n, 1))).sum(axis=1)
    chance = share * (1.6 - softmax(logits, axis=1).max(axis=1))
    kind = np.where(rng.random(n) < chance, rng.integers(0, len(FAULTS), n), len(FAULTS))
    wrong = kind == 0
    key = np.where(wrong, (right + rng.integers(1, 4, n)) % 4, np.where(kind == 1, rng.integers(0, 4, n), right))
    run = Predictions.from_arrays(sharpness * logits, key, subject=[f"s{row % 5}" for row in range(n)])
    table = pl.DataFrame(
        {
            "item": run.item,
            "error_type": np.array([*FAULTS, "ok"])[kind],
            "corrected_answer": [int(one) if bad else None for one, bad in zip(right, wrong, strict=True)],
        }
    )
    return run, Annotations(table)


def small() -> tuple[Predictions, Annotations]:
    """Five items: sound and right, sound and wrong, a wrong key, an unclear question, and one that nobody looked at."""
    run = Predictions.from_arrays(
        [[2.0, 0, 0], [0, 1.0, 0], [0, 3.0, 0], [1.0, 0, 0], [0, 0, 1.0]], [0, 0, 2, 0, 2], item=list("abcde")
    )
    return run, listed(
        a=("ok", None), b=("ok", None), c=("wrong_groundtruth", 1), d=("bad_question_clarity", None), z=("ok", None)
    )


# Files


def written(folder: Path, suffix: str, rows: list[dict[str, object]]) -> Path:
    path, table = folder / f"annotations{suffix}", pl.DataFrame(rows)
    if suffix == ".csv":
        table.write_csv(path)
    elif suffix == ".parquet":
        table.write_parquet(path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_the_same_annotations_from_every_kind_of_file(suffix: str, tmp_path: Path) -> None:
    faults = [("ok", None), ("wrong_groundtruth", "C"), ("expert", ""), ("ok", "A")]
    apart: list[dict[str, object]] = [
        {"subject": "law", "index": number, "error_type": fault, "corrected_answer": answer}
        for number, (fault, answer) in enumerate(faults)
    ]
    whole: list[dict[str, object]] = [
        {"item": f"law/{number}", "error_type": fault, "corrected_answer": answer}
        for number, (fault, answer) in enumerate(faults)
    ]
    expected = [("law/0", "ok", None), ("law/1", "wrong_groundtruth", 2), ("law/2", "expert", None), ("law/3", "ok", 0)]
    for rows in (apart, whole):
        got = load_annotations(written(tmp_path, suffix, rows))
        assert got.frame.rows() == expected
        assert got.n_items == 4


def test_an_answer_is_optional_and_may_be_an_index(tmp_path: Path) -> None:
    path = tmp_path / "annotations.jsonl"
    path.write_text(
        '{"item": 7, "error_type": "ok"}\n\n{"item": "8", "error_type": " swapped ", "corrected_answer": 3}'
        '\n{"item": "9", "error_type": "swapped", "corrected_answer": 0}'
    )
    rows = [("7", "ok", None), ("8", "swapped", 3), ("9", "swapped", 0)]
    assert load_annotations(path).frame.rows() == rows


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("item,error_type\na,\n", "line 2: error_type must be 'ok' or the name of a fault, got ''"),
        (
            "item,corrected_answer\na,B\n",
            "line 1: there must be a field 'error_type'; the file has 'item', 'corrected_answer'",
        ),
        ("item,error_type\na,ok\n ,ok\n", "line 3: item must be an id, got ' '"),
        ("error_type\nok\n", "line 2: there must be an item, or a subject and an index; got the subject None"),
        ("subject,error_type\nlaw,ok\n", "line 2: index must be a row number from 0, got None"),
        ("subject,index,error_type\nlaw,-1,ok\n", "line 2: index must be a row number from 0, got '-1'"),
        ("item,error_type\na,ok\nb,ok\na,expert\n", "line 4: each item must occur once, a is at line 2 too"),
        ("subject,index,error_type\nlaw,1,ok\nlaw,01,ok\n", "line 3: each item must occur once, law/1 is at line"),
        (
            "item,error_type,corrected_answer\na,wrong_groundtruth,A or B\n",
            "line 2, corrected_answer: the answer must be a letter from A to Z or an index from 0 to 25, got 'A or B'",
        ),
        ("item,error_type\na\n", "line 2: every row must have the 2 columns of the header"),
        ("item,error_type\n", "the file holds no annotations"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "annotations.csv"
    path.write_text(text)
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole message is compared)
        load_annotations(path)
    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


def test_corrected_answers_follow_one_convention(tmp_path: Path) -> None:
    path = tmp_path / "annotations.csv"
    path.write_bytes(b"\xef\xbb\xbfItem;Error Type;Corrected Answer\r\na;swapped;1\r\nb;swapped;3\r\nc;ok;\r\n")
    with pytest.raises(
        ValueError, match=r"annotations\.csv: the answers are digits and never 0, from '1' \(line 2, corr"
    ):
        load_annotations(path)
    assert load_annotations(path, answers="from-one").frame["corrected_answer"].to_list() == [0, 2, None]
    assert load_annotations(path, answers="from-zero").frame["corrected_answer"].to_list() == [1, 3, None]
    with pytest.raises(ValueError, match="answers must be letters, from-zero or from-one: annotations hold no texts"):
        load_annotations(path, answers="text")


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_annotations(tmp_path / "annotations.csv")
    (tmp_path / "annotations.txt").write_text("")
    with pytest.raises(ValueError, match=r"must be a \.jsonl, \.csv or \.parquet file, got \.txt"):
        load_annotations(tmp_path / "annotations.txt")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("a", "ok", None), ("a", "expert", None)], "each item must occur once; row 0 has"),
        ([("a", "ok", None), (None, "ok", None)], "item must be given; row 1 has"),
        ([("a", "", None)], "error_type must be given; row 0 has"),
        ([("a", "ok", 26)], "corrected_answer must be an index of an option, or null; row 0 has"),
        ([], "must hold at least one item"),
    ],
)
def test_a_wrong_table_is_refused(rows: list[tuple[object, ...]], message: str) -> None:
    schema = {"item": pl.String, "error_type": pl.String, "corrected_answer": pl.Int64}
    with pytest.raises(ValueError, match=message):
        Annotations(pl.DataFrame(rows, schema=schema, orient="row"))
    with pytest.raises(ValueError, match="missing: error_type, corrected_answer"):
        Annotations(pl.DataFrame({"item": ["a"]}))


# Sets


def test_three_sets_by_hand() -> None:
    sets = annotated_sets(*small())
    assert sets.as_keyed.item.tolist() == list("abcd")
    assert sets.as_keyed.correct.tolist() == [True, False, False, True]
    assert sets.without_faulty.item.tolist() == list("ab")
    assert sets.corrected.item.tolist() == list("abc")
    assert sets.corrected.correct.tolist() == [True, False, True]
    assert sets.rekeyed.tolist() == [False, False, True, False]
    assert (sets.n_not_annotated, sets.n_not_in_run) == (1, 1)
    assert sets.notes == (
        "1 item of the run is not annotated and counts nowhere here: e",
        "1 annotated item is not in the run: z",
        "1 faulty item has no other answer and is not in the corrected set: d",
    )


def test_a_corrected_answer_names_the_option_whatever_letter_it_stood_under() -> None:
    run, _ = small()
    turned = Predictions(
        run.frame.with_columns(order=pl.Series([[2, 0, 1]] * 5, dtype=pl.List(pl.Int8)), answer=pl.lit(0))
    )
    found = listed(a=("ok", None), b=("wrong", 0), c=("wrong", 1), d=("wrong", 2))
    sets = annotated_sets(turned, found)
    # Options 0 and 1 stood under the second and third letter; option 2, under the first, is the key itself.
    assert dict(zip(sets.corrected.item, sets.corrected.answer, strict=True)) == {"a": 0, "b": 1, "c": 2}
    assert any(note.startswith("1 of the faulty items has the key itself") for note in sets.notes)


def test_a_sound_item_keeps_its_key_and_the_contradiction_is_noted() -> None:
    run, _ = small()
    sets = annotated_sets(run, listed(a=("ok", 1), b=("ok", 0), c=("ok", None)))
    assert sets.corrected.frame.equals(sets.without_faulty.frame)
    assert sets.corrected.answer.tolist() == [0, 0, 2]
    assert "1 item is ok, yet has another answer beside its key, which it keeps: a" in sets.notes


def test_an_answer_that_is_the_key_repairs_nothing() -> None:
    run, _ = small()
    sets = annotated_sets(run, listed(a=("ok", None), b=("multiple_correct_answers", 0), c=("wrong", 2)))
    assert sets.corrected.item.tolist() == ["a"]
    assert not sets.rekeyed.any()
    assert sets.notes[-1] == (
        "2 of the faulty items have the key itself as the corrected answer, which repairs nothing: b, c"
    )


@pytest.mark.parametrize(
    ("found", "message"),
    [
        ({"x": ("ok", None)}, "no item of the run is annotated: the run holds items such as a, the annotations such"),
        ({"a": ("expert", None)}, "no item of the run is annotated as 'ok'; sound items must be listed too"),
        (
            {"a": ("ok", None), "c": ("wrong", 3)},
            "item c: the corrected answer must be one of its 3 options, got D",
        ),
    ],
)
def test_what_cannot_be_joined(found: dict[str, tuple[str, int | None]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        annotated_sets(small()[0], listed(**found))


def test_items_asked_in_several_orders_are_counted_once_and_rekeyed_in_each() -> None:
    ahead = Predictions.from_arrays([[2.0, 0.0], [0.0, 3.0]], answer=[0, 0], item=["a", "b"])
    turned = ahead.frame.with_columns(
        order=pl.Series([[1, 0], [1, 0]], dtype=pl.List(pl.Int8)), answer=pl.lit(1, pl.Int8)
    )
    both = Predictions(pl.concat([ahead.frame, turned]))
    sets = annotated_sets(both, listed(a=("ok", None), b=("wrong", 1)))
    assert (sets.n_not_annotated, sets.n_not_in_run) == (0, 0)
    assert sets.corrected.frame.filter(item="b")["answer"].to_list() == [1, 0]
    assert average_permutations(sets.corrected).answer.tolist() == [0, 1]


# Numbers


def test_each_set_is_summarized() -> None:
    run, found = noisy(400, 1)
    sets, noise = annotated_sets(run, found), label_noise(run, found, level=0.9, seed=3)
    for name in SETS:
        assert getattr(noise, name) == summarize(getattr(sets, name), level=0.9, seed=3)


def test_differences_by_hand() -> None:
    noise = label_noise(*small())
    assert noise.dropping["accuracy"] == pytest.approx(1 / 2 - 2 / 4)
    assert noise.correcting["accuracy"] == pytest.approx(2 / 3 - 1 / 3)
    assert noise.correcting["mean_confidence"] == 0
    row = noise.frame.row(by_predicate=pl.col("measure") == "accuracy", named=True)
    assert [row[name] for name in (*SETS, "dropping")] == pytest.approx([1 / 2, 1 / 2, 2 / 3, 0])
    assert [row[name] for name in ("dropping_low", "correcting_high")] == [None, None]


def test_correcting_is_the_paired_change_of_two_keys() -> None:
    run, found = noisy(1000, 2)
    sets, noise = annotated_sets(run, found), label_noise(run, found)
    common = Predictions(sets.as_keyed.frame.filter(sets.sound | sets.rekeyed))
    alone = np.zeros(common.n_items, dtype=np.str_)
    for key in WITH_INTERVAL:
        measure = MEASURES[key]
        assert noise.correcting[key] == measure_change(measure(common), measure(sets.corrected), alone)
    assert noise.correcting["mean_confidence"] == Change(
        value=0, low=0, high=0, level=0.95, p_value=1, clustered=None, n_items=common.n_items
    )


def test_only_measures_whose_intervals_hold_have_one_and_only_with_enough_items() -> None:
    noise = label_noise(*noisy(1000, 3))
    assert list(noise.dropping) == [key for key in noise.as_keyed if key in MEASURES]
    for effects in (noise.dropping, noise.correcting):
        assert {key for key, effect in effects.items() if isinstance(effect, Change)} == WITH_INTERVAL
    for effects in (label_noise(*noisy(100, 3)).dropping, label_noise(*noisy(100, 3)).correcting):
        assert all(isinstance(effect, float) for effect in effects.values())


def test_the_difference_of_nested_sets_has_the_spread_that_resampling_finds() -> None:
    """The interval is as wide as the standard deviation of 400 differences that were drawn anew says."""
    run, found = noisy(1500, 4)
    noise, sets = label_noise(run, found), annotated_sets(run, found)
    confidence, correct, sound = run.confidence, run.correct, sets.sound
    hit = run.probabilities[np.arange(run.n_items), run.answer]
    brier = np.square(run.probabilities).sum(axis=1) - 2 * hit + 1
    rng = np.random.default_rng(0)
    drawn: dict[str, list[float]] = {key: [] for key in ("accuracy", "signed_gap", "brier", "auroc")}
    for _ in range(400):
        every = rng.integers(0, run.n_items, run.n_items)
        some = every[sound[every]]
        drawn["accuracy"].append(correct[some].mean() - correct[every].mean())
        gap = confidence - correct
        drawn["signed_gap"].append(gap[some].mean() - gap[every].mean())
        drawn["brier"].append(brier[some].mean() - brier[every].mean())
        first, second = (mann_whitney(confidence[rows], correct[rows]) for rows in (every, some))
        drawn["auroc"].append(second - first)
    for key, values in drawn.items():
        effect = noise.dropping[key]
        assert isinstance(effect, Change)
        assert (effect.high - effect.low) / 2 / 1.96 == pytest.approx(np.std(values), rel=0.12)


def mann_whitney(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> float:
    ranks, n_right = rankdata(confidence), correct.sum()
    return float((ranks[correct].sum() - n_right * (n_right + 1) / 2) / (n_right * (len(correct) - n_right)))


@cache
def population() -> AnnotatedSets:
    return annotated_sets(*noisy(20_000, 5))


def resampled(run: Predictions, rows: NDArray[np.int64]) -> Predictions:
    return Predictions(run.frame[rows].with_columns(item=pl.int_range(len(rows)).cast(pl.String)))


@pytest.mark.slow  # 300 runs of 1,000 items
def test_intervals_cover() -> None:
    """300 runs of 1,000 items of a finite population, of which about 350 are faulty and 120 get another key."""
    whole = population()
    common = whole.sound | whole.rekeyed
    given_keys = Predictions(whole.as_keyed.frame.filter(common))
    true_dropping = _effects(whole.as_keyed, whole.without_faulty, WITH_INTERVAL, level=0.5, member=whole.sound)
    true_correcting = _effects(given_keys, whole.corrected, WITH_INTERVAL, level=0.5)
    place = common.cumsum() - 1  # of a row of all items among those of the corrected set
    rng = np.random.default_rng(6)
    n_runs = 300
    covered = {(part, key): 0 for part in ("dropping", "correcting") for key in WITH_INTERVAL}
    for _ in range(n_runs):
        rows = rng.integers(0, whole.as_keyed.n_items, 1000)
        sound, some = whole.sound[rows], place[rows[common[rows]]]
        dropping = _effects(
            resampled(whole.as_keyed, rows), resampled(whole.as_keyed, rows[sound]), WITH_INTERVAL,
            level=0.95, member=sound,
        )  # fmt: skip
        correcting = _effects(resampled(given_keys, some), resampled(whole.corrected, some), WITH_INTERVAL, level=0.95)
        found = (("dropping", dropping, true_dropping), ("correcting", correcting, true_correcting))
        for part, effects, truths in found:
            for key, effect in effects.items():
                truth = truths[key]
                assert isinstance(effect, Change)
                assert isinstance(truth, Change)
                covered[part, key] += effect.low - 1e-12 <= truth.value <= effect.high + 1e-12
    assert covered.pop(("correcting", "mean_confidence")) == n_runs  # the same under both keys
    rates = {name: count / n_runs for name, count in covered.items()}
    assert all(0.91 <= rate <= 0.985 for rate in rates.values()), rates


def test_types_by_hand() -> None:
    noise = label_noise(*small())
    table = noise.types
    assert table["error_type"].to_list() == ["ok", "bad_question_clarity", "wrong_groundtruth"]
    assert table["n_items"].to_list() == [2, 1, 1]
    assert table["accuracy"].to_list() == [0.5, 1, 0]
    assert table["n_rekeyed"].to_list() == [0, 0, 1]
    assert table["accuracy_rekeyed"].to_list() == [None, None, 1]
    run, _ = small()
    assert table["mean_confidence"].to_list() == pytest.approx(
        [run.confidence[:2].mean(), run.confidence[3], run.confidence[2]]
    )
    assert table["accuracy_low"][0] == pytest.approx(0.0945, abs=1e-4)  # Wilson, 1 of 2, worked by hand


def test_without_faults_nothing_differs() -> None:
    run, _ = noisy(200, 7)
    table = pl.DataFrame({"item": run.item, "error_type": "ok", "corrected_answer": pl.Series([None] * 200)})
    noise = label_noise(run, Annotations(table))
    assert noise.as_keyed == noise.without_faulty == noise.corrected
    assert {*noise.dropping.values(), *noise.correcting.values()} == {0.0}
    assert noise.notes == ()


@given(st.permutations(range(60)))
@settings(max_examples=5)
def test_the_order_of_rows_changes_nothing(order: list[int]) -> None:
    run, found = noisy(60, 8)
    first, second = (
        noise.frame.filter(~pl.col("measure").str.ends_with("null95"))  # its labels are drawn row by row
        for noise in (
            label_noise(run, found),
            label_noise(Predictions(run.frame[order]), Annotations(found.frame[order[::-1]])),
        )
    )
    assert first["measure"].equals(second["measure"])
    for name in first.columns[1:]:
        np.testing.assert_allclose(first[name].cast(float), second[name].cast(float), atol=1e-9)


@given(st.lists(st.tuples(st.sampled_from(["ok", "wrong", "expert"]), st.none() | st.integers(0, 2)), max_size=12))
def test_every_item_is_counted_once(faults: list[tuple[str, int | None]]) -> None:
    run = Predictions.from_arrays(np.zeros((8, 3)), [0, 1, 2, 0, 1, 2, 0, 1])
    found = {"0": ("ok", None)} | {str(number + 1): fault for number, fault in enumerate(faults)}
    sets = annotated_sets(run, listed(**found))
    assert sets.as_keyed.n_items + sets.n_not_annotated == run.n_items
    assert sets.as_keyed.n_items + sets.n_not_in_run == len(found)
    assert sets.without_faulty.n_items + sets.rekeyed.sum() == sets.corrected.n_items
    assert set(sets.corrected.item[sets.corrected.answer != run.answer[sets.corrected.item.astype(int)]]) == set(
        sets.as_keyed.item[sets.rekeyed]
    )


def test_tables_and_json() -> None:
    noise = label_noise(*noisy(600, 9))
    plain = json.loads(json.dumps(noise.to_dict(), allow_nan=False))
    assert set(plain) == {*SETS, "dropping", "correcting", "types", "n_not_annotated", "n_not_in_run", "notes"}
    assert set(plain["dropping"]["accuracy"]) == {"value", "low", "high", "level", "p_value", "visible", "n_items"}
    assert isinstance(plain["dropping"]["ece_top"], float)
    assert plain["as_keyed"] == noise.as_keyed.to_dict()
    assert sum(row["n_items"] for row in plain["types"]) == 600
    table = noise.frame
    assert table["measure"].to_list() == list(noise.as_keyed)
    for row in table.filter(pl.col("dropping").is_not_null()).iter_rows(named=True):
        assert row["dropping"] == pytest.approx(row["without_faulty"] - row["as_keyed"], abs=1e-12)


def test_a_pair_is_compared_on_each_set() -> None:
    before, found = noisy(500, 10, sharpness=1.0)
    after = Predictions(
        Predictions.from_arrays(3 * before.logprobs, before.answer, item=before.item.tolist()).frame.with_columns(
            subject=before.frame["subject"]
        )[::-1]
    )
    got = compare_annotated(before, after, found, level=0.9, seed=1)
    first, second = annotated_sets(before, found), annotated_sets(after, found)
    for name in SETS:
        assert getattr(got, name) == compare(getattr(first, name), getattr(second, name), level=0.9, seed=1)
    table = got.frame
    assert table["items"].unique(maintain_order=True).to_list() == list(SETS)
    assert table.columns[1:] == got.corrected.frame.columns
    assert got.notes == first.notes


def test_runs_on_other_items_are_not_compared_even_where_the_annotated_ones_are_the_same() -> None:
    run, found = small()
    with pytest.raises(ValueError, match=r"two runs must hold the same items; only in before: e \(1 in all\)"):
        compare_annotated(run, Predictions(run.frame[:4]), found)
