"""Names of the models of a figure, as they are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from .theme import SERIES, literal, shorten


def model_names(models: Sequence[str], labels: Sequence[str] | None, *, limit: int) -> list[str]:
    """The labels, or the models' own names, of at most `limit` characters.

    Raises
    ------
    ValueError
        For no model, more models than there are colours, or labels of another number.

    Examples
    --------
    >>> model_names(["base", "post"], None, limit=26), model_names(["base"], ["Before"], limit=26)
    (['base', 'post'], ['Before'])
    """
    if not 1 <= len(models) <= len(SERIES):
        raise ValueError(f"there must be 1 to {len(SERIES)} models, got {len(models)}")
    if labels is None:
        return [literal(model, limit) for model in models]
    if len(labels) != len(models):
        raise ValueError(f"there must be one label a model: {len(models)} models, got {len(labels)} labels")
    return [shorten(label, limit) for label in labels]
