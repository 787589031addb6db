"""Thoughts: what a reasoning model writes for itself in front of its answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Beginning and end of thoughts, as families of models spell them. A name inside angle brackets ends with itself.
_NAMES = r"(?:seed:|longcat_)?(?:think|thinking|thoughts?|reasoning|reflection|scratchpad)"
_SPELLINGS = (
    (rf"<(?P<name>{_NAMES})>", r"</{name}>"),
    (r"\[THINK\]", r"\[/THINK\]"),
    (r"◁think▷", r"◁/think▷"),
    (r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),
    (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
    (r"<\|inner_prefix\|>", r"<\|inner_suffix\|>"),
    (r"<\|channel>thought\b", r"<channel\|>"),
    (
        r"<\|channel\|>\s*(?:analysis|commentary)\b[^<]{0,80}<\|message\|>",
        r"(?:<\|end\|>)?\s{0,9}(?:<\|start\|>assistant)?\s{0,9}<\|channel\|>\s{0,9}final\b[^<]{0,80}"
        r"(?:<\|constrain\|>[^<]{0,80})?<\|message\|>",
    ),
    (r"Here(?:['’]s| is) my thought process:", r"Here(?:['’]s| is) my response:"),
)
_FLAGS = re.IGNORECASE
_OPENINGS = tuple((re.compile(opening, _FLAGS), closing) for opening, closing in _SPELLINGS)
_ANY_OPENING = re.compile("|".join(opening.replace("?P<name>", "?:") for opening, _ in _SPELLINGS), _FLAGS)
_CLOSINGS = [closing.replace("{name}", _NAMES) for _, closing in _SPELLINGS]
_ANY_CLOSING = re.compile("|".join(_CLOSINGS), _FLAGS)
_OPEN_AT_END = re.compile(rf"(?:{_ANY_OPENING.pattern})\s*\Z", _FLAGS)
# What a template may leave in front of the first thing that a model writes.
_LEAD = re.compile(r"\s*(?:<\|start\|>assistant)?\s*")
# Channels whose marks were dropped as special tokens; only with both words is it certain.
_BARE_CHANNELS = re.compile(r"\s*analysis(?=\S)")
_BARE_FINAL = "assistantfinal"
_FINAL = re.compile(rf"\s*{_CLOSINGS[-2]}", _FLAGS)
# What stands around the answer behind thoughts.
_WRAPPED = re.compile(
    r"\s*(?:<(answer|response|output)>|<\|begin_of_solution\|>|<\|START_RESPONSE\|>)(?P<answer>.*?)"
    r"(?:</\1>|<\|end_of_solution\|>|<\|END_RESPONSE\|>|\Z)\s*",
    _FLAGS | re.DOTALL,
)
_AT_END = re.compile(r"\s{0,9}<\|(?:return|end)\|>\s{0,9}\Z")
_QUOTES = tuple("\"'`“”‘’«»„")
_SENTENCE_ENDS = tuple(".!?…:;)]}*\n")

# Special tokens that mark thoughts and channels: a decoder that drops them glues thoughts to the answer.
MARKS = re.compile(
    rf"</?{_NAMES}>|\[/?THINK\]|◁/?think▷|<\|(?:START|END)_(?:THINKING|RESPONSE)\|>"
    r"|<\|(?:begin|end)_of_(?:thought|solution)\|>|<\|inner_(?:prefix|suffix)\|>|<\|channel>|<channel\|>"
    r"|<\|(?:channel|message|start|constrain)\|>",
    _FLAGS,
)


@dataclass(frozen=True, slots=True)
class SplitText:
    """A text cut into thoughts and answer.

    Attributes
    ----------
    thoughts : str
        As the model wrote them, with the marks around them; empty where there are none, or nothing between the marks.
    answer : str
        What follows, stripped; empty where the thoughts do not end.
    start : int
        Where in the text the answer begins, behind white space: 0 without thoughts, the length of the text where they
        do not end.
    closed : bool
        Whether the thoughts end; true without thoughts.
    """

    thoughts: str
    answer: str
    start: int = 0
    closed: bool = True


def split_thoughts(text: str, *, opened: bool = False) -> SplitText:
    r"""Cut a text into its leading thoughts and the answer.

    Parameters
    ----------
    text : str
        What a model wrote.
    opened : bool
        Whether its prompt had opened the thoughts, so that the text begins inside them.

    Returns
    -------
    SplitText
        Thoughts begin where the text begins, or in its prompt: marks inside an answer are words of the answer. A mark
        that ends thoughts which nothing opened ends those that the prompt opened, if it stands apart and not in
        quotation marks. Thoughts without an end are all of the text.

    Examples
    --------
    >>> split_thoughts("<think>\nYellow? No.\n</think>\n\nIt is white.").answer
    'It is white.'
    >>> split_thoughts("Yellow? No.\n</think>\nIt is white.").thoughts
    'Yellow? No.\n</think>'
    >>> split_thoughts("<think>\nLet me").answer, split_thoughts('The tag "</think>" ends them.').thoughts
    ('', '')
    """
    end = _end_of_thoughts(text, opened=opened)
    if end is None:
        return SplitText(text.strip(), "", len(text), closed=False)
    if not end:
        return SplitText("", text.strip())
    thoughts, rest = text[:end].strip(), _AT_END.sub("", text[end:])
    wrapped = _WRAPPED.fullmatch(rest)
    answer = (wrapped["answer"] if wrapped else rest).strip()
    start = len(text) - len(text[end:].lstrip())
    return SplitText(thoughts if _says_something(thoughts) else "", answer, start)


def answer_in(text: str) -> str | None:
    """Answer in a text without thoughts; none if the thoughts do not end.

    Examples
    --------
    >>> answer_in("<think>Hm.</think> White."), answer_in("White."), answer_in("<think>Hm") is None
    ('White.', 'White.', True)
    """
    split = split_thoughts(text)
    return split.answer if split.closed else None


def opens_thoughts(prompt: str) -> str:
    r"""Mark at the end of a prompt that opens thoughts; empty without one.

    Examples
    --------
    >>> opens_thoughts("<|assistant|><think>\n"), opens_thoughts("<|assistant|><think>\n\n</think>\n\n")
    ('<think>', '')
    """
    mark = _OPEN_AT_END.search(prompt)
    return mark.group().strip() if mark else ""


def begins_thoughts(text: str) -> bool:
    """Whether a text begins with a mark that opens thoughts.

    Examples
    --------
    >>> begins_thoughts("<think>Hm."), begins_thoughts("Hm.</think>")
    (True, False)
    """
    return _opening_at(text, _skipped(text, 0)) is not None


def _end_of_thoughts(text: str, *, opened: bool) -> int | None:
    """Index of the answer: 0 without thoughts, none if they do not end."""
    start = 0
    if not begins_thoughts(text):
        end = _end_of_open_thoughts(text) if opened else _end_of_bare_channels(text) or _lone_end(text)
        if not end:
            return end
        start = end
    # Several blocks of thoughts may follow each other.
    while (opening := _opening_at(text, _skipped(text, start))) is not None:
        mark, closing = opening
        end = _end_of_block(text, mark, re.compile(closing, _FLAGS))
        if end is None:
            return None
        start = end
    return start


def _end_of_block(text: str, mark: re.Match[str], closing: re.Pattern[str]) -> int | None:
    """End of thoughts that a mark opens, nested ones included."""
    end = closing.search(text, mark.end())
    if end is None:
        return None
    # Without an end of its own an inner mark is a word of the thoughts.
    for _ in range(text[mark.end() : end.start()].count(mark[0].strip())):
        end = closing.search(text, end.end()) or end
    return end.end()


def _skipped(text: str, start: int) -> int:
    lead = _LEAD.match(text, start)
    return lead.end() if lead else start


def _opening_at(text: str, position: int) -> tuple[re.Match[str], str] | None:
    """Mark that opens thoughts at a position, and the pattern of its end."""
    for pattern, closing in _OPENINGS:
        mark = pattern.match(text, position)
        if mark is not None:
            return mark, closing.replace("{name}", mark["name"]) if "{name}" in closing else closing
    return None


def _end_of_open_thoughts(text: str) -> int | None:
    end = _ANY_CLOSING.search(text)
    return None if end is None else end.end()


def _end_of_bare_channels(text: str) -> int:
    """End of thoughts in channels; 0 without any.

    The text may begin with the last channel, and its marks may be dropped.
    """
    final = _FINAL.match(text)
    if final is not None:
        return final.end()
    if _BARE_CHANNELS.match(text) is None:
        return 0
    index = text.find(_BARE_FINAL)
    return 0 if index < 0 else index + len(_BARE_FINAL)


def _lone_end(text: str) -> int:
    """End of thoughts that nothing in the text opened; 0 without one."""
    end = _ANY_CLOSING.search(text)
    if end is None or _ANY_OPENING.search(text, 0, end.start()) is not None:
        return 0
    before, behind = text[: end.start()], text[end.end() :]
    if before.endswith(_QUOTES) and behind.startswith(_QUOTES):
        return 0
    # A word of a sentence has a space in front of it and the sentence goes on behind it.
    line = before.rstrip(" \t")
    is_word = (
        line != before and line != "" and not line.endswith(_SENTENCE_ENDS) and behind.split("\n", 1)[0].strip() != ""
    )
    return 0 if is_word else end.end()


def _says_something(thoughts: str) -> bool:
    return any(sign.isalnum() for sign in _ANY_CLOSING.sub("", _ANY_OPENING.sub("", thoughts)))
