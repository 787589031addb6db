"""First prompts: warnings and notes before any is asked."""

from __future__ import annotations

import heapq
import warnings
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Literal, TypeVar

from .protocol import Model, Prompt, PromptView, PromptViewer

Key = TypeVar("Key", bound=Hashable)
ShowPrompt = Callable[[PromptView], None]
Reads = Literal["letters", "likelihoods", "texts"]


def longest(prompts: Mapping[Key, Prompt], *, n_most: int = 32) -> list[Key]:
    """Keys of the prompts of most characters, in their order.

    Examples
    --------
    >>> longest({"a": Prompt("one"), "b": Prompt("two more"), "c": Prompt("and three")}, n_most=2)
    ['b', 'c']
    """
    kept = set(heapq.nlargest(n_most, prompts, key=lambda key: len(prompts[key].text)))
    return [key for key in prompts if key in kept]


def look_at_prompt(model: Model, prompt: Prompt, *, reads: Reads, show: ShowPrompt | None = None) -> None:
    """Warn of a prompt behind which no answer begins, and show its end.

    Only if the model is a `PromptViewer`.

    Parameters
    ----------
    model : Model
        What is asked.
    prompt : Prompt
        The first prompt.
    reads : {"letters", "likelihoods", "texts"}
        What is read behind it: letters, whole texts that are given, or what the model writes.
    show : callable, optional
        Called with what is known of the prompt.

    Warns
    -----
    UserWarning
        If a chat template does not open the assistant's turn; if it opens thoughts and no text is written.
    """
    if not isinstance(model, PromptViewer):
        return
    view = model.view(prompt)
    remedy = (
        f"""close them with --template-args '{{"{view.switch}": false}}'"""
        if view.switch
        else "the template has no switch for them; another template (--chat-template FILE) closes them"
    )
    for warning in view.warnings:
        warnings.warn(warning, stacklevel=3)
    if view.opened_thoughts and reads != "texts":
        warnings.warn(
            f"{model.name}: the chat template opens the model's thoughts (the prompts end with {view.end}): the "
            f"{reads} are read inside them, where no answer stands; {remedy}",
            stacklevel=3,
        )
    elif view.opened_thoughts or view.switch:
        what = "no answer" if reads == "texts" else "none of these texts" if reads == "likelihoods" else "no letter"
        tokens = ", and thoughts count against --max-new-tokens" if reads == "texts" else ""
        note = f"a model that thinks begins with thoughts and {what}{tokens}: {remedy}"
        view = replace(view, notes=(*view.notes, note))
    if show is not None:
        show(view)
