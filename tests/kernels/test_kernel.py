"""One kernel, as the documents use it: order, and every end that a run can have."""

import asyncio
from contextlib import asynccontextmanager, contextmanager

import pytest
from pycrdt import Map, Text

from jupyter_rtc.kernels import records, wire
from jupyter_rtc.kernels.kernel import PRUNE_EVERY
from jupyter_rtc.kernels.run import Options

from .dialling import dial_often, die_before
from .scripted import Starts, scripted, wired
from .world import Notebook, has_tried_to_write, until, world


class Gate:
    """Code that says that it began, and ends when it is let."""

    def __init__(self, status="ok"):
        self.begun = asyncio.Event()
        self.open = asyncio.Event()
        self._status = status

    async def __call__(self, request):
        request.prints("begun")
        self.begun.set()
        await self.open.wait()
        if self._status == "ok":
            request.reply()
        else:
            request.fails()
        request.idle()


async def fails(request):
    request.fails("ZeroDivisionError", "division by zero")
    request.idle()


# --- order --------------------------------------------------------------------------------------------


def test_runs_come_in_order_and_show_in_their_cells():
    async def story():
        notebook = Notebook("one", "two")
        async with world(notebook) as w, scripted(w.here) as kernel:
            assert await w.ran("a", "b") == ["ok", "ok"]
            assert kernel.requests == ["one", "two"]
            assert (notebook.text("a"), notebook.count("a"), notebook.state("a")) == ("one", 1, "idle")
            assert (notebook.text("b"), notebook.count("b"), notebook.state("b")) == ("two", 2, "idle")
            await w.given_back()

    asyncio.run(story())


def test_nobody_s_cell_comes_into_another_one_s_batch():
    async def story():
        gate = Gate()
        notebook = Notebook("gate", "1", "2", "3")
        async with world(notebook) as w, scripted(w.here, gate=gate) as kernel:
            batch = await w.run("a", "b", "c")
            await gate.begun.wait()
            other = await w.run("d", user="bo")
            assert notebook.records[other[0].id]["position"] == 3
            assert notebook.state("d") == "running"
            gate.open.set()
            await w.ended(*batch, *other)
            assert kernel.requests == ["gate", "1", "2", "3"]

    asyncio.run(story())


def test_an_error_stops_the_same_person_s_runs_and_nobody_else_s():
    async def story():
        gate = Gate("error")
        notebook = Notebook("gate", "1", "2", "3")
        async with world(notebook) as w, scripted(w.here, gate=gate) as kernel:
            batch = await w.run("a", "b")
            later = await w.run("c")
            other = await w.run("d", user="bo")
            await gate.begun.wait()
            gate.open.set()
            await w.ended(*batch, *later, *other)
            assert [run.status.value for run in batch + later + other] == ["error", "aborted", "aborted", "ok"]
            assert notebook.state("b") == "idle" and notebook.outputs("b") == []
            assert "failed" in notebook.records[batch[1].id]["failure"]["evalue"]
            assert kernel.requests == ["gate", "3"]

    asyncio.run(story())


def test_who_does_not_want_to_be_stopped_by_an_error_is_not():
    async def story():
        notebook = Notebook("fails", "2")
        async with world(notebook) as w, scripted(w.here, fails=fails):
            assert await w.ran("a", "b", options=Options(stop_on_error=False)) == ["error", "ok"]

    asyncio.run(story())


def test_a_cell_that_is_run_twice_quickly_shows_the_second_run():
    async def story():
        counts = iter(("first", "second"))

        async def counted(request):
            request.prints(next(counts))
            request.reply()
            request.idle()

        notebook = Notebook("count")
        async with world(notebook) as w, scripted(w.here, count=counted):
            runs = await w.run("a") + await w.run("a")
            await w.ended(*runs)
            assert (notebook.text("a"), notebook.count("a"), notebook.state("a")) == ("second", 2, "idle")

    asyncio.run(story())


# --- what happens to the kernel -----------------------------------------------------------------------


async def restart(w, kernel):
    await kernel.begin_anew()
    w.kernel.restarted()


