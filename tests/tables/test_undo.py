"""What one did oneself is undone and redone, transaction by transaction; what others did stays."""

import pytest
from pycrdt import Array, Map

from jupyter_rtc.errors import TableError

from .conftest import heard_by, store_over


def test_own_changes_are_undone_and_redone_one_by_one(store, todos):
    assert not store.undo() and not store.redo() and not store.can_undo
    todo = todos.create(id="a", title="Milk")
    with store.transaction():
        todo["done"] = True
        todo.text("notes").append("two")
    assert store.can_undo and store.undo()
    assert (todo["done"], todo["notes"]) == (False, "")
    assert store.undo() and not todo.exists and not store.can_undo
    assert store.redo() and store.redo() and not store.can_redo
    assert (todo["done"], todo["notes"]) == (True, "two")


def test_what_others_wrote_meanwhile_stays(store, todos):
    todo = todos.create(id="a", title="Milk", notes="mine")
    bo = store_over(author="bo")
    bo.doc.apply_update(store.doc.get_update())
    todo.text("notes").append(" and more")
    bo["todos"]["a"].update(notes="Bo: mine", title="Bo's")
    store.doc.apply_update(bo.doc.get_update())
    bo.doc.apply_update(store.doc.get_update())
    assert store.undo() and todo["notes"] == "Bo: mine" and todo["title"] == "Bo's"
    assert bo.undo() and bo["todos"]["a"].as_dict()["title"] == "Milk"


def test_what_running_code_shows_is_never_undone(store, steps):
    step = steps.create(id="s", name="n")
    steps.update("s", shown=[{"text": "1"}])
    step["name"] = "m"
    with store.transaction(undo=False):
        step.list("shown").append({"text": "2"})
    assert store.undo() and step["name"] == "n" and step["shown"] == [{"text": "1"}, {"text": "2"}]
    with pytest.raises(TableError, match="cannot be undone"), store.transaction():
        step["shown"] = []
    with pytest.raises(TableError, match="one after the other"):
        step.update(name="x", shown=[])


def test_a_deleted_record_comes_back_in_its_place_with_what_was_in_it(store, steps):
    for name in "abc":
        steps.create(id=name, name=name, body=name, shown=[{"x": name}])
    steps.delete("b")
    store.undo()
    assert steps.ids() == ["a", "b", "c"] and steps["b"].as_dict() == {"name": "b", "body": "b", "shown": [{"x": "b"}]}
    steps.move("c", at=0)
    store.undo()
    assert steps.ids() == ["a", "b", "c"]


def test_edits_that_are_not_of_this_datastore_are_not_its_own(store, todos):
    other = store_over(store.doc, author="ana")
    other["todos"].create(id="o", title="x")
    store.doc.get("todos", type=Map)["raw"] = Map({"title": "x"})
    store.doc.get("steps", type=Array).append(Map({"id": "x"}))
    with store.doc.transaction(origin="disk"):
        todos.create(id="d", title="x")
    assert not store.can_undo and other.can_undo


def test_undoing_is_heard_as_one_s_own(store, todos):
    todos.create(id="a", title="x")
    heard = heard_by(todos)
    store.undo()
    store.redo()
    assert [(one.kind, one.own) for one in heard] == [("deleted", True), ("created", True)]


def test_nothing_can_be_undone_within_a_transaction_nor_without_keeping(store, todos):
    todos.create(id="a", title="x")
    with store.transaction(), pytest.raises(TableError, match="within a transaction"):
        store.undo()
    without = store_over(undo=False)
    with pytest.raises(TableError, match="does not keep"):
        without.undo()
    assert not without.can_undo and not without.can_redo


def test_what_was_done_can_be_made_final(store, todos):
    todos.create(id="a", title="x")
    store._own.forget()
    assert not store.can_undo
