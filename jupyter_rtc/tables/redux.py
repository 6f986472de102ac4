"""A datastore in the manner of Redux: actions go in, selections of the state come out, and one can look back.

::

    def add(store, action):
        return store["todos"].create(title=action["title"]).id

    app = Redux(store, {"todo/add": add})
    app.subscribe(lambda: print(app.select(lambda state: len(state["todos"]))))
    app.dispatch({"type": "todo/add", "title": "Milk"})
    app.travel(-1)

The state is plain values: it can be read at any time, also by listeners, which are called while a transaction ends.
Time travel shows a past state and changes nothing: the document is shared, and others go on. ``Datastore.undo`` is
what takes back.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any, TypeVar

from ..errors import TableError
from .changes import Change, Snapshot
from .datastore import Datastore

State = Mapping[str, Mapping[str, Snapshot]]
"""Tables, records, fields."""

Action = Mapping[str, Any]
"""What is to happen: its ``type``, and whatever the handler wants to know."""

Handler = Callable[[Datastore, Action], Any]
T = TypeVar("T")

REMEMBERED = 500
"""How many transactions can be looked back upon."""

SELECTIONS = 256
"""For how many selectors the last result is kept."""


@dataclass(frozen=True, slots=True)
class Step:
    """One transaction, of one's own or of others."""

    action: Action | None
    """What was dispatched; None if it was something else."""
    changes: tuple[Change, ...]
    before: Mapping[str, tuple[str, ...]]
    """The order of the records before, of the tables whose records came, went or moved."""


class Redux:
    """Dispatch, select, subscribe; and travel in time."""

    def __init__(self, store: Datastore, handlers: Mapping[str, Handler], *, remembered: int = REMEMBERED) -> None:
        """Begin to follow the datastore."""
        self._store = store
        self._handlers = dict(handlers)
        self._steps: deque[Step] = deque(maxlen=remembered)
        self._back = 0
        self._action: Action | None = None
        self._telling = False
        self._listeners: list[Callable[[], None]] = []
        self._selections: OrderedDict[Callable[[State], Any], tuple[dict[str, Any], Any]] = OrderedDict()
        self._tables: dict[str, tuple[Any, Mapping[str, Snapshot]]] = {}
        self._hearer = store.observe(self._heard)
        self._orders = {name: tuple(store.observer.mirror(name).records) for name in store}

    def close(self) -> None:
        """Follow no more."""
        self._hearer.close()
        self._listeners.clear()

    def dispatch(self, action: Action) -> Any:
        """Let an action happen, as one transaction; return what its handler returns.

        Raises:
            TableError: nobody handles it, one looks at the past, or a listener dispatches.

        """
        handler = self._handlers.get(str(action.get("type")))
        if handler is None:
            raise TableError(f"Nothing handles the action {action.get('type')!r}.")
        if self._back:
            raise TableError("You look at the past: go back to the present before you dispatch.")
        if self._telling:
            raise TableError("A listener cannot dispatch: the transaction that it hears of is not over yet.")
        outer, self._action = self._action, action
        try:
            with self._store.transaction():
                return handler(self._store, action)
        finally:
            self._action = outer

    def select(self, selector: Callable[[State], T]) -> T:
        """Return what a function makes of the state; it is only called again if a table that it read has changed."""
        known = self._selections.get(selector)
        if known is not None and all(self._version(name) == version for name, version in known[0].items()):
            self._selections.move_to_end(selector)
            found: T = known[1]
            return found
        reading = _Reading(self)
        found = selector(reading)
        self._selections[selector] = (reading.versions, found)
        if len(self._selections) > SELECTIONS:
            self._selections.popitem(last=False)
        return found

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after each change of the state that is shown; return what ends it."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    @property
    def history(self) -> tuple[Step, ...]:
        """The transactions that can be looked back upon, the oldest first."""
        return tuple(self._steps)

    @property
    def back(self) -> int:
        """How many transactions the state that is shown lies back; 0 in the present."""
        return self._back

    def travel(self, steps: int) -> int:
        """Look at the state some transactions earlier (negative) or later; return how many it lies back now."""
        self._back = min(max(self._back - steps, 0), len(self._steps))
        self._tell()
        return self._back

    def present(self) -> None:
        """Look at the present again."""
        self.travel(self._back)

    def _heard(self, changes: tuple[Change, ...]) -> None:
        before = {}
        for name in {one.table for one in changes if one.before is None or one.after is None or one.moved}:
            before[name] = self._orders[name]
            self._orders[name] = tuple(self._store.observer.mirror(name).records)
        self._steps.append(Step(self._action, changes, before))
        if self._back:
            self._back = min(self._back + 1, len(self._steps))
        else:
            self._tell()

    def _tell(self) -> None:
        self._telling = True
        try:
            for listener in list(self._listeners):
                listener()
        finally:
            self._telling = False

    def table(self, name: str) -> Mapping[str, Snapshot]:
        """Return a table of the state that is shown; the same object as long as it does not change."""
        version = self._version(name)
        known = self._tables.get(name)
        if known is None or known[0] != version:
            self._tables[name] = known = (version, MappingProxyType(self._records(name)))
        return known[1]

    def names(self) -> Iterator[str]:
        """Return the names of the tables."""
        return iter(self._store)

    def _version(self, name: str) -> tuple[int, int]:
        """Return what differs as soon as the table of the state that is shown does."""
        version = self._store.observer.mirror(self._store.schema.table(name).name).version
        return version, self._steps_back(name)

    def _steps_back(self, name: str) -> int:
        """Return how many of the transactions that are not shown changed this table."""
        later = islice(reversed(self._steps), self._back)
        return sum(any(change.table == name for change in step.changes) for step in later)

    def _records(self, name: str) -> dict[str, Snapshot]:
        records = dict(self._store.observer.mirror(name).records)
        for step in islice(reversed(self._steps), self._back):
            for change in step.changes:
                if change.table == name:
                    if change.before is None:
                        del records[change.id]
                    else:
                        records[change.id] = change.before
            if name in step.before:
                records = {record_id: records[record_id] for record_id in step.before[name]}
        return records


class _Reading(Mapping[str, Mapping[str, Snapshot]]):
    """The state, as a selector sees it: it notes which tables are read."""

    def __init__(self, shown: Redux) -> None:
        self._shown = shown
        self.versions: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Mapping[str, Snapshot]:
        self.versions[name] = self._shown._version(name)
        return self._shown.table(name)

    def __iter__(self) -> Iterator[str]:
        return self._shown.names()

    def __len__(self) -> int:
        return sum(1 for _ in self._shown.names())
