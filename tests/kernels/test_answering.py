"""How long a run waits until its kernel answers; and what of it is run by a kernel that comes later."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from jupyter_rtc.kernels import reasons
from jupyter_rtc.kernels import wire as wire_module

from .elsewhere import Elsewhere
from .scripted import scripted
from .world import Notebook, until, world


@pytest.fixture(autouse=True)
def _asked_often(monkeypatch):
    monkeypatch.setattr(wire_module, "_PROBE_BUSY_EVERY", 0.05)


async def restarted(w):
    await w.kernels._on_event(None, "", {"kernel_id": "k", "action": "restart"})


@asynccontextmanager
async def elsewhere(*sources):
    """Give a world, its notebook, and its kernel on another server, which has run the first cell."""
    notebook = Notebook(*sources)
    async with world(notebook) as w:
        kernel = w.here["k"] = Elsewhere()
        assert await w.ran("a") == ["ok"]
        yield w, notebook, kernel


def failure(notebook, run):
    return notebook.records[run.id]["failure"]["evalue"]


def test_what_a_kernel_elsewhere_that_is_gone_was_to_run_is_not_run_by_the_next():
    async def story():
        async with elsewhere("1", "2", "3") as (w, notebook, kernel):
            kernel.is_there = False
            (run,) = await w.run("b")
            await until(lambda: kernel.waiting)
            kernel.say("restarting")
            await w.ended(run)
            kernel.start()
            assert (run.status.value, failure(notebook, run)) == ("aborted", reasons.DIED.evalue)
            assert await w.ran("c") == ["ok"]
            assert kernel.requests == ["1", "3"]

    asyncio.run(story())


def test_what_is_asked_of_a_kernel_elsewhere_that_is_being_restarted_is_for_the_next():
    async def story():
        async with elsewhere("1", "2", "3") as (w, notebook, kernel):
            kernel.shutting_down = True
            (run,) = await w.run("b")
            assert w.kernel.queue.generation == 1
            kernel.shutting_down = False
            await restarted(w)
            await w.ended(run)
            assert run.status.value == "ok"
            assert kernel.requests == ["1", "2"]

    asyncio.run(story())


def test_a_restart_that_begins_while_a_run_waits_for_its_kernel_s_answer_gives_the_run_up():
    async def story():
        async with elsewhere("1", "2") as (w, notebook, kernel):
            kernel.is_busy = True
            (run,) = await w.run("b")
            await until(lambda: kernel.waiting)
            kernel.shutting_down = True
            kernel.start()  # it answers just before it goes
            await w.ended(run)
            assert (run.status.value, kernel.requests) == ("aborted", ["1"])

    asyncio.run(story())


def test_a_run_that_a_kernel_elsewhere_may_have_taken_as_it_went_says_so():
    async def story():
        notebook = Notebook("nothing", "endless")
        async with world(notebook) as w:
            kernel = w.here["k"] = Elsewhere()
            kernel.says_nothing, kernel.never_ends = {"nothing"}, {"endless"}
            (unheard,) = await w.run("a")
            await until(lambda: kernel.requests == ["nothing"])
            await restarted(w)
            await w.ended(unheard)
            assert (unheard.status.value, failure(notebook, unheard)) == (
                "aborted",
                f"{reasons.SHUT_DOWN.evalue} {reasons.MAY_RUN}",
            )
            assert notebook.outputs("a")[-1]["evalue"].endswith(reasons.MAY_RUN)
            (begun,) = await w.run("b")
            await until(lambda: w.kernel.state == "busy" and kernel.requests == ["nothing", "endless"])
            await restarted(w)
            await w.ended(begun)
            assert failure(notebook, begun) == reasons.SHUT_DOWN.evalue

    asyncio.run(story())


def test_a_run_that_is_interrupted_before_a_kernel_elsewhere_was_asked_never_begins():
    async def story():
        async with elsewhere("1", "2", "3") as (w, notebook, kernel):
            kernel.is_busy = True
            (run,) = await w.run("b")
            await until(lambda: kernel.waiting)
            w.kernel.interrupted()
            kernel.start()
            await w.ended(run)
            assert (run.status.value, failure(notebook, run)) == ("aborted", reasons.NOT_GIVEN.evalue)
            assert await w.ran("c") == ["ok"]
            assert kernel.requests == ["1", "3"]

    asyncio.run(story())


def test_a_run_that_is_interrupted_while_its_kernel_is_being_connected_never_begins():
    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook) as w, scripted(w.here) as kernel:
            kernel.listens = False
            (run,) = await w.run("a")
            await until(lambda: w.kernel.queue.current is run)
            w.kernel.interrupted()
            await w.ended(run)
            kernel.listens = True
            assert run.status.value == "aborted"
            assert await w.ran("b") == ["ok"]
            assert kernel.requests == ["2"]

    asyncio.run(story())


def test_a_connection_to_another_server_that_broke_is_made_anew_for_the_next_run():
    async def story():
        async with elsewhere("1", "2") as (w, notebook, kernel):
            kernel.clients[0].lose_connection()
            assert await w.ran("b") == ["ok"]
            assert len(kernel.clients) == 2

    asyncio.run(story())


def test_a_run_whose_connection_to_another_server_broke_ends_in_words_and_the_next_waits_for_the_kernel():
    async def story():
        notebook = Notebook("endless", "2", "3")
        async with world(notebook) as w:
            kernel = w.here["k"] = Elsewhere()
            kernel.never_ends = {"endless"}
            runs = await w.run("a", "b")
            await until(lambda: kernel.requests)
            kernel.is_busy = True
            kernel.clients[0].lose_connection()
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["error", "aborted"]
            assert notebook.outputs("a")[-1]["evalue"] == reasons.CUT_OFF
            (run,) = await w.run("c")
            await until(lambda: kernel.waiting)
            kernel.start()
            await w.ended(run)
            assert run.status.value == "ok"
            assert kernel.requests == ["endless", "3"]

    asyncio.run(story())
