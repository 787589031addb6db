"""Conclusions on runs of confidences or of verdicts."""

from __future__ import annotations

from calibration import Estimate, Summary

from ..scored_results import ScoredResults

# Fewest answers for a sentence on calibration.
_FEWEST = 100


def scored_conclusions(results: ScoredResults, *, several: bool = False) -> list[str]:
    """Accuracy and calibration of each run, and what changed between two.

    Parameters
    ----------
    results : ScoredResults
        Of runs of one kind.
    several : bool
        Whether runs of other kinds stand beside them, so that the sentences must say of what they are.
    """
    sentences = [_run(name, summary) for name, summary in zip(results.names, results.summaries, strict=True)]
    if results.comparison is not None:
        keys = [key for key in ("accuracy", "signed_gap", "ece_top") if key in results.comparison.change]
        names = {"accuracy": "accuracy", "signed_gap": "confidence − accuracy", "ece_top": "the ECE"}
        changes = [f"{names[key]} changed by {results.comparison.change[key]}" for key in keys]
        sentences.append(f"From {results.compared_names[0]} to {results.compared_names[1]}, {'; '.join(changes)}.")
    return [f"{results.title}: {sentence}" for sentence in sentences] if several else sentences


def _run(name: str, summary: Summary) -> str:
    text = f"{name} is right in {summary['accuracy']} of {summary['n_items']:,} answers"
    if "ece_top" not in summary:
        return f"{text}; nothing is known of its confidence."
    floor = summary.point("ece_top_null95")
    beyond = "above" if summary.point("ece_top") > floor else "within"
    error = f"an ECE of {summary['ece_top']}, {beyond} its noise floor of {floor:.3f}"
    if summary.point("n_items") < _FEWEST:
        return f"{text}, too few to tell how far its confidence can be trusted: {error}."
    return f"{text}; its confidence {_lean(summary)}, with {error}."


def _lean(summary: Summary) -> str:
    """How far confidence and accuracy are apart, as far as the interval tells."""
    gap = summary.values["signed_gap"]
    if not isinstance(gap, Estimate) or not gap.known:
        return f"is {abs(summary.point('signed_gap')):.3f} from that on average"
    interval = f"[{gap.low:+.3f}, {gap.high:+.3f}]"
    if gap.low <= 0 <= gap.high:
        return f"agrees with that on average, within noise ({gap.value:+.3f} {interval})"
    return f"is {abs(gap.value):.3f} {'above' if gap.value > 0 else 'below'} that on average ({interval})"
