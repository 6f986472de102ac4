"""A mirror reads what was touched, and only that."""

from pycrdt import Doc

from jupyter_rtc.tables.mirror import Mirror, View, snapshot
from jupyter_rtc.tables.shelf import UNKNOWN, Touched
from jupyter_rtc.tables.storage import shelf_of

from .conftest import TODOS, store_over


def test_only_the_fields_that_are_wanted_are_read():
    doc = Doc()
    store_over(doc)["todos"].create(id="a", title="x")
    mirror = Mirror(TODOS, shelf_of(doc, TODOS), View("todos", frozenset({"title"})))
    assert mirror.records == {"a": {"title": "x"}}


def test_what_was_not_touched_stays_the_same_object():
    doc = Doc()
    todos = store_over(doc)["todos"]
    todos.create(id="a", title="x")
    todos.create(id="b", title="x")
    mirror = Mirror(TODOS, shelf_of(doc, TODOS), View("todos"))
    before = dict(mirror.records)
    todos.update("a", title="y")
    touched = Touched(set(), {"a": {"title": UNKNOWN, "unknown": 1}})
    (change,) = mirror.take(touched, own=True, origin=None)
    assert change.before is before["a"] and mirror.records["b"] is before["b"] and mirror.version == 1
    assert mirror.take(touched, own=True, origin=None) == [] and mirror.version == 1
    assert mirror.take(Touched(set(), {"none": {"title": "x"}}), own=True, origin=None) == []


def test_everything_is_looked_at_if_need_be():
    doc = Doc()
    todos = store_over(doc)["todos"]
    todos.create(id="a", title="x")
    mirror = Mirror(TODOS, shelf_of(doc, TODOS), View("todos"))
    todos.delete("a")
    todos.create(id="b", title="x")
    changes = mirror.take(Touched(everything=True), own=False, origin=None)
    assert sorted(one.kind for one in changes) == ["created", "deleted"] and mirror.records == todos.as_dict()


def test_a_snapshot_is_of_plain_values():
    assert snapshot({"title": TODOS.fields["title"]}, {"title": "x", "more": 1}) == {"title": "x"}


def test_a_view_of_one_record_reads_no_other():
    doc = Doc()
    todos = store_over(doc)["todos"]
    todos.create(id="a", title="x")
    todos.create(id="b", title="x")
    shelf = shelf_of(doc, TODOS)
    mirror, none = (Mirror(TODOS, shelf, View("todos", only=name)) for name in ("a", "none"))
    assert mirror.records.keys() == {"a"} and none.records == {}
    for name in ("a", "b"):
        todos.update(name, title="y")
    touched = Touched({"b"}, {"a": {"title": "y"}, "b": {"title": "y"}})
    assert [one.id for one in mirror.take(touched, own=True, origin=None)] == ["a"]
    todos.delete("a")
    (gone,) = mirror.take(Touched(everything=True), own=True, origin=None)
    assert gone.kind == "deleted" and mirror.records == {}
