"""How deep participants nest shared types in one another, step by step, each step a small update.

No single message shows it, and a chain of some ten thousand ends the process when its outermost type is deleted,
because the CRDT library goes down it by recursion; browsers do not survive a few thousand. So each room counts:

* What was there when the room was opened, and what the server makes itself, counts as not nested.
* What participants make is noted by its id, whatever the order in which it comes: the container that it is in, and
  how many levels are inside that. Text is not noted; of types beside something of which nothing is known, only a few
  are taken, since each of them could begin a new chain.
* An update is noted whole or not at all, and not if the library then refuses it. What the document does not take as it
  was sent (it waits for something, or is there already, perhaps at another place) is only a claim: nothing beside it
  counts as known before the document has it.
* While somebody types, nothing is counted: small updates without types are laid aside, and read when a type comes to
  stand beside something that is not known.
* What came and went takes next to no space: from time to time, what has arrived in the document is settled, by run of
  ids rather than by id (text ends a run), and what stands in a deleted container counts as outermost. Whatever is put
  there, the document deletes as it comes, so no chain grows in it; and it stays known, for people who were away may
  put something there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from ..errors import ProtocolError
from .codec import encode_number
from .items import Item, ItemId, items, reaches
from .late_text import deletions
from .runs import Runs
from .structs import NOTHING_DELETED, Makes

MAX_UNKNOWN_PLACES = 100
"""Types of which nobody knows where they are. With 128 levels each, no chain of them reaches 20 000 levels."""

MAX_ASIDE = 4096
"""Updates that are laid aside. Who puts a type beside a value that is older has put it at an unknown place."""

MAX_ASIDE_BYTES = 256
"""Bytes of one of them; a larger one is read at once."""

SHORT = 100
"""How many values an item holds of which each is known as a neighbour; of longer ones, the first and the last."""

SETTLE_FROM = 4096
"""Ids that are noted one by one, at least, before they are settled; that takes some milliseconds."""

RANGES_PER_ID = 8
"""Deleted ranges of a document that are read in the time in which one id is noted, and more."""

There = tuple[Mapping[int, int], bytes]
"""What a document has: the clock of each client, and the delete set."""


def _unknown() -> There:
    return {}, NOTHING_DELETED


class Nesting:
    """The nesting of what participants made in one room since it was opened."""

    def __init__(
        self,
        known: Mapping[int, int],
        own: int,
        own_clock: Callable[[], int],
        max_depth: int,
        there: Callable[[], There] = _unknown,
    ) -> None:
        """Begin to count.

        Args:
            known: the clock of each client, as the room is opened.
            own: the client id under which the server changes the document.
            own_clock: returns the clock of that client now.
            max_depth: how many levels participants may nest.
            there: returns what the document has now.

        """
        self._known = known
        self._own = own
        self._own_name = encode_number(own)
        self._own_clock = own_clock
        self._max_depth = max_depth
        self._there = there
        self._containers: dict[ItemId, ItemId | None] = {}
        """Of what was noted since it was settled last, or has not arrived."""
        self._settled: Runs[ItemId | None] = Runs()
        self._settle_at = SETTLE_FROM
        self._heights: dict[ItemId, int] = {}
        self._unknown = 0
        self._claims: set[ItemId] = set()
        """What was noted of ids that the document has not, or not from that update."""
        self._fresh: list[ItemId] = []
        """Ids of which nothing was noted before the last update."""
        self._lost: set[ItemId] = set()
        """Types of the last update that stand beside something unknown."""
        self._is_aside = False
        """Whether that was laid aside."""
        self._aside: list[bytes] = []  # a list, for it is empty in most rooms, and an empty deque takes 600 bytes
        self._undo: list[Callable[[], Any]] = []

    def note(self, update: bytes, makes: Makes) -> None:
        """Note what a sound update makes, before it is applied.

        Raises:
            ProtocolError: it nests too deep, or is in the server's name; then nothing of it is noted.

        """
        self._undo.clear()
        self._fresh.clear()
        self._lost.clear()
        self._is_aside = makes is Makes.VALUES and len(update) <= MAX_ASIDE_BYTES
        try:
            if self._own_name in update:
                self._check_names(update)
            if self._is_aside:
                self._aside.append(update)
                del self._aside[:-MAX_ASIDE]
                self._undo.append(self._aside.pop)
            elif makes is not Makes.TEXT:
                self._take(update)
        except ProtocolError:
            self.forget()
            raise

    def forget(self) -> None:
        """Forget what was noted last: the library has refused it."""
        while self._undo:
            self._undo.pop()()

    def correct(self, change: bytes) -> None:
        """Note what has come of the update that was noted last, where the document did not take it as it was sent.

        ``change`` is what the document says has changed; empty if nothing has. What is there now cannot be refused any
        more: nothing can be added where it nests too deep.

        Raises:
            ProtocolError: too many types stand beside something unknown.

        """
        self._undo.clear()
        if self._is_aside:
            self._aside.pop()
        self._claims.update(self._fresh)
        if not change:
            return
        if self._claims or len(change) > MAX_ASIDE_BYTES:
            self._correct(list(items(change)), reaches(change))
        elif self._is_aside:
            # As where two people set one value at once. No type has come with it: one that waited would be a claim.
            self._aside.append(change)

    @property
    def size(self) -> int:
        """How much is noted: the number of ids, and of runs of ids."""
        return len(self._containers) + len(self._settled) + len(self._heights)

    def _take(self, update: bytes) -> None:
        if len(self._containers) >= self._settle_at:
            self._settle()
        made = list(items(update))
        places = _Places(made)
        for item in made:
            if item.is_text or self._is_old((item.client, item.clock)):
                continue
            parent, beside = places.find(item)
            if beside is None or self._knows(beside):
                self._note(item, self._container(beside) if beside else parent)
            elif item.is_type:
                self._count_unknown()
                self._lost.add((item.client, item.clock))
                self._note(item, None)

    def _correct(self, made: list[Item], arrived: Mapping[int, int]) -> None:
        """Note items as the document has them; what it has of each client up to this clock is claimed no more."""
        places = _Places(made)
        there = dict[Item, ItemId | None]()
        lost = 0
        for item in made:
            parent, beside = places.find(item)
            there[item] = self._container(beside) if beside else parent
            is_lost = item.is_type and beside is not None and not self._knows(beside)
            lost += is_lost and (item.client, item.clock) not in self._lost
        self._confirm(there, arrived)
        for item, container in there.items():
            if item.is_type and not self._is_old((item.client, item.clock)):
                self._grow(container, self._heights.get((item.client, item.clock), 0) + 1, is_there=True)
        for _ in range(lost):
            self._count_unknown()

    def _confirm(self, there: Mapping[Item, ItemId | None], arrived: Mapping[int, int]) -> None:
        """Note in what the items are that are there."""
        runs = Runs((item.client, item.clock, item.clock + item.length, there[item]) for item in there)
        for name in [name for name in self._claims if name[1] < arrived.get(name[0], 0)]:
            self._claims.discard(name)
            if name in runs:
                self._containers[name] = runs.get(name)
        for item, container in there.items():
            if not item.is_text and not self._is_old((item.client, item.clock)):
                self._containers.update(dict.fromkeys(_names(item), container))

    def _read_aside(self) -> None:
        """Note where the values are that were laid aside: known, as they have been taken."""
        aside, self._aside = self._aside, []
        for update in aside:
            made = list(items(update))
            places = _Places(made)
            for item in made:
                parent, beside = places.find(item)
                if not item.is_text and (beside is None or self._is_sure(beside)):
                    container = self._container(beside) if beside else parent
                    for name in _names(item):
                        if name in self._claims:
                            self._claims.discard(name)
                            self._containers[name] = container
                        self._containers.setdefault(name, container)

    def _check_names(self, update: bytes) -> None:
        end = reaches(update).get(self._own, 0)
        if end and end > self._own_clock():
            raise ProtocolError("This change bears the server's own name.")

    def _note(self, item: Item, container: ItemId | None) -> None:
        first = item.client, item.clock
        before = self._container(first)
        if before is not None and container is not None and before != container:
            raise ProtocolError("This change was made before, at another place.")
        container = before or container
        for name in _names(item):
            if not self._is_noted(name):
                self._fresh.append(name)
            self._put(self._containers, name, container)
        if item.is_type:
            self._grow(container, self._heights.get(first, 0) + 1)

    def _grow(self, container: ItemId | None, levels: int, *, is_there: bool = False) -> None:
        """Note that there are so many levels inside a container."""
        while container is not None:
            if is_there:
                levels = min(levels, self._max_depth)
                if self._heights.get(container, 0) >= levels:
                    return  # so it is in what that is in
            elif levels >= self._max_depth:
                raise ProtocolError(f"This change nests shared types deeper than {self._max_depth} levels.")
            if self._heights.get(container, 0) < levels:
                self._put(self._heights, container, levels)
            container, levels = self._container(container), levels + 1

    def _knows(self, what: ItemId) -> bool:
        """Whether it is known where this is: where it was when the room was opened counts as the outermost level."""
        if not self._is_sure(what):
            self._read_aside()
        return self._is_sure(what)

    def _is_sure(self, what: ItemId) -> bool:
        return what not in self._claims and self._is_noted(what)

    def _is_noted(self, what: ItemId) -> bool:
        return what in self._containers or self._is_old(what) or what in self._settled

    def _container(self, what: ItemId) -> ItemId | None:
        return self._containers.get(what) or self._settled.get(what)

    def _settle(self) -> None:
        """Note by run what has arrived in the document, and of what is deleted no more than that it was known."""
        clocks, deleted = self._there()
        gone = Runs((client, clock, clock + length, True) for client, clock, length in deletions(deleted))
        arrived, coming = list(self._settled), dict[ItemId, ItemId | None]()
        for name, container in self._containers.items():
            client, clock = name
            if clock >= clocks.get(client, 0):
                coming[name] = container
            elif name not in self._settled and name not in self._claims:
                arrived.append((client, clock, clock + 1, container))
        living = {container: None if container and container in gone else container for *_, container in arrived}
        self._settled = Runs((client, begin, end, living[container]) for client, begin, end, container in arrived)
        self._containers = coming
        self._claims &= coming.keys()
        self._heights = {name: levels for name, levels in self._heights.items() if name not in gone}
        self._settle_at = len(coming) + max(SETTLE_FROM, 2 * len(self._settled), len(gone) // RANGES_PER_ID)

    def _count_unknown(self) -> None:
        self._unknown += 1
        self._undo.append(self._one_unknown_less)
        if self._unknown > MAX_UNKNOWN_PLACES:
            raise ProtocolError("Too many shared types stand beside text.")

    def _is_old(self, what: ItemId) -> bool:
        client, clock = what
        return client == self._own or clock < self._known.get(client, 0)

    def _one_unknown_less(self) -> None:
        self._unknown -= 1

    def _put(self, table: dict[ItemId, Any], key: ItemId, value: Any) -> None:
        if key in table:
            self._undo.append(partial(table.__setitem__, key, table[key]))
        else:
            self._undo.append(partial(table.pop, key))
        table[key] = value


def _names(item: Item) -> Iterator[ItemId]:
    """Return the ids by which neighbours know an item: all of a short one, the ends of a long one."""
    last = item.clock + item.length - 1
    for clock in range(item.clock, last + 1) if item.length <= SHORT else (item.clock, last):
        yield item.client, clock


class _Places:
    """Where the items of one update stand, as far as the update itself says it."""

    def __init__(self, made: list[Item]) -> None:
        self._items = {name: item for item in made for name in _names(item)} if len(made) > 1 else {}
        self._found: dict[Item, tuple[ItemId | None, ItemId | None]] = {}

    def find(self, item: Item) -> tuple[ItemId | None, ItemId | None]:
        """Return the parent, or the neighbour outside this update that has the same parent."""
        way: dict[Item, None] = {}
        at = item
        while at not in self._found and at not in way:
            way[at] = None
            neighbour = self._items.get(at.beside) if at.beside else None
            if neighbour is None:
                self._found[at] = at.parent, at.beside
            else:
                at = neighbour
        found = self._found.get(at, (None, at.beside))
        self._found |= dict.fromkeys(way, found)
        return found
