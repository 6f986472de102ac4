"""Which run a cell shows, where several of one cell are about: in one kernel after another, or in two at once. Pure.

The one that began last is shown; what comes of earlier ones is not. The cell runs until none of them goes on.
"""

from __future__ import annotations

from weakref import WeakValueDictionary

from ..ids import RoomId
from .work import Work

_Cell = tuple[RoomId, str | None]


class CellRuns:
    """The runs of all cells of one server."""

    def __init__(self) -> None:
        """Begin with none."""
        self._going_on: dict[_Cell, set[Work]] = {}
        self._shown: WeakValueDictionary[_Cell, Work] = WeakValueDictionary()
        self._begun: dict[_Cell, Work] = {}
        """The run of each cell that began last, as long as its end is not shown."""

    def add(self, work: Work) -> None:
        """Take a run that was asked for."""
        self._going_on.setdefault(_cell(work), set()).add(work)

    def begin(self, work: Work) -> Work | None:
        """Let its cell show this run; return the earlier one that it shows no more, if it did."""
        if work.run.cell_id is None:
            return None
        earlier = self._shown.get(_cell(work))
        self._shown[_cell(work)] = self._begun[_cell(work)] = work
        if earlier is None or earlier is work:
            return None
        earlier.superseded = True
        return earlier

    def shows(self, work: Work) -> bool:
        """Whether its cell shows this run."""
        return self._shown.get(_cell(work)) is work

    def shown(self, room: RoomId, cell_id: str | None) -> Work | None:
        """Return the run that a cell shows, as long as it is remembered."""
        return self._shown.get((room, cell_id))

    def goes_on(self, room: RoomId, cell_id: str) -> bool:
        """Whether a run of this cell goes on."""
        return (room, cell_id) in self._going_on

    def going_on_in(self, room: RoomId) -> dict[str, set[Work]]:
        """Return the runs that go on now of each cell in this room."""
        those = self._going_on.items()
        return {cell_id: set(works) for (in_room, cell_id), works in those if in_room == room and cell_id is not None}

    def take_shown(self, last: Work) -> Work:
        """Return the run whose end its cell is to show, now that this was the last to end; one that began, if any."""
        return self._begun.pop(_cell(last), last)

    def end(self, work: Work) -> bool:
        """Note that a run goes on no more; return whether it was the last of its cell."""
        left = self._going_on.get(_cell(work), set())
        left.discard(work)
        if not left:
            self._going_on.pop(_cell(work), None)
        return not left


def _cell(work: Work) -> _Cell:
    return work.run.room, work.run.cell_id
