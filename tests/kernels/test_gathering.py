"""Requests that a page makes in one moment."""

import asyncio

import pytest

from jupyter_rtc.errors import RtcError, RunError
from jupyter_rtc.kernels.kernels import Asker, Wanted

from .scripted import scripted
from .world import ROOM, Notebook, until, world


def ask(here, cell_id, made_at, user="ana"):
    return asyncio.create_task(here.kernels.run_with_others("k", ROOM, Wanted(cell_id), Asker(user), None, made_at))


def test_they_run_in_the_order_in_which_they_were_made_and_then_in_that_of_the_cells():
    async def story():
        notebook = Notebook("1", "2", "3", "4")
        async with world(notebook) as here, scripted(here.here) as kernel:
            asked = [ask(here, "c", 7.0), ask(here, "d", 6.0), ask(here, "b", 7.0), ask(here, "a", 8.0)]
            runs = await asyncio.gather(*asked)
            await here.ended(*runs)
            assert kernel.requests == ["4", "2", "3", "1"]
            assert len({run.batch for run in runs}) == 1
            assert notebook.caught_up == ["ana"]

    asyncio.run(story())


def test_a_late_one_takes_its_place_before_what_has_not_begun():
    async def story():
        notebook = Notebook("gate", "2", "3", "4")
        begun, go = asyncio.Event(), asyncio.Event()

        async def gate(request):
            begun.set()
            await go.wait()
            request.reply()
            request.idle()

        async with world(notebook) as here, scripted(here.here, gate=gate) as kernel:
            first = [ask(here, "a", 5.0), ask(here, "d", 5.0), ask(here, "b", 5.0)]
            runs = await asyncio.gather(*first)
            await begun.wait()
            runs.append(await ask(here, "c", 5.0))
            go.set()
            await here.ended(*runs)
            assert kernel.requests == ["gate", "2", "3", "4"]

    asyncio.run(story())


def test_a_late_one_whose_batch_has_failed_does_not_run():
    async def story():
        notebook = Notebook("fail", "2")

        async def fail(request):
            request.fails()
            request.idle()

        async with world(notebook) as here, scripted(here.here, fail=fail) as kernel:
            run = await ask(here, "a", 5.0)
            await here.ended(run)
            late = await ask(here, "b", 6.0)
            await here.ended(late)
            assert (run.status.value, late.status.value) == ("error", "aborted")
            assert kernel.requests == ["fail"]
            again = await ask(here, "b", 5000.0)
            await here.ended(again)
            assert again.status.value == "ok"

    asyncio.run(story())


def test_late_ones_of_one_moment_are_queued_together_and_each_is_answered_by_itself():
    async def story():
        notebook = Notebook("gate", "2", "3", "4")
        go = asyncio.Event()

        async def gate(request):
            await go.wait()
            request.reply()
            request.idle()

        async with world(notebook) as here, scripted(here.here, gate=gate) as kernel:
            runs = [await ask(here, "a", 5.0)]
            changes = []
            subscription = notebook.ydoc.observe(lambda _: changes.append(here.kernel.queue.waiting))
            late = [ask(here, "c", 5.0), ask(here, "no such cell", 5.0), ask(here, "b", 5.0), ask(here, "d", 4.0)]
            done = await asyncio.gather(*late, return_exceptions=True)
            notebook.ydoc.unobserve(subscription)
            assert isinstance(done.pop(1), RunError)
            assert [len(waiting) for waiting in changes].count(3) >= 1 and {0, 3} >= set(map(len, changes))
            assert notebook.caught_up == ["ana", "ana"]
            go.set()
            runs += done
            await here.ended(*runs)
            assert kernel.requests == ["gate", "4", "2", "3"]
            assert len({run.batch for run in runs}) == 1

    asyncio.run(story())


def test_what_is_asked_later_than_in_the_same_moment_is_caught_up_with_by_itself():
    async def story():
        notebook = Notebook("gate", "2", "3")
        go, caught_up = asyncio.Event(), asyncio.Event()

        async def gate(request):
            await go.wait()
            request.reply()
            request.idle()

        async def slowly(username):
            notebook.caught_up.append(username)
            await caught_up.wait()

        async with world(notebook) as here, scripted(here.here, gate=gate) as kernel:
            runs = [await ask(here, "a", 5.0)]
            notebook.catch_up = slowly
            late = [ask(here, "b", 5.0)]
            await until(lambda: len(notebook.caught_up) == 2)
            late.append(ask(here, "c", 5.0))
            await until(lambda: len(notebook.caught_up) == 3)
            caught_up.set()
            go.set()
            runs += await asyncio.gather(*late)
            await here.ended(*runs)
            assert kernel.requests == ["gate", "2", "3"]

    asyncio.run(story())


def test_each_is_answered_by_itself():
    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook) as here, scripted(here.here) as kernel:
            good, bad = ask(here, "a", 5.0), ask(here, "no such cell", 5.0)
            with pytest.raises(RunError, match="no such cell"):
                await bad
            await here.ended(await good)
            assert kernel.requests == ["1"]

    asyncio.run(story())


def test_what_waits_when_the_server_stops_is_answered():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here):
            waiting = ask(here, "a", 5.0)
            await until(lambda: notebook.caught_up)
            await here.kernels.close()
            with pytest.raises(RtcError, match="stops"):
                await waiting

    asyncio.run(story())
