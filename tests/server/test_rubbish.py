"""Twenty rooms full of people who type, and next to them one that sends rubbish: only the sender is closed."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress

import pytest
from pycrdt import Array, Doc, Map, Text, create_sync_message
from tornado.websocket import WebSocketClosedError, websocket_connect

from jupyter_rtc.protocol.codec import MAX_DEPTH, encode_number

from .crowd import crowd
from .raw import RawSocket
from .rig import running, until
from .victim import MB, at, has_participants, listening, room, until_async


def framed(update, kind=2):
    """Return the message for an update: SyncStep1, SyncStep2 or Update, by its number."""
    return bytes([0, kind]) + encode_number(len(update)) + update


def nested(levels, level=b"\x75\x01"):
    """Return an update with one value inside so many others: arrays, or maps of one key."""
    return b"\x01\x01\x07\x00\x08\x01\x01a\x01" + level * levels + b"\x7e\x00"


def a_valid_update():
    doc = Doc()
    doc["text"] = Text("some text, é😀")
    doc["list"] = Array([1, {"a": [None, True, "x"]}, Map({"b": Text("inner")})])
    return doc.get_update()


HOSTILE = {
    **{f"arrays in arrays, {levels}": framed(nested(levels)) for levels in (200, 30_000, 300_000)},
    "maps in maps": framed(nested(30_000, b"\x76\x01\x01k")),
    "arrays in arrays, as an answer": framed(nested(30_000), 1),
    "options of a document, nested": framed(b"\x01\x01\x07\x00\x09\x01\x01a\x01d" + b"\x75\x01" * 30_000 + b"\x7e\x00"),
    "2^28 clients in a state vector": framed(encode_number(2**28), 0),
    "2^28 clients in an update": framed(encode_number(2**28)),
    "2^28 structs": framed(b"\x01" + encode_number(2**28) + b"\x07\x00"),
    "2^28 values": framed(b"\x01\x01\x07\x00\x08\x01\x01a" + encode_number(2**28) + b"\x00"),
    "2^28 keys": framed(b"\x01\x01\x07\x00\x08\x01\x01a\x01\x76" + encode_number(2**28) + b"\x00"),
    "2^62 bytes of text": framed(b"\x01\x01\x07\x00\x04\x01\x01a" + encode_number(2**62) + b"x\x00"),
    "2^31 clocks skipped": framed(b"\x01\x01\x07\x00\x0a" + encode_number(2**31) + b"\x00"),
    "2^28 ranges deleted": framed(b"\x00\x01\x07" + encode_number(2**28)),
    "nothing at all": b"",
    "a text frame": "this is text",
    "an unknown kind": b"\x63hello",
    "a cut message": b"\x00\x02\x7f\x01",
    "presence that is no JSON": b"\x01\x05\x01\x05\x01\x02{{",
    "presence of 2^28": b"\x01\x05" + encode_number(2**28),
    "presence, nested": b"\x01" + (lambda s: encode_number(len(s)) + s)(
        b"\x01\x05\x01" + encode_number(20_000) + b"[" * 20_000
    ),
    "a command that nobody knows": b"\x02\x05shout\x01",
}  # fmt: skip


def test_one_that_sends_rubbish_is_closed_alone(tmp_path):
    asyncio.run(rubbish(tmp_path, count=200))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_random_messages_harm_nobody(tmp_path):
    asyncio.run(rubbish(tmp_path, count=int(os.environ.get("JUPYTER_RTC_RUBBISH", "10000"))))


async def rubbish(tmp_path, count):
    seed = int(os.environ.get("JUPYTER_RTC_SEED", random.randrange(10**6)))
    print(f"seed {seed}")  # noqa: T201  pytest shows it where the test fails
    rng = random.Random(seed)
    async with running(tmp_path) as server, crowd(server) as people:
        neighbour = await listening(server)
        before = server.resident
        for name, message in HOSTILE.items():
            await send_until_closed(server, [message])
            assert neighbour.connected, name
        left = [random_message(rng) for _ in range(count)]
        while left:
            left = await send_until_closed(server, left)
        assert neighbour.connected
        with neighbour.edit() as doc:
            doc.get("text", type=Text).insert(0, "still here")
        other = await listening(server)
        await until(lambda: str(other.doc.get("text", type=Text)).startswith("still here"))
        assert server.resident - before < 150 * MB
        await people.check()


async def send_until_closed(server, messages):
    """Send them on one link, each with a sign of life behind it; return those for which it did not live."""
    socket = await websocket_connect(at(server))
    try:
        for number, message in enumerate(messages):
            await socket.write_message(message, binary=isinstance(message, bytes))
            await socket.write_message(create_sync_message(Doc()), binary=True)
            while (answer := await socket.read_message()) is not None and answer[:2] != b"\x00\x01":
                pass
            if answer is None:
                assert socket.close_code in (1003, 1007, 1008, 1009), (socket.close_code, message[:40])
                return messages[number + 1 :]
    except WebSocketClosedError:
        return messages[number + 1 :]
    socket.close()
    return []


def random_message(rng):
    """Return random bytes, or a message of the kind that is understood with random changes."""
    if rng.random() < 0.2:
        return rng.randbytes(rng.randrange(1, 200))
    update = bytearray(a_valid_update())
    for _ in range(rng.randrange(1, 4)):
        update[rng.randrange(len(update))] = rng.randrange(256)
    return framed(
        bytes(update[: rng.randrange(1, len(update) + 1)] if rng.random() < 0.2 else update), rng.randrange(3)
    )


def test_shared_types_nested_one_by_one_are_refused_before_they_can_end_the_process(tmp_path):
    asyncio.run(nest(tmp_path, links=2))


async def nest(tmp_path, links):
    """Nest types on several links, as far as they are taken; then delete the outermost."""
    async with running(tmp_path) as server, crowd(server, pairs=3):
        neighbour = await listening(server)
        for number in range(links):
            await send_all(server, [level(number + 7, clock) for clock in range(300)])
            assert (await room(server))["revision"] == number * (MAX_DEPTH + 1) + MAX_DEPTH
            delete = framed(b"\x00\x01" + encode_number(number + 7) + b"\x01\x00\x01")
            assert await send_until_closed(server, [delete]) == []
            await until_async(lambda number=number: has_revision(server, (number + 1) * (MAX_DEPTH + 1)))
        assert neighbour.connected
        with neighbour.edit() as doc:
            doc.get("text", type=Text).insert(0, "still here")
        other = await listening(server)
        await until(lambda: str(other.doc.get("text", type=Text)) == "still here")


async def send_all(server, messages):
    """Send them on one link, and wait until it is closed because of one of them."""
    socket = await websocket_connect(at(server))
    with suppress(WebSocketClosedError):
        for message in messages:
            await socket.write_message(message, binary=True)
    while await socket.read_message() is not None:
        pass
    assert socket.close_code == 1007


async def has_revision(server, revision):
    return (await room(server))["revision"] == revision


def level(client, clock):
    """Return the update of an array inside the one before it, or in the root for the first."""
    who = encode_number(client)
    parent = b"\x00" + who + encode_number(clock - 1) if clock else b"\x01\x01x"
    return framed(b"\x01\x01" + who + encode_number(clock) + b"\x07" + parent + b"\x00\x00")


BAD_FRAMES = {
    "not masked": b"\x82\x01x",
    "reserved bits": b"\xf2\x80\x00\x00\x00\x00",
    "an unknown opcode": b"\x8f\x80\x00\x00\x00\x00",
    "2^63 bytes": b"\x82\xff" + b"\x7f" + b"\xff" * 7 + bytes(4),
    "a long ping": b"\x89\xfe\xff\xff" + bytes(4),
    "no websocket at all": b"GET / HTTP/1.1\r\n\r\n",
}


def test_one_that_breaks_the_websocket_itself_is_closed_alone(tmp_path):
    async def story():
        async with running(tmp_path) as server, crowd(server, pairs=3):
            neighbour = await listening(server)
            for frame in BAD_FRAMES.values():
                socket = await RawSocket().connect(at(server))
                await socket.send_bytes(frame)
                cut = await RawSocket().connect(at(server))
                await cut.send_bytes(b"\x82\xff\x00")  # and one that ends in the middle of a frame's head
                cut.close()
                await ends(socket)
                socket.close()
            assert neighbour.connected
            await until_async(lambda: has_participants(server, 1))

    asyncio.run(story())


async def ends(socket):
    async with asyncio.timeout(30):
        try:
            while await socket.receive() is not None:
                pass
        except ConnectionResetError:
            pass
