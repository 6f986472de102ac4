import asyncio

import pytest
from pycrdt import Array

from jupyter_rtc.client.notebook import Notebook
from jupyter_rtc.client.rescue import GRACE, LostText
from jupyter_rtc.datastore.shared_cells import shared_cell

from .hall import Hall, HallTransport


class Meeting:
    """An agent and a person at one notebook; nothing travels before ``settle``."""

    def __init__(self, *sources: str) -> None:
        self.hall = Hall(*sources)
        transport = HallTransport(self.hall)
        self.nb = Notebook(transport, asyncio.run(transport.open_file("a.ipynb", "json", "notebook")))
        self.time = 0.0
        self.nb.rescue._now = lambda: self.time
        self.peer, self.line = self.hall.peer("ana")
        self.hall.settle()

    @property
    def theirs(self) -> Array:
        return self.peer.doc.get("cells", type=Array)

    def type(self, at: int, text: str) -> None:
        with self.peer.edit():
            self.theirs[at]["source"].insert(0, text)

    def move(self, at: int, to: int) -> None:
        with self.peer.edit():
            cell = self.theirs[at].to_py()
            del self.theirs[at]
            self.theirs.insert(to, shared_cell(cell))

    def delete(self, at: int) -> None:
        with self.peer.edit():
            del self.theirs[at]

    def settled(self) -> list[tuple[str, str]]:
        """Let everything arrive, and return what everybody has then."""
        self.hall.settle()
        mine = [(cell.id, cell.source) for cell in self.nb.cells]
        room = self.hall.room.doc.get("cells", type=Array)
        for cells in (room, self.theirs):
            assert [(cell["id"], str(cell["source"])) for cell in cells] == mine
        return mine


def test_what_the_program_writes_into_a_cell_that_a_person_moves_is_in_the_copy():
    met = Meeting("one\n", "two\n")
    met.nb.cells["c0"].append("mine\n")
    met.move(0, 1)
    assert met.settled() == [("c1", "two\n"), ("c0", "one\nmine\n")]


def test_what_a_person_types_into_a_cell_that_the_program_moves_is_in_the_copy():
    met = Meeting("one\n", "two\n")
    met.nb.cells.move("c0")
    met.type(0, "theirs\n")
    assert met.settled() == [("c1", "two\n"), ("c0", "theirs\none\n")]


@pytest.mark.parametrize("first", ["up", "down"])
def test_a_cell_that_the_program_deletes_while_a_person_types_comes_back_with_what_was_typed(first):
    met = Meeting("one\n", "two\n")
    met.nb.cells["c0"].delete()
    met.type(0, "theirs\n")
    if first == "up":  # what the person typed reaches the server first
        while met.line.up:
            met.hall.serve(met.line)
    assert met.settled() == [("c0", "theirs\none\n"), ("c1", "two\n")]


def test_a_cell_that_both_move_is_there_once_with_what_both_wrote():
    met = Meeting("one\n", "two\n", "three\n")
    met.nb.cells["c0"].append("mine\n")
    met.nb.cells.move("c0")
    met.type(0, "theirs\n")
    met.move(0, 1)
    assert dict(met.settled()) == {"c0": "theirs\none\nmine\n", "c1": "two\n", "c2": "three\n"}
    assert len(met.settled()) == 3


def test_who_deletes_a_cell_in_which_the_program_wrote_has_their_will_and_the_program_is_told():
    met = Meeting("one\n", "two\n")
    met.nb.cells["c0"].append("mine\n")
    met.delete(0)
    assert met.settled() == [("c1", "two\n")]
    assert met.nb.lost == [LostText("c0", "one\nmine\n")]


def test_a_cell_that_comes_back_is_not_lost():
    met = Meeting("one\n", "two\n")
    met.nb.cells["c0"].append("mine\n")
    cell = met.theirs[0].to_py()
    met.delete(0)
    met.hall.settle()
    with met.peer.edit():
        met.theirs.insert(0, shared_cell(cell))
    assert met.settled() == [("c0", "one\nmine\n"), ("c1", "two\n")]
    assert met.nb.lost == []


def test_nothing_is_kept_for_who_neither_moves_nor_deletes_and_nothing_for_long():
    met = Meeting("one\n", "two\n")
    met.nb.cells["c0"].append("mine\n")
    met.type(1, "theirs\n")
    met.hall.settle()
    assert met.nb.rescue._shadow is None
    met.nb.cells.move("c0")
    assert met.nb.rescue._shadow is not None
    met.time = GRACE + 1
    met.type(0, "more\n")
    met.hall.settle()
    assert met.nb.rescue._shadow is None
