"""Rules of jupyter_rtc.relay.outbox."""

import asyncio

import pytest

from jupyter_rtc.relay.outbox import Outbox, websocket_frame
from jupyter_rtc.testing.link import messages_in


class Pipe:
    def __init__(self):
        self.written, self.future, self.ended = [], None, None

    def write_frames(self, data):
        self.written.append(data)
        return self.future

    def end(self, error):
        self.ended = (error,)


def stuck(pipe):
    pipe.future = asyncio.get_running_loop().create_future()
    return pipe.future


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
def test_a_frame_holds_its_message(size):
    message = bytes(size)
    assert list(messages_in(websocket_frame(message) + websocket_frame(b"x"))) == [message, b"x"]


def test_while_a_write_is_under_way_all_that_follows_goes_out_as_one():
    async def story():
        pipe = Pipe()
        outbox = Outbox(pipe, 1000, lambda state: None)
        flight = stuck(pipe)
        outbox.put(b"a", b"", b"", 0)
        outbox.put(b"b", b"", b"", 0)
        outbox.put(b"c", b"", b"", 0)
        assert pipe.written == [b"a"]
        pipe.future = None
        flight.set_result(None)
        await asyncio.sleep(0)
        assert pipe.written == [b"a", b"bc"]

    asyncio.run(story())


def test_over_its_budget_it_drops_updates_keeps_answers_and_asks_for_a_resync():
    async def story():
        pipe, behind = Pipe(), []
        outbox = Outbox(pipe, 10, behind.append)
        outbox.put(b"seen", b"", b"state", 0)
        flight = stuck(pipe)
        outbox.put(b"flying", b"", b"state2", 0)
        for _ in range(100):
            outbox.put(b"update", b"", b"later", 0)
            assert outbox.held_bytes <= 10
        outbox.put(b"", b"answer", b"", 0)
        pipe.future = None
        flight.set_result(None)
        await asyncio.sleep(0)
        assert pipe.written[-1] == b"answer"
        assert behind == [b"state2"]

    asyncio.run(story())


def test_a_failed_write_is_no_error_of_ours():
    async def story():
        pipe = Pipe()
        outbox = Outbox(pipe, 10, lambda state: None)
        flight = stuck(pipe)
        outbox.put(b"a", b"", b"", 0)
        pipe.future = None
        flight.set_exception(ConnectionResetError())
        await asyncio.sleep(0)
        outbox.put(b"b", b"", b"", 0)
        assert pipe.written == [b"a", b"b"]

    asyncio.run(story())


def test_after_closing_nothing_is_sent():
    pipe = Pipe()
    outbox = Outbox(pipe, 10, lambda state: None)
    outbox.close(None)
    outbox.put(b"a", b"b", b"", 0)
    outbox.close(None)
    assert pipe.written == [] and pipe.ended == (None,)
