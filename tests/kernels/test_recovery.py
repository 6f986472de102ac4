"""What becomes of unfinished runs when their notebook is loaded."""

import asyncio

import pytest

from jupyter_rtc.datastore.left_out import reference_in
from jupyter_rtc.kernels.left_aside import LeftAside
from jupyter_rtc.kernels.recovery import REOPEN_WITHIN, Recovery

from .scripted import scripted
from .world import Notebook, Shelf, until, world


class Steps:
    """Code that prints the steps that it is given, asks where one is a question, and ends at the last one."""

    def __init__(self):
        self.steps = asyncio.Queue()

    async def __call__(self, request):
        while (step := await self.steps.get()) is not None:
            if step.endswith("?"):
                await request.ask(step)
            else:
                request.prints(step)
        request.reply()
        request.idle()

    def take(self, *steps):
        for step in steps:
            self.steps.put_nowait(step)


async def failed(notebook, cell_id, steps):
    """Let a room fail in which a cell runs: return it as the log has it, and what is heard from then on is lost."""
    steps.take("one\n")
    await until(lambda: notebook.text(cell_id) == "one\n")
    return notebook.as_logged()


def test_a_run_whose_room_failed_goes_on_in_the_one_that_is_opened_anew():
    async def story():
        notebook, steps = Notebook("steps", "2"), Steps()
        async with world(notebook) as w, scripted(w.here, steps=steps) as kernel:
            runs = [*await w.run("a"), *await w.run("b")]
            fresh = await failed(notebook, "a", steps)
            steps.take("two\n")
            await until(lambda: notebook.text("a") == "one\ntwo\n")
            w.open_anew(fresh)
            await until(lambda: fresh.text("a") == "one\ntwo\n")
            assert [fresh.state(cell) for cell in "ab"] == ["running", "running"]
            assert [fresh.records[run.id]["status"] for run in runs] == ["running", "queued"]
            assert [fresh.records[run.id]["position"] for run in runs] == [0, 1]
            steps.take("three\n", None)
            await w.ended(*runs)
            assert (fresh.text("a"), fresh.text("b")) == ("one\ntwo\nthree\n", "2")
            assert [fresh.records[run.id]["status"] for run in runs] == ["ok", "ok"]
            assert [fresh.state(cell) for cell in "ab"] == ["idle", "idle"]
            assert kernel.requests == ["steps", "2"]
            await w.given_back()

    asyncio.run(story())


def test_what_ended_while_its_room_was_closed_is_shown_as_it_ended():
    async def story():
        notebook, steps = Notebook("steps", "2"), Steps()
        async with world(notebook) as w, scripted(w.here, steps=steps):
            runs = [*await w.run("a"), *await w.run("b"), await w.run_code("3")]
            fresh = await failed(notebook, "a", steps)
            steps.take("two\n", None)
            await w.ended(*runs)
            w.open_anew(fresh)
            await until(lambda: all(fresh.records[run.id]["status"] == "ok" for run in runs))
            assert (fresh.text("a"), fresh.text("b")) == ("one\ntwo\n", "2")
            assert [fresh.count(cell) for cell in "ab"] == [1, 2]
            assert [fresh.state(cell) for cell in "ab"] == ["idle", "idle"]
            assert [one["text"] for one in fresh.records[runs[2].id]["displays"]] == ["3"]
            assert fresh.kernel_state("k")["execution_state"] == "idle"
            await w.given_back()

    asyncio.run(story())


def test_a_run_that_was_given_up_while_its_room_was_closed_leaves_what_its_cell_showed():
    async def story():
        notebook, steps = Notebook("steps", "2"), Steps()
        async with world(notebook) as w, scripted(w.here, steps=steps):
            assert await w.ran("b") == ["ok"]
            runs = [*await w.run("a"), *await w.run("b")]
            fresh = await failed(notebook, "a", steps)
            assert w.kernels.cancel(runs[1].id)
            w.open_anew(fresh)
            await until(lambda: fresh.records[runs[1].id]["status"] == "aborted")
            assert (fresh.text("b"), fresh.state("b"), fresh.state("a")) == ("2", "idle", "running")
            steps.take(None)
            await w.ended(*runs)

    asyncio.run(story())


def test_a_cell_says_that_its_kernel_died_before_it_began_while_its_room_was_closed():
    async def story():
        notebook, steps = Notebook("steps", "2"), Steps()
        async with world(notebook) as w, scripted(w.here, steps=steps) as kernel:
            runs = await w.run("a", "b")
            fresh = await failed(notebook, "a", steps)
            kernel.tell("restart")
            await w.ended(*runs)
            w.open_anew(fresh)
            await until(lambda: fresh.records[runs[1].id]["status"] == "aborted")
            assert [fresh.outputs(cell)[-1]["ename"] for cell in "ab"] == ["DeadKernelError"] * 2
            assert [fresh.state(cell) for cell in "ab"] == ["idle", "idle"]

    asyncio.run(story())


def test_of_a_cell_that_was_run_again_while_its_room_was_closed_the_newest_run_is_shown():
    async def story():
        notebook, steps = Notebook("steps"), Steps()
        async with world(notebook) as w, scripted(w.here, steps=steps):
            runs = [*await w.run("a"), *await w.run("a")]
            fresh = await failed(notebook, "a", steps)
            steps.take(None, "newer\n")
            await until(lambda: notebook.text("a") == "newer\n")
            w.open_anew(fresh)
            await until(lambda: fresh.records[runs[0].id]["status"] == "ok")
            assert (fresh.text("a"), fresh.state("a")) == ("newer\n", "running")
            steps.take(None)
            await w.ended(*runs)
            assert (fresh.text("a"), fresh.state("a"), fresh.count("a")) == ("newer\n", "idle", 2)

    asyncio.run(story())


