"""The cells of a notebook."""

import pytest

from jupyter_rtc.errors import RecordExists, RecordMissing, WrongValue

from .hall import story


@story("a", "b")
async def test_cells_are_inserted_where_is_said(hall, nb):
    cells = nb.cells
    first = cells.insert("first", before=cells[0])
    middle = cells.insert("# middle", "markdown", after="c0")
    last = cells.append("last")
    assert [cell.source for cell in cells] == ["first", "a", "# middle", "b", "last"]
    assert (first.position, middle.type, last.id) == (0, "markdown", cells.ids()[-1])
    assert len(cells) == 5 and middle in cells and "nothing" not in cells
    named = cells.insert("x", after=last, id="named", metadata={"tags": ["t"]})
    assert named.id == "named" and named.metadata == {"tags": ["t"]}


@story("a", "b")
async def test_cells_are_found_by_id_and_by_their_present_place(hall, nb):
    assert nb.cells["c1"] == nb.cells[1] == nb.cells[-1]
    with pytest.raises(RecordMissing, match="no cell x"):
        nb.cells["x"]
    with pytest.raises(IndexError):
        nb.cells[2]


@story("a", "b")
async def test_what_cannot_be_is_refused_and_changes_nothing(hall, nb):
    with pytest.raises(RecordMissing):
        nb.cells.insert("x", after="gone")
    with pytest.raises(RecordMissing):
        nb.cells.move("gone", before="c0")
    with pytest.raises(RecordMissing):
        nb.cells.delete("gone")
    with pytest.raises(RecordExists):
        nb.cells.insert("x", id="c0")
    with pytest.raises(WrongValue):
        nb.cells.insert("x", "poem")
    assert nb.cells.ids() == ["c0", "c1"]


@story("a", "b")
async def test_a_cell_can_be_replaced_by_a_new_one_in_its_place(hall, nb):
    new = nb.cells.replace("c0", "*new*", "markdown")
    assert [cell.source for cell in nb.cells] == ["*new*", "b"] and new.id != "c0"
    nb.undo()
    assert [cell.source for cell in nb.cells] == ["a", "b"]
    nb.redo()
    assert [cell.source for cell in nb.cells] == ["*new*", "b"]


@story("a", "b")
async def test_others_see_all_of_it(hall, nb):
    nb.cells.move("c0")
    nb.cells.delete("c1")
    nb.cells.append("c")
    await nb.applied()
    assert [str(cell["source"]) for cell in hall.room.doc["cells"]] == ["a", "c"]
