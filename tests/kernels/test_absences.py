"""Cells that go while they run and come back."""

import asyncio

import pytest
from pycrdt import Map, UndoManager

from jupyter_rtc.documents import CLIENT
from jupyter_rtc.kernels.cells import NBMODEL
from jupyter_rtc.kernels.kernels import Asker, Wanted

from .scripted import scripted
from .world import ROOM, Notebook, has_tried_to_write, shared_cell, until, world


class Steps:
    """Code that says one thing after another, as it is let, and ends with the last."""

    def __init__(self, *says):
        self.says = says
        self.let = asyncio.Semaphore(0)
        self.requests = []

    async def __call__(self, request):
        self.requests.append(request)
        for text in self.says:
            request.prints(text)
            await self.let.acquire()
        request.reply()
        request.idle()


class Deleted:
    """A cell that was deleted, and is brought back by undo."""

    def __init__(self, notebook):
        self._undo = UndoManager(scopes=[notebook.cells])
        at = [cell["id"] for cell in notebook.cells].index("a")
        with notebook.typing():
            del notebook.cells[at]

    def bring_back(self):
        assert self._undo.undo()


class Cut:
    """A cell that was cut, and is pasted, without how it stood."""

    def __init__(self, notebook):
        self._notebook = notebook
        self._copy = notebook.remove("a")

    def bring_back(self):
        cells = self._notebook.cells
        with self._notebook.typing():
            cells.append(self._copy)
            del cells[len(cells) - 1]["execution_state"]


both_ways = pytest.mark.parametrize("goes", [Deleted, Cut])


async def looked():
    """Return when what was put off until the turn is over has been done."""
    for _ in range(3):
        await asyncio.sleep(0)


@both_ways
def test_a_cell_whose_run_has_ended_when_it_comes_back_shows_all_of_it(goes):
    async def story():
        steps = Steps("one ", "two ", "three")
        notebook = Notebook("steps", "2")
        async with world(notebook) as w, scripted(w.here, steps=steps):
            runs = await w.run("a")
            await until(lambda: notebook.text("a") == "one ")
            cell = goes(notebook)
            for _ in steps.says:
                steps.let.release()
            await w.ended(*runs)
            await w.given_back()
            cell.bring_back()
            await until(lambda: notebook.state("a") == "idle")
            assert (notebook.text("a"), notebook.count("a")) == ("one two three", 1)

    asyncio.run(story())


@both_ways
def test_a_cell_that_comes_back_while_its_run_goes_on_shows_what_it_has_missed_at_once(goes):
    async def story():
        steps = Steps("one ", "two ", "three")
        notebook = Notebook("steps", "2")
        async with world(notebook) as w, scripted(w.here, steps=steps):
            (run,) = await w.run("a")
            await until(lambda: notebook.text("a") == "one ")
            cell = goes(notebook)
            steps.let.release()
            await until(lambda: has_tried_to_write("two", w.kernels.find(run.id)))
            cell.bring_back()
            await until(lambda: notebook.text("a") == "one two ")
            assert (notebook.state("a"), notebook.count("a")) == ("running", None)
            for _ in steps.says:
                steps.let.release()
            await w.ended(run)
            assert (notebook.text("a"), notebook.state("a"), notebook.count("a")) == ("one two three", "idle", 1)

    asyncio.run(story())


@both_ways
def test_what_comes_after_the_end_while_its_cell_is_gone_is_there_when_it_comes_back(goes):
    async def story():
        steps = Steps("one ")
        notebook = Notebook("steps", "2")
        async with world(notebook) as w, scripted(w.here, steps=steps):
            (run,) = await w.run("a")
            await until(lambda: notebook.text("a") == "one ")
            cell = goes(notebook)
            steps.let.release()
            await w.ended(run)
            steps.requests[0].prints("late ")
            await until(lambda: has_tried_to_write("late", w.kernels.find(run.id)))
            cell.bring_back()
            await until(lambda: notebook.text("a") == "one late ")
            steps.requests[0].prints("later")
            await until(lambda: notebook.text("a") == "one late later")
            await w.given_back()

    asyncio.run(story())


def test_a_cell_that_was_gone_at_its_turn_comes_back_as_it_was_and_waits_no_more():
    async def story():
        steps = Steps("steps")
        notebook = Notebook("2", "steps")
        async with world(notebook) as w, scripted(w.here, steps=steps):
            assert await w.ran("a") == ["ok"]
            runs = await w.run("b")
            runs += await w.kernels.run("k", ROOM, [Wanted("a", marks={NBMODEL: "asked"})], Asker("ana"))
            assert notebook.state("a") == "running"
            cell = Deleted(notebook)
            steps.let.release()
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["ok", "aborted"]
            cell.bring_back()
            await until(lambda: notebook.state("a") == "idle")
            assert (notebook.text("a"), notebook.count("a")) == ("2", 1)
            assert NBMODEL not in notebook.cell("a")["metadata"]

    asyncio.run(story())


