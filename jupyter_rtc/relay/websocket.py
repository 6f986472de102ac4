"""The websocket handler: who are you, bytes in, bytes out.

It authenticates and authorises before anything is made, hands the socket's bytes to the hub, and writes what the
hub gives it. Whether its user may read and write is asked of Jupyter's authorizer when it connects, and again by
the hub, every few seconds, through ``standing``. It owns neither room nor document, and decides nothing else.

What is asked depends on the room: for a document, ``contents``; for what the server has, to read what is shown there
(``RESOURCES``). Whoever is known may ask for something in their own room of requests: each request is authorised when
it is answered.

How a refusal is put into a close code and reason depends on the frontend, so that is given from outside
(``Manner``).
"""

from __future__ import annotations

import logging
from asyncio import Future
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jupyter_server.auth.decorator import ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from jupyter_server.utils import ensure_async
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError
from tornado.websocket import WebSocketHandler

from ..errors import DocumentError, ProtocolError, RtcError
from ..ids import Epoch, RoomId, RoomKind, room_kind
from ..protocol.messages import SUBPROTOCOL
from .hub import Hub
from .open_room import Seat, Visitor
from .presence import Identity
from .session import Standing

_log = logging.getLogger(__name__)

RESOURCES: Mapping[RoomKind, tuple[str, ...]] = {
    RoomKind.FILE: ("contents",),
    RoomKind.APPLICATION: ("contents",),
    RoomKind.PRESENCE: ("contents",),
    RoomKind.DIRECTORY: ("contents", "kernels", "sessions"),
    RoomKind.REQUESTS: (),
}
"""The resources of Jupyter's authorizer that a room belongs to: to read or write it, all of them must be allowed."""

MAX_REASON_BYTES = 123
"""RFC 6455 section 5.5: a control frame carries 125 bytes, two of which are the code."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How one kind of frontend names rooms and is told of refusals."""

    room: Callable[[str, str], RoomId]
    """The room at an address, as it stands in the URL, for a user of this name; raises ProtocolError."""
    closing: Callable[[RtcError | None, RoomId, Epoch | None, str], tuple[int, str]]
    """The close code and reason for an error (None: the server goes away), in a room, for one who claims an epoch
    under a user name."""
    is_told: Callable[[RoomId, Epoch | None, str], bool] = lambda _room, _epoch, _username: False
    """Whether this caller was told why it was closed, and dials again by itself meanwhile."""


def plain_closing(error: RtcError | None, _room: RoomId, _epoch: Epoch | None, _username: str) -> tuple[int, str]:
    """Return the close code and the words, for clients that know no other manner."""
    if error is None:
        return 1001, "The server is closing this document; connect again."
    return error.close_code, error.words


def fitting(reason: str) -> str:
    """Return the longest beginning of a reason that fits into a close frame."""
    return reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore")


class RoomSocket(WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One participant's websocket; also its ``Link``."""

    def initialize(self, hub: Hub, manner: Manner, max_message_bytes: int) -> None:
        """Take what the route gives."""
        self._hub = hub
        self._manner = manner
        self._max_message_bytes = max_message_bytes
        self._seat: Seat | None = None
        self._room: RoomId | None = None
        self._standing = Standing.GONE

    @property
    def max_message_size(self) -> int:
        """Bytes of one websocket message."""
        return self._max_message_bytes

    def get_compression_options(self) -> dict[str, Any] | None:
        """Do not compress: it costs each socket memory and each frame time, and frames are shared."""
        return None

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        """Speak our own messages to those who ask for them."""
        return SUBPROTOCOL if SUBPROTOCOL in subprotocols else None

    @ws_authenticated
    async def get(self, address: str) -> None:
        """Answer the handshake: 403 without permission, 404 where no room can be."""
        refusal: ProtocolError | None = None
        try:
            self._room = self._manner.room(address, self._identity().username)
        except ProtocolError as error:
            refusal = error
        self._standing = await self.standing()
        if self._standing is Standing.GONE:
            raise HTTPError(403, "You may not read this document.")
        if refusal is not None:
            raise HTTPError(404, refusal.words) from refusal
        await super().get(address)

    def open(self, *args: Any, **kwargs: Any) -> None:
        """Take a seat in the room."""
        super().open(*args, **kwargs)
        self.set_nodelay(True)
        assert self._room is not None
        epoch = self._claimed_epoch()
        if self._manner.is_told(self._room, epoch, self._identity().username):
            return  # it dials again until its user answers the dialog; another close would open another one
        visitor = Visitor(self._identity(), self._standing, self.selected_subprotocol == SUBPROTOCOL, epoch, self.may)
        try:
            self._seat = self._hub.join(self._room, self, visitor)
        except DocumentError as error:
            self.end(error)

    def on_message(self, message: bytes | str) -> None:
        """Hand over what it says."""
        if self._seat is not None:
            self._hub.receive(self._seat, message)

    def on_close(self) -> None:
        """Give the seat back."""
        if self._seat is not None:
            self._hub.leave(self._seat)
            self._seat = None
        super().on_close()

    async def standing(self) -> Standing:
        """Ask the authorizer what the user may do now; whoever cannot be asked allows nothing."""
        kind = (room_kind(self._room) if self._room else None) or RoomKind.FILE
        if await self._may_all("write", RESOURCES[kind]):
            return Standing.WRITING
        return Standing.READING if await self._may_all("read", RESOURCES[kind]) else Standing.GONE

    async def _may_all(self, action: str, resources: tuple[str, ...]) -> bool:
        for resource in resources:
            if not await self.may(action, resource):
                return False
        return True

    async def may(self, action: str, resource: str) -> bool:
        """Ask the authorizer whether the user may do this; whoever cannot be asked allows nothing."""
        try:
            allowed = await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, resource))
        except Exception:  # noqa: BLE001  an authorizer is foreign code; whoever cannot be asked allows nothing
            _log.exception("The authorizer failed; the request is treated as forbidden")
            return False
        return bool(allowed)

    def write_frames(self, data: bytes) -> Future[None] | None:
        """Write whole frames; return None, or a future if they have to wait."""
        stream = self.ws_connection.stream if self.ws_connection else None
        if stream is None:
            return None
        try:
            written: Future[None] = stream.write(data)
        except StreamClosedError:
            return None
        return written if stream.writing() else None

    def end(self, error: RtcError | None) -> None:
        """Close, in this frontend's manner."""
        assert self._room is not None
        username = self._identity().username
        code, reason = self._manner.closing(error, self._room, self._claimed_epoch(), username)
        self.close(code, fitting(reason))

    def _claimed_epoch(self) -> Epoch | None:
        claimed = self.get_query_argument("sessionId", "")
        return Epoch(claimed) if claimed else None

    def _identity(self) -> Identity:
        provider = self.identity_provider
        choosable = getattr(provider, "updatable_fields", ())
        return Identity(
            {key: value for key, value in provider.identity_model(self.current_user).items() if value},
            frozenset(choosable),
        )
