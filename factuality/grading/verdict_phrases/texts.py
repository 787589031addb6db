"""Plain texts of verdicts, without markup, tags and JSON."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

# An object inside a text is looked for at so many braces; a text of braces alone must not take long.
_MOST_BRACES = 50

_ATTRIBUTES = r"(?P<attributes>(?:\s[^<>\n]{0,99})?)"
_ELEMENT = re.compile(rf"<(?P<name>[A-Za-z][\w-]{{0,30}}){_ATTRIBUTES}>(?P<value>[^<>]{{0,200}})</(?P=name)\s?>")
_TAG = re.compile(rf"<(?P<end>/?)(?P<name>[A-Za-z][\w-]{{0,30}}){_ATTRIBUTES}/?>")
_ATTRIBUTE = re.compile(r"([A-Za-z][\w-]{0,30})\s?=\s?[\"']([^\"'<>\n]{0,99})[\"']")
_OTHER_TAGS = re.compile(r"</?[^<>\n]{1,40}>|[{}]")
_MARKUP = re.compile("[*`~#>\N{VARIATION SELECTOR-16}]|\\\\[a-zA-Z]+")
_JOINTS = re.compile(r"(?<=\w)[_‐‑-](?=\w)|_")
_HUMPS = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_SHORT_NOT = re.compile(r"(?<=\w)n't\b|(?<=\bis|\bai)nt\b|(?<=\bwas|\bdid)nt\b|(?<=\bdoes)nt\b", re.IGNORECASE)
# Tags that set letters or lines, and name nothing.
_LETTER_TAGS = re.compile(
    r"</?(?:b|i|u|em|strong|mark|code|span|font|small|big|tt)(?:\s[^<>\n]{0,99})?/?>", re.IGNORECASE
)
_LINE_TAGS = re.compile(r"</?(?:br|hr|p|div|li|ul|ol|h[1-6]|center)(?:\s[^<>\n]{0,99})?\s?/?>", re.IGNORECASE)
_HARD_SPACE = re.compile(r"&(?:nbsp|#160|#xa0);", re.IGNORECASE)
# A negation or a prefix at the end of a line denies the word that begins the next one.
_WORD = (
    r"(?P<word>(?:attempted|correct|incorrect|right|wrong|true|untrue|false|accurate|inaccurate|truthful|untruthful"
    r"|supported)\b(?![^\S\n]*(?:answer|response|reference|value|[:=])))"
)
_PARTED_NOT = re.compile(
    r"(?<!\w)(?P<denial>not|cannot|never|no longer|hardly|scarcely|neither|nor|far from|anything but)"
    r"(?P<more>(?:\s+(?:at all|really|quite|entirely|fully|strictly|be|been|called|considered|a|the)){0,3})"
    r"[^\w.!?\n]{0,9}(?:\.{3})?(?:\n[^\w.!?\n]{0,9}){1,4}"
    rf"(?P<rest>(?:(?:really|quite|entirely|fully|called|be|considered)\s+){{0,2}}){_WORD}",
    re.IGNORECASE,
)
_PARTED_WORD = re.compile(
    r"(?<!\w)(?P<prefix>in|un)[-\xad]?[^\S\n]{0,9}\n[^\w.!?\n]{0,9}(?P<stem>correct|accurate|true|truthful|supported)\b",
    re.IGNORECASE,
)
# What is struck out is taken back.
_STRUCK = re.compile(r"~~[^~\n]{1,200}~~|<(?P<struck>del|s|strike)>[^<>]{0,200}</(?P=struck)>", re.IGNORECASE)
# Boxes in front of a word: what is not ticked is not said.
_NOT_TICKED = re.compile(r"(?:\[[^\S\n]?\]|\([^\S\n]\)|[\u2610\u25a1\u2b1c])[^\S\n]{0,3}(?:[\w-]+|\*\*[^*\n]+\*\*)")
_TICKED = re.compile(r"(?:\[[xX\u2713\u2714]\]|\([xX]\)|[\u2611\u2612\u25a0])(?=[^\S\n]{0,3}[\w*])")
# Quotation marks become straight, arrows one arrow, soft hyphens nothing. The Turkish İ and ı, equal to i for patterns
# without case, become another letter.
_LETTERS: dict[int, str | int | None] = {
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d"), '"'),
    **dict.fromkeys(map(ord, "\u2018\u2019"), "'"),
    **dict.fromkeys(map(ord, "\u21d2\u21a6\u27a1\u27f6\u27f9\u2794\u279c\u279e"), "\u2192"),
    ord("\u00ac"): " not ",
    0xAD: None,
    0x130: 0x26A,
    0x131: 0x26A,
}


def plain_text(text: str) -> str:
    r"""A text without markup.

    Tags become lines of name and content, braces end a line, a line goes on behind a negation, joints of words become
    spaces, quotation marks become straight.

    Examples
    --------
    >>> plain_text("<is_correct>no</is_correct>").strip(), plain_text("**NOT_ATTEMPTED**"), plain_text("isn’t")
    ('is correct: no', 'NOT ATTEMPTED', 'is not')
    >>> plain_text("not\ncorrect")
    'not correct'
    """
    text = unicodedata.normalize("NFKC", _HARD_SPACE.sub(" ", _STRUCK.sub(" ", text))).translate(_LETTERS)
    text = _LINE_TAGS.sub("\n", _LETTER_TAGS.sub("", text))
    text = _TICKED.sub("\n", _NOT_TICKED.sub(" ", text))
    # "=>" and "->" are signs of their own, not the end of a tag.
    text = re.sub(r"[-=]>", "→", text)
    text = _ELEMENT.sub(lambda tag: f"{_attributes(tag)}\n{tag['name']}: {tag['value'].strip()}\n", text)
    closed = {tag["name"].casefold() for tag in _TAG.finditer(text) if tag["end"]}
    text = _TAG.sub(lambda tag: f"{_attributes(tag)}\n{_lone_word(tag, closed)}\n", text)
    text = _SHORT_NOT.sub(" not", _MARKUP.sub("", _OTHER_TAGS.sub("\n", text)))
    return _joined(_JOINTS.sub(" ", _HUMPS.sub(" ", text)))


def _joined(text: str) -> str:
    """A text in which no line parts a negation from its word."""
    text = _PARTED_WORD.sub(r"\g<prefix>\g<stem>", text)
    return _PARTED_NOT.sub(lambda match: " ".join(" ".join(part or "" for part in match.groups()).split()), text)


def _attributes(tag: re.Match[str]) -> str:
    """Attributes of a tag as lines; ``value`` and ``name`` give the tag's own value."""
    pairs = _ATTRIBUTE.findall(tag["attributes"])
    return "".join(f"\n{tag['name'] if key in {'value', 'name'} else key}: {value}" for key, value in pairs)


