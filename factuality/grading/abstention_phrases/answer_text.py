"""The text of an answer and its clauses: undressed, quotations and titles as names."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...words import spelled_out
from .clauses import Clause, without_insertions

# Signs that stand for an apostrophe; NFKC would take the acute accent apart.
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘´ʼ＇′`‛", "'"))
_QUOTED = re.compile(r"[\"“”„«»][^\"“”„«»\n]+[\"“”„«»]|(?<![\w'])'(?:[^'\n]|(?<=\w)'(?=\w))+'(?![\w'])")
# Words in capitals that are a name: "I Don't Know How to Love Him".
_TITLE = re.compile(r"\b(?:I|We|You)(?: [A-Z][\w']*){2,}(?: (?:[a-z]{1,4} )*[A-Z][\w']*)*")
_LABEL = re.compile(
    r"(?:(?:(?:the|my|final|short|honest|simple|plain|true|best|model) )*(?:answer|response|output|reply|result"
    r"|status|verdict|conclusion|value"
    r"|finding|outcome|prediction|decision)(?: is)?|a|assistant|ai"
    r"|model)(?:\s?:|[^\S\n]*\n)\s{0,9}",
    re.IGNORECASE,
)
# Base models go on with further questions behind their answer.
_NEXT_QUESTION = re.compile(r"\n[^\S\n]{0,9}(?:q|question)\s?\d{0,3}\s?:.*", re.IGNORECASE | re.DOTALL)
# A title in italics, as a whole.
_ITALICS = re.compile(r"([*_])(?![*_\s])(?:[A-Z][\w']*|[a-z]{1,4})(?: (?:[A-Z][\w']*|[a-z]{1,4}))*\1[.!]?")
_SHRUG = re.compile(r"¯.{1,12}¯")
_COMMAND = re.compile(r"\\[a-z]{1,20}(?=\s?\{)")
_MARKUP = re.compile(r"[*_#>~|\\]+|\[\d+\]|</?\w{1,20}>")
_BROKEN_LINE = re.compile(r"(?<=\w)[^\S\n]*\n[^\S\n]*(?=[a-z])")
_ABBREVIATIONS = re.compile(r"\b(mr|mrs|ms|dr|st|prof|vs|etc|e\.g|i\.e|approx|no(?=\.\s\d))\.(?=\s\S)", re.IGNORECASE)
_WOULD = re.compile(r"\b(i|you|we|it|that)'d\b", re.IGNORECASE)
_NOBODY_HAS = re.compile(r"\b(nobody|no one|no-one)'s\b(?= (?:ever|yet|\w+ed)\b)", re.IGNORECASE)
_STAMMER = re.compile(r"(?<=\bI)\s?\.{2,}|\.{2,}(?=\s?[a-z])")
_BREAKS = re.compile(
    r"(?P<sentence>[.!?]+(?=\s|$)|\n+)"
    r"|(?P<contrast>[,;]?\s*\b(?:but(?! (?:(?:it|they|that|this) )?(?:(?:can|could|may|might|is|are|would|will) )?"
    r"also\b| rather\b)|however|nevertheless|nonetheless|that said|still,|even so|(?<=[,;.] )otherwise)\b)"
    r"|[,;]\s*(?:yet|though|although|so)\b(?P<turn>)|;|:+(?=\s|$)|,(?=\s|$)|\s[-–—]+\s|[–—()\[\]{}]",
    re.IGNORECASE,
)
# Longer answers in quotation marks as a whole are quotations.
_SAID_WORDS = 4
_WORDS = re.compile(r"[^\W_]+(?:['/-][^\W_]+)*|%|\d+")
# Signs of no language, which stand for names.
_FIRST_NAME, _MOST_NAMES = 0xE000, 0x1900
_NAME = re.compile("x[\ue000-\uf8ff]")
_ARTICLES = frozenset({"a", "an", "the"})


@dataclass(frozen=True, slots=True)
class AnswerText:
    """An answer without what is put around it.

    Attributes
    ----------
    text : str
        Contractions are written out; quotations and titles are ``x`` with a sign of no language.
    clauses : tuple of Clause
        What stands between two signs of punctuation.
    """

    text: str
    clauses: tuple[Clause, ...]


def read_answer(answer: str) -> AnswerText:
    """Text and clauses of an answer without thoughts.

    Markdown, labels (``Answer:``), an object of JSON around it and further questions behind it are left out.

    Examples
    --------
    >>> [clause.text for clause in read_answer("**Answer:** I don't know, the sign says 'Go'.").clauses]
    ['i do not know', 'sign says x']
    """
    text = unicodedata.normalize("NFKC", _SHRUG.sub("", answer.translate(_APOSTROPHES))).strip()
    text = _held_answer(text)
    if _ITALICS.fullmatch(text):
        return AnswerText(text, (Clause("x", source=text),))
    text = _MARKUP.sub("", _COMMAND.sub("", _NEXT_QUESTION.sub("", text))).strip()
    text = _BROKEN_LINE.sub(" ", text[label.end() :] if (label := _LABEL.match(text)) else text)
    whole = text.strip(" \n.")
    if _QUOTED.fullmatch(whole) and len(whole.split()) <= _SAID_WORDS:
        text = whole[1:-1]  # an answer in quotation marks as a whole is an answer all the same
    text, names = _named(_QUOTED, text, [])
    if not text.isupper() and not all(word[:1].isupper() for word in text.split()):
        text, names = _named(_TITLE, text, names)
    text = _STAMMER.sub(
        " ", _WOULD.sub(r"\1 would", _NOBODY_HAS.sub(r"\1 has", _ABBREVIATIONS.sub(r"\1", spelled_out(text))))
    )
    clauses: list[Clause] = []
    start, sentence, contrast = 0, 0, False
    pending: list[Clause] = []
    for mark in [*_BREAKS.finditer(text), None]:
        end = len(text) if mark is None else mark.start()
        words = [word.casefold() for word in _WORDS.findall(text[start:end])]
        words = [word for word in words if word not in _ARTICLES] or words
        if words:
            source = text[start : len(text) if mark is None else mark.end()]
            source = _with_names(source, names)
            pending.append(Clause(" ".join(words), sentence, contrast=contrast, source=source))
            contrast = False
        if mark is None or mark["sentence"]:
            asked = mark is not None and "?" in mark[0]
            clauses += [replace(clause, asked=asked) for clause in pending]
            pending, sentence, contrast = [], sentence + 1, False
        elif mark["contrast"] is not None or mark["turn"] is not None:
            contrast = contrast or "so" not in mark[0].casefold().split()[-1:]
        start = len(text) if mark is None else mark.end()
    return AnswerText(text, tuple(without_insertions(clauses)))


def _named(pattern: re.Pattern[str], text: str, names: list[str]) -> tuple[str, list[str]]:
    """A text with names replaced by numbered signs, and the names.

    Each name becomes the word ``x`` with a sign for its number.
    """
    names = list(names)

    def hidden(match: re.Match[str]) -> str:
        names.append(match[0])
        return f" x{chr(_FIRST_NAME + len(names) - 1)} " if len(names) <= _MOST_NAMES else " x "

    return pattern.sub(hidden, text), names


def _with_names(text: str, names: Sequence[str]) -> str:
    marks = ((match, ord(match[0][1]) - _FIRST_NAME) for match in _NAME.finditer(text))
    for match, index in [*marks][::-1]:
        if index < len(names):
            text = f"{text[: match.start()]}{names[index]}{text[match.end() :]}"
    return " ".join(text.split())


def _held_answer(text: str) -> str:
    """The answer that a JSON object holds, or the text as it is."""
    if text.startswith("{"):
        try:
            held = json.loads(text)
        except (ValueError, RecursionError):
            return text
        texts = [value for key, value in held.items() if isinstance(value, str) and (len(held) == 1 or "answer" in key)]
        return texts[0] if len(texts) == 1 else text
    return text
