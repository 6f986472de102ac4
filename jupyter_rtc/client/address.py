"""Where a server's things are, given the address that a person has of it. Pure.

That may be what stands in the browser: with ``/lab/tree/…`` behind it, or with ``?token=…``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

from ..errors import ServerUnreachable

_PAGES = re.compile(r"/(lab|tree|notebooks|edit|files|doc|consoles|terminals)(/.*)?$")


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a server, without a slash at its end."""

    base: str
    token: str = ""
    """The token that stood in it."""

    def http(self, path: str) -> str:
        """Return the address of a resource: a path below the server's, each part of it quoted already."""
        return f"{self.base}/{path}"

    def socket(self, path: str, epoch: str = "") -> str:
        """Return the address of a websocket; ``epoch`` is the history that the caller holds."""
        query = f"?sessionId={quote(epoch)}" if epoch else ""
        return f"ws{self.base.removeprefix('http')}/{path}{query}"


def parse_address(url: str) -> Address:
    """Return the server's address.

    Raises:
        ServerUnreachable: no server can have this address.

    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ServerUnreachable(f"{url!r} is no address of a server; it begins with http:// or https://.")
    token = parse_qs(parts.query).get("token", [""])[0]
    path = _PAGES.sub("", parts.path).rstrip("/")
    return Address(urlunsplit((parts.scheme, parts.netloc, path, "", "")), token)


def of_file_room(room: str) -> str:
    """Return the path of a file's room."""
    return f"api/collaboration/room/{quote(room)}"


def of_named_room(name: str) -> str:
    """Return the path of a room that is no file's."""
    return f"api/rtc/rooms/{quote(name)}"


def file_path(path: str) -> str:
    """Return a file's path as a part of an address."""
    return quote(path.strip("/"), safe="")
