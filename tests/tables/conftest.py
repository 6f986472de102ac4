"""A small schema, and datastores over it."""

import pytest

from jupyter_rtc.tables import Datastore, Ordered, Schema, Table, list_of, map_of, new_document, register, text

TODOS = Table(
    "todos",
    {
        "title": register(str),
        "done": register(bool, default=False),
        "weight": register(float, default=1.0),
        "count": register(int | None),
        "notes": text(),
        "tags": list_of(str),
        "links": map_of(str),
    },
)
STEPS = Table("steps", {"name": register(str), "body": text(), "shown": list_of(dict, undo=False)}, Ordered())
SCHEMA = Schema([TODOS, STEPS], name="todo")


def store_over(doc=None, *, undo=True, **options):
    return Datastore(doc or new_document(), SCHEMA, undo=undo, **options)


@pytest.fixture
def store():
    return store_over(author="ana")


@pytest.fixture
def todos(store):
    return store["todos"]


@pytest.fixture
def steps(store):
    return store["steps"]


def heard_by(observable, *fields):
    """Return the list of changes that ``observe`` fills."""
    found = []
    observable.observe(found.extend, *fields)
    return found


def updates_of(doc):
    """Return the list that fills with what others would be sent."""
    found = []
    doc.observe(lambda event: found.append(event.update))
    return found
