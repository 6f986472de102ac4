"""An open notebook."""

import asyncio

import pytest
from pycrdt import Map

from jupyter_rtc.client.document import Progress
from jupyter_rtc.errors import NotSaved

from .hall import story


@story("a")
async def test_a_change_marks_the_file_as_behind_until_it_is_saved(hall, nb):
    assert nb.path == "a.ipynb" and nb.progress is Progress.SAVED and "a.ipynb" in repr(nb)
    nb.cells[0].append("b")
    assert nb.progress is Progress.HERE
    await nb.stored()
    assert nb.progress is Progress.STORED
    with hall.edit():
        hall.room.doc.get("state", type=Map)["dirty"] = False
    await nb.until(lambda: nb.progress is Progress.SAVED)


@story("a")
async def test_a_save_that_fails_says_so(hall, nb):
    await nb.save()
    hall.save = "failed"
    with pytest.raises(NotSaved):
        await nb.save()


@story("a")
async def test_several_changes_can_be_one(hall, nb):
    made = nb._document.made
    with nb.editing():
        nb.cells[0].append("b")
        nb.cells.append("c")
    assert nb._document.made == made + 1
    assert nb.undo() and [cell.source for cell in nb.cells] == ["a"]
    assert nb.redo() and len(nb.cells) == 2


@story("a")
async def test_a_notebook_without_a_kernel_is_given_the_one_that_it_names(hall, nb):
    nb._transport.kernel = None
    nb.tables["notebooks"]["notebook"].map("metadata")["kernelspec"] = {"name": "ir"}
    run = await nb.cells[0].run()
    assert nb._transport.did == [("start", "a.ipynb", "ir")] and run.record["kernel_id"] == "new"
    await nb.cells[0].run()
    assert len(nb._transport.did) == 1


@story("a")
async def test_a_kernel_that_died_is_replaced(hall, nb):
    await nb.cells[0].run()
    with hall.edit():
        hall.room.doc.get("kernels", type=Map)["k"] = {"execution_state": "dead", "generation": 0, "reason": "x"}
    await nb.until(lambda: "k" in nb.tables["kernels"])
    nb._transport.kernel = None
    run = await nb.cells[0].run()
    assert run.record["kernel_id"] == "new"


@story("a", "b", "c")
async def test_all_code_cells_are_run_in_their_order(hall, nb):
    nb.cells.insert("# text", "markdown", before="c0")
    running = asyncio.create_task(nb.run_all())
    executions = hall.room.doc.get("executions", type=Map)
    await nb.until(lambda: len(executions) == 3)
    with hall.edit():
        for record in executions.values():
            record["status"] = "ok"
    runs = await running
    assert [run.cell_id for run in runs] == ["c0", "c1", "c2"]


@story("a")
async def test_the_kernel_can_be_interrupted_and_restarted(hall, nb):
    await nb.interrupt()
    await nb.restart()
    assert nb._transport.did == [("interrupt", "k"), ("restart", "k")]
