"""Conclusions on runs of confidences or of verdicts."""

from __future__ import annotations

from calibration import Summary

from ..scored_results import ScoredResults


def scored_conclusions(results: ScoredResults) -> list[str]:
    """Accuracy and calibration of each run, and what changed between two."""
    sentences = [_run(name, summary) for name, summary in zip(results.names, results.summaries, strict=True)]
    if results.comparison is not None:
        keys = [key for key in ("accuracy", "signed_gap", "ece_top") if key in results.comparison.change]
        names = {"accuracy": "accuracy", "signed_gap": "confidence − accuracy", "ece_top": "the ECE"}
        changes = [f"{names[key]} changed by {results.comparison.change[key]}" for key in keys]
        sentences.append(f"From {results.compared_names[0]} to {results.compared_names[1]}, {'; '.join(changes)}.")
    return sentences


def _run(name: str, summary: Summary) -> str:
    text = f"{name} is right in {summary['accuracy']} of {summary['n_items']:,} answers"
    if "ece_top" not in summary:
        return f"{text}; nothing is known of its confidence."
    gap = summary.point("signed_gap")
    direction = "above" if gap > 0 else "below"
    floor = summary.point("ece_top_null95")
    beyond = "above" if summary.point("ece_top") > floor else "within"
    return (
        f"{text}; its confidence is {abs(gap):.3f} {direction} that on average, with an ECE of {summary['ece_top']}, "
        f"{beyond} its noise floor of {floor:.3f}."
    )
