"""All kernels that documents use."""

import asyncio
import gc
import weakref
from contextvars import ContextVar

import pytest
from pycrdt import Map

from jupyter_rtc.datastore.outputs import CellOutputs
from jupyter_rtc.errors import KernelUnavailable, RunError, RunStale
from jupyter_rtc.kernels import records, remembered
from jupyter_rtc.kernels.inputs import Answered
from jupyter_rtc.kernels.kernels import Asker, Wanted
from jupyter_rtc.kernels.source_hash import source_hash

from .scripted import Starts, scripted
from .world import ROOM, Notebook, until, world


def test_a_batch_runs_in_its_order_and_can_be_asked_for_by_id():
    async def story():
        notebook = Notebook("1", "2", "3")
        async with world(notebook) as here, scripted(here.here) as kernel:
            runs = await here.run("c", "a", "b")
            await here.ended(*runs)
            assert kernel.requests == ["3", "1", "2"]
            assert [here.kernels.find(run.id).run for run in runs] == runs
            assert here.kernels.find("unknown") is None
            assert notebook.caught_up == ["ana"]

    asyncio.run(story())


def test_a_kernel_that_is_not_there_is_said_in_the_cell_and_to_who_asked():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here:
            with pytest.raises(KernelUnavailable, match="not running"):
                await here.run("a", kernel="gone")
            (output,) = notebook.outputs("a")
            assert (output["ename"], notebook.state("a")) == ("KernelUnavailable", "idle")
            await here.given_back()

    asyncio.run(story())


def test_nothing_of_a_batch_runs_if_one_of_its_cells_cannot():
    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook) as here, scripted(here.here) as kernel:
            with pytest.raises(RunError, match="no such cell"):
                await here.run("a", "nowhere")
            assert kernel.requests == [] and notebook.state("a") != "running"
            await here.given_back()

    asyncio.run(story())


def test_a_cell_that_is_not_as_expected_is_refused_with_its_fresh_text():
    async def story():
        notebook = Notebook("new text")
        async with world(notebook) as here, scripted(here.here) as kernel:
            with pytest.raises(RunStale) as refused:
                await here.run("a", expected_hash=source_hash("old text"))
            assert (refused.value.cell_id, refused.value.source) == ("a", "new text")
            assert kernel.requests == []
            runs = await here.run("a", expected_hash=source_hash("new text"))
            await here.ended(*runs)
            assert kernel.requests == ["new text"]
            assert notebook.caught_up == ["ana"]  # who says what they saw need not be asked

    asyncio.run(story())


def test_two_notebooks_share_one_queue_of_a_kernel():
    async def story():
        one, other = Notebook("1"), Notebook("2", room="json:notebook:other")
        async with world(one, other) as here, scripted(here.here) as kernel:
            runs = await here.run("a") + await here.run("a", user="bo", room=other.room)
            await here.ended(*runs)
            assert kernel.requests == ["1", "2"]
            assert (one.text("a"), other.text("a")) == ("1", "2")
            assert here.kernels.status() == [
                {"kernel": "k", "state": "idle", "generation": 0, "running": None, "waiting": 0}
            ]

    asyncio.run(story())


def test_what_an_earlier_life_of_the_server_left_unfinished_is_ended_when_the_notebook_is_loaded():
    async def story():
        notebook = Notebook("1", "2")
        for run_id, status, cell in (("r", "running", "a"), ("q", "queued", "b"), ("done", "ok", "b")):
            records.executions(notebook.ydoc)[run_id] = Map({"status": status, "cell_id": cell})
        for cell in notebook.cells:
            cell["execution_state"] = "running"
            cell["metadata"].update({"jupyter_server_nbmodel": {"requestId": "r"}, "tags": ["kept"]})
        async with world(notebook):
            assert [cell["metadata"].to_py() for cell in notebook.cells] == [{"tags": ["kept"]}] * 2
            assert [notebook.records[one]["status"] for one in ("r", "q", "done")] == ["aborted", "aborted", "ok"]
            assert [notebook.state(cell) for cell in "ab"] == ["idle", "idle"]
            assert [output["ename"] for output in notebook.outputs("a")] == ["ServerStopped"]
            assert notebook.outputs("b") == []

    asyncio.run(story())


