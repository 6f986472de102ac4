"""Whoever observes hears what each transaction changed, with the values before and after."""

import random
from contextlib import suppress

import pytest
from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.errors import RecordMissing, UnknownField

from .conftest import heard_by, store_over


def told(changes):
    return [(one.kind, one.id, sorted(one.fields)) for one in changes]


def test_changes_of_a_table_come_with_the_values_before_and_after(todos):
    heard = heard_by(todos)
    todo = todos.create(id="a", title="Milk")
    todo["done"] = True
    todo.text("notes").append("é😀")
    todo.delete()
    assert [one.kind for one in heard] == ["created", "updated", "updated", "deleted"]
    assert heard[0].before is None and heard[0].after["title"] == "Milk"
    assert (heard[1].before["done"], heard[1].after["done"], heard[1].fields) == (False, True, {"done"})
    assert (heard[2].before["notes"], heard[2].after["notes"]) == ("", "é😀")
    assert heard[2].edits("notes") == [(0, 0, "é😀")]
    assert heard[3].before["notes"] == "é😀" and heard[3].after is None
    assert all(one.own and one.table == "todos" for one in heard)


def test_a_transaction_is_heard_once_with_one_change_for_each_record(store, todos, steps):
    calls = []
    store.observe(calls.append)
    with store.transaction():
        todo = todos.create(id="a", title="x")
        todo["title"] = "y"
        todo.text("notes").append("n")
        todos.create(id="gone", title="x").delete()
        steps.create(id="s", name="n")
    assert len(calls) == 1
    assert {(one.table, one.id, one.kind) for one in calls[0]} == {("todos", "a", "created"), ("steps", "s", "created")}


def test_a_record_a_field_or_a_query_can_be_observed_alone(todos):
    todo, other = todos.create(id="a", title="Milk"), todos.create(id="b", title="Oil")
    record, field, query, notes = [], [], [], []
    todo.observe(record.extend)
    todo.observe(field.extend, "title")
    todos.where(done=False).observe(query.extend)
    todos.observe(notes.extend, "notes")
    other["title"] = "Olive oil"
    todo["done"] = True
    todo["title"] = "Oat milk"
    todo["done"] = False
    other["notes"] = "n"
    assert told(record) == [("updated", "a", ["done"]), ("updated", "a", ["title"]), ("updated", "a", ["done"])]
    assert told(field) == [("updated", "a", ["title"])] and field[0].before == {"title": "Milk"}
    assert told(query) == [
        ("updated", "b", ["title"]),
        ("deleted", "a", ["done"]),
        ("created", "a", ["done"]),
        ("updated", "b", ["notes"]),
    ]
    assert told(notes) == [("updated", "b", ["notes"])]
    with pytest.raises(UnknownField):
        todo.observe(record.extend, "titel")


def test_a_query_by_a_function_is_told_of_what_comes_and_goes(todos):
    heavy = []
    todos.where(lambda todo: todo["weight"] > 5).observe(heavy.extend, "title")
    todo = todos.create(id="a", title="x")
    todo["weight"] = 6
    todo["weight"] = 7
    todo["title"] = "y"
    todo["weight"] = 1
    assert told(heavy) == [("created", "a", ["weight"]), ("updated", "a", ["title"]), ("deleted", "a", ["weight"])]


def test_what_others_do_is_heard_as_theirs(store, todos):
    heard = heard_by(todos)
    bo = store_over(Doc())
    bo["todos"].create(id="b", title="Bo's")
    store.doc.apply_update(bo.doc.get_update())
    with store.doc.transaction(origin="disk"):
        store.doc.get("todos", type=Map)["b"]["title"] = "changed"
    assert [(one.own, one.origin) for one in heard] == [(False, None), (False, "disk")]


def test_what_changes_nothing_is_not_heard(todos):
    todo = todos.create(title="x")
    heard = heard_by(todos)
    todo["title"] = "x"
    with todos._store.transaction():
        todo["done"] = True
        todo["done"] = False
    assert heard == []


