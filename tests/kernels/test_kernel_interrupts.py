"""One kernel, and interrupts that come before it has been given what they are for."""

import asyncio

import pytest

from jupyter_rtc.kernels.reasons import NOT_GIVEN

from .scripted import scripted
from .world import Notebook, until, world


def is_busy(kernel):
    kernel.is_busy = True


def does_not_answer(kernel):
    kernel.listens = False


def is_not_started(kernel):
    kernel.has_kernel = False


def gets_ready(kernel):
    kernel.is_busy, kernel.listens, kernel.has_kernel = False, True, True


@pytest.mark.parametrize("hinder", [is_busy, does_not_answer, is_not_started])
def test_a_run_that_is_interrupted_while_the_kernel_is_connected_to_is_never_sent(hinder):
    async def story():
        notebook = Notebook("1", "2", "3")
        async with world(notebook) as w, scripted(w.here) as kernel:
            hinder(kernel)
            runs = await w.run("a", "b")
            await until(lambda: w.kernel.queue.current is runs[0])
            await asyncio.sleep(0)
            w.kernel.interrupted()
            await w.ended(*runs, seconds=2)
            assert [run.status.value for run in runs] == ["aborted", "aborted"]
            assert notebook.records[runs[0].id]["failure"]["evalue"] == NOT_GIVEN.evalue
            assert [notebook.state(cell) for cell in "ab"] == ["idle", "idle"]
            gets_ready(kernel)
            assert await w.ran("c") == ["ok"]
            assert kernel.requests == ["3"]

    asyncio.run(story())
