"""Transactions, versions and permissions of a datastore."""

from contextlib import contextmanager

import pytest
from pycrdt import Doc, Map

from jupyter_rtc.errors import NotAllowed, SchemaNewer
from jupyter_rtc.tables import Datastore, Schema, Table, Writer, register

from .conftest import TODOS, heard_by, store_over


def updates_of(doc):
    found = []
    doc.observe(lambda event: found.append(event.update))
    return found


def test_many_changes_are_one_for_others(store, todos):
    todos.create(title="first")
    updates = updates_of(store.doc)
    with store.transaction():
        todo = todos.create(title="x")
        with store.transaction():
            todo["done"] = True
        todo.text("notes").append("n")
    assert len(updates) == 1


def test_a_transaction_that_others_opened_is_joined(store, todos):
    updates = updates_of(store.doc)
    with store.doc.transaction(origin="disk"):
        todos.create(id="a", title="x")
        todos["a"]["done"] = True
    assert len(updates) == 1


def test_opening_changes_nothing_and_closing_neither():
    doc = Doc()
    before = doc.get_update()
    with store_over(doc) as store:
        assert list(store) == ["todos", "steps"] and store.version is None
        store["steps"].observe(print)
    assert doc.get_update() == before


def test_the_version_is_noted_with_the_first_write(store, todos):
    updates = updates_of(store.doc)
    todos.create(title="x")
    assert store.version == 1 and len(updates) == 1
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


def test_what_the_server_writes_nobody_else_does():
    tables = [
        Table("kernels", {"name": register(str)}, writer=Writer.SERVER),
        Table("runs", {"code": register(str), "status": register(str, "requested", writer=Writer.SERVER)}),
    ]
    doc = Doc()
    client, server = (Datastore(doc, Schema(tables), server=server) for server in (False, True))
    with pytest.raises(NotAllowed, match="'kernels' is written by the server alone"):
        client["kernels"].create(name="x")
    kernel, run = server["kernels"].create(id="k", name="x"), client["runs"].create(id="r", code="1")
    for act in (client["kernels"]["k"].delete, lambda: client["kernels"].update("k", name="y")):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotAllowed, match="field 'status'"):
        run["status"] = "ok"
    server["runs"]["r"]["status"] = "ok"
    kernel["name"] = "y"
    assert (run["status"], client["kernels"]["k"]["name"]) == ("ok", "y")


def test_a_document_s_own_way_to_edit_is_used():
    doc, origins = Doc(), []

    @contextmanager
    def edit(origin):
        origins.append(origin)
        with doc.transaction():
            yield

    store = store_over(doc, author="kernel", edit=edit)
    heard = heard_by(store["todos"])
    with store.transaction():
        store["todos"].create(title="x")
        store["todos"].create(title="y")
    assert origins == ["kernel"] and [one.own for one in heard] == [True, True] and not store.can_undo
