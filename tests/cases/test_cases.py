"""Every case's script prints what must hold.

The cases lie outside the repository (`VERACAL_CASES`, or shared/cases beside the checkout); `make cases` runs them. A
case without an assertion here fails.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from . import answers, files, numbers, pages, prompts, run_folders, servers, weights
from .case_folders import case_names, cases_folder, printed

FOLDER = cases_folder()
ABSENT = pytest.param("absent", marks=pytest.mark.skip(reason="the folder of the cases is not here (VERACAL_CASES)"))

HOLDS: dict[str, Callable[[str], None]] = {
    "01-shots-leak": prompts.shots_leak,
    "02-think-template": prompts.think_template,
    "03-reasoning-answers": answers.reasoning_answers,
    "04-no-generation-prompt": prompts.no_generation_prompt,
    "05-arc-digit-keys": files.arc_digit_keys,
    "06-mmlu-folder-bom": files.mmlu_folder_bom,
    "07-fewer-alternatives": servers.fewer_alternatives,
    "08-token-spelling": servers.token_spelling,
    "10-empty-and-none-options": files.empty_and_none_options,
    "11-date-in-template": prompts.date_in_template,
    "12-weights-changed": weights.weights_changed,
    "13-refused-verdicts": answers.refused_verdicts,
    "14-abstentions": answers.abstentions,
    "16-server-parameters": servers.server_parameters,
    "17-spreadsheet-csv": files.spreadsheet_csv,
    "20-float32-edges": numbers.float32_edges,
    "21-foreign-parts": run_folders.foreign_parts,
    "22-missing-tensors": weights.missing_tensors,
    "23-nan-weights": weights.nan_weights,
    "24-terminal-escapes": pages.terminal_escapes,
    "25-formula-cells": pages.formula_cells,
    "26-links": run_folders.links,
    "27-key-echoed": servers.key_echoed,
    "28-damaged-weights": weights.damaged_weights,
    "29-retry-after": servers.retry_after,
    "30-report-killed": pages.report_killed,
    "31-two-at-once": run_folders.two_at_once,
    "32-manifest-tampered": run_folders.manifest_tampered,
    "33-odd-answers": servers.odd_answers,
}

pytestmark = pytest.mark.cases


@pytest.mark.parametrize("name", case_names(FOLDER) if FOLDER else [ABSENT])
def test_case(name: str, tmp_path: Path) -> None:
    assert name in HOLDS, f"no assertion for {name}: say in tests/cases what must hold (its expected.txt tells)"
    assert FOLDER is not None
    text = printed(FOLDER / name, tmp_path)
    print(text)  # shown if the assertion fails
    HOLDS[name](text)
