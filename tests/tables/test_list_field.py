"""Lists are edited item by item."""

import pytest
from pycrdt import Map

from jupyter_rtc.errors import WrongValue

from .conftest import store_over


def test_a_list_is_edited_in_parts(todos):
    tags = todos.create(title="x", tags=["a"]).list("tags")
    tags.append("c")
    tags.insert(1, "b")
    tags.extend(["d", "e"])
    tags[0] = "A"
    del tags[-1]
    assert list(tags) == ["A", "b", "c", "d"] and len(tags) == 4 and tags[-1] == "d" and tags[1] == "b"


def test_items_of_the_wrong_type_and_places_that_are_not_there_are_refused(todos):
    tags = todos.create(title="x", tags=["a"]).list("tags")
    with pytest.raises(WrongValue, match=r"An item of todos.tags takes str"):
        tags.extend(["b", 1])
    for act in (lambda: tags[1], lambda: tags.insert(3, "x"), lambda: tags.__delitem__(-2)):
        with pytest.raises(WrongValue, match="no place"):
            act()
    assert tags.value() == ["a"]


def test_setting_a_list_touches_only_what_differs(todos, store):
    todo = todos.create(id="t", title="x", tags=list("abcd"))
    bo = store_over()
    bo.doc.apply_update(store.doc.get_update())
    todo["tags"] = ["a", "x", "y", "d"]
    bo["todos"]["t"].list("tags").append("e")
    store.doc.apply_update(bo.doc.get_update())
    assert todo["tags"] == ["a", "x", "y", "d", "e"]


def test_a_list_that_is_none_in_the_document_reads_empty_and_becomes_one(store, todos):
    todo = todos.create(title="x")
    store.doc.get("todos", type=Map)[todo.id]["tags"] = ["plain"]
    tags = todo.list("tags")
    assert tags.value() == ["plain"] and tags[0] == "plain"
    tags.append("b")
    assert tags.value() == ["plain", "b"]