async def shut_down(w, kernel):
    await kernel.die()
    del w.here["k"]
    w.kernel.shut_down()


async def die_and_come_back(w, kernel):
    await kernel.die()
    kernel.tell("restart")
    await kernel.start()


async def die_for_good(w, kernel):
    await kernel.die()
    kernel.tell("dead")


async def die_unnoticed(w, kernel):
    await kernel.die()


ENDS = {
    restart: "restarted",
    shut_down: "shut down",
    die_and_come_back: "died",
    die_for_good: "died",
    die_unnoticed: "died",
}


@pytest.mark.parametrize("happens", ENDS, ids=lambda happens: happens.__name__)
def test_what_ends_the_kernel_ends_what_runs_and_what_waits(happens):
    async def story():
        notebook = Notebook("gate", "2", "3")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            runs = await w.run("a", "b") + await w.run("c", user="bo")
            await until(lambda: notebook.text("a") == "begun")
            await happens(w, kernel)
            await w.ended(*runs, seconds=5)
            assert [run.status.value for run in runs] == ["aborted"] * 3
            assert [notebook.state(cell) for cell in "abc"] == ["idle"] * 3
            assert notebook.text("a") == "begun"
            assert ENDS[happens] in notebook.outputs("a")[-1]["evalue"]
            assert kernel.requests == ["gate"]
            await w.given_back()

    asyncio.run(story())


@pytest.mark.parametrize("happens", ENDS, ids=lambda happens: happens.__name__)
def test_what_ends_the_kernel_while_it_does_not_answer_yet_ends_what_waits_for_it(happens):
    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook) as w, scripted(w.here) as kernel:
            kernel.listens = False
            runs = await w.run("a", "b")
            await until(lambda: kernel.unanswered)
            await happens(w, kernel)
            await w.ended(*runs, seconds=5)
            assert [run.status.value for run in runs] == ["aborted"] * 2
            assert [notebook.state(cell) for cell in "ab"] == ["idle"] * 2
            await w.given_back()

    asyncio.run(story())


@pytest.mark.parametrize("happens", [restart, die_and_come_back])
def test_the_next_run_works_in_the_kernel_that_came_back(happens):
    async def story():
        notebook = Notebook("gate", "2")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            runs = await w.run("a")
            await kernel.cells["gate"].begun.wait()
            await happens(w, kernel)
            await w.ended(*runs)
            assert await w.ran("b") == ["ok"]
            assert (notebook.count("b"), notebook.records[runs[0].id]["generation"]) == (1, 0)
            assert notebook.kernel_state("k")["generation"] == 1

    asyncio.run(story())


def test_what_is_asked_of_a_kernel_that_is_gone_says_so_in_the_cell():
    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook) as w, scripted(w.here) as kernel:
            assert await w.ran("a") == ["ok"]
            await die_for_good(w, kernel)
            assert await w.ran("a") == ["error"]
            assert [one["output_type"] for one in notebook.outputs("a")] == ["error"]
            assert "not running" in notebook.outputs("a")[0]["evalue"]
            assert notebook.state("a") == "idle"
            await restart(w, kernel)
            assert await w.ran("a") == ["ok"]

    asyncio.run(story())


def test_a_kernel_that_never_answers_is_given_up_and_the_cell_says_so():
    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook, start_timeout=0.3) as w, scripted(w.here) as kernel:
            kernel.listens = False
            assert await w.ran("a", "b") == ["error", "error"] or await w.ran("a", "b") == ["error", "aborted"]
            assert "does not answer" in notebook.outputs("a")[0]["evalue"]
            assert [notebook.outputs(cell)[-1]["ename"] for cell in "ab"] == ["KernelUnavailable"] * 2
            assert [notebook.state(cell) for cell in "ab"] == ["idle"] * 2
            kernel.listens = True
            assert await w.ran("a", "b") == ["ok", "ok"]

    asyncio.run(story())


