"""Rules of jupyter_rtc.relay.attempts: whose loading ended the process."""

import asyncio

import pytest

from jupyter_rtc.errors import DocumentQuarantined, StoreUnavailable
from jupyter_rtc.relay import attempts as attempts_module
from jupyter_rtc.relay.attempts import Attempts
from jupyter_rtc.store.memory import MemoryLog

from .flaky import Flaky
from .world import room_id

GOOD, BAD, LATE = room_id("app:good"), room_id("app:bad"), room_id("app:late")
LIMIT = 3


def counting(log):
    return Attempts(log, lambda notice: None, LIMIT)


async def log_with(**counts):
    log = MemoryLog()
    await log.open()
    for name, count in counts.items():
        for _ in range(count):
            await log.attempt(room_id(f"app:{name}"))
    return log


async def run_until_it_ends(log, *rooms):
    """Load these rooms at once; the process ends as soon as BAD is loaded. Return the log as it is after that."""
    attempts, end = counting(log), asyncio.get_running_loop().create_future()

    async def load(room):
        async with attempts.attempt(room):
            if room == BAD:
                end.set_result({one: await log.attempts(one) for one in rooms})
                await asyncio.Event().wait()
            for _ in range(20):
                await asyncio.sleep(0)

    tasks = [asyncio.create_task(load(room)) for room in rooms]
    counts = await end
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return await log_with(**{room.removeprefix("app:"): count for room, count in counts.items()})


@pytest.mark.parametrize("order", [(GOOD, BAD, LATE), (BAD, LATE, GOOD)])
def test_rooms_that_are_loaded_together_with_one_that_ends_the_process_are_not_set_aside(order):
    async def story():
        log = await log_with()
        for _ in range(LIMIT):
            log = await run_until_it_ends(log, *order)
        assert await log.attempts(BAD) == LIMIT
        assert max([await log.attempts(room) for room in (GOOD, LATE)]) <= 1
        attempts = counting(log)
        with pytest.raises(DocumentQuarantined):
            async with attempts.attempt(BAD):
                pass
        for room in (GOOD, LATE):
            async with attempts.attempt(room):
                pass
            assert await log.attempts(room) == 0

    asyncio.run(story())


def test_a_room_does_not_wait_for_others_without_end(monkeypatch):
    monkeypatch.setattr(attempts_module, "PATIENCE", 0)

    async def story():
        attempts = counting(await log_with(good=1, late=1))
        async with attempts.attempt(GOOD), attempts.attempt(LATE):
            pass
        async with attempts.attempt(GOOD):
            pass

    asyncio.run(story())


def test_a_room_that_hangs_while_it_is_loaded_is_not_waited_for_by_one_after_another():
    async def story():
        time = 0.0
        log = await log_with(good=1, bad=1, late=1)
        attempts = Attempts(log, lambda notice: None, LIMIT, lambda: time)
        async with attempts.attempt(BAD):
            time = attempts_module.PATIENCE
            for room in (GOOD, LATE):
                async with asyncio.timeout(attempts_module.PATIENCE / 2), attempts.attempt(room):
                    pass
        log = await log_with(good=1, late=1)
        attempts = Attempts(log, lambda notice: None, LIMIT, lambda: time)
        async with attempts.attempt(GOOD):
            waits = asyncio.create_task(attempts.attempt(LATE).__aenter__())
            for _ in range(20):
                await asyncio.sleep(0)
            assert not waits.done()
        await waits

    asyncio.run(story())


def test_a_room_that_was_not_being_loaded_when_the_process_ended_waits_for_nobody():
    async def story():
        attempts = counting(await log_with(good=1))
        async with attempts.attempt(GOOD), attempts.attempt(LATE):
            pass

    asyncio.run(story())


def test_the_turn_is_given_on_though_a_load_failed():
    async def story():
        attempts = counting(await log_with(good=1, late=1))
        with pytest.raises(ZeroDivisionError):
            async with attempts.attempt(GOOD):
                raise ZeroDivisionError
        async with attempts.attempt(LATE):
            pass

    asyncio.run(story())


@pytest.mark.parametrize("fails", ["attempts", "attempt", "settled"])
def test_a_log_that_fails_keeps_no_room_from_being_loaded(fails):
    async def story():
        log = Flaky(fails)
        log.error = StoreUnavailable("The disk is full.")
        await log.open()
        attempts = counting(log)
        for _ in range(2 * LIMIT):
            async with attempts.attempt(GOOD):
                pass
        log.fails.clear()
        await attempts.settle_rest()
        assert await log.attempts(GOOD) == 0

    asyncio.run(story())
