"""Connections: questions to a server over HTTP, asked again where a fault may pass."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from importlib.util import find_spec
from threading import Event
from typing import TYPE_CHECKING, Any

from ...errors import NoLogprobsError, RefusedError, RepeatedNameError
from .addresses import NO_ADDRESS, NO_CREDENTIALS, bare_url, checked_url
from .choices import error_inside
from .json_content import parsed_json
from .keys import ServerKey
from .retries import PassingError, Retries, refuse_passing

if TYPE_CHECKING:
    import httpx2

_CONNECT_SECONDS = 10.0
_QUOTED = 200
# More of a text than is ever quoted, so that little of a large answer is looked through.
_SEARCHED = 20_000


class Connection:
    """Requests to one server.

    Parameters
    ----------
    url : str
        Address of its API, ``http://127.0.0.1:8000/v1``, without credentials. The key comes from the environment
        (`ServerKey`), goes nowhere but into the requests, never follows a redirection, and is taken out of all that the
        server answers.
    timeout : float
        Seconds without a byte after which an answer is given up.
    attempts : int
        How often a request is sent at most.
    pause : float
        Seconds that the first pause between two tries lasts at most; it doubles from try to try, up to a minute.

    Raises
    ------
    ValueError
        For an address that holds credentials or is none, without the package that this needs.

    Examples
    --------
    >>> Connection("http://127.0.0.1:8000/v1/").url
    'http://127.0.0.1:8000/v1'
    >>> Connection("http://me:secret@127.0.0.1:8000/v1")
    Traceback (most recent call last):
    ...
    ValueError: the URL must hold no credentials: set VERACAL_API_KEY to the key instead
    """

    def __init__(self, url: str, *, timeout: float = 60.0, attempts: int = 6, pause: float = 1.0) -> None:
        self.url = checked_url(url)
        self.timeout = timeout
        self.attempts = attempts
        missing = [name for name in ("httpx2", "tenacity") if find_spec(name) is None]
        if missing:
            raise ValueError(f"a server needs the package {missing[0]}: pip install 'veracal[server]'")
        import httpx2

        self._key = ServerKey.from_environment()
        if self._key.hide(self.url) != self.url:
            raise ValueError(NO_CREDENTIALS)
        try:
            httpx2.URL(self.url)
        except httpx2.InvalidURL:
            raise ValueError(NO_ADDRESS) from None
        self._retries = Retries(self.url, pause=pause)
        self._client = httpx2.Client(
            headers=self._key.headers,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None),
        )
        weakref.finalize(self, self._client.close)

    def __repr__(self) -> str:
        return f"Connection({self.url!r})"

    @property
    def root(self) -> str:
        """Address of what the server has beside the API."""
        return self.url.removesuffix("/v1")

    def ask(
        self,
        url: str,
        body: Mapping[str, Any] | None,
        holds: str,
        *,
        timeout: float = 0,
        attempts: int = 0,
        give_up: Event | None = None,
    ) -> dict[str, Any]:
        """The JSON object that a server answers with.

        Parameters
        ----------
        url : str
            Where it is asked.
        body : mapping, optional
            What is sent; a plain GET without it.
        holds : str
            A key that the answer must have; without it the answer is as good as garbage.
        timeout : float
            Seconds without a byte after which the answer is given up, where not the connection's own.
        attempts : int
            How often the request is sent at most, where not as often as the connection's others.
        give_up : Event, optional
            Once it is set nothing is tried again.

        Raises
        ------
        ServerError
            For faults that did not pass: no connection, no answer in time, status 429 or 5xx, half an answer, garbage.
        RefusedError
            For every other status than 200, and an answer that holds an error beside or in its choices.
        """
        once = (url, body, holds, timeout or self.timeout)
        return self._retries.call(url, lambda: self._once(*once), attempts=attempts or self.attempts, give_up=give_up)

    def _once(self, url: str, body: Mapping[str, Any] | None, holds: str, timeout: float) -> dict[str, Any]:
        import httpx2

        limits = httpx2.Timeout(timeout, connect=min(timeout, _CONNECT_SECONDS), pool=None)
        try:
            if body is None:
                response = self._client.get(url, timeout=limits)
            else:
                response = self._client.post(url, json=body, timeout=limits)
        except httpx2.ConnectTimeout:
            raise PassingError("no connection in time", advice="is a server running there?") from None
        except httpx2.ConnectError as error:
            raise PassingError(
                f"no connection ({self._quoted(str(error))})", advice="is a server running there?"
            ) from None
        except httpx2.TimeoutException:
            raise PassingError(
                f"no answer within {timeout:g} s", advice="ask for less at a time (--batch-size), or see to the server"
            ) from None
        except (httpx2.TransportError, httpx2.DecodingError) as error:
            raise PassingError(f"the connection broke ({self._quoted(str(error))})") from None
        if response.status_code != httpx2.codes.OK:
            self._refuse(url, response)
        try:
            answer = self._key.hide_in(parsed_json(response.content))
        except RepeatedNameError as error:
            name = self._key.hide(error.name)[:40]
            raise NoLogprobsError(
                f"two tokens are spelt {name!r}: an object of the answer names it twice, and one value would be lost"
            ) from None
        if not isinstance(answer, dict) or holds not in answer:
            quoted = self._quoted(response.text) or "nothing"
            raise PassingError(f"the answer is not a whole JSON object with {holds!r} but {quoted}")
        self._refuse_error_inside(url, answer)
        return answer

    def _refuse_error_inside(self, url: str, answer: Mapping[str, Any]) -> None:
        """Raise for an error that a gateway puts into an answer with status 200."""
        error = error_inside(answer)
        if not error:
            return
        details = error if isinstance(error, dict) else {}
        code = details.get("code")
        status = code if isinstance(code, int) and not isinstance(code, bool) else 0
        quoted = self._quoted(str(details.get("message") or error))
        what = f"the answer holds an error{f' ({status})' if status else ''}, {quoted}"
        refuse_passing(url, status, what, retry_after="")
        raise RefusedError(f"{url}: {what}", status=status, reason=quoted, details=details)

    def _refuse(self, url: str, response: httpx2.Response) -> None:
        """Raise for an answer with another status than 200."""
        status = response.status_code
        try:
            details = self._key.hide_in(parsed_json(response.content))
        except RepeatedNameError:
            details = {}
        if isinstance(details, dict) and isinstance(details.get("error"), dict):
            details = details["error"]
        if not isinstance(details, dict):
            details = {}
        words = next((details[name] for name in ("message", "error", "detail") if details.get(name)), response.text)
        quoted = self._quoted(str(words))
        what = f"HTTP {status}" + (f", {quoted}" if quoted else "")
        refuse_passing(url, status, what, retry_after=response.headers.get("Retry-After", ""))
        advice = ""
        if status in (401, 403):
            advice = "; set VERACAL_API_KEY (or OPENAI_API_KEY) to a key that it takes"
        elif response.is_redirect:
            location = self._quoted(bare_url(response.headers.get("Location", "")))
            advice = f"; it points to {location}, give that address"
        raise RefusedError(f"{url}: {what}{advice}", status=status, reason=quoted, details=details)

    def _quoted(self, text: str) -> str:
        """Beginning of a server's words, on one line.

        Without control characters and without the key.
        """
        text = self._key.hide(text[:_SEARCHED])
        printable = (sign if sign.isprintable() else " " for sign in text[: 4 * _QUOTED])
        return " ".join("".join(printable).split())[:_QUOTED]
