"""The server extension: builds each part, connects them, closes them in reverse order; nothing else."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp

from .ids import application_room
from .lab.room import lab_manner
from .lab.session import SessionHandler
from .metrics import Metrics
from .notices import Notice, NoticeKind
from .protocol.bounds import Limits
from .relay.hub import Hub, HubSettings
from .relay.websocket import Manner, RoomSocket, plain_closing
from .status import StatusHandler
from .store.fallback import FallbackLog
from .store.place import where_to_keep
from .store.sqlite import SqliteLog
from .supernode.files import Files

LOUD = {
    NoticeKind.STORE_FAILED: logging.ERROR,
    NoticeKind.SAVE_FAILED: logging.ERROR,
    NoticeKind.ROOM_FAILED: logging.WARNING,
    NoticeKind.HISTORY_RESTARTED: logging.WARNING,
    NoticeKind.CONFLICT: logging.INFO,
    NoticeKind.STORE_RECOVERED: logging.WARNING,
    NoticeKind.DELETED: logging.WARNING,
}
"""How loudly a notice is logged; what is not here is for debugging."""


class JupyterRtc(ExtensionApp):
    """Real-time collaboration for a Jupyter server."""

    name = "jupyter_rtc"

    def initialize_settings(self) -> None:
        """Build the parts; nothing runs yet."""
        self._listeners: list[Callable[[Notice], None]] = [self._log_notice]
        self._metrics = Metrics()
        self._listeners.append(self._metrics.hear)
        self._store = FallbackLog(self._store_path(), lambda path: SqliteLog(path))
        self._files = Files(
            self._server.contents_manager,
            lambda: self._server.web_app.settings.get("file_id_manager"),
            self._server.event_logger,
            announce=self._announce,
        )
        self._limits = Limits()
        self._hub = Hub(
            self._store,
            self._files.keeper,
            now=time.monotonic,
            announce=self._announce,
            settings=HubSettings(),
            limits=self._limits,
        )
        self._metrics.watch(self._hub.status)

    def initialize_handlers(self) -> None:
        """Say who answers at which address."""
        size = self._limits.max_message_bytes
        lab = {"hub": self._hub, "manner": lab_manner(time.monotonic), "max_message_bytes": size}
        ours = {**lab, "manner": Manner(application_room, plain_closing)}
        sessions = {"files": self._files, "epochs": self._hub}
        self.handlers.extend(
            [
                (r"/api/collaboration/session/(.*)", SessionHandler, sessions),
                (r"/api/collaboration/room/(.*)", RoomSocket, lab),
                (r"/api/rtc/rooms/(.+)", RoomSocket, ours),
                (r"/api/rtc/status", StatusHandler, {"report": self._report}),
            ]
        )

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Run."""
        await self._store.open()
        if self._store.words:
            self._announce(Notice(NoticeKind.STORE_FAILED, words=self._store.words))
        await self._files.start()
        await self._hub.start()

    async def stop_extension(self) -> None:
        """Save everything and end, in reverse order."""
        await self._hub.close()
        await self._files.close()
        await self._store.close()
        self._metrics.close()

    @property
    def _server(self) -> ServerApp:
        assert self.serverapp is not None
        return self.serverapp

    def _announce(self, notice: Notice) -> None:
        for listener in self._listeners:
            listener(notice)

    def _log_notice(self, notice: Notice) -> None:
        level = LOUD.get(notice.kind, logging.DEBUG)
        self.log.log(level, "%s: %s %s", notice.kind.value, notice.path or notice.room or "", notice.words)

    def _report(self) -> dict[str, Any]:
        return {"store": {"kind": self._store.kind, "words": self._store.words}, **self._hub.status()}

    def _store_path(self) -> Path:
        """Return where this server's log is kept: one file for each root directory."""
        root = Path(self._server.root_dir)
        place = where_to_keep(
            None,
            data_dir=Path(jupyter_data_dir()),
            runtime_dir=Path(jupyter_runtime_dir()),
            root_dir=root,
            mounts=_mounts(),
        )
        name = hashlib.sha256(str(root).encode()).hexdigest()[:12]
        return place.path.with_name(f"{place.path.stem}-{name}{place.path.suffix}")


def _mounts() -> str:
    try:
        return Path("/proc/mounts").read_text()
    except OSError:
        return ""
