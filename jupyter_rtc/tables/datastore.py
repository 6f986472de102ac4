"""A document seen as tables: what a schema says of it can be read, changed, observed and undone.

::

    store = Datastore(doc, schema, author="ana")
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
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Self
from uuid import uuid4

from pycrdt import Doc, Map

from ..errors import NotAllowed, SchemaNewer, TableError
from .observer import Heard, Hearer, Observer
from .records import Records
from .schema import Schema, Table, Writer
from .shelf import Shelf, is_open
from .storage import shelf_of
from .undo import OwnChanges
from .watch import Watch

VERSIONS = "schema"
"""The root map in which documents note the versions of their schemas."""

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
        undo: bool = True,
        edit: Edit | None = None,
    ) -> None:
        """Open the tables.

        ``author`` is for whoever looks at origins; ``server`` may write what only the server writes; ``undo`` keeps
        what is needed to undo; ``edit(author)`` opens a transaction, where the document has an own way for that.

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
        self._versions: Map[Any] | None = None if schema.version is None else doc.get(VERSIONS, type=Map)
        self._shelves: dict[str, tuple[Table, Shelf]] = {
            name: (table, shelf_of(doc, table)) for name, table in schema.tables.items()
        }
        self._observer = Observer(doc, self._shelves, lambda: self._depth > 0)
        self._records = {name: Records(self, *pair, self._observer) for name, pair in self._shelves.items()}
        self._own = OwnChanges(self._undoable_roots(), self._origin) if undo else None
        self._migrate_if_older()

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
        found = None if self._versions is None else self._versions.get(self.schema.name)
        return int(found) if isinstance(found, int | float) else None

    @contextmanager
    def transaction(self, *, undo: bool = True) -> Iterator[None]:
        """Return a context in which all changes are one, for others and for ``undo``.

        Within another one it is a part of that. Without ``undo`` it is not kept to be undone.
        """
        if self._depth:
            yield
            return
        self._check_version()
        with self._opened(undo):
            self._note_version()
            yield

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
        return self._observer.hear(dict.fromkeys(self._records), heard)

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

    @contextmanager
    def _opened(self, undo: bool) -> Iterator[None]:
        self._undoing = undo and self._own is not None and self._edit is None and not is_open(self.doc)
        if self._edit is not None:
            opened = self._edit(self.author)
        elif self._undoing:
            opened = self.doc.transaction(origin=self._origin)
        elif is_open(self.doc):
            opened = self.doc.transaction()
        else:
            opened = self.doc.transaction(origin=self.author)
        self._depth += 1
        try:
            with opened:
                yield
        finally:
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
            if table.writer is Writer.ANYONE:
                yield from shelf.roots().values()

    def _check_version(self) -> None:
        """Refuse a document that a newer version of the schema wrote: this one does not know what it would destroy."""
        found, version = self.version, self.schema.version
        if found is not None and version is not None and found > version:
            raise SchemaNewer(
                f"This document was written with version {found} of {self.schema.name!r}, "
                f"and this program knows {version}: update the program."
            )

    def _note_version(self) -> None:
        if self._versions is not None and self.version != self.schema.version:
            self._migrate_if_older()
            self._versions[self.schema.name] = self.schema.version

    def _migrate_if_older(self) -> None:
        self._check_version()
        found, version, migrate = self.version, self.schema.version, self.schema.migrate
        if found is None or version is None or found >= version or migrate is None or self._versions is None:
            return
        with self._opened(undo=False) if not self._depth else nullcontext():
            migrate(self.doc, found)
            self._versions[self.schema.name] = version
