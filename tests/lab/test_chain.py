"""Requests of one page, in their order."""

import asyncio

import pytest

from jupyter_rtc.lab.chain import REMEMBERED, Chain, PredecessorMissing


def test_a_request_goes_after_the_one_that_it_names():
    async def run():
        chain, order = Chain(), []

        async def ask(request, predecessor):
            async with chain.turn(request, predecessor):
                order.append(request)

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ask("c", "b"))
            await asyncio.sleep(0)
            tasks.create_task(ask("b", "a"))
            await asyncio.sleep(0)
            tasks.create_task(ask("a", None))
        assert order == ["a", "b", "c"]

    asyncio.run(run())


def test_a_request_whose_predecessor_never_comes_is_refused_in_words():
    async def run():
        with pytest.raises(PredecessorMissing, match="never came") as caught:
            async with Chain(patience=0.01).turn("b", "a"):
                pass
        assert caught.value.status == 408

    asyncio.run(run())


def test_a_request_that_failed_does_not_hold_up_the_next():
    async def run():
        chain = Chain()
        with pytest.raises(ValueError, match="no"):
            async with chain.turn("a", None):
                raise ValueError("no")
        async with chain.turn("b", "a"):
            pass

    asyncio.run(run())


def test_a_request_that_comes_long_after_its_predecessor_does_not_wait():
    async def run():
        chain = Chain(patience=0.01)
        async with chain.turn("a", None):
            pass
        for number in range(100):
            async with chain.turn(f"other {number}", None):
                pass
        async with chain.turn("b", "a"), chain.turn("c", "a"):
            pass

    asyncio.run(run())


def test_a_request_that_names_itself_is_refused_and_harms_no_other():
    async def run():
        chain = Chain(patience=0.01)
        with pytest.raises(PredecessorMissing):
            async with chain.turn("a", "a"):
                pass
        async with chain.turn("b", None):
            pass

    asyncio.run(run())


def test_only_so_many_requests_are_remembered():
    async def run():
        chain = Chain(patience=0.01)
        for number in range(REMEMBERED + 5):
            async with chain.turn(str(number), None):
                pass
        with pytest.raises(PredecessorMissing):
            async with chain.turn("x", "0"):
                pass
        async with chain.turn("y", str(REMEMBERED)):
            pass

    asyncio.run(run())


def test_a_request_whose_sender_hung_up_does_not_hold_up_the_next():
    async def run():
        chain, begun = Chain(), asyncio.Event()

        async def hangs():
            async with chain.turn("a", None):
                begun.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(hangs())
        await begun.wait()
        task.cancel()
        async with asyncio.timeout(1), chain.turn("b", "a"):
            pass

    asyncio.run(run())


def test_who_waits_for_a_refused_request_is_refused_too_but_who_comes_later_goes_on():
    async def run():
        chain = Chain(patience=0.05)

        async def ask(request, predecessor):
            async with chain.turn(request, predecessor):
                return request

        b, c = asyncio.create_task(ask("b", "lost")), asyncio.create_task(ask("c", "b"))
        answers = await asyncio.gather(b, c, return_exceptions=True)
        assert [type(answer) for answer in answers] == [PredecessorMissing, PredecessorMissing]
        assert await ask("d", "c") == "d"

    asyncio.run(run())