def test_a_kernel_that_is_busy_with_what_somebody_else_asked_of_it_is_waited_for(monkeypatch):
    monkeypatch.setattr(wire, "_PROBE_BUSY_EVERY", 0.1)

    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook, start_timeout=0.6) as w, scripted(w.here) as kernel:
            kernel.is_busy = True
            runs = await w.run("a", "b")
            await until(lambda: kernel.asked_aside > 15)  # which takes longer
            assert [run.status.value for run in runs] == ["queued", "queued"]
            kernel.is_busy = False
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["ok", "ok"]

    asyncio.run(story())


def test_an_interrupt_gives_up_the_rest_of_the_same_person_s_cells():
    async def story():
        notebook = Notebook("gate", "2", "3")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            runs = await w.run("a", "b") + await w.run("c", user="bo")
            await kernel.cells["gate"].begun.wait()
            kernel.interrupt()
            w.kernel.interrupted()
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["error", "aborted", "ok"]
            assert notebook.outputs("a")[-1]["ename"] == "KeyboardInterrupt"

    asyncio.run(story())


def test_a_run_that_is_interrupted_behind_somebody_else_s_code_is_not_sent_again():
    async def story():
        behind, interrupted = asyncio.Event(), asyncio.Event()

        async def aborted(request):
            behind.set()
            await interrupted.wait()
            request.reply("aborted")
            request.idle()

        notebook = Notebook("aborted", "2")
        async with world(notebook) as w, scripted(w.here, aborted=aborted) as kernel:
            runs = await w.run("a", "b")
            await behind.wait()
            w.kernel.interrupted()
            interrupted.set()
            await w.ended(*runs)
            assert kernel.requests == ["aborted"]
            assert [run.status.value for run in runs] == ["aborted"] * 2
            assert ["interrupted" in notebook.records[run.id]["failure"]["evalue"] for run in runs] == [True] * 2

    asyncio.run(story())


async def failed(w, action="restart"):
    await w.kernels._on_event(None, "", {"kernel_id": "k", "action": action, "status": "error"})


@pytest.mark.parametrize("told", [True, False], ids=["and that is told", "and nobody says so"])
def test_a_kernel_that_does_not_start_again_ends_all_in_words_until_it_does(told):
    async def story():
        notebook = Notebook("gate", "2", "3")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            starts = Starts(kernel)
            runs = await w.run("a", "b") + await w.run("c", user="bo")
            await until(lambda: notebook.text("a") == "begun")
            await starts.shut_down()
            starts.fail_to_start()
            if told:
                await failed(w)
            await w.ended(*runs, seconds=5)
            assert [run.status.value for run in runs] == ["aborted"] * 3
            assert [notebook.state(cell) for cell in "abc"] == ["idle"] * 3
            assert ["did not start again" in notebook.outputs(cell)[-1]["evalue"] for cell in "abc"] == [True] * 3
            assert notebook.kernel_state("k")["execution_state"] == "dead"
            assert await w.ran("a") == ["error"]
            assert "could not be started" in notebook.outputs("a")[-1]["evalue"]
            await starts.start()
            await until(lambda: notebook.kernel_state("k")["execution_state"] == "starting")
            assert await w.ran("b") == ["ok"]
            await w.given_back()

    asyncio.run(story())


def test_what_is_asked_while_the_kernel_is_being_shut_down_is_for_the_one_that_comes():
    async def story():
        notebook = Notebook("gate", "2", "3")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            starts = Starts(kernel)
            runs = await w.run("a", "b")
            await until(lambda: notebook.text("a") == "begun")
            await starts.shut_down()
            later = await w.run("c")
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["aborted"] * 2
            assert "restarted" in notebook.outputs("a")[-1]["evalue"]
            assert later[0].status.value == "queued"
            await starts.start()
            await w.ended(*later)
            assert (later[0].status.value, kernel.requests) == ("ok", ["gate", "3"])

    asyncio.run(story())


