"""Who wants to hear of changes in a document's tables, and tells them after each transaction.

Whoever hears is called within the transaction, when it is over for the document but not for pycrdt: with plain values,
and may neither read nor write the document there. ``Watch`` is for those who want to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, Subscription

from .changes import Change, joined
from .mirror import Mirror, View
from .schema import Table
from .shelf import Shelf, Touched

Heard = Callable[[tuple[Change, ...]], None]


@dataclass(eq=False, slots=True)
class Hearer:
    """Somebody who hears of changes until ``close``."""

    views: tuple[View, ...]
    heard: Heard
    close: Callable[[], None] = lambda: None
    ended: Callable[[], None] = lambda: None
    """Called when there is nothing to be heard any more."""


class Observer:
    """Observes the tables in which somebody is interested, and no others."""

    def __init__(self, doc: Doc[Any], shelves: Mapping[str, tuple[Table, Shelf]], is_own: Callable[[], bool]) -> None:
        """Observe nothing yet; ``is_own`` says whether the present transaction is the datastore's own."""
        self._doc = doc
        self._shelves = shelves
        self._is_own = is_own
        self._hearers: list[Hearer] = []
        self._mirrors: dict[View, Mirror] = {}
        self._gathered: dict[View, list[Change]] = {}
        self._subscriptions: dict[str, list[tuple[Any, Subscription]]] = {}

    def hear(self, views: Iterable[View], heard: Heard) -> Hearer:
        """Call ``heard`` with what each transaction changed in these views."""
        hearer = Hearer(tuple(views), heard)
        hearer.close = lambda: self._forget(hearer)
        for view in hearer.views:
            if view not in self._mirrors:
                self._mirrors[view] = Mirror(*self._shelves[view.table], view)
                self._observe(view.table)
        self._hearers.append(hearer)
        return hearer

    def mirror(self, table: str) -> Mirror:
        """Return the whole table as plain values; somebody must hear of it."""
        return self._mirrors[View(table)]

    def close(self) -> None:
        """Observe nothing any more."""
        hearers, self._hearers = self._hearers, []
        self._drop_unused()
        for hearer in hearers:
            hearer.ended()

    def _forget(self, hearer: Hearer) -> None:
        if hearer in self._hearers:
            self._hearers.remove(hearer)
            self._drop_unused()

    def _drop_unused(self) -> None:
        wanted = {view for hearer in self._hearers for view in hearer.views}
        self._mirrors = {view: mirror for view, mirror in self._mirrors.items() if view in wanted}
        for name in self._subscriptions.keys() - {view.table for view in wanted} - ({""} if wanted else set()):
            for observed, subscription in self._subscriptions.pop(name):
                observed.unobserve(subscription)

    def _observe(self, name: str) -> None:
        if "" not in self._subscriptions:
            self._subscriptions[""] = [(self._doc, self._doc.observe(lambda _: self._tell()))]
        if name not in self._subscriptions:
            self._shelves[name][1].follow()
            roots = self._shelves[name][1].roots()
            self._subscriptions[name] = [
                (root, root.observe_deep(self._looking_at(name, root_name))) for root_name, root in roots.items()
            ]

    def _looking_at(self, name: str, root: str) -> Callable[[list[Any]], None]:
        shelf = self._shelves[name][1]

        def look(events: list[Any]) -> None:
            touched = Touched()
            shelf.touched(root, events, touched)
            own, origin = self._is_own(), events[0].transaction.origin
            for view, mirror in self._mirrors.items():
                if view.table == name:
                    changes = mirror.take(touched, own=own, origin=origin)
                    if changes:
                        self._gathered.setdefault(view, []).extend(changes)

        return look

    def _tell(self) -> None:
        """Tell everybody, also if one of them fails."""
        gathered, self._gathered = self._gathered, {}
        if not gathered:
            return
        calls = []
        for hearer in self._hearers:
            changes = [change for view in hearer.views for change in gathered.get(view, ())]
            if changes:
                calls.append((hearer, tuple(joined(changes) if len(changes) > 1 else changes)))
        if len(calls) == 1:
            calls[0][0].heard(calls[0][1])
            return
        with ExitStack() as stack:
            for hearer, told in reversed(calls):
                stack.callback(hearer.heard, told)
