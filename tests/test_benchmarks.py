"""The arithmetic of the benchmarks, worked by hand, and their table and figure."""

from __future__ import annotations

import doctest
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from benchmarks import extraction, extraction_report, floor, rates, report_page
from benchmarks.extraction_report import Results, report
from benchmarks.floor import Sizes, Work, lm_eval_batches, lm_eval_work, unique_work
from tests import tiny

# Beginnings: 7, 78, 789, 78 5, 78 5 6, 3, 3 8.
PROMPTS = [[7, 8, 9], [7, 8, 5, 6], [3, 8], [7, 8], [7, 8, 9]]


def test_unique_tokens_are_the_nodes_of_the_prefix_tree() -> None:
    # At depths 1, 2, 3, 3, 4, 1, 2, where each sees as many tokens; 4 distinct prompts.
    assert unique_work(PROMPTS) == Work(tokens=7, logits=4, pairs=16)
    rng = np.random.default_rng(0)
    many = [rng.integers(0, 3, size=rng.integers(1, 7)).tolist() for _ in range(60)]
    nodes = {tuple(prompt[: end + 1]) for prompt in many for end in range(len(prompt))}
    assert unique_work(many) == Work(len(nodes), len({tuple(prompt) for prompt in many}), sum(map(len, nodes)))


def test_lm_evals_path_is_whole_prompts_filled_up() -> None:
    # Lengths 4, 3, 2, 2 of distinct prompts: batches of 2 × 4 and 2 × 2, which see 10 and 3 pairs a row.
    pairs = lm_eval_batches(PROMPTS, 2)
    assert pairs == [[1, 0], [2, 3]]
    assert lm_eval_work(PROMPTS, pairs) == Work(tokens=12, logits=12, pairs=26)
    assert lm_eval_work(PROMPTS, pairs[1:]) == Work(tokens=4, logits=4, pairs=6)
    assert lm_eval_work(PROMPTS, lm_eval_batches(PROMPTS, 1)) == Work(tokens=11, logits=11, pairs=22)
    assert doctest.testmod(floor).failed == 0


def test_operations() -> None:
    # A layer of the tiny model: queries and output 32 × 32, keys and values 32 × 16, the three of 32 × 64; 512 words;
    # pairs: 3 layers, 4 heads, 8 wide, two products of multiplications and additions.
    expected = Sizes(body=3 * (2 * 1024 + 2 * 512 + 3 * 2048), head=512 * 32, pair=3 * 4 * 8 * 4)
    assert Sizes.of(tiny.network("llama")) == expected
    assert Sizes.of(tiny.network("llama", tie_word_embeddings=True)) == expected
    # 12 × 32² a layer, whose embeddings of words and places multiply nothing.
    gpt2 = Sizes(body=3 * 12 * 1024, head=512 * 32, pair=3 * 4 * 8 * 4)
    assert Sizes.of(tiny.network("gpt2", n_inner=128)) == gpt2
    sizes, work = Sizes(body=10, head=5, pair=3), Work(tokens=7, logits=4, pairs=16)
    assert work.of_weights(sizes) == 2 * (70 + 20)
    assert work.flops(sizes) == 180 + 48