def test_who_has_closed_hears_no_more_and_nothing_is_observed_then(store, todos):
    found = []
    hearer = todos.observe(found.append)
    hearer.close()
    hearer.close()
    todos.create(title="x")
    assert found == [] and store._observer._subscriptions == {} and store._observer._mirrors == {}


def test_who_fails_keeps_nobody_else_from_hearing(todos):
    def fail(_):
        raise ValueError("mine")

    before = heard_by(todos)
    todos.observe(fail)
    after = heard_by(todos)
    with pytest.raises(ExceptionGroup):
        todos.create(id="a", title="x")
    assert len(before) == len(after) == 1 and todos["a"]["title"] == "x"


def test_moves_are_heard_as_moves(steps):
    for name in "abc":
        steps.create(id=name, name=name)
    heard = heard_by(steps)
    steps.move("c", at=0)
    steps["c"].text("body").append("x")
    steps.delete("a")
    assert [one.moved for one in heard] == [True, False, False]
    assert told(heard) == [("moved", "c", []), ("updated", "c", ["body"]), ("deleted", "a", ["body", "name", "shown"])]


def test_what_happens_to_the_second_of_two_records_with_one_id_is_not_heard(store, steps):
    steps.create(id="a", name="first")
    cells = store.doc.get("steps", type=Array)
    cells.append(Map({"id": "a", "name": "second"}))
    heard = heard_by(steps)
    cells[1]["name"] = "changed"
    assert heard == [] and steps["a"]["name"] == "first"
    del cells[0]
    (change,) = heard
    assert (change.kind, change.before["name"], change.after["name"]) == ("updated", "first", "changed")


@pytest.mark.parametrize("seed", range(4))
def test_a_mirror_is_what_the_document_says_whatever_happens(store, seed):
    """Random changes through the tables, by others and by raw edits, in transactions and out of them."""
    rng = random.Random(seed)
    steps, todos = store["steps"], store["todos"]
    hearers = [steps.observe(lambda _: None), todos.observe(lambda _: None)]
    other = store_over(Doc())
    for turn in range(150):
        raw = store.doc.get("steps", type=Array)
        with store.transaction() if rng.random() < 0.5 else store.doc.transaction():
            for _ in range(rng.randrange(1, 4)):
                with suppress(RecordMissing):  # a raw edit of the same transaction took it away
                    act(rng, steps, todos, raw)
        if turn % 20 == 0:
            other.doc.apply_update(store.doc.get_update(other.doc.get_state()))
            act(rng, other["steps"], other["todos"], other.doc.get("steps", type=Array))
            store.doc.apply_update(other.doc.get_update(store.doc.get_state()))
        for table in (steps, todos):
            mirror = store._observer.mirror(table.name).records
            assert mirror == table.as_dict() and (table is todos or list(mirror) == steps.ids())
    assert hearers and steps.ids() == store_over(store.doc)["steps"].ids()


def act(rng, steps, todos, raw):
    ids, kind = steps.ids(), rng.randrange(10)
    if kind < 2 or not ids:
        steps.create(id=f"s{rng.randrange(30)}x{rng.random()}", name="n", at=rng.randrange(len(raw) + 1))
    elif kind == 2:
        steps.move(rng.choice(ids), before=rng.choice([*ids, None]))
    elif kind == 3:
        steps.delete(rng.choice(ids))
    elif kind == 4:
        steps[rng.choice(ids)].text("body").append("é")
    elif kind == 5:
        raw.insert(rng.randrange(len(raw) + 1), Map({"id": rng.choice([*ids, "new", 5]), "name": "raw"}))
    elif kind == 6:
        del raw[rng.randrange(len(raw))]
    elif kind == 7:
        raw.append(rng.choice(["rubbish", Map({}), Text("x")]))
    elif kind == 8:
        todos.create(title="t")
    else:
        found = todos.ids()
        if found:
            todos[rng.choice(found)].update(title=str(rng.random()), tags=["x"])
