"""Entries of BibTeX, and which of them a docstring names."""

from __future__ import annotations

import functools
import inspect
import re
import unicodedata
from dataclasses import dataclass
from importlib.resources import files

_ENTRY = re.compile(r"@\w+\{(?P<key>[\w-]+),\n.*?\n\}\n", re.DOTALL)
_FIELD = re.compile(r"^ {2}(\w+) = \{(.*)\},$", re.MULTILINE)
_ACCENTS = {'"': "\u0308", "'": "\u0301"}
# What names a source in a docstring, by the field of its entry.
_PREFIXES = {"doi": "doi:", "eprint": "arXiv:", "url": ""}


@dataclass(frozen=True)
class Entry:
    """A source.

    Attributes
    ----------
    key : str
        What it is cited by.
    text : str
        The entry in BibTeX.
    """

    key: str
    text: str

    @property
    def fields(self) -> dict[str, str]:
        """Fields by their names."""
        return dict(_FIELD.findall(self.text))

    @property
    def marks(self) -> tuple[str, ...]:
        """DOI, arXiv id and address, as a docstring writes them."""
        fields = self.fields
        marks = [f"{prefix}{fields[name]}" for name, prefix in _PREFIXES.items() if name in fields]
        return (*marks, *(mark.replace("https://aclanthology.org/", "aclanthology:") for mark in marks))

    @property
    def family(self) -> str:
        """Family name of the first author."""
        first = self.fields["author"].split(" and ")[0].split(", ")[0].strip("{}")
        accented = re.sub(r"\{\\([\"'])(\w)\}", lambda match: match[2] + _ACCENTS[match[1]], first)
        return unicodedata.normalize("NFC", accented.replace(r"{\l}", "ł"))

    def is_named_in(self, references: str) -> bool:
        """Whether the sources of a docstring, on one line, name this one.

        By DOI, arXiv id or address; a source without any by its first author and year.
        """
        if self.marks:
            return any(re.search(rf"{re.escape(mark)}(?![\w-])", references) for mark in self.marks)
        return bool(re.search(rf"{re.escape(self.family)}[^();]*\({self.fields['year']}\)", references))


@functools.cache
def bibliography() -> dict[str, Entry]:
    """Every source by its key.

    Examples
    --------
    >>> bibliography()["brier1950"].family
    'Brier'
    """
    text = (files("veracal.citations") / "bibliography.bib").read_text(encoding="utf-8")
    return {match["key"]: Entry(match["key"], match[0]) for match in _ENTRY.finditer(text)}


def references(documented: object) -> str:
    """What a docstring says under References, on one line."""
    text = (inspect.getdoc(documented) or "").partition("References\n----------\n")[2]
    return " ".join(re.split(r"\n\n\w+\n---", text)[0].split())


@functools.cache
def source_keys(documented: object) -> tuple[str, ...]:
    """Keys of the sources that a docstring names.

    Examples
    --------
    >>> from calibration import brier_score
    >>> source_keys(brier_score)
    ('brier1950',)
    """
    text = references(documented)
    return tuple(key for key, entry in bibliography().items() if entry.is_named_in(text))
