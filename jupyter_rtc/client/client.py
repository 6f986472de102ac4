"""What a program holds while it is connected: it opens documents, and closes what it has opened."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from ..errors import ClientError, DocumentError, LoginRefused, NotAllowed, RtcError
from ..tables import Query, Schema
from .address import parse_address
from .contents import ServerContents, open_folder
from .document import OpenDocument
from .http import Http
from .kernels import ServerKernels, ServerSessions, ServerTerminals
from .login import Login
from .notebook import Notebook
from .remote import RemoteTransport
from .requests import Requests
from .server_tables import ServerTables
from .store import Store
from .text_file import TextFile
from .transport import Transport


class Client:
    """A program's connection to a server."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._open: list[OpenDocument] = []
        self._requests = Requests(transport)
        self._tables: ServerTables | None = None
        self._following: asyncio.Task[None] | None = None
        self._no_tables: RtcError = ClientError("The server's tables are not open.")
        self.kernels = ServerKernels(self._requests)
        """What can be done with kernels."""
        self.sessions = ServerSessions(self._requests)
        """What can be done with sessions."""
        self.contents = ServerContents(self._requests)
        """What can be done with files and folders."""
        self.terminals = ServerTerminals(self._requests)
        """What can be done with terminals."""

    async def open(self) -> None:
        """Open the server's tables, and again whenever it has others; a user who may not read them has none."""
        await self._open_tables()
        self._following = asyncio.create_task(self._follow_tables(), name="jupyter_rtc client tables")

    async def _open_tables(self) -> None:
        try:
            self._tables = ServerTables(self._transport, await self._transport.open_room("jupyter"))
        except (NotAllowed, LoginRefused, DocumentError) as error:  # who may connect may not read everything
            self._tables, self._no_tables = None, error

    async def _follow_tables(self) -> None:
        while (tables := self._tables) is not None:
            await tables.lost()
            await self._open_tables()
            with suppress(RtcError):
                await tables.close()  # nothing of it was written here

    @property
    def tables(self) -> ServerTables:
        """What the server has, as tables that follow it; raises why this user has none."""
        if self._tables is None:
            raise self._no_tables
        return self._tables

    async def request(self, name: str, /, timeout: float | None = None, **args: Any) -> Any:
        """Ask the server for something by its name, as ``docs/requests.md`` has them; return the result.

        Raises:
            RequestFailed: it was not done, in the server's words.

        """
        return await self._requests.ask(name, timeout, **args)

    async def status(self) -> dict[str, Any]:
        """Return what the server has open, as an administrator sees it (``docs/inside.md``)."""
        return await self._transport.status()

    def folder(self, path: str = "") -> AbstractAsyncContextManager[Query]:
        """Look at a folder: ``async with rtc.folder("a") as rows``; within, the rows follow what is in it."""
        return open_folder(self._requests, self.tables, path)

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

    async def text(self, path: str, *, undo: bool = False) -> TextFile:
        """Open a text file; raises as ``notebook`` does."""
        found = TextFile(self._transport, await self._transport.open_file(path, "text", "file", undo=undo))
        self._open.append(found)
        return found

    async def store(self, name: str, schema: Schema, *, undo: bool = False) -> Store:
        """Open a shared document of an application's own, as tables; it begins empty and outlives everybody.

        Raises:
            DocumentError, NotAllowed: it cannot be opened, in words.
            SchemaNewer: a newer version of the application has written it.

        """
        found = Store(self._transport, await self._transport.open_room(name, undo=undo), schema)
        self._open.append(found)
        return found

    async def close(self) -> None:
        """Close all documents, when what was changed in them has arrived; raises ChangesLost."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait([self._following])
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._transport.close)
            stack.push_async_callback(self._requests.close)
            if self._tables is not None:
                stack.push_async_callback(self._tables.close)
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
        await client.open()
        yield client
    finally:
        await client.close()