def test_events_of_jupyter_server_reach_the_kernel_that_they_are_about():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here) as kernel:
            assert await here.ran("a") == ["ok"]
            await here.kernels._on_event(None, "", {"kernel_id": "k", "action": "restart", "status": "success"})
            assert here.kernel.queue.generation == 1
            await here.kernels._on_event(None, "", {"kernel_id": "other", "action": "restart"})
            await here.kernels._on_event(None, "", {"kernel_id": "k", "action": "restart", "status": "error"})
            assert here.kernel.queue.generation == 1
            await kernel.begin_anew()
            assert await here.ran("a") == ["ok"]

    asyncio.run(story())


def test_an_answer_to_nothing_is_unknown():
    async def story():
        async with world(Notebook("1")) as here:
            assert here.kernels.answer("k", None, "x", "ana") is Answered.UNKNOWN

    asyncio.run(story())


def test_a_kernel_that_was_removed_is_forgotten():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as here, scripted(here.here):
            assert await here.ran("a") == ["ok"]
            del here.here["k"]
            await here.kernels._on_event(None, "", {"kernel_id": "k", "action": "shutdown", "status": "success"})
            await until(lambda: here.kernel is None)

    asyncio.run(story())


def test_a_kernel_does_not_keep_the_request_that_ran_its_first_cell():
    class Request:
        pass

    request_of: ContextVar[Request] = ContextVar("request_of")

    async def asked(here):
        request = Request()
        request_of.set(request)
        return weakref.ref(request), await here.run("a")

    async def story():
        async with world(Notebook("1")) as here, scripted(here.here):
            request, runs = await asyncio.create_task(asked(here))
            await here.ended(*runs)
            # timers that were cancelled hold it until their time has come
            await until(lambda: (gc.collect(), request())[1] is None, what="the request to be given back")
            await here.given_back()

    asyncio.run(story())


def in_memory():
    """Return how many characters of outputs are in memory, whoever has them."""
    gc.collect()
    return sum(len(str(one.as_nbformat())) for one in gc.get_objects() if isinstance(one, CellOutputs))


async def prints_much(request):
    request.prints("x" * 10_000)
    request.reply()
    request.idle()


def test_outputs_of_runs_that_ended_take_a_bounded_memory_however_many_cells_were_run(monkeypatch):
    async def story():
        monkeypatch.setattr(remembered, "BYTES", 50_000)
        notebook, before = Notebook(*["much"] * 20), in_memory()
        async with world(notebook) as here, scripted(here.here, much=prints_much):
            first, *_, last = await here.run(*"abcdefghijklmnopqrst")
            await here.ended(last)
            assert in_memory() - before < 60_000
            assert here.kernels.find(first.id) is None
            assert here.kernels.find(last.id).outputs.as_nbformat() == notebook.outputs("t")
            assert all(notebook.text(cell) == "x" * 10_000 for cell in "abcdefghijklmnopqrst")

    asyncio.run(story())


def test_of_a_cell_that_is_run_again_and_again_one_run_s_outputs_are_in_memory():
    async def story():
        notebook, before = Notebook("much"), in_memory()
        async with world(notebook) as here, scripted(here.here, much=prints_much):
            runs = [run for _ in range(10) for run in await here.run("a")]
            await here.ended(*runs)
            assert in_memory() - before < 12_000
            assert [here.kernels.find(run.id).is_let_go for run in runs] == [True] * 9 + [False]

    asyncio.run(story())


def test_of_a_kernel_that_is_gone_no_outputs_are_in_memory_and_how_its_runs_went_can_be_asked_for():
    async def story():
        notebook, before = Notebook("much", "much"), in_memory()
        async with world(notebook) as here, scripted(here.here, much=prints_much):
            runs = await here.run("a", "b")
            await here.ended(*runs)
            del here.here["k"]
            await here.kernels._on_event(None, "", {"kernel_id": "k", "action": "shutdown", "status": "success"})
            await until(lambda: here.kernel is None)
            await until(lambda: in_memory() - before < 1000)
            assert [here.kernels.find(run.id).run.status.value for run in runs] == ["ok", "ok"]

    asyncio.run(story())


