"""Requests of one page, in their order."""

import asyncio

import pytest

from jupyter_rtc.lab.chain import Chain, PredecessorMissing


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
