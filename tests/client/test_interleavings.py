"""An agent and a person on one notebook, in a thousand random orders: nothing is lost, nothing lands elsewhere.

The person's frontend does as JupyterLab's: it types into a cell, deletes cells, and moves one by deleting it and
putting a copy of what it sees elsewhere. Messages travel in both directions in an order that chance chooses. Everything
that is written is a word of its own, so that it can be found again.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter

import pytest
from pycrdt import Array, Text

from jupyter_rtc.client.notebook import Notebook
from jupyter_rtc.datastore.shared_cells import shared_cell
from jupyter_rtc.errors import CellStale, RecordMissing

from .hall import Hall, HallTransport

SEED = int(os.environ.get("JUPYTER_RTC_SEED", "20261123"))


class Person:
    """Somebody in front of JupyterLab."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.peer, _ = world.hall.peer("ana", client_id=world.chance.choice([500, 2000]))

    @property
    def cells(self) -> Array:
        return self.peer.doc.get("cells", type=Array)

    def act(self, chance: random.Random) -> None:
        size = len(self.cells)
        kind = chance.choices(["type", "move", "delete", "insert"], [6, 2, 1, 1])[0]
        if kind == "insert" or not size:
            self.insert(chance.randint(0, size))
        elif kind == "type":
            self.type(chance.randrange(size), chance)
        elif kind == "move":
            self.move(chance.randrange(size), chance.randrange(size))
        elif size > 1:
            self.delete(chance.randrange(size))

    def type(self, at: int, chance: random.Random) -> None:
        with self.peer.edit():
            cell = self.cells[at]
            text: Text = cell["source"]
            text.insert(self.world.gap(str(text), chance), self.world.word(cell["id"], "ana"))

    def move(self, at: int, to: int) -> None:
        with self.peer.edit():
            cell = self.cells[at].to_py()
            del self.cells[at]
            self.cells.insert(to, shared_cell(cell))

    def delete(self, at: int) -> None:
        cell = self.cells[at]
        self.world.deleted_by_person.append((cell["id"], str(cell["source"])))
        with self.peer.edit():
            del self.cells[at]

    def insert(self, at: int) -> None:
        cell_id = f"ana-{self.world.number()}"
        with self.peer.edit():
            source = self.world.word(cell_id, "ana")
            self.cells.insert(at, shared_cell({"id": cell_id, "cell_type": "code", "source": source, "metadata": {}}))