def test_a_display_is_updated_as_long_as_its_run_is_remembered_and_then_stays_as_it_is(monkeypatch):
    async def story():
        async def shows(request):
            request.shows("first", "d")
            request.shows("x" * 1000)
            request.reply()
            request.idle()

        def updates(text):
            async def run(request):
                request.shows(text, "d", "update_display_data")
                request.reply()
                request.idle()

            return run

        cells = {"shows": shows, "second": updates("second"), "third": updates("third"), "much": prints_much}
        notebook = Notebook("shows", "second", "much", "third")
        async with world(notebook) as here, scripted(here.here, **cells):
            assert await here.ran("a") == ["ok"]
            assert await here.ran("b") == ["ok"]
            assert notebook.outputs("a")[0]["data"] == {"text/plain": "second"}
            monkeypatch.setattr(remembered, "BYTES", 10_500)
            assert await here.ran("c") == ["ok"]
            assert await here.ran("d") == ["ok"]
            assert notebook.outputs("a")[0]["data"] == {"text/plain": "second"}

    asyncio.run(story())


# --- what was asked before a restart ---------------------------------------------------------------------


async def restart(here, starts):
    await starts.shut_down()
    await starts.start()
    await here.kernels._on_event(None, "", {"kernel_id": "k", "action": "restart", "status": "success"})


def by_request(here, notebook):
    return asyncio.create_task(here.run("b"))


def in_a_burst(here, notebook):
    return asyncio.create_task(here.kernels.run_with_others("k", ROOM, Wanted("b"), Asker("ana"), None, 5000.0))


def by_record(here, notebook):
    with notebook.typing_as("ana"):
        records.executions(notebook.ydoc)["asked"] = Map({"status": "requested", "cell_id": "b"})


@pytest.mark.parametrize("ask", [by_request, in_a_burst, by_record])
def test_what_was_asked_before_a_restart_and_is_queued_after_it_does_not_run(ask):
    async def story():
        notebook, arrived, waiting = Notebook("1", "2"), asyncio.Event(), asyncio.Event()

        async def slowly(*_):
            waiting.set()
            await arrived.wait()
            return "k"

        async with world(notebook) as here, scripted(here.here) as kernel:
            starts = Starts(kernel)
            kernel.ready.set_result(None)
            assert await here.ran("a") == ["ok"]
            notebook.catch_up = here.kernels._kernel_of = slowly
            asking = ask(here, notebook)
            await waiting.wait()
            await restart(here, starts)
            arrived.set()
            if asking is not None:
                await asking
            await until(lambda: [one for one in notebook.records.values() if one["status"] == "aborted"])
            (record,) = [one for one in notebook.records.values() if one["cell_id"] == "b"]
            assert (record["status"], record["failure"]["ename"]) == ("aborted", "KernelShutDown")
            assert "2" not in kernel.requests and notebook.state("b") == "idle"
            assert await here.ran("b") == ["ok"]

    asyncio.run(story())


def test_what_is_asked_while_the_kernel_is_restarted_runs_in_the_new_one_however_late_it_is_queued():
    async def story():
        notebook, arrived, waiting = Notebook("1", "2"), asyncio.Event(), asyncio.Event()

        async def slowly(_):
            waiting.set()
            await arrived.wait()

        async with world(notebook) as here, scripted(here.here) as kernel:
            starts = Starts(kernel)
            kernel.ready.set_result(None)
            assert await here.ran("a") == ["ok"]
            notebook.catch_up = slowly
            await starts.shut_down()
            asking = by_request(here, notebook)
            await waiting.wait()
            await starts.start()
            await here.kernels._on_event(None, "", {"kernel_id": "k", "action": "restart", "status": "success"})
            arrived.set()
            (run,) = await asking
            await here.ended(run)
            assert (run.status.value, kernel.requests) == ("ok", ["1", "2"])

    asyncio.run(story())


def test_what_a_page_asked_in_one_moment_before_a_restart_does_not_run_however_late_it_comes():
    async def story():
        async def ask(cell_id, made_at):
            run = await here.kernels.run_with_others("k", ROOM, Wanted(cell_id), Asker("ana"), None, made_at)
            await here.ended(run)
            return run.status.value

        notebook = Notebook("1", "2", "3")
        async with world(notebook) as here, scripted(here.here) as kernel:
            starts = Starts(kernel)
            kernel.ready.set_result(None)
            assert await ask("a", 1000.0) == "ok"
            await restart(here, starts)
            assert await ask("b", 1010.0) == "aborted"
            assert await ask("c", 5000.0) == "ok"
            assert kernel.requests == ["1", "3"]

    asyncio.run(story())
