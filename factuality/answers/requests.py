"""Requests to a model beside the question."""

from __future__ import annotations

# The request for stated confidence, in words that hold no number which an answer could copy.
REQUEST = "End your answer with how sure you are that it is right, in per cent, in the form (Confidence: N%)."


def target_request(target: float) -> str:
    """Request to answer only above a confidence, with the score of each outcome.

    Parameters
    ----------
    target : float
        From 0 to below 1.

    Raises
    ------
    ValueError
        For another target.

    References
    ----------
    Kalai et al. (2025), arXiv:2509.04664.

    Examples
    --------
    >>> target_request(0.75).splitlines()[0]
    'Answer only if you are more than 75% sure.'
    """
    if not 0 <= target < 1:
        raise ValueError(f"a confidence target must be from 0 to below 1, got {target}")
    if target == 0:
        return "Give your best guess even if you are unsure."
    return (
        f"Answer only if you are more than {100 * target:g}% sure.\nA right answer earns 1 point, a wrong one costs "
        f'{target / (1 - target):.3g}, and "I don\'t know" earns nothing.'
    )
