"""Both ends of a connection inside the server."""

import asyncio

import pytest

from jupyter_rtc.errors import DocumentError, EpochMismatch
from jupyter_rtc.ids import Epoch, RoomId, new_epoch
from jupyter_rtc.inprocess.socket import InnerSocket, messages_in
from jupyter_rtc.protocol.codec import encode
from jupyter_rtc.protocol.messages import SyncStep1
from jupyter_rtc.relay.open_room import Visitor
from jupyter_rtc.relay.outbox import websocket_frame
from jupyter_rtc.relay.presence import Identity
from jupyter_rtc.relay.session import Standing

from ..relay.world import ROOM, read, world, write


def visitor(epoch=None):
    return Visitor(Identity({"username": "inner", "name": "Inner"}), Standing.WRITING, True, epoch)


@pytest.mark.parametrize("size", [0, 125, 126, 65535, 65536, 200_000])
def test_messages_of_any_size_are_taken_out_of_their_frames(size):
    assert messages_in(websocket_frame(bytes(size)) + websocket_frame(b"x")) == [bytes(size), b"x"]


def test_what_is_said_reaches_the_room_and_what_the_room_says_comes_in_order():
    async def story():
        async with world() as w:
            ana, _ = w.peer("ana")
            socket = InnerSocket(w.hub, RoomId(ROOM), visitor())
            await w.settle()
            write(ana, "one")
            await w.settle()
            await socket.write_message(encode(SyncStep1(b"\x00")), binary=True)
            await w.settle()
            said = [await socket.read_message() for _ in range(socket._arrived.qsize())]
            assert b"one" in said[-1]
            assert await socket.standing() is Standing.WRITING
            socket.close()
            assert await socket.read_message() is None
            assert len(w.hub.status()["rooms"][0]["participants"]) == 1

    asyncio.run(story())


def test_when_the_room_closes_it_says_why_and_takes_nothing_more():
    async def story():
        async with world() as w:
            ana, _ = w.peer("ana")
            await w.settle()
            socket = InnerSocket(w.hub, RoomId(ROOM), visitor(new_epoch()))
            await w.settle()
            assert await socket.read_message() is None
            assert socket.close_code == EpochMismatch.close_code and "newer copy" in str(socket.close_reason)
            await socket.write_message(encode(SyncStep1(b"\x00")), binary=True)
            socket.close()
            assert read(ana) == ""

    asyncio.run(story())


def test_a_room_that_cannot_be_is_refused_at_once():
    async def story():
        async with world() as w:
            with pytest.raises(DocumentError):
                InnerSocket(w.hub, RoomId("nonsense"), visitor(Epoch("x")))

    asyncio.run(story())
