"""Tables: what an operation on a record costs, against the same done with pycrdt alone, in this process.

Records have five fields, one of them a text; what is done to tables is kept to be undone. *Observed* is a change of a
field while somebody observes the table and is told the values before and after; with pycrdt alone, the observer looks
at the old and new value of each key.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

from pycrdt import Doc, Map, Text

from jupyter_rtc.tables import Datastore, Schema, Table, new_document, register, text

from .goals import Goal
from .samples import Figure, Sample
from .servers import OURS, Kind, Rooms

PYCRDT = Kind("pycrdt alone", Rooms.NONE)
KINDS = (PYCRDT, OURS)
OPERATIONS = ("create", "read", "update", "edit text", "read all", "observed", "delete")
FIGURES = tuple(Figure(name, "us", digits=1) for name in OPERATIONS)
GOALS = tuple(Goal(name, 3, (PYCRDT,)) for name in OPERATIONS)
SCHEMA = Schema(
    [
        Table(
            "todos",
            {
                "title": register(str),
                "done": register(bool, default=False),
                "weight": register(float, default=1.0),
                "owner": register(str | None),
                "notes": text(),
            },
        )
    ]
)

Actions = dict[str, Callable[[str], Any]]


async def measure(kind: Kind, count: int) -> Sample:
    """Return the processor time of each operation, in microseconds for a record, over this many records."""
    actions, read_all, observe = _with_pycrdt() if kind is PYCRDT else _with_tables()
    ids = [f"record {number}" for number in range(count)]
    sample: Sample = {}
    for name in OPERATIONS:
        if name == "observed":
            observe()
        gc.collect()
        began = time.process_time()
        if name == "read all":
            read_all()
        else:
            action = actions[name]
            for record_id in ids:
                action(record_id)
        sample[name] = (time.process_time() - began) / count * 1e6
    return sample


def _with_pycrdt() -> tuple[Actions, Callable[[], Any], Callable[[], Any]]:
    doc: Doc[Any] = Doc()
    todos: Map[Any] = doc.get("todos", type=Map)

    def create(record_id: str) -> None:
        todos[record_id] = Map({"title": "x", "done": False, "weight": 1.0, "owner": None, "notes": Text("")})

    def edit(record_id: str) -> None:
        notes = todos[record_id]["notes"]
        notes.insert(len(notes), "x")

    def look(events: list[Any]) -> None:
        for event in events:
            for step in event.keys.values():
                step.get("oldValue")
                step.get("newValue")

    actions: Actions = {
        "create": create,
        "read": lambda record_id: todos[record_id]["title"],
        "update": lambda record_id: todos[record_id].__setitem__("title", "y"),
        "edit text": edit,
        "observed": lambda record_id: todos[record_id].__setitem__("title", "z"),
        "delete": lambda record_id: todos.__delitem__(record_id),
    }
    return actions, todos.to_py, lambda: todos.observe_deep(look)


def _with_tables() -> tuple[Actions, Callable[[], Any], Callable[[], Any]]:
    todos = Datastore(new_document(), SCHEMA, undo=True)["todos"]
    actions: Actions = {
        "create": lambda record_id: todos.create(id=record_id, title="x"),
        "read": lambda record_id: todos[record_id]["title"],
        "update": lambda record_id: todos.update(record_id, title="y"),
        "edit text": lambda record_id: todos[record_id].text("notes").append("x"),
        "observed": lambda record_id: todos.update(record_id, title="z"),
        "delete": todos.delete,
    }
    return actions, todos.as_dict, lambda: todos.observe(lambda _: None)
