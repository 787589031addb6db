"""The report page: whole, self-contained, and safe against what runs may hold."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import shutil
from pathlib import Path

import polars as pl
import pytest

import calibration
import veracal
from calibration import Item, Predictions
from calibration.items.orders import option_orders
from calibration.runs.run_writer import RunWriter
from tests.pages import HOSTILE, Page, hostile_runs, unpacked, write_runs

FOOTNOTE = "Made from 150 <items>."


@pytest.fixture(scope="module")
def imported(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The recorded runs; no test changes them."""
    parent = tmp_path_factory.mktemp("imported")
    folders = [parent / "completion", parent / "chat"]
    for folder in folders:
        calibration.import_log(recorded / f"smollm2-{folder.name}.csv", out=folder)
    return folders


@pytest.fixture(scope="module")
def written(imported: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the recorded runs."""
    path = tmp_path_factory.mktemp("page") / "page.html"
    veracal.write_report(imported, path, footnote=FOOTNOTE)
    return path


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    """What the page of the recorded runs holds."""
    return Page(written)


@pytest.fixture
def runs(imported: list[Path], tmp_path: Path) -> list[Path]:
    """Copies of the recorded runs, which a test may change."""
    return [shutil.copytree(folder, tmp_path / folder.name) for folder in imported]


def test_the_page_is_self_contained_and_holds_the_numbers(imported: list[Path], written: Path, page: Page) -> None:
    assert all(address.startswith(("#", "data:text/csv;")) for address in page.addresses)
    assert not re.search(r"@import|url\((?!#)", page.source)
    comparison = calibration.compare(*(calibration.read_run(run) for run in imported))
    for key in ("accuracy", "ece_top", "ece_choices", "brier", "nll"):
        assert f"<td>{comparison.after.point(key):.4f}</td>" in page.source
    assert (
        "Going from smollm2-completion to smollm2-chat is not shown to have changed accuracy (0.247 → 0.300; about"
        in page.words
    )
    assert "made the model less over-confident" in page.words
    assert FOOTNOTE in page.words
    differing = '<bdi>source (differs)</bdi></th><td dir="auto">smollm2-completion.csv</td>'
    assert differing in page.source
    assert list(written.parent.iterdir()) == [written]


def test_headings_come_in_the_order_of_reading_and_every_id_stands_once(page: Page) -> None:
    headings = [
        "conclusions", "reliability", "changes", "diagnosis", "subjects", "letters", "items", "runs", "definitions",
        "downloads",
    ]  # fmt: skip
    assert [found for found in page.ids if found in headings] == headings
    assert len(set(page.ids)) == len(page.ids)
    # What stands behind a question mark is what a browser of rows shows.
    inside = [address[1:].partition("?")[0] for address in page.addresses if address.startswith("#")]
    inside += re.findall(r"url\(#([^)]*)\)", page.source) + page.named
    assert set(inside) <= set(page.ids)
    for tag in ("main", "nav", "header", "footer", "h1"):
        assert page.tags.count(tag) == 1
    assert page.tags.count("caption") == page.tags.count("table")
    assert page.tags.count("figcaption") == page.tags.count("figure") == page.tags.count("svg")


def test_only_the_scripts_own_hash_is_allowed_to_run(page: Page) -> None:
    scripts = re.findall(r"<script>(.*?)</script>", page.source, flags=re.DOTALL)
    assert len(scripts) == 1
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page.source)
    assert len(policy) == 1
    assert policy[0].startswith(f"default-src 'none'; script-src 'sha256-{digest}';")
    # Elsewhere a script's text may hold neither its own end nor a comment that hides it.
    assert "<!--" not in scripts[0]
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|import\(", scripts[0])


def test_every_figure_and_table_leaves_its_numbers_as_a_file(imported: list[Path], page: Page) -> None:
    files = page.files
    expected = {
        "reliability_choices.csv", "reliability_top.csv", "changes.csv", "diagnosis.csv", "letter_biases.csv",
        "subjects.csv", "letters.csv", "letter_shares.csv", "settings_predictions.csv",
    }  # fmt: skip
    assert expected <= set(files)
    frames = {name: pl.read_csv(io.BytesIO(content)) for name, content in files.items()}
    before, after = (calibration.read_run(run) for run in imported)
    bins = frames["reliability_choices.csv"].filter(pl.col("run") == "smollm2-chat")
    curve = calibration.reliability_curve(*after.view("choices")[:2])
    assert bins["count"].to_list() == curve.count.tolist()
    changes = {row["measure"]: row for row in frames["changes.csv"].iter_rows(named=True)}
    assert changes["ece_top"]["change"] == pytest.approx(calibration.change(before, after, calibration.ece).value)
    assert changes["ece_top_null95"]["change"] is None
    shares = frames["letter_shares.csv"]
    for column in ("right", "predicted_before", "predicted_after", "mean_probability_before"):
        assert shares[column].sum() == pytest.approx(1)


def test_what_a_run_says_of_itself_cannot_become_markup(tmp_path: Path) -> None:
    hostile = "</title><script>alert(1)</script>\u202e\x1b[31m\x00"
    folders = []
    for number in range(2):
        frame = Predictions.from_arrays([[2.0, 0.0], [0.0, 2.0]] * 20, [0, 1] * 20, model=f"{hostile}{number}").frame
        run = RunWriter.open(tmp_path / str(number), {"model": f"{hostile}{number}", "style": hostile}, n_items=40)
        run.append(frame)
        folders.append(run.path)
    veracal.write_report(folders, tmp_path / "page.html")
    source = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<script>alert" not in source
    assert "&lt;script&gt;" in source
    assert "\x1b" not in source
    assert "\x00" not in source
    assert "\u202e" not in source
    assert r"\u202e\x1b[31m\x00" in source


@pytest.mark.usefixtures("figures_undrawn")
def test_texts_of_items_are_never_markup(tmp_path: Path) -> None:
    veracal.write_report(hostile_runs(tmp_path), tmp_path / "page.html")
    source = (tmp_path / "page.html").read_text(encoding="utf-8")
    for markup in ("<script>alert", "<img", "<b>", "<p onclick", "<style>*", "\x1b", "\x00"):
        assert markup not in source
    data = unpacked(source, "items")
    assert data["question"] == list(HOSTILE)
    assert data["options"][0] == [HOSTILE[0], "two", "three", "four"]


@pytest.mark.usefixtures("figures_undrawn")
def test_options_in_another_order_are_shown_in_the_items_own(tmp_path: Path) -> None:
    items = [Item(f"law/{number}", "law", f"Which? {number}", ("p", "q", "r"), number % 3) for number in range(12)]
    logits = [[2.0 if place == item.answer else 0.1 * place for place in range(3)] for item in items]
    plain = Predictions.from_lists(logits, [item.answer for item in items], item=[item.id for item in items])
    # The second run was asked with the options reversed and answers the same.
    reversed_ = Predictions(
        Predictions.from_lists(
            [row[::-1] for row in logits], [2 - item.answer for item in items], item=[item.id for item in items]
        ).frame.with_columns(order=pl.Series([[2, 1, 0]] * 12, dtype=pl.List(pl.Int8)))
    )
    folders = []
    for name, predictions in (("a", plain), ("b", reversed_)):
        run = RunWriter.open(tmp_path / name, {"model": name}, items=items)
        run.append(predictions.frame.with_columns(model=pl.lit(name), subject=pl.lit("law")))
        folders.append(run.path)
    veracal.write_report(folders, tmp_path / "page.html")
    source = (tmp_path / "page.html").read_text(encoding="utf-8")
    data = unpacked(source, "items")
    assert data["key"] == [item.answer for item in items]
    first, second = data["runs"]
    assert first["predicted"] == second["predicted"] == data["key"]
    assert first["letters"] == second["letters"]
    assert "letters here are of the item&#39;s own" in source


@pytest.mark.usefixtures("figures_undrawn")
def test_runs_that_asked_every_rotation_are_shown_as_their_mean(tmp_path: Path) -> None:
    items = [Item(f"law/{number}", "law", f"Which? {number}", ("p", "q", "r"), number % 3) for number in range(12)]
    asked = [(item, order) for item in items for order in option_orders(item, "cyclic")]
    folders = []
    for name, favour in (("a", 0.5), ("b", 2.0)):
        # A is favoured; the right option is known.
        logits = [
            [favour * (place == 0) + 1.0 * (option == item.answer) for place, option in enumerate(order)]
            for item, order in asked
        ]
        frame = Predictions.from_lists(logits, [order.index(item.answer) for item, order in asked]).frame.with_columns(
            item=pl.Series([item.id for item, _ in asked]),
            order=pl.Series([list(order) for _, order in asked], dtype=pl.List(pl.Int8)),
            subject=pl.lit("law"),
            model=pl.lit(name),
        )
        run = RunWriter.open(tmp_path / name, {"model": name, "permutations": "cyclic"}, items=items)
        run.append(frame)
        run.update(state="complete")
        assert run.manifest["n_done"] == 12
        folders.append(run.path)
    veracal.write_report(folders, tmp_path / "page.html")
    page = Page(tmp_path / "page.html")
    assert "not finished" not in page.words
    data = unpacked(page.source, "items")
    assert data["key"] == [item.answer for item in items]
    assert [run["predicted"] for run in data["runs"]] == [data["key"], data["key"]]
    assert 'permutations</bdi></th><td dir="auto">cyclic' in page.source


def test_a_run_without_texts_says_so(page: Page) -> None:
    assert "The texts are absent: these runs were imported from bare numbers." in page.words
    assert unpacked(page.source, "items")["question"] == []


@pytest.mark.usefixtures("figures_undrawn")
def test_an_unfinished_run_says_so(tmp_path: Path) -> None:
    folders = []
    for name in "ab":
        run = RunWriter.open(tmp_path / name, {"model": name}, n_items=50)
        run.append(Predictions.from_arrays([[2.0, 0.0], [0.0, 2.0]] * 20, [0, 1] * 20, model=name).frame)
        folders.append(run.path)
    veracal.write_report(folders, tmp_path / "page.html")
    assert "On b: the run is not finished, 40 of 50 items." in Page(tmp_path / "page.html").words


@pytest.mark.parametrize("count", [2, 3, 9, 10, 11])
def test_a_handful_of_items_makes_a_page(count: int, tmp_path: Path) -> None:
    folders = []
    for name, scale in (("a", 1.0), ("b", 3.0)):
        run = RunWriter.open(tmp_path / name, {"model": name}, n_items=count)
        logits = [[scale * (number % 2), scale * 0.7, 0.0] for number in range(count)]
        run.append(Predictions.from_arrays(logits, [number % 3 for number in range(count)], model=name).frame)
        folders.append(run.path)
    veracal.write_report(folders, tmp_path / "page.html")
    assert "Conclusions" in Page(tmp_path / "page.html").words


def test_the_same_runs_give_the_same_page(imported: list[Path], written: Path, tmp_path: Path) -> None:
    veracal.write_report(imported, tmp_path / "again.html", footnote=FOOTNOTE)
    assert (tmp_path / "again.html").read_bytes() == written.read_bytes()


@pytest.mark.usefixtures("figures_undrawn")
def test_labels_name_the_runs_and_are_told_apart(runs: list[Path], tmp_path: Path) -> None:
    veracal.write_report(runs, tmp_path / "page.html", labels=("base\n", "base"))
    assert "base (completion) → base (chat)" in Page(tmp_path / "page.html").words
    veracal.write_report(runs, tmp_path / "page.html", labels=("base\u202e", "base"))
    assert r"base\u202e → base" in Page(tmp_path / "page.html").words


def test_a_report_overwrites_neither_a_run_nor_what_is_no_file(runs: list[Path], tmp_path: Path) -> None:
    manifest = (runs[0] / "run.json").read_bytes()
    with pytest.raises(ValueError, match="the page must be outside the run folders"):
        veracal.write_report(runs, runs[0] / "run.json")
    assert (runs[0] / "run.json").read_bytes() == manifest
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match="must be a new or an ordinary file"):
        veracal.write_report(runs, tmp_path / "folder")
    assert not list(tmp_path.glob(".*.tmp"))


def test_a_report_needs_runs_that_it_can_show(runs: list[Path], tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    with pytest.raises(ValueError, match=r"a run is given twice: .*completion"):
        veracal.write_report([*runs, runs[0]], page)
    with pytest.raises(ValueError, match="runs must be a sequence of run folders, got one path"):
        veracal.write_report(str(runs[0]), page)
    with pytest.raises(ValueError, match=r"labels must be one a run \(2\) or one a model \(2: .*\), got 1: one"):
        veracal.write_report(runs, page, labels=("one",))
    with pytest.raises(FileNotFoundError, match="no run here"):
        veracal.write_report([runs[0], tmp_path / "nowhere"], page)
    assert not page.exists()


def test_a_run_of_another_kind_is_refused_by_name(runs: list[Path], tmp_path: Path) -> None:
    manifest = (runs[1] / "run.json").read_text(encoding="utf-8")
    changed = re.sub(r'"kind": "predictions"', '"kind": "poems"', manifest)
    assert changed != manifest
    (runs[1] / "run.json").write_text(changed, encoding="utf-8")
    with pytest.raises(ValueError, match=r"a report shows runs of predictions, pairs, .* this one holds 'poems'"):
        veracal.write_report(runs, tmp_path / "page.html")


@pytest.mark.usefixtures("figures_undrawn")
def test_the_reason_of_a_blank_column_stands_by_the_table_and_in_the_notes(tmp_path: Path) -> None:
    items = [
        Item(f"law/{row}", "law" if row % 2 else "art", f"Which? {row}", ("p", "q", "r", "s"), row % 4)
        for row in range(40)
    ]
    veracal.write_report(write_runs(tmp_path / "runs", items), tmp_path / "page.html")
    page = Page(tmp_path / "page.html")
    reason = "left out: an interval for new subjects needs at least 10 subjects, got 2."
    assert f"On the changes: the column “new subjects” is {reason}" in page.words
    assert f"other subjects, with their items. The column “new subjects” is {reason}" in page.words
