"""What comes in on one ZeroMQ socket."""

import asyncio
import time
from contextlib import asynccontextmanager

import pytest
import zmq
import zmq.asyncio

from jupyter_rtc.kernels.socket_reader import GULP, SocketReader

from ..supernode.world import turns
from .world import until

HOUR = 3600.0
WITHIN = "inproc://here"
"""An address at which a message is there as soon as it was sent: once others had their turn, what is to be heard is."""


class Ear:
    """Notes what it hears, and how often."""

    def __init__(self):
        self.gulps = []

    def hear(self, gulp):
        self.gulps.append(gulp)

    @property
    def heard(self):
        return [frames for gulp in self.gulps for frames in gulp]


@asynccontextmanager
async def pair(address="tcp://127.0.0.1:*"):
    """Give somebody who speaks, and a reader whose socket is connected to theirs, with its ear."""
    context = zmq.asyncio.Context()
    speaker, socket = zmq.Context.shadow(context).socket(zmq.DEALER), context.socket(zmq.DEALER)
    speaker.setsockopt(zmq.SNDHWM, 0)
    socket.setsockopt(zmq.RCVHWM, 0)
    socket.setsockopt(zmq.IMMEDIATE, 1)
    speaker.bind(address)
    ear = Ear()
    reader = SocketReader(socket, ear.hear)
    socket.connect(speaker.last_endpoint)
    try:
        yield speaker, reader, ear
    finally:
        reader.close()
        speaker.close(linger=0)
        context.destroy(linger=0)


def skip(seconds):
    """Let the event loop's clock go on at once."""
    loop = asyncio.get_running_loop()
    before = loop.time
    loop.time = lambda: before() + seconds


def test_nothing_is_read_before_it_listens_and_then_all_of_it():
    async def story():
        async with pair() as (speaker, reader, ear):
            speaker.send_multipart([b"a", b"1"])
            await until(lambda: reader.can_send)
            assert ear.gulps == []
            reader.listen()
            await until(lambda: ear.heard)
            speaker.send_multipart([b"b"])
            await until(lambda: len(ear.heard) == 2)
            assert ear.heard == [[b"a", b"1"], [b"b"]]

    asyncio.run(story())


def test_what_comes_while_it_rests_is_taken_at_once_afterwards():
    async def story():
        async with pair(WITHIN) as (speaker, reader, ear):
            reader.listen()
            speaker.send_multipart([b"first"])
            await until(lambda: ear.heard)
            reader.rest(HOUR)
            for number in range(5):
                speaker.send_multipart([b"%d" % number])
            await turns()
            assert len(ear.gulps) == 1
            skip(HOUR)
            await until(lambda: len(ear.gulps) > 1)
            assert ear.gulps[1:] == [[[b"%d" % number] for number in range(5)]]
            speaker.send_multipart([b"last"])
            await until(lambda: ear.heard[-1] == [b"last"])

    asyncio.run(story())


def test_others_have_their_turn_while_much_comes_in():
    async def story():
        async with pair() as (speaker, reader, ear):
            turns = []

            async def take_turns():
                while len(ear.heard) < 4 * GULP:
                    turns.append(len(ear.heard))
                    await asyncio.sleep(0)

            for number in range(4 * GULP):
                speaker.send_multipart([b"%d" % number])
            reader.rest(0.2)
            await take_turns()
            assert max(map(len, ear.gulps)) <= GULP and len(set(turns)) >= 4
            assert ear.heard == [[b"%d" % number] for number in range(4 * GULP)]

    asyncio.run(story())


def test_an_answer_is_never_missed_however_it_meets_what_is_sent():
    """To send may swallow the sign that something has come."""

    async def story():
        async with pair() as (speaker, reader, ear):
            reader.listen()
            await until(lambda: reader.can_send)
            for number in range(50):
                speaker.send_multipart([b"%d" % number])
                time.sleep(0.003)  # noqa: ASYNC251  something else keeps the loop busy, while that arrives
                reader.send([b"x", b"y"])
                async with asyncio.timeout(5):
                    while len(ear.heard) <= number:
                        await asyncio.sleep(0)
            assert len(ear.heard) == 50

    asyncio.run(story())


def test_who_reads_may_let_it_rest_or_close_it():
    async def story():
        async with pair(WITHIN) as (speaker, reader, _):
            heard = []

            def hear(gulp):
                heard.extend(gulp)
                if gulp[-1] == [b"rest"]:
                    reader.rest(0.05)
                if gulp[-1] == [b"close"]:
                    reader.close()

            reader._hear = hear
            reader.listen()
            for word in (b"rest", b"more", b"close"):
                speaker.send_multipart([word])
                await until(lambda word=word: heard and heard[-1] == [word])
            speaker.send_multipart([b"unheard"])
            await turns()
            reader.listen()
            await turns()
            assert heard[-1] == [b"close"]

    asyncio.run(story())


def test_nobody_being_there_to_take_a_message_is_said():
    async def story():
        context = zmq.asyncio.Context()
        socket = context.socket(zmq.DEALER)
        socket.setsockopt(zmq.IMMEDIATE, 1)
        socket.connect("tcp://127.0.0.1:1")
        reader = SocketReader(socket, Ear().hear)
        assert not reader.can_send
        with pytest.raises(zmq.Again):
            reader.send([b"x"])
        reader.close()
        context.destroy(linger=0)

    asyncio.run(story())
