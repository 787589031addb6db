"""Words of a text without case, punctuation and articles."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right

# A number with its sign and decimals; a word, with the plus and number signs that tell C++ from C; a per cent sign; a
# symbol that stands alone. Everything else between words is punctuation.
_WORD = re.compile(
    r"""
    (?: (?<!\S)[-−] )? \d+ (?: \.\d+ )? (?! [^\W\d_] )
    | [^\W_]+ (?: \+\+ | \# )?
    | %
    | (?<!\S) [^\w\s.,;:!?'"()\[\]{}*`~–—…-]+ (?!\S)
    """,
    re.VERBOSE,
)
# Ends of clauses; a comma within a number is none.
_CLAUSE = re.compile(r"[.!?;:,]+(?=\s|$)|\n|[–—()]|\s-\s|\bbut\b", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ＇](?=\w)")
_INITIALS = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b)|(?<=\.[^\W\d_])\.(?=\s|$)")
# Contractions, with their apostrophe or without, are what they stand for; `its` and `were` are words of their own.
_SHORT_FORMS = (
    (re.compile(r"\b(?:can['’]?t|cannot)\b", re.IGNORECASE), "can not"),
    (re.compile(r"\bwon['’]?t\b", re.IGNORECASE), "will not"),
    (re.compile(r"(?<=\w)n['’]t\b", re.IGNORECASE), " not"),
    (re.compile(r"\b(do|does|did|is|are|was|were|have|has|had|would|could|should)nt\b", re.IGNORECASE), r"\1 not"),
    (re.compile(r"\b(it|that|this|there|here|he|she|what|who|where)['’]s\b", re.IGNORECASE), r"\1 is"),
    (re.compile(r"\bi['’]?m\b", re.IGNORECASE), "I am"),
    (re.compile(r"(?<=\w)['’]re\b", re.IGNORECASE), " are"),
    (re.compile(r"(?<=\w)['’]ve\b", re.IGNORECASE), " have"),
    (re.compile(r"(?<=\w)['’]ll\b", re.IGNORECASE), " will"),
)
_ARTICLES = frozenset({"a", "an", "the"})


def split_words(text: str) -> tuple[str, ...]:
    """Words of a text for comparison.

    Unicode compatibility forms (NFKC) and case are folded, contractions written out; punctuation, thousands separators
    and the articles ``a``, ``an``, ``the`` are left out. An ``A`` that is a name (the last word of a clause, or a
    capital within a sentence, as in ``vitamin A``) stays, as do signs, decimals and the symbols that tell ``C++`` and
    ``C#`` from ``C``.

    Examples
    --------
    >>> split_words("The Sun's light is **white**, isn't it?")
    ('suns', 'light', 'is', 'white', 'is', 'not', 'it')
    >>> split_words("1,000 °C"), split_words("vitamin A"), split_words("-3.5 %")
    (('1000', 'c'), ('vitamin', 'a'), ('-3.5', '%'))
    """
    return tuple(word for clause in split_clauses(text) for word in clause)


def spelled_out(text: str) -> str:
    """A text whose contractions are written out, without the points of initials.

    Examples
    --------
    >>> spelled_out("I'm not sure, it isn't in the U.S.")
    'I am not sure, it is not in the US'
    """
    for pattern, words_meant in _SHORT_FORMS:
        text = pattern.sub(words_meant, text)
    return _INITIALS.sub("", text)


def split_clauses(text: str) -> list[tuple[str, ...]]:
    """Words of each clause; clauses end at punctuation and the word ``but``.

    Words are normalised as by `split_words`.

    Examples
    --------
    >>> split_clauses("No, it is not Lyon but Paris.")
    [('no',), ('it', 'is', 'not', 'lyon'), ('but', 'paris')]
    """
    text = spelled_out(unicodedata.normalize("NFKC", text))
    for pattern in (_THOUSANDS, _APOSTROPHE):
        text = pattern.sub("", text)
    shouted = text.isupper()
    text = text.strip()
    ends = [*(match.start() for match in _CLAUSE.finditer(text)), len(text)]
    inside: list[list[re.Match[str]]] = [[] for _ in ends]
    for match in _WORD.finditer(text):
        inside[bisect_right(ends, match.start())].append(match)
    clauses = []
    for matches in inside:
        words = []
        for match in matches:
            word = match.group()
            name = word == "A" and match.start() > 0 and not shouted
            if word.casefold() not in _ARTICLES or match is matches[-1] or name:
                words.append(word.casefold().replace("−", "-"))
        if words:
            clauses.append(tuple(words))
    return clauses