def test_what_is_asked_after_a_new_start_and_before_word_of_it_is_run_once_and_to_its_end():
    async def story():
        gate = Gate()
        notebook = Notebook("1", "gate")
        async with world(notebook) as w, scripted(w.here, gate=gate) as kernel:
            starts = Starts(kernel)
            kernel.ready.set_result(None)
            assert await w.ran("a") == ["ok"]
            await starts.shut_down()  # nothing is asked meanwhile, so nobody looks
            kernel.shutting_down = False
            starts.begin()
            await kernel.start()
            kernel.has_kernel = True
            (run,) = await w.run("b")
            await gate.begun.wait()
            kernel.ready.set_result(None)
            await restarted(w)
            gate.open.set()
            await w.ended(run)
            assert (run.status.value, kernel.requests) == ("ok", ["1", "gate"])
            assert notebook.text("b") == "begun"

    asyncio.run(story())


@asynccontextmanager
async def being_restarted():
    """Give a kernel that runs one cell while another waits, and that somebody has just begun to restart."""
    notebook = Notebook("gate", "2")
    async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
        starts = Starts(kernel)
        runs = await w.run("a", "b")
        await until(lambda: notebook.text("a") == "begun")
        kernel.shutting_down = True
        starts.begin()
        yield w, notebook, kernel, starts, runs


def test_a_run_that_a_restart_interrupts_before_it_stops_the_kernel_is_aborted_by_the_restart():
    async def story():
        async with being_restarted() as (w, notebook, kernel, starts, runs):
            kernel.interrupt()
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["aborted"] * 2
            assert [one["ename"] for one in notebook.outputs("a")[1:]] == ["KeyboardInterrupt", "KernelShutDown"]
            await starts.shut_down()
            await starts.start()
            assert await w.ran("b") == ["ok"]

    asyncio.run(story())


def test_what_was_given_up_with_a_kernel_is_not_run_by_the_one_that_comes_after_it():
    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook) as w, scripted(w.here) as kernel, wired(kernel) as witness:
            dial_often(w.kernels._around.context)
            assert await w.ran("a") == ["ok"]
            await die_before(kernel, w.kernel._wire, witness)
            assert await w.ran("b") == ["aborted"]
            witness.execute("witness", Options(), None)
            await kernel.start()
            await until(lambda: "witness" in kernel.requests)  # what waits for a kernel has come to it
            assert await w.ran("b") == ["ok"]
            assert kernel.requests == ["1", "witness", "2"]

    asyncio.run(story())


def test_no_task_is_left_of_a_connection_that_was_being_made_when_the_server_stopped():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as w, scripted(w.here) as kernel:
            kernel.listens = False
            await w.run("a")
            await until(lambda: any(task.get_name().startswith("connecting to") for task in asyncio.all_tasks()))
            await w.kernels.close()
            assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("connecting to")]

    asyncio.run(story())


def test_a_run_that_ends_well_while_the_kernel_is_being_shut_down_ended_well():
    async def story():
        async with being_restarted() as (w, _, kernel, _, runs):
            kernel.cells["gate"].open.set()
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["ok", "aborted"]

    asyncio.run(story())


def test_a_kernel_that_is_never_shut_down_whole_is_not_waited_for_for_ever():
    async def story():
        notebook = Notebook("gate", "2")
        async with world(notebook, start_timeout=1.0) as w, scripted(w.here, gate=Gate()) as kernel:
            starts = Starts(kernel)
            runs = await w.run("a")
            await until(lambda: notebook.text("a") == "begun")
            await starts.shut_down()
            runs += await w.run("b")
            await w.ended(*runs, seconds=5)
            assert [run.status.value for run in runs] == ["aborted", "error"]
            assert "not running" in notebook.outputs("b")[0]["evalue"]

    asyncio.run(story())


def test_a_restart_that_fails_while_the_process_is_still_there_ends_nothing():
    async def story():
        notebook = Notebook("gate", "2")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            starts = Starts(kernel)
            runs = await w.run("a", "b")
            await until(lambda: notebook.text("a") == "begun")
            kernel.shutting_down = True
            starts.fail()
            await failed(w)
            kernel.cells["gate"].open.set()
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["ok", "ok"]

    asyncio.run(story())


async def restarted(w):
    await w.kernels._on_event(None, "", {"kernel_id": "k", "action": "restart", "status": "success"})


