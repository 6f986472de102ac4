"""Cells that go while they run and come back."""

import asyncio

import pytest
from pycrdt import Map, UndoManager

from jupyter_rtc.kernels.cells import NBMODEL
from jupyter_rtc.kernels.kernels import Asker, Wanted

from .scripted import scripted
from .world import ROOM, Notebook, has_tried_to_write, until, world


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
