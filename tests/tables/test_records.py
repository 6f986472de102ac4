"""Records are created, read, changed and deleted by their ids."""

import pytest
from pycrdt import Doc, Map, Text

from jupyter_rtc.errors import RecordExists, RecordMissing, TableError, UnknownField, UnknownTable, WrongValue

from .conftest import store_over


def test_a_record_is_created_with_defaults_and_read_as_plain_values(todos):
    todo = todos.create(title="Milk", count=2)
    assert todo.as_dict() == {
        "title": "Milk",
        "done": False,
        "weight": 1.0,
        "count": 2,
        "notes": "",
        "tags": [],
        "links": {},
    }
    assert type(todo["count"]) is int and type(todo["weight"]) is float
    assert todos[todo.id] == todo and todos.get("none") is None and todo.id in todos
    assert list(todos) == [todo] and len(todos) == 1 and todos.as_dict() == {todo.id: todo.as_dict()}


def test_records_lie_in_the_document_as_shared_types_under_a_root(store, todos):
    todos.create(id="a", title="Milk", notes="x")
    found = store.doc.get("todos", type=Map)["a"]
    assert isinstance(found["notes"], Text) and str(found["notes"]) == "x"
    assert found["count"] is None and found["done"] is False


def test_a_record_s_fields_are_changed_and_the_record_is_deleted(todos):
    todo = todos.create(title="Milk")
    todo["done"] = True
    todos.update(todo.id, title="Oat milk", notes="two", tags=["a", "b"], links={"x": "y"})
    assert (todo["title"], todo["done"], todo["notes"]) == ("Oat milk", True, "two")
    assert (todo["tags"], todo["links"]) == (["a", "b"], {"x": "y"})
    todo.delete()
    assert not todo.exists and len(todos) == 0


def test_what_is_unknown_or_of_the_wrong_type_is_refused_in_words_and_changes_nothing(store, todos):
    todo = todos.create(title="Milk")
    before = store.doc.get_state()
    with pytest.raises(UnknownTable, match="no table 'todo'; there are todos, steps"):
        store["todo"]
    with pytest.raises(UnknownField, match="'todos' has no field 'titel'; it has title, done"):
        todos.update(todo.id, done=True, titel="x")
    with pytest.raises(WrongValue, match=r"todos.done takes bool, not 1 \(int\)"):
        todos.update(todo.id, done=1)
    with pytest.raises(WrongValue, match=r"todos.tags takes a list, not str"):
        todo["tags"] = "abc"
    with pytest.raises(WrongValue, match="cannot be without 'title'"):
        todos.create()
    with pytest.raises(WrongValue, match=r"todos.notes is a text, not a list"):
        todo.list("notes")
    with pytest.raises(UnknownField):
        todos.where(titel="x")
    with pytest.raises(UnknownField):
        _ = todo["titel"]
    assert store.doc.get_state() == before


def test_a_record_that_is_not_there_is_missed_in_words(todos):
    todo = todos.create(title="Milk")
    todo.delete()
    for action in (lambda: todo["title"], todo.as_dict, todo.delete, lambda: todos[todo.id], todo.text("notes").value):
        with pytest.raises(RecordMissing, match="There is no record"):
            action()


def test_an_id_is_there_once(todos):
    todos.create(id="a", title="one")
    with pytest.raises(RecordExists):
        todos.create(id="a", title="two")
    assert todos["a"]["title"] == "one"


def test_records_are_filtered_by_values_and_by_functions(todos):
    for title, done in (("a", True), ("b", False), ("c", True)):
        todos.create(id=title, title=title, done=done)
    done = todos.where(done=True)
    assert done.ids() == ["a", "c"] and len(done) == 2
    assert todos.where(lambda todo: todo["title"] > "a", done=True).ids() == ["c"]
    assert done.where(lambda todo: todo["id"] == "a").as_dict().keys() == {"a"}
    assert done.where(lambda todo: True).where(lambda todo: todo["title"] == "c").ids() == ["c"]
    assert todos.where(id="b").first()["title"] == "b" and todos.where(id="b", done=True).first() is None


def test_what_others_put_there_that_fits_no_field_reads_as_the_default(todos, store):
    table = store.doc.get("todos", type=Map)
    table["odd"] = Map({"title": 5, "done": "yes", "notes": 1, "tags": "x", "count": 3.5, "weight": 2})
    table["plain"] = {"title": "p", "count": 4}
    table["none"] = "text"
    assert sorted(todos.ids()) == ["odd", "plain"]
    odd = todos["odd"]
    assert odd.as_dict() == {
        "title": None,
        "done": False,
        "notes": "",
        "tags": [],
        "links": {},
        "count": None,
        "weight": 2.0,
    }
    odd.update(notes="now", tags=["a"])
    assert (odd["notes"], odd["tags"]) == ("now", ["a"])
    odd.text("notes").append("!")
    assert odd["notes"] == "now!"
    assert (todos["plain"]["title"], todos["plain"]["count"]) == ("p", 4)
    todos["plain"]["done"] = True
    assert todos["plain"]["done"] is True and todos["plain"]["title"] == "p"


def test_ordered_records_are_inserted_and_moved(steps):
    for name in "abc":
        steps.create(id=name, name=name)
    steps.create(id="x", name="x", before="b")
    steps.create(id="first", name="first", at=0)
    assert steps.ids() == ["first", "a", "x", "b", "c"]
    steps.move("first")
    assert steps.ids() == ["a", "x", "b", "c", "first"]
    steps.move("c", before="x")
    assert steps.ids() == ["a", "c", "x", "b", "first"]
    steps.move("a", before="first")
    assert steps.ids() == ["c", "x", "b", "a", "first"]
    steps.move("first", at=0)
    steps.move("c", at=4)
    assert steps.ids() == ["first", "x", "b", "a", "c"] and steps.position("c") == 4
    assert [step["name"] for step in steps] == ["first", "x", "b", "a", "c"]


def test_a_moved_record_keeps_all_it_has(steps):
    steps.create(id="a", name="a", body="text", shown=[{"x": 1}])
    steps.create(id="b", name="b")
    steps.move("a")
    steps["a"].text("body").append("!")
    assert steps["a"].as_dict() == {"name": "a", "body": "text!", "shown": [{"x": 1}]}


def test_only_ordered_records_have_a_place(todos, steps):
    todo = todos.create(title="x")
    with pytest.raises(TableError, match="have no order"):
        todos.move(todo.id)
    with pytest.raises(TableError, match="have no order"):
        todos.create(title="y", at=0)
    with pytest.raises(WrongValue, match="no place 3"):
        steps.create(name="x", at=3)
    with pytest.raises(RecordMissing):
        steps.create(name="x", before="none")


def test_a_document_that_came_from_elsewhere_is_read_alike(todos, store, steps):
    todos.create(id="a", title="Milk", count=7, tags=["t"])
    steps.create(id="s", name="n", body="é")
    doc = Doc()
    doc.apply_update(store.doc.get_update())
    other = store_over(doc)
    assert other["todos"].as_dict() == todos.as_dict() and other["steps"].as_dict() == steps.as_dict()
