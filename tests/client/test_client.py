"""What a program holds while it is connected."""

import asyncio

import pytest

from jupyter_rtc.client.client import Client
from jupyter_rtc.errors import ChangesLost, EpochMismatch

from .hall import Hall, HallTransport, delivering


def test_closing_closes_everything_when_it_has_arrived():
    async def run():
        hall = Hall("a")
        transport = HallTransport(hall)
        rtc = Client(transport)
        assert rtc.user == {"username": "agent"}
        nb = await rtc.notebook("a.ipynb")
        nb.cells[0].append("b")
        delivery = asyncio.create_task(delivering(hall))
        await rtc.close()
        delivery.cancel()
        assert str(hall.room.doc["cells"][0]["source"]) == "ab"
        assert transport.did == [("close",)] and hall.lines == {}

    asyncio.run(run())


def test_what_cannot_arrive_is_raised_and_all_is_closed_nevertheless():
    async def run():
        hall = Hall("a")
        transport = HallTransport(hall)
        rtc = Client(transport)
        nb = await rtc.notebook("a.ipynb")
        nb.cells[0].append("b")
        nb._document.fail(EpochMismatch("Another history."))
        with pytest.raises(ChangesLost):
            await rtc.close()
        assert transport.did == [("close",)]

    asyncio.run(run())
