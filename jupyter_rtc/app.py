"""The server extension: builds each part, connects them, closes them in reverse order; nothing else."""

from __future__ import annotations

import gc
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir
from jupyter_core.utils import ensure_async
from jupyter_server.extension.application import ExtensionApp
from jupyter_server.serverapp import ServerApp

from . import __version__
from .datastore.complete import WholeNotebook
from .datastore.content import Shape, shape_of
from .directory.directory import Directory
from .documents import Keeper
from .ids import FileAddress, RoomId, file_address, named_room
from .inprocess.server import InnerServer
from .inprocess.transport import ServerParts
from .kernels.kept import NotebookKeeper
from .kernels.kernels import Kernels
from .kernels.left_aside import LeftAside
from .kernels.restarts import show_restarts
from .kernels.surroundings import KernelSettings
from .lab.api import DocumentApi
from .lab.chain import Chain
from .lab.events import LabEvents
from .lab.execution import CommsHandler, ExecuteHandler, InputHandler, RequestHandler
from .lab.input_page import InputPage
from .lab.later import ForkHandler, TimelineHandler, UndoRedoHandler
from .lab.output_page import OutputHandler
from .lab.page import set_page_config
from .lab.room import Told, lab_manner
from .lab.session import SessionHandler
from .lab.settings import OurSettings, YDocExtension, unused_settings
from .lab.stand_in import stand_in
from .metrics import Metrics
from .notices import Notice, NoticeKind
from .protocol.bounds import Limits
from .relay.hub import Hub
from .relay.settings import HubSettings
from .relay.websocket import Manner, RoomSocket, plain_closing
from .status import StatusHandler
from .store.fallback import FallbackLog
from .store.file import Durability
from .store.mounts import read_mounts
from .store.place import Place, for_root, where_to_keep
from .store.sqlite import SqliteLog
from .supernode.files import Files
from .supernode.surroundings import FileSettings

LOUD = {
    NoticeKind.STORE_FAILED: logging.ERROR,
    NoticeKind.SAVE_FAILED: logging.ERROR,
    NoticeKind.ROOM_FAILED: logging.WARNING,
    NoticeKind.HISTORY_RESTARTED: logging.WARNING,
    NoticeKind.STORE_RECOVERED: logging.WARNING,
    NoticeKind.SAVE_RECOVERED: logging.WARNING,
    NoticeKind.DELETED: logging.WARNING,
    NoticeKind.OUTPUT_LOST: logging.WARNING,
    NoticeKind.CONFLICT: logging.INFO,
}
"""How loudly a notice is logged; what is not here is for debugging."""


