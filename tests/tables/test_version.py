"""A document notes the version of its schema."""

import pytest
from pycrdt import Doc, Map

from jupyter_rtc.errors import SchemaNewer
from jupyter_rtc.tables import Datastore, Schema

from .conftest import TODOS, updates_of


def test_the_version_is_noted_with_the_first_write(store, todos):
    updates = updates_of(store.doc)
    todos.create(title="x")
    assert store.version == 1 and len(updates) == 2
    assert store.doc.get("schema", type=Map).to_py() == {"todo": 1.0}


def schema(version, migrate=None):
    return Schema([TODOS], version=version, name="todo", migrate=migrate)


def test_an_older_document_is_changed_once_and_a_newer_one_refused():
    doc, calls = Doc(), []
    Datastore(doc, schema(1))["todos"].create(id="a", title="x")

    def migrate(old, found):
        calls.append(found)
        for record in old.get("todos", type=Map).values():
            record["count"] = 1

    updates = updates_of(doc)
    store = Datastore(doc, schema(3, migrate))
    assert calls == [1] and store.version == 3 and store["todos"]["a"]["count"] == 1 and len(updates) == 1
    assert not store.can_undo
    Datastore(doc, schema(3, migrate))
    assert calls == [1]
    with pytest.raises(SchemaNewer, match="version 3 of 'todo', and this program knows 2"):
        Datastore(doc, schema(2))


def test_versions_that_arrive_later_are_seen_before_the_next_write():
    newer, older = Datastore(Doc(), schema(3)), Datastore(Doc(), schema(1))
    newer["todos"].create(id="n", title="x")
    older["todos"].create(id="o", title="x")
    late, calls = Datastore(Doc(), schema(2, lambda doc, found: calls.append(found))), []
    late.doc.apply_update(older.doc.get_update())
    late["todos"].create(title="x")
    assert calls == [1] and late.version == 2
    late = Datastore(Doc(), schema(2))
    late.doc.apply_update(newer.doc.get_update())
    with pytest.raises(SchemaNewer):
        late["todos"].create(title="x")
    assert late["todos"].ids() == ["n"]


def test_a_schema_without_version_notes_nothing():
    doc = Doc()
    Datastore(doc, Schema([TODOS], version=None))["todos"].create(title="x")
    assert list(doc.keys()) == ["todos"]
