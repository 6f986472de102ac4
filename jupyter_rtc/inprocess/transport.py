"""The server itself, as a client inside of it sees it: documents over seats in the relay, the rest by calls."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from jupyter_client.kernelspec import NoSuchKernel
from jupyter_core.utils import ensure_async
from pycrdt import Doc
from tornado.web import HTTPError

from ..client.websocket import RemoteDocument
from ..errors import DocumentMissing, KernelUnavailable, ServerRefused
from ..ids import Epoch, FileAddress, RoomId, named_room
from ..kernels.inputs import NOT_GIVEN, Answered
from ..relay.hub import Hub
from ..relay.open_room import Visitor
from ..relay.presence import Identity
from ..relay.session import Standing
from .socket import InnerSocket


class Files(Protocol):
    """Who knows files by their id."""

    async def index(self, path: str) -> tuple[str, bool]:
        """Return the id of the file at this path, and whether it is new."""


class Questions(Protocol):
    """Who knows what running code asks."""

    def answer(self, kernel_id: str, question_id: str | None, value: str, username: str) -> Answered:
        """Answer a question."""


@dataclass(frozen=True, slots=True)
class ServerParts:
    """What a client inside the server calls."""

    hub: Hub
    files: Files
    kernels: Questions
    report: Callable[[], dict[str, Any]]
    """Says what is open."""
    contents_manager: Any
    session_manager: Any
    kernel_manager: Any


class InnerTransport:
    """Implements ``client.transport.Transport``."""

    def __init__(self, parts: ServerParts, user: Mapping[str, Any]) -> None:
        """Be this user, who may do everything: an extension has the rights of its server."""
        self.user = user
        self._parts = parts
        self._open: set[RemoteDocument] = set()

    async def open_file(self, path: str, form: str, kind: str, *, undo: bool = False) -> RemoteDocument:
        """Open a file's document."""
        path = path.strip("/")
        await self._check_file(path)
        file_id, _ = await self._parts.files.index(path)
        return await self._opened(FileAddress(form, kind, file_id).room, undo=undo)

    async def open_room(self, name: str, *, undo: bool = False) -> RemoteDocument:
        """Open the document of a room that is no file's."""
        return await self._opened(named_room(name, str(self.user["username"])), undo=undo)

    async def kernel_of(self, path: str) -> str | None:
        """Return the kernel of a file's session."""
        sessions = await ensure_async(self._parts.session_manager.list_sessions())
        return next((one["kernel"]["id"] for one in sessions if one["path"] == path and one["kernel"]), None)

    async def start_session(self, path: str, kernel_name: str | None) -> str:
        """Start a kernel for a notebook."""
        kernels, sessions = self._parts.kernel_manager, self._parts.session_manager
        wanted = kernel_name or kernels.default_kernel_name
        try:
            await ensure_async(kernels.kernel_spec_manager.get_kernel_spec(wanted))
        except NoSuchKernel as error:
            raise ServerRefused(f"There is no kernel of the kind {wanted} on this server.", 501) from error
        name = path.rpartition("/")[2]
        made = await ensure_async(sessions.create_session(path=path, name=name, type="notebook", kernel_name=wanted))
        return str(made["kernel"]["id"])

    async def answer(self, kernel_id: str, question_id: str, text: str) -> None:
        """Answer what running code asks."""
        answered = self._parts.kernels.answer(kernel_id, question_id, text, str(self.user["username"]))
        if answered is Answered.NOT_GIVEN:
            raise ServerRefused(NOT_GIVEN, 424)
        if answered is not Answered.TAKEN:
            raise ServerRefused("This is not asked any more; perhaps somebody else has answered.", 409)

    async def act(self, kernel_id: str, action: str) -> None:
        """Do something to a kernel."""
        manager = self._parts.kernel_manager
        if kernel_id not in manager:
            raise KernelUnavailable(f"There is no kernel {kernel_id} on this server.")
        call = {"interrupt": manager.interrupt_kernel, "restart": manager.restart_kernel}
        await ensure_async(call.get(action, manager.shutdown_kernel)(kernel_id))

    async def status(self) -> dict[str, Any]:
        """Return what the server has open."""
        return self._parts.report()

    async def close(self) -> None:
        """Give all documents back."""
        while self._open:
            await self._open.pop().close()

    async def _check_file(self, path: str) -> None:
        try:
            found = await ensure_async(self._parts.contents_manager.file_exists(path))
        except HTTPError as error:
            raise DocumentMissing(f"There can be no file {path}.") from error
        if not found:
            raise DocumentMissing(f"There is no file {path} on the server; create it first.")

    async def _opened(self, room: RoomId, *, undo: bool) -> RemoteDocument:
        # An id as browsers draw theirs, so that it is not taken for the server's.
        doc: Doc[Any] = Doc(client_id=secrets.randbits(32), skip_gc=undo)
        document = RemoteDocument(room, doc, lambda epoch: self._dial(room, epoch), undo=undo)
        self._open.add(document)
        try:
            await document.open()
        except BaseException:
            self._open.discard(document)
            raise
        return document

    async def _dial(self, room: RoomId, epoch: str) -> InnerSocket:
        held = Epoch(epoch) if epoch else None
        visitor = Visitor(Identity(dict(self.user)), Standing.WRITING, True, held, _allowed)
        return InnerSocket(self._parts.hub, room, visitor)


async def _allowed(_action: str, _resource: str) -> bool:
    return True
