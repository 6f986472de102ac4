"""Restarts of kernels on another server, shown as soon as they are asked for."""

import asyncio

import pytest

from jupyter_rtc.kernels.restarts import show_restarts

from .world import KernelsHere


class Manager:
    shutting_down = False


class GatewayKernels(KernelsHere):
    """Those of a gateway, where a restart takes as long as a test wants."""

    def __init__(self):
        self["k"], self.asked, self.open = Manager(), [], asyncio.Event()

    async def restart_kernel(self, kernel_id, now=False):
        self.asked.append((kernel_id, now))
        await self.open.wait()
        if kernel_id not in self:
            raise KeyError(kernel_id)
        return "restarted"


class Others(GatewayKernels):
    """A kind that somebody has made of it."""


class LocalKernels(KernelsHere):
    async def restart_kernel(self, kernel_id):
        return None


async def begun(here, *args, **options):
    asked = len(here.asked)
    task = asyncio.create_task(here.restart_kernel(*args, **options))
    while len(here.asked) == asked:
        await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("kind", [GatewayKernels, Others])
def test_a_kernel_elsewhere_is_leaving_from_the_request_until_its_answer(kind):
    async def story():
        here = kind()
        show_restarts(here)
        restart = await begun(here, "k", now=True)
        assert here["k"].shutting_down and here.asked == [("k", True)]
        here.open.set()
        assert await restart == "restarted"
        assert not here["k"].shutting_down

    asyncio.run(story())


def test_it_is_leaving_as_long_as_any_of_several_restarts_is_under_way_and_not_after_one_that_was_given_up():
    async def story():
        here = GatewayKernels()
        show_restarts(here)
        one, other = await begun(here, "k"), await begun(here, "k")
        one.cancel()
        await asyncio.wait([one])
        assert here["k"].shutting_down
        other.cancel()
        await asyncio.wait([other])
        assert not here["k"].shutting_down

    asyncio.run(story())


def test_a_kernel_that_is_not_there_is_for_its_manager_to_refuse():
    async def story():
        here = GatewayKernels()
        here.open.set()
        show_restarts(here)
        with pytest.raises(KeyError):
            await here.restart_kernel("unknown")

    asyncio.run(story())


def test_local_kernels_are_left_alone():
    here = LocalKernels()
    show_restarts(here)()
    assert vars(here) == {}


def test_afterwards_all_is_as_it_was_whoever_else_wrapped_the_method():
    async def story():
        here = GatewayKernels()
        unshow = show_restarts(here)
        wrapped = here.restart_kernel
        again = show_restarts(here)
        unshow()  # it is wrapped by somebody else meanwhile
        again()
        assert here.restart_kernel is wrapped
        unshow()
        assert "restart_kernel" not in vars(here)

    asyncio.run(story())