class JupyterRtc(OurSettings, YDocExtension, ExtensionApp):
    """Real-time collaboration for a Jupyter server."""

    name = "jupyter_rtc"
    app_name = "Real-time collaboration"
    description = "Several people and programs edit one notebook, and nothing is lost."

    def initialize_settings(self) -> None:
        """Build the parts; nothing runs yet."""
        self._warn_of_unused_settings()
        server, settings = self._server, self.settings
        self._metrics = Metrics()
        assert server.event_logger is not None
        self._events = LabEvents(server.event_logger, lambda room: self._files.path(room))
        self._events.register()
        self._listeners: tuple[Callable[[Notice], None], ...] = (
            self._log_notice,
            self._metrics.hear,
            self._events.hear,
        )
        self._limits = Limits(max_message_bytes=self.max_message_bytes)
        place = self._store_place()
        self._store = self._make_store(place)
        self._aside = LeftAside(place.path.with_name(f"{place.path.stem}-outputs"), server.base_url)
        self._files = Files(
            server.contents_manager,
            lambda: server.web_app.settings.get("file_id_manager"),
            server.event_logger,
            settings=self._file_settings(),
            announce=self._announce,
            shape=self._shape,
        )
        self._hub = Hub(
            self._store,
            self._keeper,
            now=time.monotonic,
            announce=self._announce,
            settings=HubSettings(cleanup_delay=self.document_cleanup_delay, outbox_bytes=self.outbox_bytes),
            limits=self._limits,
        )
        self._kernels = Kernels(
            server.kernel_manager,
            self._hub,
            server.event_logger,
            kernel_of=self._kernel_of,
            settings=KernelSettings(
                base_url=server.base_url,
                record_timing=self.record_timing,
                max_stream_bytes=self.max_shared_stream_bytes,
                max_output_bytes=self.max_shared_output_bytes,
                max_cell_bytes=self.max_shared_cell_bytes,
            ),
            aside=self._aside,
            is_gone=self._files.is_gone,
            announce=self._announce,
        )
        self._unshow_restarts = show_restarts(server.kernel_manager)
        self._directory = Directory(server, self._hub, self._files, __version__, kernel_of=self._kernel_of)
        self._listeners += (self._directory.hear,)
        self._metrics.watch(self._hub.status)
        parts = ServerParts(
            self._hub,
            self._files,
            self._kernels,
            self._report,
            contents_manager=server.contents_manager,
            session_manager=server.session_manager,
            kernel_manager=server.kernel_manager,
        )
        settings["jupyter_rtc"] = InnerServer(parts)
        documents = DocumentApi(self._hub, self._files, self._hub.is_open, disable_rtc=self.disable_rtc)
        settings["jupyter_server_ydoc"] = documents
        stand_in(server.extension_manager.extensions, documents, __version__)
        set_page_config(
            server.web_app.settings,
            disable_rtc=self.disable_rtc,
            server_side_execution=self.server_side_execution and not self.disable_rtc,
        )

    def initialize_handlers(self) -> None:
        """Say who answers at which address."""
        told = Told(time.monotonic)
        lab = {
            "hub": self._hub,
            "manner": lab_manner(told),
            "max_message_bytes": self._limits.max_message_bytes,
        }
        ours = {**lab, "manner": Manner(named_room, plain_closing)}
        sessions = {"files": self._files, "epochs": self._hub, "opened": told.open}
        kernels = {"kernels": self._kernels}
        requests = {**kernels, "files": self._files}
        execute = {**requests, "chain": Chain()}
        kernel = r"/api/kernels/(\w+-\w+-\w+-\w+-\w+)"
        self.handlers.extend(
            [
                (r"/api/collaboration/session/(.*)", SessionHandler, sessions),
                (r"/api/collaboration/room/(.*)", RoomSocket, lab),
                (r"/api/collaboration/timeline/(.*)", TimelineHandler),
                (r"/api/collaboration/undo_redo/(.*)", UndoRedoHandler),
                (r"/api/collaboration/fork/(.*)", ForkHandler),
                (rf"{kernel}/execute", ExecuteHandler, execute),
                (rf"{kernel}/requests/([\w-]+)", RequestHandler, requests),
                (r"/api/rtc/outputs/([\w-]+)/([\w-]+)", OutputHandler, {"aside": self._aside}),
                (rf"{kernel}/comms", CommsHandler, requests),
                (rf"{kernel}/input", InputHandler, requests),
                (r"/rtc/input/([\w-]+)/(\w+)", InputPage, kernels),
                (r"/api/rtc/rooms/(.+)", RoomSocket, ours),
                (r"/api/rtc/status", StatusHandler, {"report": self._report}),
            ]
        )

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Run."""
        await self._store.open()
        self._tell_of_store()
        await self._files.start()
        await self._hub.start()
        await self._kernels.start()
        await self._directory.start()
        _leave_alone_what_is_there()

    async def stop_extension(self) -> None:
        """Save everything and end, in reverse order."""
        await self._directory.close()
        self._unshow_restarts()
        await self._kernels.close()
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

    def _tell_of_store(self) -> None:
        """Say once why the store is not as it was chosen to be; loudly, where something is, or may be, lost."""
        if self._store.words and self._store.kind in ("file", "memory"):
            self._announce(Notice(NoticeKind.STORE_FAILED, words=self._store.words))
        elif self._store.words:
            self.log.warning("store: %s", self._store.words)

    def _log_notice(self, notice: Notice) -> None:
        level = LOUD.get(notice.kind, logging.DEBUG)
        self.log.log(level, "%s: %s %s", notice.kind.value, notice.path or notice.room or "", notice.words)

    def _warn_of_unused_settings(self) -> None:
        if unused := unused_settings(self.config):
            self.log.warning("These settings have no meaning for jupyter_rtc: %s", ", ".join(unused))

    def _report(self) -> dict[str, Any]:
        store = {"kind": self._store.kind, "words": self._store.words}
        return {"store": store, **self._hub.status(), "kernels": self._kernels.status()}

    async def _kernel_of(self, room: RoomId) -> str | None:
        """Return the kernel of the session that belongs to a notebook, if there is one."""
        path = self._files.path(room)
        sessions = await ensure_async(self._server.session_manager.list_sessions())
        return next((one["kernel"]["id"] for one in sessions if path and one["path"] == path), None)

    def _shape(self, address: FileAddress) -> Shape:
        """Return what a file's documents are made of; a notebook's file has what its document leaves out."""
        if address.type != "notebook":
            return shape_of(address.type)
        return WholeNotebook(lambda reference: self._aside.take_in(address.room, reference))

    def _keeper(self, room: RoomId) -> Keeper | None:
        """Return what stands behind a room; behind a notebook's, also what runs."""
        if (asked := self._directory.keeper(room)) is not None:
            return asked
        file = self._files.keeper(room)
        address = file_address(room)
        if file is None or address is None or address.type != "notebook":
            return file
        return self._directory.answered(NotebookKeeper(file, self._kernels))

    def _file_settings(self) -> FileSettings:
        defaults = FileSettings()
        delay = self.document_save_delay
        pace = defaults.pace
        if delay is not None:
            longest = max(delay, self.document_save_delay_max)
            pace = replace(pace, save_delay=delay, save_delay_max=longest)
        poll = self.file_poll_interval or None
        return replace(defaults, pace=pace, autosave=delay is not None, poll_interval=poll)

    def _make_store(self, place: Place) -> FallbackLog:
        def make(path: Path) -> SqliteLog:
            durability: Durability = "full" if self.store_durability == "full" else "normal"
            return SqliteLog(path, durability=durability, writer=place.writer, max_bytes=self.store_max_bytes)

        return FallbackLog(place.path, make)

    def _store_place(self) -> Place:
        """Return where the log is kept: where a setting says, or in one file for each root folder."""
        root = Path(self._server.root_dir).resolve()
        place = where_to_keep(
            Path(self.store_path).resolve() if self.store_path else None,
            data_dir=Path(jupyter_data_dir()).resolve(),
            runtime_dir=Path(jupyter_runtime_dir()).resolve(),
            root_dir=root,
            mounts=read_mounts(),
        )
        return place if self.store_path else for_root(place, root)


def _leave_alone_what_is_there() -> None:
    """Keep the garbage collector from looking through all of the server again and again.

    It would each time that a large document is read, and nobody is served meanwhile, for a tenth of a second.
    """
    gc.collect()
    gc.freeze()
