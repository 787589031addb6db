"""Answers that decline to answer."""

from __future__ import annotations

import json
import re
import unicodedata

from calibration.thoughts import answer_in

from .answer_clauses import Clause, kinds_of
from .words import spelled_out

# Signs that stand for an apostrophe; NFKC would take the acute accent apart.
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘´ʼ＇′`‛", "'"))
_QUOTED = re.compile(r"[\"“”„«»][^\"“”„«»\n]+[\"“”„«»]|(?<![\w'])'(?:[^'\n]|(?<=\w)'(?=\w))+'(?![\w'])")
# Words in capitals that are a name: "I Don't Know How to Love Him".
_TITLE = re.compile(r"\b(?:I|We|You)(?: [A-Z][\w']*){2,}(?: (?:[a-z]{1,4} )*[A-Z][\w']*)*")
_LABEL = re.compile(
    r"(?:(?:the |my |final |short |model )*(?:answer|response|output|reply|result|status|verdict|conclusion|value"
    r"|finding|outcome|prediction|decision)(?: is)?|a|assistant|ai"
    r"|model)(?:\s?:|[^\S\n]*\n)\s{0,9}",
    re.IGNORECASE,
)
# Base models go on with further questions behind their answer.
_NEXT_QUESTION = re.compile(r"\n[^\S\n]{0,9}(?:q|question)\s?\d{0,3}\s?:.*", re.IGNORECASE | re.DOTALL)
_SHRUG = re.compile(r"¯.{1,12}¯")
_COMMAND = re.compile(r"\\[a-z]{1,20}(?=\s?\{)")
_MARKUP = re.compile(r"[*_#>~|\\]+|\[\d+\]|</?\w{1,20}>")
_BROKEN_LINE = re.compile(r"(?<=\w)[^\S\n]*\n[^\S\n]*(?=[a-z])")
_ABBREVIATIONS = re.compile(r"\b(mr|mrs|ms|dr|st|prof|vs|etc|e\.g|i\.e|approx|no(?=\.\s\d))\.(?=\s\S)", re.IGNORECASE)
_WOULD = re.compile(r"\b(i|you|we|it|that)'d\b", re.IGNORECASE)
_STAMMER = re.compile(r"(?<=\bI)\s?\.{2,}|\.{2,}(?=\s?[a-z])")
_BREAKS = re.compile(
    r"(?P<sentence>[.!?]+(?=\s|$)|\n+)"
    r"|(?P<contrast>[,;]?\s*\b(?:but(?! also\b| rather\b)|however|nevertheless|nonetheless|that said|still,|even so"
    r"|otherwise)\b)"
    r"|[,;]\s*(?:yet|though|although|so)\b(?P<turn>)|;|:+(?=\s|$)|,(?=\s|$)|\s[-–—]+\s|[–—()\[\]{}]",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W_]+(?:['/-][^\W_]+)*|%|\d+")
_ARTICLES = frozenset({"a", "an", "the"})


def declines(response: str) -> bool:
    """Whether an answer declines to answer and does not answer all the same.

    English only, by its structure: some clause says that the speaker does not know, cannot or will not answer, that
    the source or the question does not allow an answer, or that nobody knows; and no clause answers. Apologies,
    reasons, remarks on the question and offers of help do neither, quotations and titles are names, and what other
    people do not know (``scientists do not know what causes it``) is an answer. An answer without words declines;
    thoughts that did not come to an answer do not.

    Examples
    --------
    >>> declines("I'm sorry, but I can't help with that. I can suggest a book."), declines("")
    (True, True)
    >>> declines("I'm not sure, but it is about 300 km."), declines("It is Paris, though I cannot verify that.")
    (False, False)
    >>> declines("I don't know why people believe that; the Sun is white.")
    False
    """
    answer = answer_in(response)
    if answer is None:
        return False
    kinds = kinds_of(_clauses(answer))
    return not kinds or ("answers" not in kinds and not {"declines", "refuses"}.isdisjoint(kinds))


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


def _clauses(response: str) -> list[Clause]:
    text = unicodedata.normalize("NFKC", _SHRUG.sub("", response.translate(_APOSTROPHES))).strip()
    text = _held_answer(text)
    text = _MARKUP.sub("", _COMMAND.sub("", _NEXT_QUESTION.sub("", text))).strip()
    text = _BROKEN_LINE.sub(" ", text[label.end() :] if (label := _LABEL.match(text)) else text)
    whole = text.strip(" \n.")
    if _QUOTED.fullmatch(whole):
        text = whole[1:-1]  # an answer that stands in quotation marks as a whole is said all the same
    text = _QUOTED.sub(" x ", text)
    if not text.isupper() and not all(word[:1].isupper() for word in text.split()):
        text = _TITLE.sub(" x ", text)
    text = _STAMMER.sub(" ", _WOULD.sub(r"\1 would", _ABBREVIATIONS.sub(r"\1", spelled_out(text))))
    clauses: list[Clause] = []
    start, sentence, contrast = 0, 0, False
    pending: list[tuple[str, bool]] = []
    for mark in [*_BREAKS.finditer(text), None]:
        end = len(text) if mark is None else mark.start()
        words = [word.casefold() for word in _WORDS.findall(text[start:end])]
        words = [word for word in words if word not in _ARTICLES] or words
        if words:
            pending.append((" ".join(words), contrast))
            contrast = False
        if mark is None or mark["sentence"]:
            asked = mark is not None and "?" in mark[0]
            clauses += [Clause(words, sentence, asked, after) for words, after in pending]
            pending, sentence, contrast = [], sentence + 1, False
        elif mark["contrast"] is not None or mark["turn"] is not None:
            contrast = contrast or "so" not in mark[0].casefold().split()[-1:]
        start = len(text) if mark is None else mark.end()
    return clauses