def test_word_of_a_restart_that_was_seen_already_ends_nothing_and_the_next_one_does():
    async def opens_comm(request):
        request.say("comm_open", comm_id="c", target_name="jupyter.widget", data={"state": {}})
        request.reply()
        request.idle()

    async def story():
        notebook = Notebook("gate", "comm", "3")
        async with world(notebook) as w, scripted(w.here, gate=Gate(), comm=opens_comm) as kernel:
            starts = Starts(kernel)
            assert await w.ran("c") == ["ok"]
            await starts.shut_down()
            kernel.tell("restart")
            await starts.start()
            await until(lambda: notebook.kernel_state("k")["execution_state"] == "starting")
            await restarted(w)
            assert await w.ran("b") == ["ok"]
            assert list(w.kernel.comms.as_json()) == ["c"]
            runs = await w.run("a", "c")
            await until(lambda: notebook.text("a") == "begun")
            await restarted(w)
            assert w.kernel.queue.generation == 1 and runs[0].status.value == "running"

            await starts.shut_down()
            await starts.start()
            await restarted(w)
            await w.ended(*runs, seconds=5)
            assert [run.status.value for run in runs] == ["aborted"] * 2
            assert w.kernel.queue.generation == 2 and w.kernel.comms.as_json() == {}
            assert await w.ran("c") == ["ok"]

    asyncio.run(story())


# --- how a run's end is known --------------------------------------------------------------------------


def test_a_run_ends_without_idle_once_the_kernel_has_answered_something_else():
    async def silent(request):
        request.prints("x")
        request.reply()

    async def story():
        notebook = Notebook("silent")
        async with world(notebook) as w, scripted(w.here, silent=silent):
            assert await w.ran("a") == ["ok"]
            assert notebook.text("a") == "x"

    asyncio.run(story())


@pytest.mark.parametrize(("interrupts", "ename"), [(True, "KeyboardInterrupt"), (False, "NoReply")])
def test_a_run_ends_without_a_reply_once_the_kernel_has_answered_something_else(interrupts, ename):
    async def story():
        begun, goes_on = asyncio.Event(), asyncio.Event()

        async def unanswered(request):
            begun.set()
            await goes_on.wait()
            request.prints("x")
            request.idle()

        notebook = Notebook("unanswered", "2")
        async with world(notebook) as w, scripted(w.here, unanswered=unanswered) as kernel:
            runs = await w.run("a")
            await begun.wait()
            if interrupts:
                w.kernel.interrupted()
            goes_on.set()
            await w.ended(*runs)
            assert kernel.requests == ["unanswered"]
            assert (runs[0].status.value, notebook.state("a")) == ("error", "idle")
            printed, error = notebook.outputs("a")
            assert (printed["text"], error["ename"]) == ("x", ename)
            assert await w.ran("b") == ["ok"]

    asyncio.run(story())


def test_what_the_kernel_gave_up_because_of_somebody_else_is_sent_again():
    async def story():
        refused = iter((True, True, False))

        async def aborted_twice(request):
            if next(refused):
                request.reply("aborted")
            else:
                request.prints("at last")
                request.reply()
            request.idle()

        notebook = Notebook("again")
        async with world(notebook) as w, scripted(w.here, again=aborted_twice):
            assert await w.ran("a") == ["ok"]
            assert (notebook.text("a"), notebook.count("a")) == ("at last", 3)

    asyncio.run(story())


def test_help_that_comes_with_the_answer_is_in_the_cell_when_it_ends():
    async def story():
        async def helps(request):
            request.reply(payload=[{"source": "page", "data": {"text/plain": "Return the length."}, "start": 0}])
            request.idle()

        notebook = Notebook("len?")
        async with world(notebook) as w, scripted(w.here, **{"len?": helps}):
            assert await w.ran("a") == ["ok"]
            shown = {"output_type": "display_data", "data": {"text/plain": "Return the length."}, "metadata": {}}
            assert notebook.outputs("a") == [shown]

    asyncio.run(story())


