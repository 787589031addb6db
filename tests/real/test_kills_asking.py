"""``kill -9`` while a thousand answers are generated: nothing is asked twice, nothing lost.

What is guaranteed: an answer that stands in a part is never generated again. A kill loses at most what was generated
since the last part was written, and the batch under way; here a part is written after every batch.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from calibration.runs.folder import Run
from factuality import read_responses
from tests import tiny

pytestmark = pytest.mark.slow  # a process is killed again and again

# Every batch is noted before it goes through the model: its prompts and their seeds.
_COMMAND = """
import json, os, sys
from calibration.runs import collection
from calibration.models.local import generation_batches

collection._PART_SECONDS = 0.0
log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
generate = generation_batches.generate

def noted(network, tokenizer, prompts, **options):
    texts = [tokenizer.decode(prompt) for prompt in prompts]
    seeds = list(options["decoding"].seeds) or [0] * len(prompts)
    os.write(log, (json.dumps(list(zip(texts, seeds))) + "\\n").encode())
    return generate(network, tokenizer, prompts, **options)

generation_batches.generate = noted
from veracal.cli import main
main(sys.argv[2:])
"""
KILLS, BATCH, ANSWERS = 10, 4, 1000


@pytest.mark.parametrize("samples", [1, 5])
def test_ten_kills(samples: int, tmp_path: Path) -> None:
    tiny.network(num_hidden_layers=6).save_pretrained(tmp_path / "model")
    tiny.tokenizer().save_pretrained(tmp_path / "model")
    source = tmp_path / "questions.jsonl"
    rows = [
        {"id": str(number), "category": "any", "question": f"Why {number}?", "ideal": "so", "incorrect": ["not so"]}
        for number in range(ANSWERS // samples)
    ]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    run, undisturbed, log = tmp_path / "run", tmp_path / "undisturbed", tmp_path / "log"
    drawn = ["--samples", str(samples), "--temperature", "1", "--seed", "3"] if samples > 1 else []

    def command(note: Path, out: Path) -> list[str]:
        return [
            sys.executable, "-c", _COMMAND, str(note), "ask", str(tmp_path / "model"), "--questions", str(source),
            "--device", "cpu", "--batch-size", str(BATCH), "--max-new-tokens", "4", *drawn, "--out", str(out),
        ]  # fmt: skip

    subprocess.run(command(tmp_path / "whole", undisturbed), check=True, capture_output=True)
    whole = read_responses(undisturbed)
    assert whole.frame.height == ANSWERS == len(_noted(tmp_path / "whole"))
    kept, asked = [0], []
    for kill in range(KILLS):
        note = tmp_path / f"log-{kill}"
        started = _parts(run)
        process = subprocess.Popen(command(note, run), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while process.poll() is None and _parts(run) < started + 2 + kill and time.monotonic() < deadline:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.wait()
        kept.append(read_responses(run).frame.height)
        asked.append(_noted(note))
    assert kept == sorted(set(kept)), kept
    assert kept[-1] < ANSWERS, kept
    subprocess.run(command(log, run), check=True, capture_output=True)
    asked.append(_noted(log))
    kept.append(ANSWERS)

    # Nothing lost: the table of a run that nobody disturbed, to the last digit.
    assert read_responses(run).frame.equals(whole.frame)
    assert Run(run).manifest["state"] == "complete"
    # Nothing asked twice: of what a process asked all was kept but the last batch that it had begun, ...
    for number, keys in enumerate(asked):
        lost = len(keys) - (kept[number + 1] - kept[number])
        assert 0 <= lost <= (BATCH if number < KILLS else 0), (number, lost)
    # ... and only what was lost so is asked again.
    times = Counter(key for keys in asked for key in keys)
    assert set(times) == set(_noted(tmp_path / "whole"))
    assert sum(times.values()) - ANSWERS <= KILLS * BATCH


def _noted(path: Path) -> list[tuple[str, int]]:
    """Prompts and seeds that went through the model; no two answers share both."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [(str(text), int(seed)) for line in lines for text, seed in json.loads(line)]


def _parts(run: Path) -> int:
    return len(list((run / "parts").glob("part-*.parquet")))
