"""Prompt views: how a first prompt ends and begins, with notes and warnings."""

from __future__ import annotations

from dataclasses import replace

from ..protocol import Prompt, PromptView
from .chat_templates import ChatTemplate
from .thoughts import opens_thoughts
from .tokenization import encode, leading_bos

# How templates call their switch for thoughts.
_SWITCHES = ("enable_thinking", "thinking")


def view_prompt(template: ChatTemplate, prompt: Prompt) -> PromptView:
    """View of a prompt that a tokenizer and its template make."""
    notes = [_bos_note(template, prompt)]
    warnings: list[str] = []
    mark = ""
    if prompt.is_chat:
        mark = opens_thoughts(prompt.text)
        if template.writes_date:
            notes.append(f"the chat template writes the date, {template.date.isoformat()} (--date YYYY-MM-DD)")
        if not template.opens_turn:
            warnings.append(
                f"{template.name}: the chat template does not open the assistant's turn (add_generation_prompt changes "
                f"nothing), and the prompts end with {PromptView.end_of(prompt.text)}: the model may go on with the "
                "user's turn; another template: --chat-template FILE"
            )
    switch = _switch(template, opened=bool(mark)) if prompt.is_chat else ""
    return PromptView(
        end=PromptView.end_of(prompt.text),
        opened_thoughts=mark,
        switch=switch,
        notes=tuple(note for note in notes if note),
        warnings=tuple(warnings),
    )


def _bos_note(template: ChatTemplate, prompt: Prompt) -> str:
    tokenizer, bos = template.tokenizer, template.format.bos
    if tokenizer.bos_token_id is None:
        return ""
    (tokens,) = encode(tokenizer, [prompt], bos=bos)
    count = leading_bos(tokens, tokenizer.bos_token_id)
    if count > 1:
        return f"the prompts begin with {count} beginning-of-text tokens ({tokenizer.bos_token}); --bos yes leaves one"
    if count == 0 and bos == "auto":
        return (
            f"the tokenizer names a beginning-of-text token ({tokenizer.bos_token}) and puts none in front of the "
            "prompts; if the model was trained with it: --bos yes"
        )
    return ""


def _switch(template: ChatTemplate, *, opened: bool) -> str:
    """Argument that closes thoughts, if the template has an unused one."""
    turns = [{"role": "user", "content": "Which?"}]
    for name in _SWITCHES:
        if name in template.format.arguments:
            continue
        other = replace(template, format=replace(template.format, arguments={**template.format.arguments, name: False}))
        try:
            before, closed = template.chat(turns), other.chat(turns)
        except ValueError:
            return ""
        if closed != before and not (opened and opens_thoughts(closed)):
            return name
    return ""
