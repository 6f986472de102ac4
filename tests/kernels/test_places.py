"""Those that wait for a kernel see how far they are from their turn."""

import asyncio

from jupyter_rtc.ids import RoomId

from .scripted import scripted
from .world import Notebook, until, world


def test_whoever_waits_sees_the_place_come_nearer_also_in_another_notebook():
    async def story():
        gates = [asyncio.Event() for _ in range(3)]

        async def waits(request):
            await gates[int(request.code[-1])].wait()
            request.reply()
            request.idle()

        one, other = Notebook("w0", "w1"), Notebook("w2", room=RoomId("json:notebook:2"))
        async with world(one, other) as w, scripted(w.here, w0=waits, w1=waits, w2=waits):
            first = await w.run("a", room=one.room)
            await until(lambda: one.state("a") == "running")
            second = await w.run("b", room=one.room)
            third = await w.run("a", room=other.room)

            def place():
                return one.records[second[0].id]["position"], other.records[third[0].id]["position"]

            await until(lambda: place() == (1, 2), what="the first look")
            gates[0].set()
            await until(lambda: place() == (0, 1), what="the second run's beginning")
            gates[1].set()
            await until(lambda: place() == (None, 0), what="the third run's beginning")
            gates[2].set()
            await w.ended(*first, *second, *third)

    asyncio.run(story())