def test_what_the_kernel_always_gives_up_ends_as_aborted():
    async def aborted(request):
        request.reply("aborted")
        request.idle()

    async def story():
        notebook = Notebook("never")
        async with world(notebook) as w, scripted(w.here, never=aborted):
            assert await w.ran("a") == ["aborted"]
            assert notebook.state("a") == "idle"

    asyncio.run(story())


# --- the cell changes meanwhile ------------------------------------------------------------------------


def test_a_cell_that_is_moved_while_it_runs_shows_the_rest_where_it_is():
    async def story():
        notebook = Notebook("gate", "2")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            runs = await w.run("a")
            await until(lambda: notebook.text("a") == "begun")
            notebook.move_to_end("a")
            kernel.cells["gate"].open.set()
            await w.ended(*runs)
            assert [cell["id"] for cell in notebook.cells] == ["b", "a"]
            assert (notebook.text("a"), notebook.count("a"), notebook.state("a")) == ("begun", 1, "idle")

    asyncio.run(story())


def test_a_cell_that_is_deleted_while_it_runs_ends_and_one_that_comes_back_shows_all():
    async def story():
        gate, more = Gate(), asyncio.Event()

        async def in_two_parts(request):
            request.prints("one ")
            gate.begun.set()
            await gate.open.wait()
            request.prints("two ")
            await more.wait()
            request.prints("three")
            request.reply()
            request.idle()

        notebook = Notebook("parts", "2")
        async with world(notebook) as w, scripted(w.here, parts=in_two_parts):
            (run,) = await w.run("a")
            await until(lambda: notebook.text("a") == "one ")
            copy = notebook.remove("a")
            gate.open.set()
            await until(lambda: has_tried_to_write("two", w.kernels.find(run.id)))
            with notebook.typing():
                notebook.cells.append(copy)
            more.set()
            await w.ended(run)
            assert notebook.text("a") == "one two three"

    asyncio.run(story())


def test_a_cell_that_is_deleted_while_it_waits_is_not_run():
    async def story():
        notebook = Notebook("gate", "2")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            runs = await w.run("a") + await w.run("b")
            await kernel.cells["gate"].begun.wait()
            notebook.remove("b")
            kernel.cells["gate"].open.set()
            await w.ended(*runs)
            assert runs[1].status.value == "aborted"
            assert kernel.requests == ["gate"]
            assert "deleted" in notebook.records[runs[1].id]["failure"]["evalue"]

    asyncio.run(story())


def as_markdown(notebook, cell_id):
    """Make a cell Markdown as JupyterLab does: another one of the same id takes its place."""
    at = [cell["id"] for cell in notebook.cells].index(cell_id)
    with notebook.typing():
        del notebook.cells[at]
        other = {"id": cell_id, "cell_type": "markdown", "source": Text("text"), "metadata": Map({})}
        notebook.cells.insert(at, Map(other))


def as_markdown_in_place(notebook, cell_id):
    """Make a cell Markdown where it is."""
    cell = notebook.cell(cell_id)
    with notebook.typing():
        cell["cell_type"] = "markdown"
        del cell["outputs"], cell["execution_count"]


@pytest.mark.parametrize("change", [as_markdown, as_markdown_in_place])
def test_a_cell_that_is_made_markdown_is_left_alone_and_not_run_if_it_waits(change):
    async def story():
        gate = Gate()
        notebook = Notebook("gate", "2")
        async with world(notebook) as w, scripted(w.here, gate=gate) as kernel:
            runs = await w.run("a", "b")
            await gate.begun.wait()
            for cell_id in "ab":
                change(notebook, cell_id)
            gate.open.set()
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["ok", "aborted"]
            assert kernel.requests == ["gate"]
            assert "no code" in notebook.records[runs[1].id]["failure"]["evalue"]
            for cell_id in "ab":
                assert set(notebook.cell(cell_id)) == {"id", "cell_type", "source", "metadata"}

    asyncio.run(story())


# --- what comes late -----------------------------------------------------------------------------------


