"""Every free-form answer with its grade."""

from __future__ import annotations

from ..answer_results import AnswerResults
from ..blocks.browser import answer_browser
from ..blocks.section import Section


def answers(results: AnswerResults) -> Section:
    """Every free-form answer with its grade."""
    judged = []
    for judgments, responses in zip(results.judgments, results.responses, strict=True):
        thoughts = responses.frame.select("question", "sample", "thoughts")
        judged.append(judgments.frame.join(thoughts, on=["question", "sample"], how="left", maintain_order="left"))
    browser = answer_browser(judged, [source.name for source in results.sources])
    return Section(name="answers", title="Answer browser", paragraphs=browser.notes, browser=browser)
