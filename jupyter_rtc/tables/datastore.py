"""A document seen as tables: what a schema says of it can be read, changed, observed and undone.

::

    store = Datastore(new_document(), schema, author="ana", undo=True)
    todo = store["todos"].create(title="Milk")
    with store.transaction():
        todo["done"] = True
        todo.text("notes").append("Oat, please.")
    store.undo()

Everything is checked before it is written. A transaction that fails half-way stays as far as it came: a shared document
cannot take back what it did. Opening a datastore changes nothing, but if the document is of an older version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self
from uuid import uuid4

from pycrdt import Doc

from ..errors import NotAllowed, TableError
from .mirror import View
from .observer import Heard, Hearer, Observer
from .records import Records
from .schema import Schema, Table, Writer
from .shelf import Shelf, is_open
from .storage import shelf_of
from .undo import OwnChanges
from .version import SchemaVersion
from .watch import Watch

Edit = Callable[[str], AbstractContextManager[Any]]


class Datastore:
    """A document's tables."""

    def __init__(
        self,
        doc: Doc[Any],
        schema: Schema,
        *,
        author: str = "tables",
        server: bool = False,
        undo: bool = False,
        edit: Edit | None = None,
    ) -> None:
        """Open the tables.

        ``author`` is for whoever looks at origins; ``server`` may write what only the server writes; ``undo`` keeps
        what is needed to undo, and needs a document of ``new_document``; ``edit(author)`` opens a transaction, where
        the document has an own way for that.

        Raises:
            SchemaNewer: the document was written with a newer version of this schema.

        """
        self.doc = doc
        self.schema = schema
        self.author = author
        self.server = server
        self._origin = f"{author}/{uuid4().hex[:8]}"
        self._edit = edit
        self._depth = 0
        self._undoing = False
        """Whether the open transaction can be undone."""
        self._version = SchemaVersion(doc, schema)
        self._version.check()
        self._shelves: dict[str, tuple[Table, Shelf]] = {
            name: (table, shelf_of(doc, table)) for name, table in schema.tables.items()
        }
        self._observer = Observer(doc, self._shelves, lambda: self._depth > 0)
        self._records = {name: Records(self, *pair, self._observer) for name, pair in self._shelves.items()}
        self._own = OwnChanges(self._undoable_roots(), self._origin) if undo else None
        if self._version.is_older:
            with _Opened(self, undo=False):
                self._version.note()

    def __getitem__(self, name: str) -> Records:
        return self._records[self.schema.table(name).name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def version(self) -> int | None:
        """The version that the document notes; None if it notes none."""
        return self._version.found

    def transaction(self, *, undo: bool = True) -> AbstractContextManager[Any]:
        """Return a context in which all changes are one, for others and for ``undo``.

        Within another one it is a part of that. Without ``undo`` it is not kept to be undone.
        """
        if self._depth:
            return nullcontext()
        self._version.check()
        if not self._version.is_noted:
            with _Opened(self, undo=False):
                self._version.note()
        return _Opened(self, undo)

    @property
    def can_undo(self) -> bool:
        """Whether something of one's own can be undone."""
        return self._own is not None and self._own.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether something that was undone can be redone."""
        return self._own is not None and self._own.can_redo

    def undo(self) -> bool:
        """Undo the last own transaction; return whether there was one. What others did since then stays."""
        return self._step(OwnChanges.undo)

    def redo(self) -> bool:
        """Redo what was undone last; return whether there was something."""
        return self._step(OwnChanges.redo)

    def observe(self, heard: Heard) -> Hearer:
        """Call ``heard`` with the changes of each transaction, in all tables, until ``close`` of what is returned."""
        return self._observer.hear([View(name) for name in self._records], heard)

    def watch(self) -> Watch:
        """Return an asynchronous iterator over the changes in all tables, from now on."""
        return Watch(self.observe)

    @property
    def observer(self) -> Observer:
        """Who observes the tables."""
        return self._observer

    def close(self) -> None:
        """Observe nothing any more, and forget what could be undone."""
        self._observer.close()
        self._version.close()
        self._own = None
        for _, shelf in self._shelves.values():
            shelf.close()

    def check_writable(self, table: Table, names: Iterable[str] = ()) -> None:
        """Refuse what only the server writes.

        Raises:
            NotAllowed: it is, and this is not the server.

        """
        if self.server:
            return
        if table.writer is Writer.SERVER:
            raise NotAllowed(f"The table {table.name!r} is written by the server alone.")
        for name in names:
            if table.fields[name].writer is Writer.SERVER:
                raise NotAllowed(f"The field {name!r} of {table.name!r} is written by the server alone.")

    def writing(self, undo: bool) -> AbstractContextManager[None]:
        """Return the transaction for one change; ``undo``: whether it is of a kind that can be undone.

        Raises:
            TableError: a transaction is open that will be undone as a whole, with a change that is not to be undone.

        """
        if self._depth and self._undoing and not undo:
            raise TableError("What running code shows cannot be undone: write it in a transaction(undo=False).")
        return self.transaction(undo=undo)

    def begin(self, undo: bool) -> AbstractContextManager[Any]:
        """Enter a transaction of the document, and return it."""
        joining = self._edit is None and is_open(self.doc)
        self._undoing = undo and self._own is not None and self._edit is None and not joining
        if self._edit is not None:
            opened = self._edit(self.author)
        elif joining:
            opened = self.doc.transaction()
        else:
            opened = self.doc.transaction(origin=self._origin if self._undoing else self.author)
        opened.__enter__()
        self._depth += 1
        return opened

    def end(self) -> None:
        """Note that the transaction is over."""
        self._depth -= 1

    def _step(self, step: Callable[[OwnChanges], bool]) -> bool:
        if self._own is None:
            raise TableError("This datastore does not keep what could be undone.")
        if is_open(self.doc):
            raise TableError("Nothing can be undone within a transaction.")
        self._depth += 1
        try:
            return step(self._own)
        finally:
            self._depth -= 1

    def _undoable_roots(self) -> Iterator[Any]:
        for table, shelf in self._shelves.values():
            if table.undo and table.writer is Writer.ANYONE:
                yield from shelf.roots().values()


class _Opened:
    """A transaction of a datastore: what happens until its observers have been told is the datastore's own."""

    __slots__ = ("_opened", "_store", "_undo")

    def __init__(self, store: Datastore, undo: bool) -> None:
        self._opened: AbstractContextManager[Any] = nullcontext()
        self._store = store
        self._undo = undo

    def __enter__(self) -> None:
        self._opened = self._store.begin(self._undo)

    def __exit__(self, *how: Any) -> None:
        try:
            self._opened.__exit__(*how)
        finally:
            self._store.end()
