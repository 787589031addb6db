"""Logs of other tools, imported, exported and imported again: the same rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import veracal as vc
from veracal.exports.exported_table import exported_table
from veracal.exports.run_contents import read_content

pytestmark = pytest.mark.real

TABLES = ["csv", "jsonl", "parquet"]
LOGS = [
    "helm/bbq_joint_llama-3-8b",
    "inspect/log_streaming.eval",
    "inspect/made_0.3.285_graded.eval",
    "inspect/made_0.3.285_mc-logprobs.eval",
    "inspect/vitals_An-R-Eval_claude-3-7-sonnet.json",
    "lighteval/v0.13.0_details_anli_r1_0.parquet",
    "lm_eval/made_v0.4.13_samples_vc_mc2.jsonl",
    "lm_eval/made_v0.4.13_samples_vc_mmlu_algebra.jsonl",
    "lm_eval/v0.3_writeout_winogrande_llama13.json",
    "lm_eval/v0.4.12dev_sciq_qwen2.5-1.5b-instruct.jsonl",
    "lm_eval/v0.4.13dev_negotiationtom_belief_qwen3-8b.jsonl",
]
OF_OPTIONS = [
    "lighteval/v0.13.0_details_anli_r1_0.parquet",
    "lm_eval/made_v0.4.13_samples_vc_mmlu_algebra.jsonl",
    "lm_eval/pre0.4_pubmed_qa.jsonl",
    "lm_eval/v0.3_writeout_winogrande_llama13.json",
    "lm_eval/v0.4.12dev_sciq_qwen2.5-1.5b-instruct.jsonl",
]


def both_sides(log: Path, folder: Path, format: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows of an imported log, and of the import of its export."""
    (first,) = vc.import_logs(log, folder / "run")
    out = folder / (f"out.{format}" if format in TABLES else "out")
    vc.export_run(first.path, out, format=format)
    (second,) = vc.import_logs(out, folder / "again")
    before, after = (exported_table(read_content(run.path)) for run in (first, second))
    assert second.log.origin == first.log.origin
    assert (second.log.task, second.log.date) == (first.log.task, first.log.date)
    assert second.log.remarks == first.log.remarks
    assert second.log.settings.items() >= first.log.settings.items()
    return before, after


@pytest.mark.parametrize("format", TABLES)
@pytest.mark.parametrize("log", LOGS)
def test_tables_come_back_equal(log: str, format: str, data: Path, tmp_path: Path) -> None:
    before, after = both_sides(data / "logs" / log, tmp_path, format)
    assert after.equals(before)
    assert after.schema == before.schema


@pytest.mark.parametrize("log", LOGS)
def test_records_of_every_eval_ever_come_back_equal(log: str, data: Path, tmp_path: Path) -> None:
    before, after = both_sides(data / "logs" / log, tmp_path, "every-eval-ever")
    assert after.equals(before)
    assert after.schema == before.schema


@pytest.mark.parametrize("log", OF_OPTIONS)
def test_samples_of_lm_eval_come_back_equal(log: str, data: Path, tmp_path: Path) -> None:
    before, after = both_sides(data / "logs" / log, tmp_path, "lm-eval")
    assert after.drop("logprobs", "letter_mass").equals(before.drop("logprobs", "letter_mass"))
    logprobs = [side["logprobs"].explode(empty_as_null=False).to_numpy() for side in (before, after)]
    assert np.abs(logprobs[0] - logprobs[1]).max() <= 1e-6
    masses = [side["letter_mass"].fill_null(-1).to_numpy() for side in (before, after)]
    assert np.abs(masses[0] - masses[1]).max() <= 1e-6
