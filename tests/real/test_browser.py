"""The report page in a real browser: Debian's chromium, driven by playwright."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import factuality
import veracal
from calibration import Item, Predictions, import_log, load_mmlu
from calibration.control_characters import escaped
from calibration.runs.folder import Run
from calibration.runs.run_writer import RunWriter
from factuality import Question
from factuality.answers.responses import RESPONSES
from factuality.questions.question import question_table
from tests.pages import HOSTILE, hostile_runs, unpacked, write_runs

pytestmark = pytest.mark.real

READY = "body:not(:has([data-browser][aria-busy]))"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        pytest.skip("playwright is not installed")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=program, args=["--no-sandbox", "--disable-quic", "--disable-dev-shm-usage"]
            )
        except Error as error:
            pytest.skip(f"chromium cannot start: {error.message.splitlines()[0]}")
        yield browser
        browser.close()


@dataclass
class Watched:
    """A tab, and everything in it that must not happen."""

    page: Any
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    """Opens pages; afterwards nothing may have gone wrong, and no request may have left the file."""
    contexts: list[Any] = []
    watched: list[Watched] = []

    def open_page(path: Path, *, script: str = "", **settings: Any) -> Any:
        settings.setdefault("viewport", {"width": 1280, "height": 900})
        context = chromium.new_context(**settings)
        context.set_default_timeout(300_000)  # machines are shared
        contexts.append(context)
        page = context.new_page()
        seen = Watched(page)
        watched.append(seen)
        page.on("console", lambda message: seen.faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: seen.faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: seen.faults.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: seen.requests.append(request.url))
        if script:
            page.add_init_script(script)
        page.goto(path.as_uri())
        if settings.get("java_script_enabled", True):
            settled(page)
        return page

    yield open_page
    for seen in watched:
        assert seen.faults == []
        assert all(url.startswith(("file:", "data:", "blob:")) for url in seen.requests), seen.requests
        assert sum(url.startswith("file:") for url in seen.requests) == 1
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page on hostile items and hostile answers."""
    folder = tmp_path_factory.mktemp("hostile")
    questions = [
        Question(f"q{number}", f"{text[:12]} c", text, (f"right {text}",), (f"wrong {text}",))
        for number, text in enumerate(HOSTILE)
    ]
    answers = []
    for name, said in (("before", "wrong"), ("after", "right")):
        settings = {"model": f"{name} {HOSTILE[1]}", "weights": f"weights of {name}"}
        run = RunWriter.open(folder / f"asked-{name}", settings, kind=RESPONSES, texts=question_table(questions))
        rows = [
            {"model": f"{name} {HOSTILE[1]}", "revision": "", "question": question.id, "sample": 0,
             "response": f"{said} {text}",
             "logprob": -1.0, "n_tokens": 1, "token_logprobs": [-1.0], "finish": "end", "prompt": ""}
            for question, text in zip(questions, HOSTILE, strict=True)
        ]  # fmt: skip
        run.append(pl.DataFrame(rows, schema=RESPONSES.schema))
        run.update(state="complete")
        factuality.grade(run.path, grader="match")
        answers.append(run.path)
    page = folder / "page.html"
    veracal.write_report([*hostile_runs(folder), *answers], page, footnote=HOSTILE[0] + HOSTILE[5])
    return page


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page on 120 ordinary items."""
    folder = tmp_path_factory.mktemp("small")
    items = [
        Item(f"{subject}/{row}", subject, f"Which {subject} is {row}?", ("one", "two", "three", "four"), row % 4)
        for subject in ("history", "law", "maths")
        for row in range(40)
    ]
    page = folder / "page.html"
    veracal.write_report(write_runs(folder, items), page, labels=("base", "tuned"))
    return page


@pytest.fixture(scope="module")
def large(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page on all of MMLU: 14,042 items with their texts, two recorded runs."""
    folder = tmp_path_factory.mktemp("large")
    items = load_mmlu(data / "mmlu")
    folders = []
    for name in ("llama-3.1-8b", "llama-3.1-8b-instruct"):
        run = RunWriter.open(folder / name, {"model": name}, items=items)
        run.append(import_log(data / "recorded" / f"{name}.csv", model=name).frame)
        run.update(state="complete")
        folders.append(run.path)
    page = folder / "page.html"
    veracal.write_report(folders, page)
    return page


def settled(page: Any) -> None:
    """Waits until no browser works."""
    page.wait_for_selector(READY, state="attached")


def status(page: Any, name: str = "items") -> str:
    settled(page)
    return str(page.locator(f"#{name}-browser [role=status]").inner_text())


