"""The page that tells of Jupyter's tables, made from their declarations: ``python -m jupyter_rtc.tables``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .jupyter import ROOMS
from .schema import MISSING, Field, Keyed, Kind, Ordered, Roots, Schema, Single, Table, Writer
from .values import type_words

TOP = """\
# Jupyter's tables

Everything that the server knows lies in shared documents as tables of records. This page is made from their schema
(`jupyter_rtc/tables/jupyter.py`) by `python -m jupyter_rtc.tables > docs/tables.md`; a test compares them.

A field is a *register* (one JSON value, the last write wins), a *text*, a *list* or a *map* (edited in parts, so that
edits of several people are joined). Places in a text are counted in Unicode code points. What *the server* writes is
refused from anyone else. A field without a default must be given when a record is created.

## Tables of your own

An application declares its tables, and reads and edits them as it does Jupyter's:

```python
from jupyter_rtc.tables import Datastore, Ordered, Schema, Table, list_of, new_document, register, text

schema = Schema(
    [
        Table("todos", {"title": register(str), "done": register(bool, False), "notes": text(), "tags": list_of(str)}),
        Table("slides", {"body": text()}, Ordered()),
    ],
    name="todo",
    version=1,
)
store = Datastore(new_document(), schema, author="ana", undo=True)  # over any document; to undo, over such a one
todos = store["todos"]

todo = todos.create(title="Milk")
with store.transaction():  # one change for others, and for undo
    todo["done"] = True
    todo.text("notes").insert(0, "Oat 🥛, please")
    todo.list("tags").append("shop")
assert todo["notes"] == "Oat 🥛, please" and todos.where(done=True).ids() == [todo.id]

store.undo()  # one's own last transaction; what others did since then stays
assert todo["done"] is False and todo["notes"] == ""

watching = todos.observe(lambda changes: print([(one.kind, one.before, one.after) for one in changes]))
todo["title"] = "Oat milk"
watching.close()

store["slides"].create(body="first")
store["slides"].create(body="before it", at=0)
store["slides"].move(store["slides"].ids()[0])
```

`async for change in todos.watch():` gives the changes one by one, and there one may write. A record (`todo.watch()`),
a field (`todos.watch("title")`), a query (`todos.where(done=False).watch()`) or all tables (`store.watch()`) can be
watched or observed alike. An unknown table or field, a value of the wrong type, a record that is not there: each is
refused in words, before anything is written. `jupyter_rtc.tables.redux` has actions, selectors and time travel;
`jupyter_rtc.testing.tables` has participants without a network, for tests.
"""


def page(rooms: Mapping[str, Schema] = ROOMS) -> str:
    """Return the page."""
    return "\n".join([TOP, *(line for title, schema in rooms.items() for line in _room(title, schema))])


def _room(title: str, schema: Schema) -> Iterator[str]:
    yield f"## {title}\n"
    for table in schema.tables.values():
        yield from _table(table)


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.name}\n"
    yield f"{_words(table.words)} {_place(table)} Written by {table.writer.value}.\n"
    yield "| field | kind | default | meaning |"
    yield "|---|---|---|---|"
    if table.key:
        yield f"| *id* | | | {_words(table.key[0].upper() + table.key[1:])}. |"
    for name, field in table.fields.items():
        yield f"| `{name}` | {_kind(field)} | {_default(field)} | {_meaning(table, field)} |"
    yield ""


def _place(table: Table) -> str:
    storage = table.storage
    if isinstance(storage, Keyed):
        return (
            f"In the root map `{table.root}`, each record {'a JSON object' if storage.plain else 'a map'} under its id."
        )
    if isinstance(storage, Ordered):
        return f"In the root array `{table.root}`, in an order, each record a map with its id in `{storage.id_field}`."
    if isinstance(storage, Single):
        return f"The root map `{storage.root}`."
    if isinstance(storage, Roots):
        return "Each field is a root of the document."
    raise TypeError(storage)


def _kind(field: Field) -> str:
    types = type_words(field.types)
    if field.kind is Kind.TEXT:
        return "text"
    if field.kind is Kind.LIST:
        return f"list of {types}"
    if field.kind is Kind.MAP:
        return f"map of {types}"
    return types + (f", in {field.unit}" if field.unit else "")


def _default(field: Field) -> str:
    if field.default is MISSING:
        return ""
    return "absent" if field.absent and field.default is None else f"`{_json(field.default)}`"


def _json(value: Any) -> str:
    words = {None: "null", True: "true", False: "false"}
    return words[value] if value is None or isinstance(value, bool) else repr(value).replace("'", '"').lstrip("b")


def _meaning(table: Table, field: Field) -> str:
    parts = [_words(field.words)]
    if field.values:
        parts.append(f"One of {', '.join(f'`{value}`' for value in field.values)}.")
    if field.when is not None:
        parts.append(f"Only where `{field.when[0]}` is `{field.when[1]}`.")
    if field.writer is Writer.SERVER and table.writer is not Writer.SERVER:
        parts.append("Written by the server.")
    return " ".join(parts)


def _words(words: str) -> str:
    return re.sub(r"``([^`]+)``", r"`\1`", words)
