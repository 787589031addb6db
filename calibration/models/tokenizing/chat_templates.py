"""Chat templates: the text of a chat, its date, faults of a template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from ...files.digest import digest
from ...files.text import read_text
from ...nearest_names import nearest
from .chat_formats import ChatFormat

Turns = Sequence[Mapping[str, str]]

# What a template says no with, in its own words or in its language's.
REFUSALS = (TemplateError, ArithmeticError, LookupError, TypeError, AttributeError, ValueError)
# Two days that differ in every part of a date.
_DAYS = (dt.date(2001, 1, 2), dt.date(2012, 11, 23))
# Every directive of strftime that says something of a day.
_DIRECTIVES = [f"%{flag}{letter}" for letter in "aAbBcCdDeFgGhHIjmMnpSRrTtuUVwWxXyYZz" for flag in ("-", "#", "")]
# Stands in front of a template that writes the date, in the place of the function that gives today's.
_DATED = (
    "{%- macro strftime_now(format) -%}{%- set text = namespace(value=format) -%}"
    "{%- for directive, written in veracal_date.items() -%}"
    "{%- set text.value = text.value | replace(directive, written) -%}{%- endfor -%}"
    "{{- text.value -}}{%- endmacro -%}{{ '' }}"
)
_QUESTION = [{"role": "user", "content": "Which?"}]
# Characters of a text that a message quotes.
_QUOTED = 80
# No template says this of itself.
_ANSWER = "Lorem"
_PROBES: tuple[Turns, ...] = (
    _QUESTION,
    [*_QUESTION, {"role": "assistant", "content": _ANSWER}, *_QUESTION],
    [{"role": "system", "content": "Be brief."}, *_QUESTION],
)


@dataclass(frozen=True)
class ChatTemplate:
    """A chat template with its arguments and its date.

    Attributes
    ----------
    tokenizer : PreTrainedTokenizerBase
        Renders it, with its special tokens.
    name : str
        The model's, for messages.
    text : str
        The template; empty if there is none.
    format : ChatFormat
        Its arguments, and the date if one is given.
    date : datetime.date
        The date that it writes, if it writes one.
    others : tuple of str
        Names of the tokenizer's templates, if there are several and none of them is chosen.
    """

    tokenizer: PreTrainedTokenizerBase
    name: str
    text: str
    format: ChatFormat
    date: dt.date
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, name: str, format: ChatFormat) -> ChatTemplate:
        """The template that a format chooses, held against its arguments.

        Raises
        ------
        FileNotFoundError, ValueError
            For a template that is neither a file nor a name of the tokenizer's, and for arguments of which the
            template takes no notice.
        """
        own = tokenizer.chat_template
        several: dict[str, str] = dict(own) if isinstance(own, dict) else {}
        others: tuple[str, ...] = ()
        if format.template:
            text = several.get(format.template) or _read(format.template, name, several)
            tokenizer.chat_template = text  # what ends a turn is looked up there, too
        elif several:
            text = several.get("default", "")
            others = () if text else tuple(sorted(several))
        else:
            text = own or ""
        today = dt.datetime.now().astimezone().date()
        template = cls(tokenizer, name, text, format, format.date or today, others)
        template._refuse_idle_arguments()
        return template

    def dated(self, day: dt.date) -> ChatTemplate:
        """Template on another day; itself if its date is fixed or not written."""
        other = replace(self, date=day, format=replace(self.format, date=day))
        return other if self.format.date is None and other.writes_date else self

    @property
    def described(self) -> dict[str, str]:
        """Arguments, date and another template's hash, for a model's description."""
        chosen = {"chat_template": digest(self.text)} if self.format.template else {}
        return {**self.format.described, **chosen, **({"date": self.date.isoformat()} if self.writes_date else {})}

    @property
    def writes_date(self) -> bool:
        """Whether the text of a chat depends on the day."""
        first, second = (self._rendered(_PROBES, day=day) for day in _DAYS)
        return first != second

    @property
    def opens_turn(self) -> bool:
        """Whether the text of a chat opens the assistant's turn."""
        prompt = self._render(_QUESTION)
        if prompt is None or prompt != self._render(_QUESTION, generation=False):
            return True
        whole = self._render([*_QUESTION, {"role": "assistant", "content": _ANSWER}], generation=False)
        return whole is not None and whole.startswith(prompt) and whole[len(prompt) :].lstrip().startswith(_ANSWER)

    def chat(self, messages: Turns, *, prefill: str = "") -> str:
        """The text of a chat, the assistant's turn opened with `prefill`.

        Raises
        ------
        ValueError
            If there is no template, or several without a default; if it refuses the turns, or leaves out what the
            user says, as templates for pictures do with texts that are no parts.
        """
        if self.others:
            raise ValueError(
                f"{self.name}: the tokenizer has several chat templates and no default: choose one with "
                f"--chat-template {'|'.join(self.others)}"
            )
        if not self.text:
            raise ValueError(f"{self.name}: the tokenizer has no chat template; use the style completion")
        turns = [*messages, {"role": "assistant", "content": prefill}] if prefill else list(messages)
        try:
            text = self._apply(turns, generation=not prefill, going_on=bool(prefill))
        except REFUSALS as error:
            raise ValueError(f"{self.name}: its chat template refuses these turns ({error})") from None
        written = _one_line(text)
        for turn in messages:
            if turn["role"] == "user" and _one_line(turn["content"]) not in written:
                raise ValueError(
                    f"{self.name}: its chat template leaves out or changes what the user says: "
                    f"{_quoted(turn['content'])} is not in {_quoted(text)}; use another template "
                    "(--chat-template FILE) or the style completion"
                )
        return text

    def _refuse_idle_arguments(self) -> None:
        """Refuse arguments that change no text, whatever value a switch has."""
        arguments = self.format.arguments
        if not arguments:
            return
        if not self.text:
            self.chat(_QUESTION)
        for name, value in arguments.items():
            others: list[dict[str, Any]] = [{key: arguments[key] for key in arguments if key != name}]
            if isinstance(value, bool):
                others.append({**arguments, name: not value})
            if all(self._rendered(_PROBES, arguments=other) == self._rendered(_PROBES) for other in others):
                raise ValueError(
                    f"{self.name}: the chat template takes no notice of the argument {name!r}: the prompts are the "
                    "same without it; leave it out, or see the template for the names that it takes"
                )

    def _rendered(self, chats: Sequence[Turns], **changes: Any) -> list[str | None]:
        texts = [self._render(turns, **changes) for turns in chats]
        if self.text:
            opened = [*_QUESTION, {"role": "assistant", "content": _ANSWER}]
            texts.append(self._render(opened, generation=False, going_on=True, **changes))
        return texts

    def _render(self, turns: Turns, **options: Any) -> str | None:
        """The text of a chat; none if the template refuses it."""
        if not self.text:
            return None
        try:
            return self._apply(turns, **options)
        except REFUSALS:
            return None

    def _apply(
        self,
        turns: Turns,
        *,
        generation: bool = True,
        going_on: bool = False,
        day: dt.date | None = None,
        arguments: Mapping[str, Any] | None = None,
    ) -> str:
        written = day or self.date
        named = dict(self.format.arguments if arguments is None else arguments)
        # Llama's templates take the date as a text; without one some write a day of their own.
        if self.format.date is not None and "date_string" not in named:
            named["date_string"] = written.strftime("%d %b %Y")
        template = self.text
        if "strftime_now" in template:
            template = _DATED + template
            named["veracal_date"] = {directive: _written(written, directive) for directive in _DIRECTIVES} | {"%%": "%"}
        return str(
            self.tokenizer.apply_chat_template(
                [dict(turn) for turn in turns],
                chat_template=template,
                tokenize=False,
                add_generation_prompt=generation,
                continue_final_message=going_on,
                **named,
            )
        )


def _one_line(text: str) -> str:
    """A text with single spaces for all white space, at which templates trim."""
    return " ".join(text.split())


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…")


def _written(day: dt.date, directive: str) -> str:
    """Part of a date; flags against leading zeros work on every platform."""
    text = day.strftime(directive.replace("-", "").replace("#", ""))
    return text.lstrip("0") or "0" if directive[1] in "-#" else text


def _read(template: str, name: str, several: Mapping[str, str]) -> str:
    path = Path(template).expanduser()
    if not path.is_file():
        names = (
            f"the tokenizer's are {', '.join(sorted(several))}{nearest(template, several)}"
            if several
            else "the tokenizer names none"
        )
        raise FileNotFoundError(f"{name}: no such chat template: {template!r} is neither a file nor a name; {names}")
    text = read_text(path)
    if not text.strip():
        raise ValueError(f"{path}: the chat template is empty")
    return text
