"""``PUT api/collaboration/session/<path>``: which room a file has, and which history that room has now.

The session id that JupyterLab keeps and sends back whenever it connects *is* the room's epoch. Where the document
cannot be opened, the answer has an empty one: the frontends ignore an error here, but show the one with which the
websocket is then closed. Nothing is created before the user is authenticated and may read contents.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import ensure_async
from tornado import web

from ..errors import DocumentError
from ..ids import Epoch, FileAddress, RoomId


class Files(Protocol):
    """Who knows files by their id."""

    async def index(self, path: str) -> tuple[str, bool]:
        """Return the id of the file at this path, and whether it is new."""


class Epochs(Protocol):
    """Who knows the histories of rooms."""

    async def epoch(self, room: RoomId) -> Epoch:
        """Return the identity of the room's history, opening it if need be. Raises DocumentError."""


def _nobody(_room: RoomId, _epoch: Epoch, _username: str) -> None:
    """Tell nobody."""


class SessionHandler(APIHandler):
    """Answers with the parts of a room's address and its epoch."""

    def initialize(self, files: Files, epochs: Epochs, opened: Callable[[RoomId, Epoch, str], None] = _nobody) -> None:
        """Take what the route gives; ``opened`` hears of the room, its epoch, and the name of who opens it."""
        self._files = files
        self._epochs = epochs
        self._opened = opened

    @web.authenticated
    async def put(self, path: str) -> None:
        """Answer 201 if the file was never opened here before, 200 otherwise; 400, 403, 404 in words."""
        await self._check_permission()
        document_format, document_type = self._asked()
        path = path.strip("/")
        await self._check_file(path)
        file_id, created = await self._files.index(path)
        address = FileAddress(document_format, document_type, file_id)
        try:
            epoch = await self._epochs.epoch(address.room)
        except DocumentError as error:
            self.log.info("%s could not be opened: %s", path, error.words)
            epoch = Epoch("")
        self._opened(address.room, epoch, self.current_user.username)
        self.set_status(HTTPStatus.CREATED if created else HTTPStatus.OK)
        self.set_header("Content-Type", "application/json")
        answer = {"format": document_format, "type": document_type, "fileId": file_id, "sessionId": epoch}
        self.finish(json.dumps(answer))

    async def _check_permission(self) -> None:
        """Let everybody open a document who may read it: opening writes nothing."""
        allowed = self.authorizer.is_authorized(self, self.current_user, "read", "contents")
        if not await ensure_async(allowed):
            raise web.HTTPError(HTTPStatus.FORBIDDEN, "You may not read this document.")

    def _asked(self) -> tuple[str, str]:
        body: Any = self.get_json_body()
        if isinstance(body, dict):
            match body:
                case {"format": str(document_format), "type": str(document_type)}:
                    if document_format and document_type and ":" not in document_format + document_type:
                        return document_format, document_type
        raise web.HTTPError(
            HTTPStatus.BAD_REQUEST,
            'The request says how to open the file: {"format": "json" or "text" …, "type": "notebook" or "file" …}.',
        )

    async def _check_file(self, path: str) -> None:
        if not await ensure_async(self.contents_manager.file_exists(path)):  # type: ignore[no-untyped-call]
            raise web.HTTPError(HTTPStatus.NOT_FOUND, f"There is no file {path}.")