def test_hostile_texts_show_as_text(hostile: Path, tab: Any) -> None:
    page = tab(hostile)
    for name in ("items", "answers"):
        assert status(page, name) == f"{len(HOSTILE)} of {len(HOSTILE)} {name}"
        buttons = page.locator(f"#{name}-rows tbody button[aria-expanded]")
        for row in range(len(HOSTILE)):
            buttons.nth(row).click()
        # A text of 100,000 characters is cut, and whole on request.
        longer = page.locator(f"#{name}-rows").get_by_role("button", name="Show all")
        assert longer.count() > 0
        while longer.count():
            longer.first.click()
    shown = page.locator("#items-rows .whole").all_text_contents()
    assert shown == [escaped(text.replace("\r\n", "\n")) for text in HOSTILE]
    assert page.locator(".browser").locator("script, img, style, b, p[onclick], a[href]").count() == 0
    assert "right " + HOSTILE[0] in page.locator("#answers-rows").inner_text()
    # What turns the direction of text stays inside its own element.
    directed = page.locator("#items-rows .whole, #items-rows .option, #items-rows tbody th button").all()
    assert directed
    assert all(found.get_attribute("dir") == "auto" for found in directed)
    assert page.evaluate("getComputedStyle(document.querySelector('#items-rows .whole')).unicodeBidi") == "isolate"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_scrolls_sideways_and_all_text_can_be_read(
    width: int, scheme: str, hostile: Path, small: Path, tab: Any
) -> None:
    for path in (hostile, small):
        page = tab(path, viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.locator("#items-rows tbody button").first.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(CONTRAST) == []


# Every text of the page whose contrast with the ground behind it is below 4.5.
CONTRAST = """() => {
  const channels = (colour) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map((value) => value / 255)
    .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, place) => sum + value * [0.2126, 0.7152, 0.0722][place], 0);
  const known = new Map();
  const ratio = (ink, ground) => {
    const key = ink + "|" + ground;
    if (!known.has(key)) {
      const [high, low] = [luminance(channels(ink)), luminance(channels(ground))].sort((a, b) => b - a);
      known.set(key, (high + 0.05) / (low + 0.05));
    }
    return known.get(key);
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (colour !== "rgba(0, 0, 0, 0)") return colour;
    }
    return "white";
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || at.closest("svg, script, style, noscript, :disabled")) continue;
    const value = ratio(getComputedStyle(at).color, ground(at));
    if (value < 4.5) found.add(`${at.tagName}.${at.className} ${value.toFixed(2)}`);
  }
  return [...found];
}"""


def test_14042_items_fit(large: Path, tab: Any) -> None:
    assert large.stat().st_size < 6_000_000
    assert status(tab(large)) == "14,042 of 14,042 items"


def test_search_filters_and_sorting_find_the_right_items(large: Path, tab: Any) -> None:
    page = tab(large)
    data = unpacked(large.read_text(encoding="utf-8"), "items")
    before, after = data["runs"]
    keys, count = data["key"], len(data["key"])
    was, now = ([letter == key for letter, key in zip(run["predicted"], keys, strict=True)] for run in (before, after))
    search, subject, change = (
        page.get_by_label("Search (all words)"), page.get_by_label("Subject", exact=True),
        page.get_by_label("Before → after"),
    )  # fmt: skip
    search.fill("Federal  COURT")
    texts = ["\n".join([q, *o]).lower() for q, o in zip(data["question"], data["options"], strict=True)]
    wanted = sum("federal" in text and "court" in text for text in texts)
    assert status(page) == f"{wanted} of 14,042 items"
    search.fill("")
    change.select_option(index=1)
    wanted = sum(a and not b for a, b in zip(was, now, strict=True))
    assert status(page) == f"{wanted:,} of 14,042 items"
    law = data["subjects"].index("professional_law")
    subject.select_option(index=law + 1)
    wanted = sum(was[row] and not now[row] and data["subject"][row] == law for row in range(count))
    assert status(page) == f"{wanted} of 14,042 items"
    page.get_by_label("Confidence, from").fill("0.9")
    confidences = [value / data["parts"] for value in after["confidence"]]
    wanted = sum(
        was[row] and not now[row] and data["subject"][row] == law and confidences[row] >= 0.9 for row in range(count)
    )
    assert wanted > 0
    assert status(page) == f"{wanted} of 14,042 items"
    page.get_by_role("button", name="Reset").click()
    assert status(page) == "14,042 of 14,042 items"
    heading = page.locator("#items-rows thead th", has_text="llama-3.1-8b-instruct")
    heading.get_by_role("button").click()
    settled(page)
    assert heading.get_attribute("aria-sort") == "descending"
    cells = page.locator("#items-rows tbody tr td:nth-child(6)").all_inner_texts()
    assert len(cells) == 50
    shown = [float(text.split()[2].rstrip(",")) for text in cells]
    assert shown == [round(value, 3) for value in sorted(confidences, reverse=True)[:50]]
    heading.get_by_role("button").click()
    settled(page)
    assert heading.get_attribute("aria-sort") == "ascending"
    page.get_by_role("group", name="Pages of items").get_by_role("button", name="Next").click()
    settled(page)
    assert "Page 2 of 281" in page.locator("#items-browser").inner_text()


def test_what_is_looked_for_stands_in_the_address(small: Path, tab: Any) -> None:
    page = tab(small)
    page.get_by_label("Search (all words)").fill("law")
    page.get_by_label("Bin of the diagram").select_option(label="tuned: 0.5–0.6 (15)")
    page.locator("#items-rows thead").get_by_role("button", name="tuned").click()
    found = status(page)
    assert not found.startswith(("0", "120", "40", "15"))
    address = page.evaluate("location.href")
    assert address.endswith("#items?search=law&bin=2-6&sort=run-2-")
    rows = page.locator("#items-rows tbody tr").all_inner_texts()
    again = page.context.new_page()
    again.goto(address)
    assert status(again) == found
    assert again.locator("#items-rows tbody tr").all_inner_texts() == rows
    # A link on the page itself does the same.
    again.evaluate("location.hash = '#items?bin=1-3'")
    assert status(again) != found
    again.get_by_role("button", name="Reset").click()
    assert status(again) == "120 of 120 items"
    assert again.evaluate("location.hash") == "#items"


def test_downloads_are_the_data(small: Path, tab: Any) -> None:
    page = tab(small, accept_downloads=True)
    for name, columns in (("reliability_choices.csv", 8), ("changes.csv", 15), ("subjects.csv", 9)):
        with page.expect_download() as waiting:
            page.locator(f"#downloads a[download='{name}']").click()
        assert waiting.value.suggested_filename == name
        frame = pl.read_csv(waiting.value.path())
        assert frame.width == columns
    page.get_by_label("Subject", exact=True).select_option(label="law (40)")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download these rows (CSV)").click()
    assert waiting.value.suggested_filename == "items.csv"
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert [row["item"] for row in rows] == [f"law/{number}" for number in range(40)]
    runs = [Predictions(Run(small.parent / name).read_frame()) for name in ("before", "after")]
    for side, run in zip(("before", "after"), runs, strict=True):
        wanted = dict(zip(run.item, run.probabilities, strict=True))
        for row in rows:
            found = [float(value) for value in row[f"probabilities_{side}"].split()]
            assert found == pytest.approx(list(wanted[row["item"]]), abs=1e-5)
    assert json.loads(rows[0]["options"]) == ["one", "two", "three", "four"]


def test_rows_of_hostile_texts_come_out_of_the_csv_as_they_were_but_for_formulas(hostile: Path, tab: Any) -> None:
    page = tab(hostile, accept_downloads=True)
    with page.expect_download() as waiting:
        page.locator("#items-browser").get_by_role("button", name="Download these rows (CSV)").click()
    text = Path(waiting.value.path()).read_bytes().decode()
    csv.field_size_limit(10_000_000)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["question"] for row in rows] == [text if text[0] != "=" else f"'{text}" for text in HOSTILE]


