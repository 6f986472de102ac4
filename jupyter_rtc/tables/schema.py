"""What tables there are, and what fields their records have: declarations only. Pure.

A *register* holds one JSON value and the last write wins; a *text*, a *list* or a *map* is edited in parts, and edits
of several people at once are joined. A table says where in the document its records lie:

* ``Keyed``: a root map, each record a map under its id (or, ``plain``, one JSON object);
* ``Ordered``: a root array of maps, each with its id in a field; records have an order and can be moved;
* ``Single``: one record, which is a root map itself;
* ``Roots``: one record, each of whose fields is a root of the document.

A schema's version is noted in the document with the first write; a document of an older version is changed by
``migrate``, one of a newer version is refused. A schema without a version notes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from pycrdt import Array, Doc, Map, Text

from ..errors import UnknownField, UnknownTable
from .values import Types, checked, types_of


class _Missing(Enum):
    MISSING = "missing"


MISSING = _Missing.MISSING
"""No default: the field must be given."""


class Kind(Enum):
    """How a field is kept."""

    REGISTER = "register"
    TEXT = "text"
    LIST = "list"
    MAP = "map"


SHARED_TYPES: dict[Kind, type[Any]] = {Kind.TEXT: Text, Kind.LIST: Array, Kind.MAP: Map}
"""What a document has in the place of a field that is no register."""


class Writer(Enum):
    """Who writes a table or a field."""

    ANYONE = "anyone"
    SERVER = "the server"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a table's records; made by ``register``, ``text``, ``list_of`` and ``map_of``."""

    kind: Kind
    types: Types
    """Of the value, or of the items of a list or map."""
    default: Any = MISSING
    words: str = ""
    """One sentence of meaning."""
    unit: str = ""
    values: tuple[Any, ...] = ()
    """The only values that it takes; empty: any of its type."""
    writer: Writer = Writer.ANYONE
    undo: bool = True
    """Whether a change of it can be undone by who made it; not so for what running code shows."""
    absent: bool = False
    """Whether null is not written: the record has no such field then."""
    when: tuple[str, Any] | None = None
    """The field and its value that a record must have to have this one."""
    shared: Callable[[Any], Any] | None = None
    """Makes an item of a list a shared type, where it is to be one."""

    @property
    def required(self) -> bool:
        """Whether a record cannot be created without it."""
        return self.default is MISSING

    @property
    def nullable(self) -> bool:
        """Whether it may be null."""
        return type(None) in self.types or object in self.types

    def fresh_default(self) -> Any:
        """Return the default, which the caller may change; None if there is none."""
        if self.default is MISSING:
            return None
        return deepcopy(self.default) if isinstance(self.default, list | dict) else self.default


def register(  # noqa: PLR0913  keywords, one for each thing that a field can be
    type_: Any = object,
    default: Any = MISSING,
    words: str = "",
    *,
    unit: str = "",
    values: Iterable[Any] = (),
    writer: Writer = Writer.ANYONE,
    undo: bool = True,
    absent: bool = False,
    when: tuple[str, Any] | None = None,
) -> Field:
    """Return a field that holds one JSON value; where None is allowed it is the default."""
    types = types_of(type_)
    if default is MISSING and type(None) in types:
        default = None
    if default is not MISSING:
        default = checked(default, types, "A default")
    return Field(Kind.REGISTER, types, default, words, unit, tuple(values), writer, undo, absent, when)


def text(default: str = "", words: str = "", *, writer: Writer = Writer.ANYONE, undo: bool = True) -> Field:
    """Return a field that holds a text, edited in parts."""
    return Field(Kind.TEXT, (str,), checked(default, (str,), "A default"), words, writer=writer, undo=undo)


def list_of(
    type_: Any = object,
    words: str = "",
    *,
    writer: Writer = Writer.ANYONE,
    undo: bool = True,
    when: tuple[str, Any] | None = None,
    shared: Callable[[Any], Any] | None = None,
) -> Field:
    """Return a field that holds a list, edited item by item; empty by default."""
    return Field(Kind.LIST, types_of(type_), [], words, writer=writer, undo=undo, when=when, shared=shared)


def map_of(type_: Any = object, words: str = "", *, writer: Writer = Writer.ANYONE, undo: bool = True) -> Field:
    """Return a field that holds an object, edited key by key; empty by default."""
    return Field(Kind.MAP, types_of(type_), {}, words, writer=writer, undo=undo)


@dataclass(frozen=True, slots=True)
class Keyed:
    """Records are maps under their id in a root map; the table's name if no root is named."""

    root: str = ""
    plain: bool = False
    """Whether a record is written as one JSON value, in which the last write wins as a whole."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Records are maps in a root array."""

    root: str = ""
    id_field: str = "id"


@dataclass(frozen=True, slots=True)
class Single:
    """The only record is a root map."""

    root: str
    id: str


@dataclass(frozen=True, slots=True)
class Roots:
    """The only record has a root of the document for each field."""

    id: str


Storage = Keyed | Ordered | Single | Roots


@dataclass(frozen=True, slots=True)
class Table:
    """A table of records."""

    name: str
    fields: Mapping[str, Field]
    storage: Storage = field(default_factory=Keyed)
    words: str = ""
    """One sentence of meaning."""
    writer: Writer = Writer.ANYONE
    key: str = ""
    """What an id is, in words."""
    undo: bool = True
    """Whether changes of it can be undone by who made them."""

    def __post_init__(self) -> None:
        """Take no change of the fields any more, and refuse what cannot be."""
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))
        if isinstance(self.storage, Ordered) and self.storage.id_field in self.fields:
            raise ValueError(
                f"The table {self.name!r} has its ids in {self.storage.id_field!r}: no field can have that name."
            )
        if isinstance(self.storage, Keyed) and self.storage.plain and self._has_other_than(Kind.REGISTER):
            raise ValueError(f"One JSON value has registers only; see the table {self.name!r}.")
        if isinstance(self.storage, Roots) and any(one.kind is Kind.REGISTER for one in self.fields.values()):
            raise ValueError(f"A root of a document is no register; see the table {self.name!r}.")

    def _has_other_than(self, kind: Kind) -> bool:
        return any(one.kind is not kind for one in self.fields.values())

    @property
    def root(self) -> str:
        """The name of the root that has the records."""
        return getattr(self.storage, "root", "") or self.name

    def field(self, name: str) -> Field:
        """Return a field; raises UnknownField."""
        found = self.fields.get(name)
        if found is None:
            raise UnknownField(f"The table {self.name!r} has no field {name!r}; it has {_listed(self.fields)}.")
        return found


class Schema:
    """The tables of a document."""

    def __init__(
        self,
        tables: Iterable[Table],
        *,
        version: int | None = 1,
        name: str = "schema",
        migrate: Callable[[Doc[Any], int], None] | None = None,
    ) -> None:
        """Make a schema.

        ``migrate(doc, found)`` brings a document from an older version to this one. It runs within a transaction; two
        participants may run it at the same time, so it must do the same to the same document, and no harm twice.
        """
        self.tables: Mapping[str, Table] = MappingProxyType({table.name: table for table in tables})
        self.version = version
        self.name = name
        self.migrate = migrate

    def table(self, name: str) -> Table:
        """Return a table; raises UnknownTable."""
        found = self.tables.get(name)
        if found is None:
            raise UnknownTable(f"There is no table {name!r}; there are {_listed(self.tables)}.")
        return found


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