@pytest.mark.oracle
def test_lm_eval_computes_what_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    network, tokenizer = tiny.network(), tiny.tokenizer()
    prompts = [item.question.strip() for item in tiny.items(9)] * 2
    harness = HFLM(pretrained=network, tokenizer=tokenizer, batch_size=4, device="cpu")
    seen: list[tuple[int, int]] = []
    network.register_forward_pre_hook(lambda _, args: seen.append(tuple(args[0].shape)))
    letters = [" A", " B", " C", " D"]
    harness.loglikelihood(
        [Instance("loglikelihood", {}, (prompt, text), 0) for prompt in prompts for text in letters],
        disable_tqdm=True,
    )
    encoded = tokenizer(prompts)["input_ids"]
    batches = lm_eval_batches(encoded, 4)
    assert seen == [(len(batch), len(encoded[batch[0]])) for batch in batches]
    work = lm_eval_work(encoded, batches)
    assert work.tokens == sum(rows * length for rows, length in seen)
    assert work.pairs == sum(rows * length * (length + 1) // 2 for rows, length in seen)


def run(harness: str, dtype: str, seconds: list[float], **more: Any) -> dict[str, Any]:
    found = {"loaded_mb": 500.0, "peak_mb": 600.0, "logprobs": [[-1.0, -2.0], [-3.0, None]], **more}
    return {"harness": harness, "dtype": dtype, "rounds": [{"seconds": each, **found} for each in seconds]}


@pytest.fixture
def results() -> Results:
    # Unique: 2 × (10 × 100 + 2 × 50) + 20 × 10 = 2400 operations, 2200 of them with weights; lm-eval's: 2 × (40 × 100 +
    # 40 × 50) + 120 × 10 = 13200, 12000. Floors 5.50 and 5.45. At 2400e-9 GFLOP in 2 s of a rate of 4800e-9: 25 %.
    return Results(
        model="tiny",
        items="2 items",
        machine="a machine",
        n_items=2,
        tokens=30,
        sizes=Sizes(body=100, head=50, pair=10),
        unique=Work(tokens=10, logits=2, pairs=20),
        lm_eval=Work(tokens=40, logits=40, pairs=120),
        runs=[
            run(
                "veracal", "float32", [1.0, 2.0, 9.0], matrix_gflops=4800e-9, shares={"attention": 0.3, "the rest": 0.7}
            ),
            run("lm-eval", "float32", [9.0, 8.0, 7.0], peak_mb=1600.0, logprobs=[[-1.5, -2.0], [-3.0, -4.0]]),
            run("llama.cpp", "Q4_1", [4.0, 4.0, 4.0], logprobs=[[-1.25, -2.0], [-3.0, None]]),
        ],
    )


def test_the_report_says_what_the_numbers_are(results: Results, tmp_path: Path) -> None:
    text = report(results)
    assert "tiny, 2 items: 30 tokens whole, 10 unique. a machine." in text
    assert "| veracal | float32 | 2.0 | 1.00 | 5 | 4.00 × | 25% | 600 | 100 |" in text
    assert "| lm-eval | float32 | 8.0 | 0.25 | 1 | 1.00 × | 6% | 1,600 | 1,100 |" in text
    assert "| llama.cpp | Q4_1 | 4.0 | 0.50 | 2 |  |  | 600 | 100 |" in text
    assert "those of the unique tokens: 5.50 (products with weights and attention; with weights alone 5.45)." in text
    assert "25% of the 0 GFLOP/s" in text
    assert "4.00 times lm-eval, 73% of the floor (73% of that of weights alone)." in text
    assert "| lm-eval | float32 | at most 0.5, 0.17 on average |  | 100% |" in text
    assert "| llama.cpp | Q4_1 |  | at most 0.25, 0.083 on average | 75% |" in text
    assert "| attention | 30% |" in text
    path = tmp_path / "results.json"
    path.write_text(json.dumps(asdict(results)))
    assert Results.read(path) == results


def test_the_report_without_others(results: Results) -> None:
    alone = replace(results, runs=[run("lm-eval", "float32", [8.0])])
    assert "| lm-eval | float32 | 8.0 | 0.25 | 1 | 1.00 × |  | 600 | 100 |" in report(alone)
    assert "letters differ" not in report(alone)


def test_rounds_and_deaths(results: Results) -> None:
    ours = results.runs[0]
    results.add("veracal", "float32", ours["rounds"][0])
    assert [each["seconds"] for each in ours["rounds"]] == [1.0, 2.0, 9.0, 1.0]
    results.add("veracal", "bfloat16", ours["rounds"][0])
    assert [len(run["rounds"]) for run in results.runs] == [4, 3, 3, 1]
    results.died.append("lm-eval, bfloat16: died with <Signals.SIGKILL: 9>")
    assert "\n\nlm-eval, bfloat16: died with <Signals.SIGKILL: 9>\n\n" in report(results)


def test_the_report_of_a_sample(results: Results) -> None:
    ours, *_ = results.runs
    sampled = run("lm-eval", "float32", [8.0], logprobs=[[-1.5, -2.0], None])
    text = report(replace(results, runs=[ours, sampled], lm_eval_every=8))
    assert "one of every 8 of its batches" in text
    assert "| lm-eval | float32 | at most 0.5, 0.25 on average |  | 100% |" in text


def test_the_figure(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plt, "close", lambda *_: None)
    extraction_report.draw(results, tmp_path / "figure.png")
    left, right = cast("list[Any]", plt.gcf().axes)
    assert [patch.get_width() for patch in left.patches] == [1.0, 0.25, 0.5]
    assert [patch.get_width() for patch in right.patches] == [0.6, 1.6, 0.6]
    assert [label.get_text() for label in left.get_yticklabels()] == [
        "veracal  float32", "lm-eval  float32", "llama.cpp  Q4_1",
    ]  # fmt: skip
    # 1200 operations an item at a rate of 4800 a second, beside the two bars of that type.
    (marks,) = left.collections
    assert [segment[0][0] for segment in marks.get_segments()] == pytest.approx([4.0, 4.0])
    assert left.get_xlim()[1] > 4.0
    extraction_report.draw(results, tmp_path / "figure.svg")
    assert (tmp_path / "figure.svg").read_text().startswith("<svg")


def test_shares_add_up() -> None:
    left, right = torch.randn(400, 400), torch.randn(400, 400)
    heads = torch.randn(1, 4, 64, 16)

    def work() -> None:
        torch.nn.functional.linear(left, right)
        torch.nn.functional.scaled_dot_product_attention(heads, heads, heads, is_causal=True)
        torch.relu(left)

    found = rates.shares(work, "cpu")
    assert sum(found.values()) == pytest.approx(1)
    assert all(share > 0 for share in found.values())
    assert list(found) == [rates.WEIGHTS, rates.ATTENTION, rates.REST, rates.OUTSIDE]


def test_turns(tmp_path: Path) -> None:
    assert extraction._turns(["veracal", "lm-eval"], ["bfloat16", "float32"], None) == [
        ("veracal", "bfloat16"), ("lm-eval", "bfloat16"), ("veracal", "float32"), ("lm-eval", "float32"),
    ]  # fmt: skip
    with pytest.raises(ValueError, match="name it with --gguf"):
        extraction._turns(["llama.cpp"], ["float32"], None)


@pytest.mark.real
def test_a_sample_of_lm_evals_batches(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["extraction", "--mmlu", str(data / "mmlu"), "--subjects", "anatomy", "--limit", "6", "--shots", "0"]
    command += ["--harness", "veracal", "lm-eval", "--batch-size", "2", "--lm-eval-every", "3"]
    kept = tmp_path / "extraction.json"
    monkeypatch.setattr("sys.argv", [*command, "--dtype", "float32", "--json", str(kept)])
    extraction.main()
    results = Results.read(kept)
    ours, theirs = (results.letters(name, "float32") for name in ("veracal", "lm-eval"))
    assert ours is not None
    assert theirs is not None
    asked = np.isfinite(theirs).all(axis=1)
    assert asked.sum() == 2  # the middle one of three batches
    np.testing.assert_allclose(ours[asked], theirs[asked], atol=1e-3)


@pytest.mark.real
def test_a_small_run(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    command = ["extraction", "--mmlu", str(data / "mmlu"), "--subjects", "anatomy", "--limit", "2", "--shots", "1"]
    kept = tmp_path / "bench" / "extraction.json"
    monkeypatch.setattr("sys.argv", [*command, "--dtype", "float32", "--profile", "--json", str(kept)])
    extraction.main()
    assert "of the floor" in capfd.readouterr().out
    results = Results.read(kept)
    assert [run["harness"] for run in results.runs] == ["veracal", "lm-eval", "llama.cpp"]
    ours, theirs, served = (results.letters(run["harness"], run["dtype"]) for run in results.runs)
    assert ours is not None
    assert theirs is not None
    assert served is not None
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
    assert np.nanmax(np.abs(ours - served)) < 1.5  # 4-bit arithmetic


def test_the_row_of_a_page() -> None:
    assert doctest.testmod(report_page).failed == 0
