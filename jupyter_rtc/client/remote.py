"""A server over a network: its documents over websockets, the rest over its REST interface."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from pycrdt import Doc
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from ..errors import (
    DocumentMissing,
    ExtensionMissing,
    LoginRefused,
    NotAllowed,
    ServerRefused,
)
from ..ids import FileAddress, RoomId, named_room
from ..protocol.messages import SUBPROTOCOL
from .address import file_path, of_file_room, of_named_room
from .http import Http
from .websocket import RemoteDocument

MAX_MESSAGE_BYTES = 2**30
"""A notebook with its outputs comes as one message."""
MISSING = "jupyter_rtc is not switched on there: `pip install jupyter-rtc-server`, and start the server again."


class RemoteTransport:
    """Implements ``transport.Transport``."""

    def __init__(self, http: Http) -> None:
        """Open nothing yet."""
        self.user: Mapping[str, Any] = {}
        self._http = http
        self._open: set[RemoteDocument] = set()

    async def greet(self) -> None:
        """Find out who one is, and whether the server is the right one.

        Raises:
            ServerUnreachable, LoginRefused, ExtensionMissing: in words, what to do.

        """
        base = self._http.address.base
        try:
            self.user = (await self._http.ask("GET", "api/me") or {}).get("identity", {})
        except ServerRefused as error:
            if error.status == 403:
                words = f"{base} does not take this token; `jupyter server list` shows the right one."
                raise LoginRefused(words) from error
            raise ExtensionMissing(f"There is no Jupyter server at {base}.") from error
        try:
            await self._http.ask("GET", "api/rtc/status")
        except ServerRefused as error:
            if error.status == 404:
                raise ExtensionMissing(f"There is a Jupyter server at {base}, but {MISSING}") from error

    async def open_file(self, path: str, form: str, kind: str, *, undo: bool = False) -> RemoteDocument:
        """Open a file's document."""
        try:
            answer = await self._http.ask(
                "PUT", f"api/collaboration/session/{file_path(path)}", {"format": form, "type": kind}
            )
        except ServerRefused as error:
            if error.status == 404:
                raise DocumentMissing(f"There is no file {path} on the server; create it first.") from error
            if error.status == 403:
                raise NotAllowed(f"You may not read {path}.") from error
            raise
        room = FileAddress(answer["format"], answer["type"], answer["fileId"]).room
        return await self._opened(room, of_file_room(room), answer["sessionId"], undo=undo)

    async def open_room(self, name: str, *, undo: bool = False) -> RemoteDocument:
        """Open the document of a room that is no file's."""
        room = named_room(name, str(self.user.get("username", "")))
        return await self._opened(room, of_named_room(name), undo=undo)

    async def kernel_of(self, path: str) -> str | None:
        """Return the kernel of a file's session."""
        sessions = await self._http.ask("GET", "api/sessions")
        return next((one["kernel"]["id"] for one in sessions if one["path"] == path and one["kernel"]), None)

    async def start_session(self, path: str, kernel_name: str | None) -> str:
        """Start a kernel for a notebook."""
        name = path.rpartition("/")[2]
        kernel = {} if kernel_name is None else {"name": kernel_name}
        body = {"path": path, "type": "notebook", "name": name, "kernel": kernel}
        return str((await self._http.ask("POST", "api/sessions", body))["kernel"]["id"])

    async def answer(self, kernel_id: str, question_id: str, text: str) -> None:
        """Answer what running code asks."""
        await self._http.ask("POST", f"api/kernels/{kernel_id}/input", {"input": text, "input_id": question_id})

    async def act(self, kernel_id: str, action: str) -> None:
        """Do something to a kernel."""
        if action == "shutdown":
            await self._http.ask("DELETE", f"api/kernels/{kernel_id}")
        else:
            await self._http.ask("POST", f"api/kernels/{kernel_id}/{action}", {})

    async def status(self) -> dict[str, Any]:
        """Return what the server has open."""
        return dict(await self._http.ask("GET", "api/rtc/status"))

    async def close(self) -> None:
        """Hang up everywhere."""
        while self._open:
            await self._open.pop().close()
        self._http.close()

    async def _opened(self, room: RoomId, path: str, epoch: str = "", *, undo: bool) -> RemoteDocument:
        # An id as browsers draw theirs, so that it is not taken for the server's.
        doc: Doc[Any] = Doc(client_id=secrets.randbits(32), skip_gc=undo)
        document = RemoteDocument(room, doc, lambda known: self._dial(path, known), epoch, undo=undo)
        self._open.add(document)
        try:
            await document.open()
        except BaseException:
            self._open.discard(document)
            raise
        return document

    async def _dial(self, path: str, epoch: str) -> WebSocketClientConnection:
        request = HTTPRequest(
            self._http.address.socket(path, epoch),
            headers=self._http.login.headers(),
            connect_timeout=20.0,
            validate_cert=self._http.validate_cert,
        )
        socket = await websocket_connect(request, subprotocols=[SUBPROTOCOL], max_message_size=MAX_MESSAGE_BYTES)
        if socket.selected_subprotocol != SUBPROTOCOL:
            socket.close()
            raise ExtensionMissing(f"Somebody else keeps the documents of this server: {MISSING}")
        return socket