def test_an_output_that_comes_after_the_end_is_shown_in_its_cell():
    async def story():
        kept = []

        async def leaves_a_thread(request):
            request.prints("now ")
            kept.append(request)
            request.reply()
            request.idle()

        notebook = Notebook("thread", "2")
        async with world(notebook) as w, scripted(w.here, thread=leaves_a_thread):
            await w.ran("a")
            await w.ran("b")
            await w.given_back()
            kept[0].prints("later")
            await until(lambda: notebook.text("a") == "now later")
            await w.given_back()

    asyncio.run(story())


def test_an_output_of_an_earlier_run_of_the_same_cell_is_not_shown():
    async def story():
        kept = []

        async def leaves_a_thread(request):
            kept.append(request)
            await request.kernel.cells["prints itself"](request)

        async def prints(request):
            request.prints("x")
            request.reply()
            request.idle()

        notebook = Notebook("thread")
        cells = {"thread": leaves_a_thread, "prints itself": prints}
        async with world(notebook) as w, scripted(w.here, **cells):
            await w.ran("a")
            await w.ran("a")
            kept[0].prints("old")
            kept[1].prints("new")
            await until(lambda: "new" in notebook.text("a"))
            assert notebook.text("a") == "xnew"

    asyncio.run(story())


def test_a_display_is_updated_in_the_cell_of_another_run():
    async def shows(request):
        request.shows("0 %", "bar")
        request.reply()
        request.idle()

    async def updates(request):
        request.shows("100 %", "bar", "update_display_data")
        request.reply()
        request.idle()

    async def story():
        notebook = Notebook("shows", "updates")
        async with world(notebook) as w, scripted(w.here, shows=shows, updates=updates):
            await w.ran("a", "b")
            assert notebook.outputs("a")[0]["data"] == {"text/plain": "100 %"}
            assert notebook.outputs("b") == []

    asyncio.run(story())


def test_a_display_of_a_kernel_that_was_restarted_stays_as_it_was():
    async def shows(request):
        request.shows("old", "bar")
        request.reply()
        request.idle()

    async def shows_and_updates(request):
        request.shows("new", "bar")
        request.shows("newer", "bar", "update_display_data")
        request.reply()
        request.idle()

    async def story():
        notebook = Notebook("shows", "updates")
        async with world(notebook) as w, scripted(w.here, shows=shows, updates=shows_and_updates) as kernel:
            assert await w.ran("a") == ["ok"]
            await restart(w, kernel)
            assert await w.ran("b") == ["ok"]
            assert [notebook.outputs(cell)[0]["data"]["text/plain"] for cell in "ab"] == ["old", "newer"]

    asyncio.run(story())


# --- what nobody foresaw -------------------------------------------------------------------------------


class Defect(Exception):
    """What nobody foresaw."""


@contextmanager
def broken(thing, method):
    """Let one method fail until the end of the block."""

    def fail(*_, **__):
        raise Defect(method)

    setattr(thing, method, fail)
    try:
        yield
    finally:
        delattr(thing, method)


def test_a_defect_while_connecting_ends_the_run_in_words_and_the_next_run_works(caplog):
    async def story():
        notebook = Notebook("1", "2", "3")
        async with world(notebook) as w, scripted(w.here) as kernel:
            with broken(kernel, "client"):
                runs = await w.run("a", "b") + await w.run("c", user="bo")
                await w.ended(*runs, seconds=5)
            assert [run.status.value for run in runs] == ["error", "aborted", "error"]
            assert "defect" in notebook.outputs("a")[0]["evalue"]
            assert [notebook.state(cell) for cell in "abc"] == ["idle"] * 3
            assert await w.ran("a", "b", "c") == ["ok"] * 3
            await w.given_back()

    asyncio.run(story())
    assert "Defect" in caplog.text


def test_a_defect_in_the_middle_of_a_run_ends_it_in_words_and_the_next_run_works(caplog):
    async def story():
        notebook = Notebook("gate", "2", "3")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            runs = await w.run("a", "b") + await w.run("c", user="bo")
            await until(lambda: notebook.text("a") == "begun")
            with broken(w.kernel.inputs, "cancel"):
                kernel.cells["gate"].open.set()
                await w.ended(runs[0], seconds=5)
            await w.ended(*runs)
            assert "defect" in notebook.outputs("a")[-1]["evalue"]
            assert [run.status.value for run in runs][:2] == ["error", "aborted"]
            assert [notebook.state(cell) for cell in "abc"] == ["idle"] * 3
            assert await w.ran("a", "b", "c") == ["ok"] * 3
            await w.given_back()

    asyncio.run(story())
    assert "Defect" in caplog.text


