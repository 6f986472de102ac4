"""Rules of jupyter_rtc.relay.outbox."""

import asyncio
import itertools

import pytest

from jupyter_rtc.relay.outbox import PART_BYTES, Outbox, websocket_frame
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
        outbox.put(b"seen", b"", b"state", 0, answers=True)
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


def overfilled(outbox, pipe, flight):
    """Drop something, let the link take bytes again, and go on with an answer that nothing holds up."""
    outbox.put(b"x" * 100, b"", b"dropped", 0)
    pipe.future = None
    flight.set_result(None)


def test_until_the_whole_document_was_written_a_resync_begins_with_nothing():
    async def story():
        pipe, behind = Pipe(), []
        outbox = Outbox(pipe, 10, behind.append)
        flight = stuck(pipe)
        outbox.put(b"question", b"", b"state", 0)
        overfilled(outbox, pipe, flight)
        await asyncio.sleep(0)
        outbox.put(b"update", b"", b"state2", 0)
        flight = stuck(pipe)
        outbox.put(b"more", b"", b"state3", 0)
        overfilled(outbox, pipe, flight)
        await asyncio.sleep(0)
        assert behind == [b"\x00", b"\x00"]

    asyncio.run(story())


def test_what_is_fed_counts_as_sent_when_its_last_part_was_written():
    async def story():
        pipe, behind = Pipe(), []
        outbox = Outbox(pipe, 10, behind.append)
        flight = stuck(pipe)
        outbox.feed(iter([bytes(PART_BYTES), bytes(PART_BYTES)]), 0)
        outbox.put(b"then", b"", b"state", 0, answers=True)
        overfilled(outbox, pipe, flight)
        for _ in range(9):
            await asyncio.sleep(0)
        assert behind == [b"\x00"] and b"then" not in pipe.written

        outbox.feed(iter([bytes(PART_BYTES), bytes(PART_BYTES)]), 0)
        outbox.put(b"then", b"", b"state", 0, answers=True)
        for _ in range(9):
            await asyncio.sleep(0)
        assert pipe.written[-1] == b"then"
        flight = stuck(pipe)
        outbox.put(b"update", b"", b"state2", 0)
        overfilled(outbox, pipe, flight)
        await asyncio.sleep(0)
        assert behind == [b"\x00", b"state2"]

    asyncio.run(story())


def test_what_waited_counts_as_sent_once_it_was_written():
    async def story():
        pipe, behind = Pipe(), []
        outbox = Outbox(pipe, 10, behind.append)
        flight = stuck(pipe)
        outbox.put(b"first", b"", b"", 0)
        outbox.put(b"answer", b"", b"state", 0, answers=True)
        second = stuck(pipe)
        flight.set_result(None)
        await asyncio.sleep(0)
        assert pipe.written[-1] == b"answer"
        overfilled(outbox, pipe, second)
        await asyncio.sleep(0)
        assert behind == [b"state"]

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


def test_what_is_fed_is_made_and_written_a_part_at_a_time_before_all_that_follows():
    async def story():
        pipe, made = Pipe(), []

        def frames():
            for number in range(8):
                made.append(number)
                yield bytes([number]) * (PART_BYTES // 2)

        outbox = Outbox(pipe, 1000, lambda state: None)
        outbox.feed(frames(), 0)
        outbox.put(b"after", b"", b"", 0)
        assert made == [0, 1], "no more is made than goes out now"
        seen = [len(pipe.written)]
        while pipe.written[-1] != b"after":
            await asyncio.sleep(0)
            seen.append(len(pipe.written))
        assert b"".join(pipe.written) == b"".join(bytes([n]) * (PART_BYTES // 2) for n in range(8)) + b"after"
        assert max(b - a for a, b in itertools.pairwise(seen)) == 1, "others have their turn between the parts"

    asyncio.run(story())


def test_what_is_fed_waits_for_a_slow_link_and_for_what_was_put_before():
    async def story():
        pipe = Pipe()
        outbox = Outbox(pipe, 1000, lambda state: None)
        flight = stuck(pipe)
        outbox.put(b"first", b"", b"", 0)
        outbox.put(b"held", b"", b"", 0)
        outbox.feed(iter([b"one", b"two"]), 0)
        outbox.feed(iter([b"three"]), 0)
        outbox.put(b"last", b"", b"", 0)
        assert pipe.written == [b"first"]
        pipe.future = None
        flight.set_result(None)
        for _ in range(5):
            await asyncio.sleep(0)
        assert b"".join(pipe.written) == b"firstheldonetwothreelast"

    asyncio.run(story())


def test_a_link_that_is_gone_is_fed_no_more():
    async def story():
        pipe = Pipe()
        outbox = Outbox(pipe, 1000, lambda state: None)
        outbox.feed(iter([bytes(PART_BYTES), bytes(PART_BYTES)]), 0)
        outbox.discard()
        outbox.feed(iter([b"more"]), 0)
        await asyncio.sleep(0)
        assert len(pipe.written) == 1

    asyncio.run(story())
