"""Rules of jupyter_rtc.testing.link."""

import asyncio

import pytest

from jupyter_rtc.relay.outbox import websocket_frame
from jupyter_rtc.testing.link import MemoryLink, messages_in
from jupyter_rtc.testing.peer import Peer


@pytest.mark.parametrize("sizes", [[0, 1], [125, 126, 127], [65535, 65536]])
def test_messages_are_found_in_joined_frames(sizes):
    messages = [bytes(size) for size in sizes]
    assert list(messages_in(b"".join(map(websocket_frame, messages)))) == messages


def test_a_stuck_link_delivers_when_it_is_released():
    async def story():
        peer = Peer()
        link = MemoryLink(peer)
        link.stick()
        waiting = link.write_frames(websocket_frame(b"\x02\x13" + b'{"type":"conflict"}'))
        assert peer.replies == [] and not waiting.done()
        link.release()
        await waiting
        assert peer.replies == [{"type": "conflict"}]

    asyncio.run(story())
