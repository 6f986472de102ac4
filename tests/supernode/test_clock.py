"""The machine's clock."""

import asyncio

from jupyter_rtc.supernode.clock import SystemClock


def test_waiting_ends_when_the_time_has_come():
    clock = SystemClock()
    asyncio.run(clock.wait(asyncio.Event(), clock.now() + 0.01))


def test_waiting_ends_at_once_when_the_time_is_past():
    clock = SystemClock()
    asyncio.run(clock.wait(asyncio.Event(), clock.now() - 5))


def test_waiting_ends_when_the_event_is_set():
    async def run():
        event = asyncio.Event()
        event.set()
        await SystemClock().wait(event, None)

    asyncio.run(run())


def test_the_time_for_people_is_that_of_the_calendar():
    assert SystemClock().wall() > 1_700_000_000
