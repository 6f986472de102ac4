"""Timeline, undo and forks: what the frontends call, answered as by a server that does not have them yet.

The stock frontends show nothing for a timeline that is not found, and an empty list of forks. Every answer is in words,
after authentication.
"""

from __future__ import annotations

import json
from http import HTTPStatus

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from tornado import web

WORDS = "This server keeps no {} that can be shown yet."


class _Later(APIHandler):
    auth_resource = "contents"

    def _answer(self, what: str) -> None:
        self.set_status(HTTPStatus.NOT_FOUND)
        self.set_header("Content-Type", "application/json")
        words = WORDS.format(what)
        self.finish(json.dumps({"code": 404, "error": words, "message": words}))


class TimelineHandler(_Later):
    """``GET api/collaboration/timeline/<path>``."""

    @web.authenticated
    @authorized
    def get(self, path: str) -> None:
        """Answer that there is no timeline."""
        self._answer("timeline of this document")


class UndoRedoHandler(_Later):
    """``PUT api/collaboration/undo_redo/<room>``."""

    @web.authenticated
    @authorized
    def put(self, room: str) -> None:
        """Answer that there is no version to go back to."""
        self._answer("earlier version of this document")


class ForkHandler(_Later):
    """``GET``, ``PUT`` and ``DELETE api/collaboration/fork/<room>``."""

    @web.authenticated
    @authorized
    def get(self, room: str) -> None:
        """Answer that the document has no forks."""
        self.set_header("Content-Type", "application/json")
        self.finish("{}")

    @web.authenticated
    @authorized
    def put(self, room: str) -> None:
        """Answer that forks cannot be made."""
        self._answer("fork of a document")

    @web.authenticated
    @authorized
    def delete(self, room: str) -> None:
        """Answer that there is no such fork."""
        self._answer("fork of a document")