def test_a_cell_that_comes_back_in_time_runs():
    async def story():
        steps = Steps("steps")
        notebook = Notebook("2", "steps")
        async with world(notebook) as w, scripted(w.here, steps=steps):
            runs = await w.run("b") + await w.run("a")
            cell = Cut(notebook)
            await looked()
            cell.bring_back()
            await until(lambda: notebook.state("a") == "running")
            steps.let.release()
            await w.ended(*runs)
            assert [run.status.value for run in runs] == ["ok", "ok"]
            assert (notebook.text("a"), notebook.state("a"), notebook.count("a")) == ("2", "idle", 2)

    asyncio.run(story())


@pytest.mark.parametrize("opened_when", ["it goes on", "it has ended"])
def test_a_cell_that_had_gone_when_its_room_failed_shows_all_of_its_run_when_it_comes_back(opened_when):
    async def story():
        steps = Steps("one ", "two")
        notebook = Notebook("steps", "2")
        async with world(notebook) as w, scripted(w.here, steps=steps):
            (run,) = await w.run("a")
            await until(lambda: notebook.text("a") == "one ")
            fresh = notebook.as_logged()
            cell = Deleted(fresh)
            if opened_when == "it goes on":
                w.open_anew(fresh)
            for _ in steps.says:
                steps.let.release()
            await w.ended(run)
            if opened_when == "it has ended":
                w.open_anew(fresh)
            await until(lambda: fresh.records[run.id]["status"] == "ok")
            cell.bring_back()
            await until(lambda: fresh.state("a") == "idle")
            assert (fresh.text("a"), fresh.count("a")) == ("one two", 1)

    asyncio.run(story())


def test_a_cell_that_had_gone_when_the_server_ended_comes_back_without_running():
    async def story():
        steps = Steps("one ")
        notebook = Notebook("steps", "2")
        async with world(notebook) as w, scripted(w.here, steps=steps):
            await w.run("a")
            await until(lambda: notebook.text("a") == "one ")
            fresh = notebook.as_logged()
            cell = Deleted(fresh)
        fresh.restored = True
        async with world(fresh), scripted():
            cell.bring_back()
            await until(lambda: fresh.state("a") == "idle")
            assert (fresh.text("a"), fresh.count("a")) == ("one ", None)

    asyncio.run(story())


@pytest.mark.parametrize("moved_when", ["it goes on", "it has ended"])
def test_a_cell_that_is_moved_by_who_has_not_heard_of_its_last_output_yet_shows_it(moved_when):
    async def story():
        steps = Steps("one ", "two")
        notebook = Notebook("steps", "2")
        async with world(notebook) as w, scripted(w.here, steps=steps):
            (run,) = await w.run("a")
            await until(lambda: notebook.text("a") == "one ")
            browser = notebook.as_logged()
            steps.let.release()
            await until(lambda: notebook.text("a") == "one two")
            if moved_when == "it has ended":
                steps.let.release()
                await w.ended(run)
            before = browser.ydoc.get_state()
            browser.move_to_end("a")
            notebook.apply(browser.ydoc.get_update(before), CLIENT)
            assert notebook.text("a") == "one "
            await until(lambda: notebook.text("a") == "one two")
            steps.let.release()
            await w.ended(run)
            assert (notebook.text("a"), notebook.state("a"), notebook.count("a")) == ("one two", "idle", 1)

    asyncio.run(story())


def test_a_cell_that_somebody_runs_elsewhere_may_come_while_it_runs():
    async def story():
        notebook = Notebook("1")
        async with world(notebook):
            with notebook.typing():
                notebook.cells.append(shared_cell("x", "2", execution_state="running"))
            await looked()
            assert notebook.state("x") == "running"

    asyncio.run(story())


def test_cells_that_come_and_go_while_another_runs_are_left_alone():
    async def story():
        steps = Steps("one ")
        notebook = Notebook("2", "steps", "3")
        async with world(notebook) as w, scripted(w.here, steps=steps):
            assert await w.ran("a") == ["ok"]
            runs = await w.run("b")
            cell = Cut(notebook)
            await looked()
            with notebook.typing():
                notebook.cells.insert(0, Map({"id": 7}))
            cell.bring_back()
            await looked()
            changes = notebook.revision
            await looked()
            assert notebook.state("a") is None and notebook.revision == changes
            with notebook.typing():
                del notebook.cells[0]
            steps.let.release()
            await w.ended(*runs)

    asyncio.run(story())


def test_nobody_looks_in_a_document_that_was_closed(caplog):
    async def story():
        steps = Steps("one ")
        notebook = Notebook("steps")
        async with world(notebook) as w, scripted(w.here, steps=steps):
            runs = await w.run("a")
            await until(lambda: notebook.text("a") == "one ")
            cell = Cut(notebook)
            await looked()
            cell.bring_back()
            w.kernels.detach(notebook)
            changes = notebook.revision
            await looked()
            assert notebook.revision == changes and notebook.state("a") is None
            w.kernels.attach(notebook, restored=False)
            steps.let.release()
            await w.ended(*runs)

    asyncio.run(story())
    assert caplog.records == []
