"""Rules of jupyter_rtc.relay.open_room."""

import asyncio

from jupyter_rtc.ids import RoomId
from jupyter_rtc.relay.open_room import OpenRoom


def test_a_room_is_deserted_when_nobody_looks_and_nobody_holds_it():
    async def story():
        loop = asyncio.get_running_loop()
        place = OpenRoom(RoomId("app:a"), loop.create_future(), loop.create_future(), logged=True)
        assert place.deserted
        place.holders = 1
        assert not place.deserted

    asyncio.run(story())
