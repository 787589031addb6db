"""Keys of servers: found in every form in which a server may write them, and nothing else is touched."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from calibration.models.servers.keys import KEYS, SHORTEST_SECRET, ServerKey

KEY = "sk-secret-1234567890-XYZ&<a>"

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "JSON": lambda key: json.dumps(key)[1:-1].replace("-", "\\u002d"),
    "JSON in upper case": lambda key: "".join(f"\\u{ord(sign):04X}" for sign in key),
    "JSON, some of it": lambda key: key.replace("s", "\\u0073").replace("&", "\\u0026"),
    "JSON in JSON": lambda key: json.dumps(key.replace("-", "\\u002d").replace("<", "\\u003c")),
    "JavaScript": lambda key: key.replace("-", "\\u{2d}").replace("e", "\\x65"),
    "octal": lambda key: "".join(f"\\{ord(sign):03o}" for sign in key),
    "backslashes": lambda key: key.replace("-", "\\-").replace("&", "\\&"),
    "HTML": html.escape,
    "HTML, decimal": lambda key: "".join(f"&#{ord(sign)};" for sign in key),
    "HTML, hexadecimal": lambda key: "".join(f"&#X{ord(sign):02X};" for sign in key),
    "HTML, padded": lambda key: "".join(f"&#0{ord(sign)}" for sign in key),
    "HTML twice": lambda key: html.escape(html.escape(key)),
    "HTML in JSON": lambda key: json.dumps(html.escape(key).replace("&", "\\u0026"))[1:-1],
    "address": lambda key: quote(key, safe=""),
    "address in lower case": lambda key: "".join(f"%{ord(sign):02x}" for sign in key),
    "address twice": lambda key: quote(quote(key, safe=""), safe=""),
    "broken by spaces": " ".join,
    "broken by lines": lambda key: key[:11] + "\r\n\t" + key[11:],
    "broken by zero width": "\u200b".join,
    "hexadecimal": lambda key: key.encode().hex(),
    "hexadecimal, spaced": lambda key: key.encode().hex(" ").upper(),
    "base64": lambda key: b64encode(key.encode()).decode(),
    "base64 of the header": lambda key: b64encode(f"Bearer {key}".encode()).decode(),
    "base64 of a pair": lambda key: urlsafe_b64encode(f"me:{key}!".encode()).decode(),
    "cut": lambda key: key[: len(key) - 5],
    "without its beginning": lambda key: key[4:],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("around", ["{}", "the key {} is unknown", "<b>{}</b>", '{{"error": "{}"}}'])
def test_a_key_is_taken_out_in_every_form(form: str, around: str) -> None:
    written = FORMS[form](KEY)
    hidden = ServerKey(KEY).hide(around.format(written))
    assert "***" in hidden
    assert "1234567890" not in hidden
    # No more than a few characters around base64 groups and cuts stay.
    assert len(hidden) <= len(around.format("***")) + 12


def test_the_rest_of_a_text_stays() -> None:
    key = ServerKey(KEY)
    for text in ("", "sk-secret", "1 < 2 &amp; 50%25 of \\u0041", "x" * 5000, "sk-secret-0987654321-abc", "✓ \ud800 é"):
        assert key.hide(text) == text
    assert key.hide(f"a {KEY}{KEY} b {KEY}. &amp;") == "a *** b ***. &amp;"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=SHORTEST_SECRET, max_size=80), st.text())
def test_any_key_is_found_and_nothing_else(value: str, text: str) -> None:
    """Also a key that looks escaped itself."""
    key = ServerKey(value)
    assert key.hide(f"it is {value}!") in ("it is ***!", "it is ***")
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in value)
    assert key.hide(f"it is {escaped}.") == "it is ***."
    assume(len(text) < SHORTEST_SECRET)
    assert key.hide(text) == text


@pytest.mark.parametrize("value", ["", "a", "EMPTY", "abc1234"])
def test_a_placeholder_changes_nothing(value: str) -> None:
    """A model's answer that holds the word is not the key."""
    text = f"a cat, an EMPTY box, abc1234 and {value}"
    assert ServerKey(value).hide(text) == text
    assert ServerKey(value).hide_in({"a": ["EMPTY"]}) == {"a": ["EMPTY"]}


def test_json_content() -> None:
    content: dict[str, Any] = {f"{KEY}": [KEY, 1, None, {"x": f"({html.escape(KEY)})"}], "n": 2.5, "t": True}
    assert ServerKey(KEY).hide_in(content) == {"***": ["***", 1, None, {"x": "(***)"}], "n": 2.5, "t": True}


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    assert ServerKey.from_environment().headers == {}
    monkeypatch.setenv("OPENAI_API_KEY", "sk-another")
    monkeypatch.setenv("VERACAL_API_KEY", "  ")
    assert ServerKey.from_environment().headers == {"Authorization": "Bearer sk-another"}
    monkeypatch.setenv("VERACAL_API_KEY", f" {KEY}\n")
    assert ServerKey.from_environment().headers == {"Authorization": f"Bearer {KEY}"}
    assert KEY not in repr(ServerKey.from_environment())
    monkeypatch.setenv("VERACAL_API_KEY", "schlüssel")
    with pytest.raises(ValueError, match=r"the server's key \(VERACAL_API_KEY or OPENAI_API_KEY\) must be printable"):
        ServerKey.from_environment()