def _lone_word(tag: re.Match[str], closed: set[str]) -> str:
    """Words of a tag without an end, as in ``<CORRECT>``."""
    element = tag["end"] or tag["name"].casefold() in closed or "=" in tag["attributes"]
    return "" if element else tag["name"] + tag["attributes"]


def key_words(key: str) -> str:
    """Words of a key in lower case: ``isCorrect`` as ``is correct``."""
    return " ".join(_JOINTS.sub(" ", _HUMPS.sub(" ", key)).casefold().split())


def split_objects(text: str) -> tuple[list[tuple[int, list[tuple[str, Any]]]], str]:
    """The JSON objects in a text, and the text with spaces for them.

    Returns
    -------
    list of (int, list of (str, value))
        For each object its position, and the values in it, nested ones too, by the words of their keys. A value
        under a key such as ``value`` has the key of the object that holds it; a key that occurs twice counts twice.
    str
        The rest.

    Examples
    --------
    >>> split_objects('Here: {"is_correct": {"value": false, "tags": ["a"]}}')[0]
    [(6, [('is correct', False), ('tags', 'a')])]
    """
    decoder = json.JSONDecoder(object_pairs_hook=tuple)
    objects: list[tuple[int, list[tuple[str, Any]]]] = []
    rest, end = [], 0
    start = text.find("{")
    for _ in range(_MOST_BRACES):
        if start < 0:
            break
        try:
            value, after = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
            continue
        objects.append((start, list(_values(value))))
        rest += [text[end:start], "\n"]
        end = after
        start = text.find("{", after)
    return objects, "".join([*rest, text[end:]])


# Keys that name nothing: their value belongs to the key above.
_NAMELESS = frozenset({"value", "answer", "result", "label", "verdict", "final"})


def _values(value: Any) -> Iterator[tuple[str, Any]]:
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        key, value = stack.pop()
        if isinstance(value, tuple):
            inner = [(key_words(name), held) for name, held in value]
            stack += [(key if key and name in _NAMELESS else name, held) for name, held in reversed(inner)]
        elif isinstance(value, list):
            stack += [(key, held) for held in reversed(value)]
        else:
            yield key, value