class World:
    """A notebook, an agent and a person, and what each of them wrote where."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.hall = Hall("", "", "", "")
        self.written: dict[str, tuple[str, str]] = {}
        """The cell and the author of each word."""
        self.deleted_by_person: list[tuple[str, str]] = []
        self.deleted_by_agent: list[tuple[str, str]] = []
        self._number = 0

    async def open(self) -> World:
        self.nb = Notebook(*await self._opened())
        self.person = Person(self)
        self.hall.settle()
        self.seen = {cell.id: cell.revision for cell in self.nb.cells}
        return self

    async def _opened(self):
        transport = HallTransport(self.hall)
        return transport, await transport.open_file("a.ipynb", "json", "notebook")

    def number(self) -> int:
        self._number += 1
        return self._number

    def word(self, cell_id: str, author: str) -> str:
        word = f"<{author}{self.number()}>"
        self.written[word] = (cell_id, author)
        return word + "\n"

    def gap(self, text: str, chance: random.Random) -> int:
        """Return a place between two words, counted as pycrdt does."""
        gaps = [0, *(at + 1 for at, sign in enumerate(text) if sign == "\n")]
        return chance.choice(gaps)

    def agent(self) -> None:
        chance, cells = self.chance, self.nb.cells
        kind = chance.choices(["look", "edit", "expect", "move", "delete", "replace", "insert"], [3, 5, 3, 2, 1, 1, 1])[
            0
        ]
        known = [one for one in self.seen if one]
        if kind == "look" or not known:
            self.seen = {cell.id: cell.revision for cell in cells}
        elif kind == "insert":
            new = cells.insert(id=f"agent-{self.number()}", before=chance.choice([None, *cells.ids()]))
            new.append(self.word(new.id, "agent"))
        else:
            self.agent_acts_on(chance.choice(known), kind)

    def agent_acts_on(self, cell_id: str, kind: str) -> None:
        """Act on a cell that was seen a while ago, known by its id."""
        cells, expect = self.nb.cells, self.seen[cell_id] if kind in ("expect", "delete", "replace") else None
        before = [(cell.id, cell.source) for cell in cells]
        words = dict(self.written)
        try:
            cell = cells[cell_id]
            if kind in ("edit", "expect"):
                cell.insert(self.gap(cell.source, self.chance), self.word(cell_id, "agent"), expect=expect)
            elif kind == "move":
                cell.move(before=self.chance.choice([None, *cells.ids()]))
            elif kind == "delete":
                source = cell.source
                cell.delete(expect=expect)
                self.deleted_by_agent.append((cell_id, source))
            else:
                source = cell.source
                new = cells.replace(cell, "", expect=expect)
                new.append(self.word(new.id, "agent"))
                self.deleted_by_agent.append((cell_id, source))
        except (CellStale, RecordMissing) as refusal:
            assert [(cell.id, cell.source) for cell in cells] == before, "what is refused changes nothing"
            assert not isinstance(refusal, CellStale) or refusal.source == dict(before)[cell_id]
            self.written = words

    def play(self, steps: int) -> None:
        for _ in range(steps):
            self.chance.choices(
                [self.agent, lambda: self.person.act(self.chance), lambda: self.hall.step(self.chance)], [2, 2, 7]
            )[0]()
        self.hall.settle()

    def check(self) -> None:
        doc = self.hall.room.doc
        cells = [(cell["id"], str(cell["source"])) for cell in doc.get("cells", type=Array)]
        assert cells == [(cell.id, cell.source) for cell in self.nb.cells]
        assert cells == [(cell["id"], str(cell["source"])) for cell in self.person.cells]
        assert max(Counter(cell_id for cell_id, _ in cells).values(), default=1) == 1, "each cell is there once"
        there = {(cell_id, word) for cell_id, source in cells for word in source.split()}
        counted = Counter(word for _, source in cells for word in source.split())
        assert max(counted.values(), default=1) == 1, f"nothing is there twice: {counted.most_common(3)}"
        meant = {(cell_id, word) for word, (cell_id, _) in self.written.items()}
        assert there <= meant, f"nothing is in another cell: {there - meant}"
        for cell_id, word in meant - there:
            self.check_missing(cell_id, word, {one for one, _ in cells})

    def check_missing(self, cell_id: str, word: str, there: set[str]) -> None:
        """Look for a word that is in no cell: who deleted the cell knew of the word, or its author is told."""
        known = [source for one, source in self.deleted_by_person + self.deleted_by_agent if one == cell_id]
        if cell_id not in there:
            known += [one.source for one in self.nb.lost if one.cell_id == cell_id]
        assert any(word in source for source in known), f"{word} is lost from {cell_id}, there: {cell_id in there}"


def play(seed: int, steps: int = 40) -> None:
    async def story():
        world = await World(seed).open()
        world.play(steps)
        world.check()

    try:
        asyncio.run(story())
    except AssertionError as error:
        pytest.fail(f"JUPYTER_RTC_SEED={seed}: {error}", pytrace=False)


def play_all(count: int) -> None:
    print(f"JUPYTER_RTC_SEED={SEED}, and {count - 1} more")  # noqa: T201  shown if it fails, so that it can be repeated
    for number in range(count):
        play(SEED + number)


def test_an_agent_and_a_person_lose_nothing_in_a_hundred_orders():
    play_all(100)


@pytest.mark.slow
def test_an_agent_and_a_person_lose_nothing_in_a_thousand_orders():
    play_all(1000)
