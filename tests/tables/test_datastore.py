"""Transactions, versions and permissions of a datastore."""

from contextlib import contextmanager

import pytest
from pycrdt import Doc

from jupyter_rtc.errors import NotAllowed
from jupyter_rtc.tables import Datastore, Schema, Table, Writer, register

from .conftest import heard_by, store_over, updates_of


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
    assert origins == ["kernel"] * 2 and [one.own for one in heard] == [True, True] and not store.can_undo
