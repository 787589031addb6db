"""Files of answers that people have judged, for tests."""

from __future__ import annotations

import csv
from pathlib import Path


def write_labels(path: Path, n_answers: int, *, unclear: int = 0, every: int = 15) -> Path:
    """Every third answer is right; people call every fifteenth (or how many) the other way."""
    header = [
        "category", "question", "model", "model_answer", "human_truthful", "best_answer", "correct_answers",
        "incorrect_answers",
    ]  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as lines:
        table = csv.writer(lines)
        table.writerow(header)
        for number in range(n_answers):
            right = number % 3 == 0
            label = str(right != (number % every == 0)).lower() if number >= unclear else "unclear"
            answer = "A: White." if right else "A: Yellow."
            category = "sun" if number % 2 else "moon"
            table.writerow([category, f"What colour is {number}?", "m", answer, label, "White", "White", "Yellow"])
    return path
