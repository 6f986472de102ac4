"""Tables without a network, for tests of applications that use them.

::

    def test_bo_sees_what_ana_writes():
        people = Participants(SCHEMA)
        ana, bo = people.join("ana"), people.join("bo")
        ana["todos"].create(id="milk", title="Milk")
        assert bo["todos"]["milk"]["title"] == "Milk"

Each participant has a document and a datastore of their own, as if on a machine of their own. What one of them changes
the others have at once, unless they are apart: then it comes when they rejoin, and is merged as it would be over a
network. No time passes, and nothing runs in the background.
"""

from __future__ import annotations

from typing import Any

from pycrdt import Doc, TransactionEvent

from ..tables import Datastore, Schema, new_document


class Participants:
    """Some people or programs who share one document."""

    def __init__(self, schema: Schema) -> None:
        """Begin with nobody."""
        self._schema = schema
        self._stores: dict[str, Datastore] = {}
        self._apart: set[str] = set()
        self._delivering = False

    def join(self, name: str, schema: Schema | None = None, **options: Any) -> Datastore:
        """Return the datastore of a new participant; who has another version of the schema brings it along."""
        if name in self._stores:
            raise ValueError(f"{name!r} is here already.")
        doc = new_document()
        for other in self._together():
            doc.apply_update(self._stores[other].doc.get_update())
            break
        doc.observe(lambda event: self._changed(name, event))
        self._stores[name] = store = Datastore(doc, schema or self._schema, author=name, **{"undo": True, **options})
        return store

    def part(self, name: str) -> None:
        """Take a participant off the network."""
        self._apart.add(name)

    def rejoin(self, name: str) -> None:
        """Bring a participant back, and exchange what each side missed."""
        self._apart.discard(name)
        mine = self._stores[name].doc
        others = [self._stores[other].doc for other in self._together() if other != name]
        for other in others[:1]:
            update = other.get_update(mine.get_state())
            news = mine.get_update(other.get_state())
            self._deliver(update, [mine])
            self._deliver(news, others)

    def agree(self) -> bool:
        """Whether all who are together have the same tables."""
        found = [{table: store[table].as_dict() for table in store} for store in self._stores.values()]
        return all(one == found[0] for one in found)

    def _together(self) -> list[str]:
        return [name for name in self._stores if name not in self._apart]

    def _changed(self, name: str, event: TransactionEvent) -> None:
        if self._delivering or name in self._apart or name not in self._stores:
            return
        self._deliver(event.update, [self._stores[other].doc for other in self._together() if other != name])

    def _deliver(self, update: bytes, docs: list[Doc[Any]]) -> None:
        self._delivering = True
        try:
            for doc in docs:
                doc.apply_update(update)
        finally:
            self._delivering = False


def dummy_store(schema: Schema, **options: Any) -> Datastore:
    """Return a datastore over a document of its own."""
    return Datastore(new_document(), schema, **{"undo": True, **options})
