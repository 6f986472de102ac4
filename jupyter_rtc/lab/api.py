"""What other server extensions call: ``settings["jupyter_server_ydoc"]``, as jupyter-collaboration offers it.

The same is found as the app of that name (``stand_in``).

A document that nobody has open is opened only if the caller asks for that (``create``). With ``copy=False`` the caller
gets the live document and edits it for everybody; it is released when the caller's object is garbage, and the
room is kept as long.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from jupyter_ydoc import ydocs
from jupyter_ydoc.ybasedoc import YBaseDoc
from pycrdt import Doc

from ..documents import Document, Documents
from ..errors import DocumentError
from ..ids import FileAddress, RoomId, file_address


class Files(Protocol):
    """Who knows files by their id."""

    async def index(self, path: str) -> tuple[str, bool]:
        """Return the id of the file at this path, and whether it is new."""


class DocumentApi:
    """Gives documents to other extensions."""

    name = "jupyter_server_ydoc"
    """Under which others look for it."""

    def __init__(
        self, documents: Documents, files: Files, is_open: Callable[[RoomId], bool], *, disable_rtc: bool = False
    ) -> None:
        self._documents = documents
        self._files = files
        self._is_open = is_open
        self.disable_rtc = disable_rtc
        """Whether documents are not shared, by a setting."""
        self._releases: set[asyncio.Task[None]] = set()

    async def get_document(
        self,
        *,
        path: str | None = None,
        content_type: str | None = None,
        file_format: str | None = None,
        room_id: str | None = None,
        copy: bool = True,
        create: bool = False,
    ) -> YBaseDoc | None:
        """Return a document by its room, or by path, type and format; None if nobody has it open.

        Args:
            path: the file's path, with ``content_type`` (``notebook``, ``file`` …) and ``file_format``.
            content_type: see ``path``.
            file_format: see ``path``.
            room_id: the room's id, instead of the three.
            copy: whether to return a copy of the document as it is now; else the live one.
            create: whether to open the document if nobody has it open.

        Raises:
            ValueError: neither a room nor a path with type and format was given, or both.

        """
        address = await self._address(path, content_type, file_format, room_id)
        if not create and not self._is_open(address.room):
            return None
        try:
            document = await self._documents.open(address.room)
        except DocumentError:
            return None
        wrap = ydocs.get(address.type, ydocs["file"])
        if copy:
            duplicate: Doc[Any] = Doc()
            duplicate.apply_update(document.ydoc.get_update())
            await document.close()
            found: YBaseDoc = wrap(duplicate)
            return found
        live: YBaseDoc = wrap(document.ydoc, document.awareness)
        weakref.finalize(live, self._release, document, asyncio.get_running_loop())
        return live

    async def stop_extension(self) -> None:
        """Do nothing: the server stops its extensions itself."""

    def current_activity(self) -> None:
        """Tell of no activity: who is there is known to the server's own extension."""

    async def _address(
        self, path: str | None, content_type: str | None, file_format: str | None, room_id: str | None
    ) -> FileAddress:
        named = (path, content_type, file_format)
        if room_id is not None and named == (None, None, None):
            address = file_address(RoomId(room_id))
            if address is not None:
                return address
            raise ValueError("A room's id is format:type:file_id.")
        if room_id is None and path is not None and content_type is not None and file_format is not None:
            file_id, _ = await self._files.index(path)
            return FileAddress(file_format, content_type, file_id)
        raise ValueError("Give either room_id, or path with content_type and file_format.")

    def _release(self, document: Document, loop: asyncio.AbstractEventLoop) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._close_soon, document)

    def _close_soon(self, document: Document) -> None:
        task = asyncio.ensure_future(document.close())
        self._releases.add(task)
        task.add_done_callback(self._releases.discard)
