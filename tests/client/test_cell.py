"""One cell, known by its id."""

import pytest
from pycrdt import Array

from jupyter_rtc.client.cell import check_revision
from jupyter_rtc.errors import CellStale, RecordMissing, WrongValue

from .hall import story


@story("one 😀 two")
async def test_places_are_counted_in_code_points(hall, nb):
    cell = nb.cells[0]
    cell.replace(4, 5, "🙂")
    cell.insert(0, "é")
    cell.append("!")
    cell.delete_text(1, 5)
    assert cell.source == "é🙂 two!"
    with pytest.raises(WrongValue):
        cell.insert(99, "x")


@story("a = 1\nb = 2\n")
async def test_a_whole_source_is_set_by_small_edits(hall, nb):
    await nb.refresh()
    nb.cells[0].source = "a = 1\nb = 3\n"
    await nb.stored()
    shared = hall.room.doc.get("cells", type=Array)[0]["source"]
    assert str(shared) == "a = 1\nb = 3\n"


@story("x = 1")
async def test_who_expects_what_is_not_there_is_refused_with_what_is(hall, nb):
    cell = nb.cells[0]
    seen = cell.revision
    cell.append("0", expect=seen)
    for act in (
        lambda: cell.append("!", expect=seen),
        lambda: cell.set_source("", expect=seen),
        lambda: cell.delete(expect=seen),
        lambda: nb.cells.replace(cell, "y", expect=seen),
    ):
        with pytest.raises(CellStale) as caught:
            act()
        assert caught.value.source == "x = 10" and caught.value.revision == cell.revision
    with pytest.raises(CellStale):
        await cell.run(expect=seen)
    assert cell.source == "x = 10"


def test_without_an_expectation_nothing_is_refused():
    check_revision("c", "anything", None)


@story("a", "b")
async def test_a_cell_that_is_gone_says_so(hall, nb):
    first, second = nb.cells
    first.delete()
    assert not first.exists and second.position == 0
    for act in (lambda: first.source, lambda: first.append("x"), lambda: first.outputs, first.delete):
        with pytest.raises(RecordMissing, match=r"not in the notebook any more|no cell"):
            act()


@story("a")
async def test_what_a_cell_has_can_be_read(hall, nb):
    cell = nb.cells[0]
    assert (cell.type, cell.metadata, cell.outputs, cell.execution_count, cell.is_running) == (
        "code",
        {},
        [],
        None,
        False,
    )
    cell.record.map("metadata")["tags"] = ["x"]
    assert cell.metadata == {"tags": ["x"]} and cell == nb.cells["c0"] and len({cell, nb.cells[0]}) == 1
    assert "c0" in repr(cell)


@story("a")
async def test_changes_of_a_cell_can_be_watched(hall, nb):
    cell = nb.cells[0]
    async with cell.watch("source") as changes:
        cell.append("b")
        change = await anext(changes)
    assert change.edits("source") == [(1, 1, "b")] and change.own


@story("a", "b", "c")
async def test_a_cell_can_be_moved_before_and_behind_others(hall, nb):
    a, b, c = nb.cells
    a.move(after=b)
    assert nb.cells.ids() == ["c1", "c0", "c2"]
    c.move(before=b)
    assert nb.cells.ids() == ["c2", "c1", "c0"]
    c.move()
    assert nb.cells.ids() == ["c1", "c0", "c2"] and c.source == "c"
