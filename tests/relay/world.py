"""A hub with a log in memory, a clock that the test moves, and peers on memory links."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from pycrdt import Text

from jupyter_rtc.ids import RoomId
from jupyter_rtc.notices import Notice, NoticeKind
from jupyter_rtc.protocol.codec import decode
from jupyter_rtc.relay.history import rebuild
from jupyter_rtc.relay.hub import Hub
from jupyter_rtc.relay.open_room import Visitor
from jupyter_rtc.relay.presence import Identity
from jupyter_rtc.relay.session import Standing
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store.log import Log
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.testing.link import MemoryLink, connect
from jupyter_rtc.testing.peer import Peer

ROOM = "app:room"


@dataclass
class World:
    hub: Hub
    log: Log
    notices: list[Notice]
    time: list[float] = field(default_factory=lambda: [1000.0])

    def peer(self, name: str = "ana", room: str = ROOM, **asked) -> tuple[Peer, MemoryLink]:
        peer = Peer(name)
        return peer, self.connect(peer, room, **asked)

    def connect(self, peer: Peer, room: str = ROOM, *, standing=Standing.WRITING, ours=False, epoch=None):
        identity = Identity({"username": peer.name, "name": peer.name})
        return connect(self.hub, room, peer, Visitor(identity, standing, ours, epoch))

    async def settle(self) -> None:
        """Let everything that was begun come to its end."""
        for _ in range(50):
            await asyncio.sleep(0)
        await self.hub._pump.flush()

    async def pass_time(self, seconds: float) -> None:
        self.time[0] += seconds
        await self.hub.tick()
        await self.settle()

    def noticed(self, kind: NoticeKind) -> list[Notice]:
        return [notice for notice in self.notices if notice.kind is kind]


@asynccontextmanager
async def world(
    log: Log | None = None,
    keeper_of: Callable | None = None,
    settings: HubSettings | None = None,
    announce: Callable[[Notice], None] | None = None,
) -> AsyncIterator[World]:
    log = log or MemoryLog()
    notices: list[Notice] = []
    time = [1000.0]
    hub = Hub(
        log,
        keeper_of or (lambda room: None),
        now=lambda: time[0],
        announce=announce or notices.append,
        settings=settings,
    )
    await log.open()
    await hub.start()
    try:
        yield World(hub, log, notices, time)
    finally:
        await hub.close()
        await log.close()


def text(peer: Peer) -> Text:
    return peer.doc.get("source", type=Text)


def write(peer: Peer, what: str) -> None:
    with peer.edit():
        text(peer).insert(0, what)


def read(peer: Peer) -> str:
    return str(text(peer))


def overhear(peer: Peer, kind: type) -> list:
    """Return the list into which this peer's messages of this kind will come; use it before the peer connects."""
    heard: list = []
    receive = peer.receive

    def note(data: bytes) -> None:
        message = decode(data)
        if isinstance(message, kind):
            heard.append(message)
        receive(data)

    peer.receive = note  # type: ignore[method-assign]
    return heard


async def stored_text(log: Log, room: str) -> str | None:
    """Return what the log has of a room's text; None if it has no history of it."""
    history = await log.read(RoomId(room))
    return None if history is None else str(rebuild(history).get("source", type=Text))


def room_id(name: str = ROOM) -> RoomId:
    return RoomId(name)
