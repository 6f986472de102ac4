"""What other extensions find in ``settings["jupyter_rtc"]``: the client of ``docs/client.md``, without a network.

``async with serverapp.web_app.settings["jupyter_rtc"].connect("my-extension") as rtc:`` and then as over a network.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..client.client import Client
from .transport import InnerTransport, ServerParts


class InnerServer:
    """The server, for those inside of it."""

    def __init__(self, parts: ServerParts) -> None:
        """Nothing is opened yet."""
        self._parts = parts

    @asynccontextmanager
    async def connect(self, username: str = "server", name: str = "") -> AsyncIterator[Client]:
        """Connect as somebody, for as long as the ``async with`` lasts.

        It is the same client that programs get over a network (``docs/client.md``). It has the rights of the server.

        Args:
            username: under which name changes, runs and requests are noted.
            name: what people see; the username if it is left out.

        """
        shown = name or username
        user = {"username": username, "name": shown, "display_name": shown, "initials": shown[:2].upper()}
        client = Client(InnerTransport(self._parts, user))
        try:
            await client.open()
            yield client
        finally:
            await client.close()