def test_a_kernel_that_cannot_be_asked_whether_it_lives_goes_on_running(caplog):
    async def story():
        notebook = Notebook("gate")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            runs = await w.run("a")
            await until(lambda: notebook.text("a") == "begun")
            with broken(kernel, "is_alive"):
                await until(lambda: "cannot be found out" in caplog.text)
                kernel.cells["gate"].open.set()
                await w.ended(*runs)
            assert runs[0].status.value == "ok"

    asyncio.run(story())


def test_a_document_that_refuses_every_change_holds_up_nobody_else_s_run(caplog):
    async def story():
        one, other = Notebook("gate", "2"), Notebook("3", room="json:notebook:other")
        async with world(one, other) as w, scripted(w.here, gate=Gate()) as kernel:
            runs = await w.run("a", "b") + await w.run("a", user="bo", room=other.room)
            await kernel.cells["gate"].begun.wait()
            with broken(one, "edit"):
                kernel.cells["gate"].open.set()
                await w.ended(*runs)
            assert other.text("a") == "3"
            await w.given_back()
            for record in records.executions(one.ydoc).values():
                record["status"] = "ok"

    asyncio.run(story())
    assert "Defect" in caplog.text


def test_outputs_that_are_no_outputs_do_not_keep_a_cell_from_running():
    async def story():
        notebook = Notebook("1", "2")
        async with world(notebook) as w, scripted(w.here):
            with notebook.typing():
                notebook.cell("a")["outputs"] = "nonsense"
                notebook.cell("a")["metadata"] = 7
            runs = await w.run("a", "b")
            await w.ended(*runs)
            assert runs[1].status.value in ("ok", "aborted")
            assert await w.ran("b") == ["ok"]
            await w.given_back()

    asyncio.run(story())


def test_a_run_whose_record_is_replaced_or_deleted_by_somebody_ends_all_the_same():
    async def story():
        notebook = Notebook("gate", "2", "3")
        async with world(notebook) as w, scripted(w.here, gate=Gate()) as kernel:
            runs = await w.run("a", "b") + await w.run("c", user="bo")
            await until(lambda: notebook.text("a") == "begun")
            with notebook.typing():
                table = records.executions(notebook.ydoc)
                table[runs[0].id] = "nonsense"
                del table[runs[1].id]
                table[runs[2].id]["user"] = "somebody else"
            kernel.cells["gate"].open.set()
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["ok"] * 3
            assert [notebook.records[run.id]["status"] for run in runs] == ["ok"] * 3
            assert notebook.records[runs[2].id]["user"] == "bo"

    asyncio.run(story())


def test_nonsense_in_the_table_of_runs_keeps_nothing_from_running():
    nonsense = ({"asked_at": "noon"}, {"asked_at": None}, {"cell_id": [1]}, {"cell_id": {}}, {"asked_at": 1e400}, {})

    async def story():
        notebook = Notebook("1")
        with notebook.typing():
            for number in range(2 * records.KEPT):
                fields = nonsense[number % len(nonsense)]
                records.executions(notebook.ydoc)[f"x{number}"] = Map({"status": "ok", **fields})
            records.inputs(notebook.ydoc)["q"] = Map({"run": [1], "status": "waiting"})
            records.executions(notebook.ydoc)["lost"] = Map({"status": "running", "cell_id": [1]})
            records.executions(notebook.ydoc)["text"] = "text"
        async with world(notebook) as w, scripted(w.here):
            for _ in range(PRUNE_EVERY + 1):
                assert await w.ran("a") == ["ok"]
            with notebook.typing():
                del records.executions(notebook.ydoc)["text"]

    asyncio.run(story())
