"""Names of files and folders, made of what others call models, tasks and graders."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from urllib.parse import quote

from .digest import digest

LONGEST = 150
"""Bytes of a name, which leave room for what is put around it; systems take 255."""

# What no name should hold: anything but letters, digits and a few signs.
_UNSAFE = re.compile(r"[^\w.,=+()-]+")
# Names that Windows keeps for devices, whatever their suffix.
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?=\.|$)", re.IGNORECASE)
_MARK = 8  # digits of a digest that tells names apart
_JOINT = "\x1f"
_CODEC = ("utf-8", "surrogatepass")  # JSON may hold half of a pair
# Behind a quoted name that was cut: quoting never makes it.
_CUT = "%~"
_LONGEST_QUOTED = 240


def file_name(*parts: str, otherwise: str = "unnamed", unsafe: re.Pattern[str] = _UNSAFE, instead: str = "-") -> str:
    """A name of a file or folder, made of foreign texts.

    It leads out of no folder, is hidden nowhere, is no device of Windows, has at most `LONGEST` bytes and is composed
    (Unicode's form NFC).

    Parameters
    ----------
    *parts : str
        The texts, which are joined by ``_``.
    otherwise : str
        The name if nothing is left of them.
    unsafe : pattern
        What is replaced.
    instead : str
        By what.

    Examples
    --------
    >>> file_name("arc:challenge|25", "org/m"), file_name("../../etc"), file_name("nul.txt"), file_name("..")
    ('arc-challenge-25_org-m', 'etc', '_nul.txt', 'unnamed')
    """
    composed = [unicodedata.normalize("NFC", part) for part in parts if part]
    name = "_".join(unsafe.sub(instead, part) for part in composed)
    name = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cs"))
    name = _DEVICE.sub(r"_\1", name.lstrip(".- ").rstrip(". "), count=1) if name.strip(".- ") else otherwise
    return _cut(name, _JOINT.join(parts))


def distinct_names(named: Sequence[tuple[str, ...]], *, otherwise: str = "unnamed") -> list[str]:
    """A `file_name` of each of several texts, none like another.

    No file system takes two for one: names that would differ by case or Unicode's form alone, or not at all, get a
    digest of their texts.

    Parameters
    ----------
    named : sequence of tuple of str
        The texts, each tuple once.

    Examples
    --------
    >>> distinct_names([("a/b",), ("a b",), ("c",)])
    ['a-b-c14cddc0', 'a-b-c8687a08', 'c']
    """
    names = [file_name(*parts, otherwise=otherwise) for parts in named]
    counts = Counter(map(_folded, names))
    taken: dict[str, str] = {}
    for name, parts in zip(names, named, strict=True):
        distinct, origin = name, _JOINT.join(parts)
        while counts[_folded(name)] > 1 and (_folded(distinct) in counts or _folded(distinct) in taken):
            origin = digest(origin.encode(*_CODEC))
            distinct = f"{name}-{origin[:_MARK]}"
        taken[_folded(distinct)] = distinct
    return list(taken.values())


def quoted_name(*parts: str, joint: str = "@") -> str:
    """Texts as the name of a file, percent-encoded.

    One that is too long is cut, and `is_cut` tells.

    Examples
    --------
    >>> quoted_name("model:folder/judge"), is_cut(quoted_name("a" * 300)), len(quoted_name("a" * 300))
    ('model%3Afolder%2Fjudge', True, 240)
    """
    quoted = [quote(part.encode(*_CODEC), safe="") for part in parts]
    name = joint.join(quoted)
    if len(name) <= _LONGEST_QUOTED:
        return name
    mark = f"{_CUT}{_mark(_JOINT.join(parts))}"
    return f"{name[: _LONGEST_QUOTED - len(mark)]}{mark}"


def is_cut(name: str) -> bool:
    """Whether `quoted_name` cut a name, which then cannot be read back."""
    return _CUT in name


def _folded(name: str) -> str:
    """What is the same of names that some file system takes for one."""
    return unicodedata.normalize("NFC", name.casefold())


def _cut(name: str, origin: str) -> str:
    raw = name.encode()
    if len(raw) <= LONGEST:
        return name
    mark = f"-{_mark(origin)}"
    return raw[: LONGEST - len(mark)].decode(errors="ignore").rstrip(". ") + mark


def _mark(text: str) -> str:
    return digest(text.encode(*_CODEC))[:_MARK]
