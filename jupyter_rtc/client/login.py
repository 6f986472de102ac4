"""Who a program is to a server: a token (Jupyter's own or a JupyterHub's), or a browser's cookie. Pure.

A server that knows nobody by name gives each newcomer a name in a cookie. It is kept and sent back, so that all that
one client does is one user's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

TOKEN_VARIABLES = ("JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN", "JUPYTER_TOKEN")
"""Where a token is looked for, in this order, if none was given."""


class Login:
    """What goes into the head of each request."""

    def __init__(self, token: str = "", cookie: str = "") -> None:
        """Take a token, or cookies as a browser sends them: ``name=value; name=value``."""
        self._token = token
        self._cookies = dict(_pair(one) for one in cookie.split(";") if "=" in one)

    @classmethod
    def found(cls, token: str | None, cookie: str | None, environment: Mapping[str, str]) -> Login:
        """Return what was given; if that is nothing, what is in the environment."""
        if not token and not cookie:
            token = next((environment[name] for name in TOKEN_VARIABLES if environment.get(name)), "")
        return cls(token or "", cookie or "")

    def headers(self) -> dict[str, str]:
        """Return the headers for a request."""
        headers = {}
        if self._token:
            headers["Authorization"] = f"token {self._token}"
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if "_xsrf" in self._cookies:
            headers["X-XSRFToken"] = self._cookies["_xsrf"]
        return headers

    def take(self, set_cookies: Iterable[str]) -> None:
        """Keep the cookies that a server gave."""
        for one in set_cookies:
            name, value = _pair(one.partition(";")[0])
            if value in ("", '""'):
                self._cookies.pop(name, None)
            else:
                self._cookies[name] = value


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.strip().partition("=")
    return name, value
