"""Requests to a server's REST interface: JSON in, JSON out, and what went wrong in words."""

from __future__ import annotations

import json
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest, HTTPResponse

from ..errors import LoginRefused, ServerRefused, ServerUnreachable
from .address import Address
from .login import Login

PATIENCE = 60.0
"""Seconds that an answer may take; starting a kernel may take most of it."""


class Http:
    """One server, asked as one user."""

    def __init__(self, address: Address, login: Login, *, validate_cert: bool = True) -> None:
        """Ask nothing yet."""
        self.address = address
        self.login = login
        self.validate_cert = validate_cert
        self._client = AsyncHTTPClient(force_instance=True)

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the answer's JSON, or None if it has none.

        Raises:
            ServerUnreachable: nobody answers.
            LoginRefused: the server does not know who asks.
            ServerRefused: it says no, with a status and in words.

        """
        answer = await self._fetch(method, path, body)
        self.login.take(answer.headers.get_list("Set-Cookie"))
        if answer.code in (301, 302, 303, 307, 308):
            raise LoginRefused(f"{self.address.base} sends this program to a login page: give it a valid token.")
        if answer.code == 401:
            raise LoginRefused(f"{self.address.base} does not take this token.")
        if answer.code >= 500:
            raise ServerUnreachable(f"{self.address.base} answers {answer.code}: {_words(answer)}")
        if answer.code >= 400:
            raise ServerRefused(_words(answer), answer.code)
        return _json(answer)

    def close(self) -> None:
        """Ask no more."""
        self._client.close()

    async def _fetch(self, method: str, path: str, body: object) -> HTTPResponse:
        request = HTTPRequest(
            self.address.http(path),
            method=method,
            headers={"Content-Type": "application/json", **self.login.headers()},
            body=json.dumps(body) if method in ("PUT", "POST", "PATCH") else None,
            request_timeout=PATIENCE,
            connect_timeout=PATIENCE,
            follow_redirects=False,
            validate_cert=self.validate_cert,
        )
        try:
            return await self._client.fetch(request, raise_error=False)
        except (OSError, HTTPError) as error:
            words = f"No server answers at {self.address.base} ({error}). Is it running, and is the address right?"
            raise ServerUnreachable(words) from error


def _json(answer: HTTPResponse) -> Any:
    try:
        return json.loads(answer.body) if answer.body else None
    except ValueError:
        return None


def _words(answer: HTTPResponse) -> str:
    found = _json(answer)
    words = found.get("message") if isinstance(found, dict) else None
    return str(words or answer.reason)