def tabbed_to(page: Any, name: str, *, at_least: int) -> list[str]:
    """Names of the controls that the tab key passes, up to one of this name."""
    passed: list[str] = []
    while len(passed) < 20 and not (len(passed) >= at_least and passed[-1].startswith(name)):
        page.keyboard.press("Tab")
        passed.append(page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent.trim()"))
    return passed


def test_the_page_is_used_by_keyboard(small: Path, tab: Any) -> None:
    page = tab(small)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the conclusions"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "conclusions"
    # From the search field onwards every control is reached in the order in which it is read.
    page.get_by_label("Search (all words)").focus()
    page.keyboard.type("law")
    assert status(page) == "40 of 120 items"
    passed = tabbed_to(page, "Subject", at_least=7)
    assert passed[3:7] == ["Confidence of", "Confidence, from", "Confidence, to", "Reset"]
    assert "Next" not in passed  # one page only: the button is off
    page.keyboard.press("Enter")
    settled(page)
    assert page.locator("#items-rows thead th").nth(1).get_attribute("aria-sort") == "ascending"
    # Focus stays where it is when rows are drawn anew.
    assert page.evaluate("document.activeElement.textContent.trim()").startswith("Subject")
    row = page.locator("#items-rows tbody button").first
    row.focus()
    page.keyboard.press("Space")
    assert row.get_attribute("aria-expanded") == "true"
    assert page.locator(f"#{row.get_attribute('aria-controls')}").is_visible()
    assert "Which law is 0?" in page.locator("#items-rows .details").inner_text()
    page.keyboard.press("Space")
    assert page.locator("#items-rows .details").count() == 0
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_nothing_serious_to_say(scheme: str, hostile: Path, small: Path, tab: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for path in (hostile, small):
        page = tab(path, color_scheme=scheme)
        page.locator("#items-rows tbody button").first.click()
        page.locator("summary").first.click()
        said = Axe().run(page).response["violations"]
        assert [rule["id"] for rule in said if rule["impact"] in ("serious", "critical")] == []


def test_a_bin_lists_its_items(small: Path, tab: Any) -> None:
    page = tab(small)
    page.locator("#items summary").click()
    page.get_by_role("link", name="Show the items of tuned, 0.5–0.6").press("Enter")
    page.locator("#items-browser [role=status]", has_text="15 of 120 items").wait_for()
    # A bin of the first run whose bar has a height.
    page.locator("#reliability-top svg a[*|href='#items?bin=1-5'] path").first.click()
    page.locator("#items-browser [role=status]", has_text="41 of 120 items").wait_for()


def test_everything_has_a_name_for_a_screen_reader(hostile: Path, tab: Any) -> None:
    page = tab(hostile)
    nameless = """() => [...document.querySelectorAll("input, select, button, a, section, nav, [role=region], figure")]
      .filter((node) => !node.closest("[aria-hidden=true]") && !node.ariaLabel && !node.labels?.length
        && !node.textContent.trim() && !node.getAttribute("aria-labelledby"))
      .map((node) => node.outerHTML.slice(0, 100))"""
    assert page.evaluate(nameless) == []
    levels = page.evaluate("[...document.querySelectorAll('h1, h2, h3')].map((node) => Number(node.tagName[1]))")
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert page.evaluate("document.querySelectorAll('table:not(:has(> caption))').length") == 0
    assert page.locator("[role=status][aria-live=polite]").count() == 2


def test_printing_leaves_out_the_browser_and_keeps_the_figures(small: Path, tab: Any) -> None:
    page = tab(small, color_scheme="dark")
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF")
    page.emulate_media(media="print")
    assert not page.locator(".browser").first.is_visible()
    assert "left out on paper" in page.locator(".paper").first.inner_text()
    assert page.locator("figure svg").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_colours_follow_the_system_and_the_button(small: Path, tab: Any) -> None:
    page = tab(small, color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    page.get_by_role("button", name="Dark colours").click()
    assert page.evaluate(ground) == "rgb(21, 23, 25)"
    page.get_by_role("button", name="Light colours").click()
    assert page.evaluate(ground) == "rgb(255, 255, 255)"
    assert tab(small, color_scheme="dark").evaluate(ground) == "rgb(21, 23, 25)"


def test_a_browser_that_cannot_unpack_shows_a_plain_message(small: Path, tab: Any) -> None:
    page = tab(small, script="delete window.DecompressionStream")
    words = page.locator("#items-browser").inner_text()
    assert words == (
        "The items cannot be shown in this web browser: it cannot unpack compressed data. "
        "Everything else on the page works."
    )
    assert page.locator("figure svg").count() >= 4
    assert page.get_by_role("button", name="Dark colours").is_visible()


def test_damaged_data_show_a_plain_message(small: Path, tmp_path: Path, tab: Any) -> None:
    source = small.read_text(encoding="utf-8")
    start = source.index('id="items-rows-0-data">') + len('id="items-rows-0-data">') + 400
    damaged = tmp_path / "damaged.html"
    damaged.write_text(source[:start] + source[start + 40 :], encoding="utf-8")
    page = tab(damaged)
    assert page.locator("#items-browser").inner_text().startswith("The items cannot be shown in this web browser: ")


def test_without_javascript_the_page_reads(small: Path, tab: Any) -> None:
    page = tab(small, java_script_enabled=False)
    assert page.locator("noscript p").first.is_visible()
    assert "Post-training left accuracy within 0.03 of what it was" in page.locator("#conclusions").inner_text()
    assert not page.locator("#theme").is_visible()
    assert page.locator("#items-browser tbody tr").count() == 50
    assert "▸" not in page.locator("#items-browser").inner_text()
    assert page.locator("#items-browser tbody tr").last.is_visible()
    assert "These are the first 50 of 120 items" in page.locator("noscript p").first.inner_text()


def test_another_script_would_not_run(small: Path, tmp_path: Path, chromium: Any) -> None:
    """The policy holds even where markup got in by some way that nobody thought of."""
    source = small.read_text(encoding="utf-8")
    broken = source.replace(
        "</main>",
        "<script>window.ran = true</script><img src=x onerror='window.ran = true'>"
        "<img src='https://example.invalid/x.png'></main>",
    )
    (tmp_path / "broken.html").write_text(broken, encoding="utf-8")
    page = chromium.new_page()
    refused: dict[str, str] = {}
    page.on("requestfailed", lambda request: refused.update({request.url: request.failure}))
    page.goto((tmp_path / "broken.html").as_uri())
    settled(page)
    assert page.evaluate("window.ran") is None
    assert refused["https://example.invalid/x.png"] == "csp"
    page.close()