def test_a_cell_that_ran_in_two_kernels_while_its_room_was_closed_shows_the_count_of_the_run_that_it_shows():
    async def story():
        notebook, first, second = Notebook("steps", "2"), Steps(), Steps()
        async with world(notebook) as w, scripted(w.here, steps=first), scripted(w.here, "l", steps=second):
            await w.ran("b", kernel="l")
            (earlier,) = await w.run("a")
            await failed(notebook, "a", first)
            (later,) = await w.run("a", kernel="l")
            second.take("later\n")
            await until(lambda: notebook.text("a") == "later\n")
            fresh = notebook.as_logged()
            for run, steps in ((later, second), (earlier, first)):
                steps.take(None)
                await w.ended(run)
            w.open_anew(fresh)
            await until(lambda: all(fresh.records[run.id]["status"] == "ok" for run in (earlier, later)))
            assert (fresh.text("a"), fresh.count("a"), fresh.state("a")) == ("later\n", 2, "idle")

    asyncio.run(story())


def test_a_question_that_was_asked_while_its_room_was_closed_is_shown_and_one_that_was_answered_is_not():
    async def story():
        notebook, steps = Notebook("steps"), Steps()
        async with world(notebook) as w, scripted(w.here, steps=steps):
            (run,) = await w.run("a")
            steps.take("first?")
            await until(lambda: notebook.questions)
            fresh = await failed_at_a_question(notebook)
            w.kernels.answer("k", None, "yes", "ana")
            steps.take("second?")
            await until(lambda: len(notebook.questions) == 2)
            w.open_anew(fresh)
            await until(lambda: len(fresh.questions) == 2)
            shown = {one["prompt"]: one["status"] for one in fresh.questions.values()}
            assert shown == {"first?": "cancelled", "second?": "waiting"}
            w.kernels.answer("k", None, "no", "bo")
            steps.take(None)
            await w.ended(run)
            assert "answered" in [one["status"] for one in fresh.questions.values()]

    asyncio.run(story())


async def failed_at_a_question(notebook):
    await until(lambda: notebook.outputs("a"))
    return notebook.as_logged()


def test_a_large_output_that_came_just_before_its_room_failed_is_whole_in_the_one_that_is_opened_anew(tmp_path):
    async def story():
        goes_on = asyncio.Event()

        async def much(request):
            request.shows("x" * 5000)
            request.prints("more")
            await goes_on.wait()
            request.reply()
            request.idle()

        notebook, aside = Notebook("much"), LeftAside(tmp_path)
        patient = {"gather": 60.0, "gather_max": 60.0}
        async with world(notebook, aside=aside, max_output_bytes=1000, **patient) as w, scripted(w.here, much=much):
            (run,) = await w.run("a")
            await until(lambda: aside.sizes(notebook.room))
            assert notebook.outputs("a") == []
            fresh = w.open_anew(notebook.as_logged())
            goes_on.set()
            await w.ended(run)
            assert "x" * 5000 in aside.fetch(notebook.room, reference_in(fresh.outputs("a")[0]))

    asyncio.run(story())


@pytest.mark.parametrize("restored", [True, False])
def test_a_run_goes_on_also_where_the_room_has_no_past(restored):
    async def story():
        notebook, steps = Notebook("steps"), Steps()
        async with world(notebook) as w, scripted(w.here, steps=steps):
            (run,) = await w.run("a")
            await failed(notebook, "a", steps)
            fresh = Notebook("steps")
            fresh.restored = restored
            w.open_anew(fresh)
            await until(lambda: fresh.text("a") == "one\n")
            assert fresh.records[run.id]["status"] == "running"
            assert fresh.kernel_state("k")["execution_state"] == "busy"
            steps.take(None)
            await w.ended(run)
            assert (fresh.records[run.id]["status"], fresh.state("a")) == ("ok", "idle")

    asyncio.run(story())


def test_a_notebook_that_lacks_nothing_is_not_opened_for_it():
    async def story():
        notebook = Notebook("1")
        async with world(notebook) as w, scripted(w.here):
            assert await w.ran("a") == ["ok"]
            await w.given_back()
            before = w.documents.opened
            w.open_anew(notebook.as_logged())
            await asyncio.sleep(0)
            assert w.documents.opened == before

    asyncio.run(story())


def test_a_room_that_is_closed_under_its_runs_again_and_again_is_opened_ever_later():
    class Going:
        runs = ("one",)

        def going_on_in(self, room):
            return self.runs

    class Dated:
        def now(self):
            return 100.0

        async def wait(self, event, until):
            waited.append(until - 100.0)

    async def story():
        notebook = Notebook("1")
        going, shelf = Going(), Shelf(notebook)
        recovery = Recovery(shelf, Dated(), going, {}, None)
        for _ in range(9):
            assert recovery.note_closed(notebook.room)
            await recovery.reopen(notebook.room)
        assert waited == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, REOPEN_WITHIN, REOPEN_WITHIN, REOPEN_WITHIN]
        assert (shelf.opened, shelf.held[notebook.room]) == (9, 0)
        going.runs = ()
        assert not recovery.note_closed(notebook.room)
        going.runs = ("another",)
        assert recovery.note_closed(notebook.room)
        await recovery.reopen(notebook.room)
        assert waited[-1] == 1.0

    waited = []
    asyncio.run(story())
