"""``PUT api/collaboration/session/<path>``: which room a file has, and under which epoch."""

from __future__ import annotations

import json
from typing import Protocol

from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..ids import Epoch, FileAddress, RoomId


class Files(Protocol):
    """Who knows files by id."""

    async def index(self, path: str) -> tuple[str, bool]:
        """Return a file's id, and whether it is new."""


class Epochs(Protocol):
    """Who knows rooms' histories."""

    async def epoch(self, room: RoomId) -> Epoch:
        """Return the epoch of a room."""


class SessionHandler(APIHandler):
    """Answers with the room's parts and its epoch."""

    auth_resource = "contents"

    def initialize(self, files: Files, epochs: Epochs) -> None:
        """Take what the route gives."""
        self._files, self._epochs = files, epochs

    @web.authenticated
    async def put(self, path: str) -> None:
        """Answer."""
        body = self.get_json_body() or {}
        file_id, created = await self._files.index(path.strip("/"))
        address = FileAddress(body["format"], body["type"], file_id)
        epoch = await self._epochs.epoch(address.room)
        self.set_status(201 if created else 200)
        self.finish(
            json.dumps({"format": address.format, "type": address.type, "fileId": file_id, "sessionId": epoch})
        )
