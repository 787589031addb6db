"""Keys of servers: read from the environment, sent, and hidden in answers."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from html.entities import html5
from typing import Any

KEYS = ("VERACAL_API_KEY", "OPENAI_API_KEY")
"""Environment variables that may hold the key of a server; the first that is set is sent."""

HIDDEN = "***"
"""The text that replaces a key."""

SHORTEST_SECRET = 8
"""Characters below which a key is a placeholder ("EMPTY", "x"): replacing it would change what models answer."""

# A server may cut or mask a key: so many of its characters in a row are taken for the key.
_LONGEST_PIECE = 16
# Escapes within escapes: JSON within JSON, HTML within JSON.
_LAYERS = 4
_ESCAPE = re.compile(
    r"\\+u(?P<unicode>[0-9a-f]{4})|\\+u\{0*(?P<point>[0-9a-f]{1,6})\}|\\+x(?P<byte>[0-9a-f]{2})|\\+(?P<octal>[0-7]{3})|\\+(?P<plain>[^\w\s\\])"
    r"|%(?:u00)?(?P<percent>[0-9a-f]{2})|&\#x0*(?P<hexadecimal>[0-9a-f]{1,6});?|&\#0*(?P<decimal>[0-9]{1,7});?"
    r"|&(?P<entity>amp|lt|gt|quot|[a-z]{2,31}(?=;));?",
    re.IGNORECASE | re.ASCII,
)
_BASES = {"unicode": 16, "point": 16, "byte": 16, "octal": 8, "percent": 16, "hexadecimal": 16, "decimal": 10}


@dataclass(frozen=True)
class _Signs:
    """Characters of a text, each with its span in the original text."""

    text: str
    spans: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, text: str) -> _Signs:
        return cls(text, tuple((index, index + 1) for index in range(len(text))))

    def unescaped(self) -> _Signs:
        """The same with one layer of escapes (JSON, HTML, percent, backslash) read."""
        signs: list[str] = []
        spans: list[tuple[int, int]] = []
        end = 0
        for match in _ESCAPE.finditer(self.text):
            signs += self.text[end : match.start()]
            spans += self.spans[end : match.start()]
            end = match.end()
            signs.append(_unescaped(match))
            spans.append((self.spans[match.start()][0], self.spans[end - 1][1]))
        return _Signs("".join(signs) + self.text[end:], (*spans, *self.spans[end:]))

    def visible(self) -> _Signs:
        """The same in lower case without spaces and characters that do not show."""
        shown = [index for index, sign in enumerate(self.text) if sign.isprintable() and not sign.isspace()]
        return _Signs("".join(self.text[index].lower()[0] for index in shown), tuple(self.spans[i] for i in shown))


@dataclass(frozen=True, repr=False)
class ServerKey:
    r"""A server's key, empty if there is none.

    Parameters
    ----------
    value : str
        The key.

    Raises
    ------
    ValueError
        If it is not printable ASCII.

    Examples
    --------
    >>> key = ServerKey("sk-1234-abcd")
    >>> key
    ServerKey('***')
    >>> key.hide("no such key: sk-1234-abcd, sk&#45;1234\u002dabcd or c2stMTIzNC1hYmNk")
    'no such key: ***, *** or ***'
    """

    value: str

    def __post_init__(self) -> None:
        if not self.value.isascii() or not self.value.isprintable():
            raise ValueError(f"the server's key ({' or '.join(KEYS)}) must be printable ASCII")

    def __repr__(self) -> str:
        return f"ServerKey({HIDDEN!r})"

    @classmethod
    def from_environment(cls) -> ServerKey:
        """The first of the environment variables `KEYS` that is set and not blank."""
        return cls(next((os.environ[name].strip() for name in KEYS if os.environ.get(name, "").strip()), ""))

    @property
    def headers(self) -> dict[str, str]:
        """Headers of a request that carries the key."""
        return {"Authorization": f"Bearer {self.value}"} if self.value else {}

    def hide(self, text: str) -> str:
        """A text with the key replaced by ``***``, in whatever form it is written.

        Forms: as it is, in any case, broken by spaces, with any of its characters escaped as in JSON, HTML, addresses
        or Python (also twice), as base64 and as hexadecimal digits; also a part of the key that is at least half of it
        or 16 characters. A key shorter than `SHORTEST_SECRET` is a placeholder and stays.
        """
        if not self._pieces or len(text) < self._size:
            return text
        hidden: list[tuple[int, int]] = []
        signs = _Signs.of(text)
        for _ in range(_LAYERS):
            visible = signs.visible()
            hidden += [
                (visible.spans[start][0], visible.spans[start + self._size - 1][1])
                for start in range(len(visible.text) - self._size + 1)
                if visible.text[start : start + self._size] in self._pieces
            ]
            if _ESCAPE.search(signs.text) is None:
                break
            signs = signs.unescaped()
        return _replaced(text, hidden)

    def hide_in(self, content: Any) -> Any:
        """JSON content with the key taken out of every text, names of members included."""
        if isinstance(content, str):
            return self.hide(content)
        if isinstance(content, list):
            return [self.hide_in(value) for value in content]
        if isinstance(content, dict):
            return {self.hide(name): self.hide_in(value) for name, value in content.items()}
        return content

    @cached_property
    def _size(self) -> int:
        """How many characters in a row are taken for the key."""
        return min(max(SHORTEST_SECRET, len(self.value) // 2), _LONGEST_PIECE)

    @cached_property
    def _pieces(self) -> frozenset[str]:
        """Every `_size` characters in a row of every form of the key but escapes."""
        if len(self.value) < SHORTEST_SECRET:
            return frozenset()
        # A key that looks escaped is looked for unescaped, too: a text is read layer by layer as a whole.
        layers = [_Signs.of(self.value)]
        for _ in range(_LAYERS - 1):
            layers.append(layers[-1].unescaped())
        forms = {layer.visible().text for layer in layers} | {self.value.encode().hex()}
        for lead in range(3):
            encoded = _base64_core(self.value.encode(), lead).lower()
            forms |= {encoded, encoded.replace("+", "-").replace("/", "_")}
        return frozenset(
            form[start : start + self._size] for form in forms for start in range(len(form) - self._size + 1)
        )


def _unescaped(match: re.Match[str]) -> str:
    """The character that an escape stands for; only ASCII matters, since keys are ASCII."""
    kind = match.lastgroup or ""
    written = match[kind]
    if kind == "plain":
        return written
    if kind == "entity":
        return html5.get(f"{written};", html5.get(f"{written.lower()};", "\ufffd"))[0]
    code = int(written, _BASES[kind])
    return chr(code) if code < 128 else "\ufffd"


def _base64_core(key: bytes, lead: int) -> str:
    """Base64 digits of a key behind `lead` other bytes (modulo 3), in any context."""
    encoded = b64encode(bytes(lead) + key).decode().rstrip("=")
    whole = encoded if (lead + len(key)) % 3 == 0 else encoded[:-1]
    return whole[(0, 2, 3)[lead] :]


def _replaced(text: str, spans: list[tuple[int, int]]) -> str:
    """A text with stretches replaced by `HIDDEN`, one for stretches that overlap or touch."""
    parts: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start > end or not parts:
            parts += [text[end:start], HIDDEN]
        end = max(end, stop)
    return "".join(parts) + text[end:]
