"""What a program holds while it is connected: it opens documents, and closes what it has opened."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from .address import parse_address
from .document import OpenDocument
from .http import Http
from .login import Login
from .notebook import Notebook
from .remote import RemoteTransport
from .transport import Transport


class Client:
    """A program's connection to a server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._open: list[OpenDocument] = []

    @property
    def user(self) -> Mapping[str, Any]:
        """Who the program is to the server."""
        return self._transport.user

    async def notebook(self, path: str, *, undo: bool = False) -> Notebook:
        """Open a notebook; ``undo``: so that changes can be undone, for which all that is deleted is kept.

        Raises:
            DocumentMissing: there is no such file.
            DocumentError, NotAllowed: it cannot be opened, in words.

        """
        found = Notebook(self._transport, await self._transport.open_file(path, "json", "notebook", undo=undo))
        self._open.append(found)
        return found

    async def close(self) -> None:
        """Close all documents, when what was changed in them has arrived; raises ChangesLost."""
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._transport.close)
            while self._open:
                stack.push_async_callback(self._open.pop(0).close)


@asynccontextmanager
async def connect(
    url: str, *, token: str | None = None, cookie: str | None = None, validate_cert: bool = True
) -> AsyncIterator[Client]:
    """Connect to a server, for as long as the ``async with`` lasts.

    Args:
        url: the server's address, also as it stands in a browser.
        token: Jupyter's or a JupyterHub's; if none is given, what the address or the environment names.
        cookie: what a browser sends, instead of a token.
        validate_cert: whether a certificate must be one that this machine trusts.

    Raises:
        ServerUnreachable, LoginRefused, ExtensionMissing: in words, what to do.

    """
    address = parse_address(url)
    http = Http(address, Login.found(token or address.token, cookie, os.environ), validate_cert=validate_cert)
    transport = RemoteTransport(http)
    client = Client(transport)
    try:
        await transport.greet()
        yield client
    finally:
        await client.close()
