"""JupyterLab's events (``api/events/subscribe``), made from notices.

JupyterLab writes those of an open document into its log console, and shows in the status bar that there is something
to read. So what lasts (a file that cannot be written, or is gone) is told again when somebody joins its room, who
cannot have heard it.

A session event of level WARNING opens a dialog in every connected browser, so nothing here has that level. An event
that cannot be emitted is logged, never raised: it must not harm what it tells of.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from jupyter_events import EventLogger

from ..ids import GLOBAL_AWARENESS, RoomId
from ..notices import Notice, NoticeKind

_log = logging.getLogger(__name__)

URI = "https://schema.jupyter.org/jupyter_collaboration/"
SESSION, AWARENESS, FORK = (f"{URI}{name}/v1" for name in ("session", "awareness", "fork"))

_TEXT = {"type": "string"}

SCHEMAS: tuple[dict[str, Any], ...] = (
    {
        "$id": SESSION,
        "version": "1",
        "title": "Collaborative session events",
        "personal-data": True,
        "description": "What happens to a shared document.",
        "type": "object",
        "required": ["level", "room", "path"],
        "properties": {
            "level": {"type": "string", "enum": ["INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"]},
            "room": _TEXT,
            "path": _TEXT,
            "store": _TEXT,
            "action": {"type": "string", "enum": ["initialize", "load", "save", "overwrite", "clean"]},
            "msg": _TEXT,
        },
    },
    {
        "$id": AWARENESS,
        "version": "1",
        "title": "Collaborative awareness events",
        "personal-data": True,
        "description": "Who joins and leaves a shared document.",
        "type": "object",
        "required": ["roomid", "username", "action"],
        "properties": {
            "roomid": _TEXT,
            "username": _TEXT,
            "action": {"type": "string", "enum": ["join", "leave"]},
            "msg": _TEXT,
        },
    },
    {
        "$id": FORK,
        "version": "1",
        "title": "Collaborative fork events",
        "personal-data": True,
        "description": "Forks of a shared document; registered because frontends subscribe to it, never emitted yet.",
        "type": "object",
        "required": ["fork_roomid", "fork_info", "username", "action"],
        "properties": {
            "fork_roomid": _TEXT,
            "fork_info": {"type": "object"},
            "username": _TEXT,
            "action": {"type": "string", "enum": ["create", "delete"]},
        },
    },
)

_SESSION: dict[NoticeKind, tuple[str, str | None]] = {
    NoticeKind.ROOM_OPENED: ("INFO", "initialize"),
    NoticeKind.LOADED: ("INFO", "load"),
    NoticeKind.SAVED: ("INFO", "save"),
    NoticeKind.SAVE_RECOVERED: ("INFO", "save"),
    NoticeKind.MERGED: ("INFO", "overwrite"),
    NoticeKind.CONFLICT: ("INFO", "overwrite"),
    NoticeKind.ROOM_CLOSED: ("INFO", "clean"),
    NoticeKind.SAVE_FAILED: ("ERROR", None),
    NoticeKind.ROOM_FAILED: ("ERROR", None),
    NoticeKind.DELETED: ("ERROR", None),
    NoticeKind.STORE_FAILED: ("ERROR", None),
}
_LASTING = frozenset({NoticeKind.SAVE_FAILED, NoticeKind.DELETED})
_OVER = frozenset({NoticeKind.SAVE_RECOVERED, NoticeKind.ROOM_CLOSED})
_AWARENESS = {NoticeKind.JOINED: "join", NoticeKind.LEFT: "leave"}


class LabEvents:
    """Emits JupyterLab's events on the server's event logger."""

    def __init__(self, event_logger: EventLogger, path_of: Callable[[RoomId], str | None]) -> None:
        """Emit on this logger; ``path_of`` says which file is behind a room."""
        self._events = event_logger
        self._path_of = path_of
        self._lasting: dict[RoomId, Notice] = {}

    def register(self) -> None:
        """Make the schemas known; do it before a frontend can subscribe."""
        for schema in SCHEMAS:
            if schema["$id"] not in self._events.schemas:
                self._events.register_event_schema(schema)

    def hear(self, notice: Notice) -> None:
        """Emit the event of a notice, if it has one."""
        if notice.kind in _AWARENESS and notice.room and notice.room != GLOBAL_AWARENESS:
            who = {"roomid": notice.room, "username": notice.username or "", "action": _AWARENESS[notice.kind]}
            self._emit(AWARENESS, who)
            if notice.kind is NoticeKind.JOINED and notice.room in self._lasting:
                self._emit_session(self._lasting[notice.room])
        elif notice.kind in _SESSION:
            self._remember(notice)
            self._emit_session(notice)

    def _remember(self, notice: Notice) -> None:
        if notice.room and notice.kind in _LASTING:
            self._lasting[notice.room] = notice
        elif notice.room and notice.kind in _OVER:
            self._lasting.pop(notice.room, None)

    def _emit_session(self, notice: Notice) -> None:
        level, action = _SESSION[notice.kind]
        path = notice.path or (notice.room and self._path_of(notice.room)) or ""
        event = {"level": level, "room": notice.room or "", "path": path, "msg": notice.words}
        self._emit(SESSION, {**event, "action": action} if action else event)

    def _emit(self, schema_id: str, event: dict[str, Any]) -> None:
        try:
            self._events.emit(schema_id=schema_id, data=event)
        except Exception:  # noqa: BLE001  listeners are foreign code, and validation raises what it likes
            _log.exception("An event could not be emitted")
