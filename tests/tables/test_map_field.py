"""Objects are edited key by key."""

import pytest

from jupyter_rtc.errors import WrongValue

from .conftest import store_over


def test_an_object_is_edited_as_a_dictionary(todos):
    links = todos.create(title="x", links={"a": "1"}).map("links")
    links["b"] = "2"
    links.update(c="3")
    del links["a"]
    assert dict(links) == {"b": "2", "c": "3"} and len(links) == 2 and links.get("z") is None
    with pytest.raises(KeyError):
        del links["z"]
    with pytest.raises(WrongValue, match=r"A value in todos.links takes str"):
        links["d"] = 4
    with pytest.raises(WrongValue, match=r"A key of todos.links takes str"):
        links[5] = "x"


def test_keys_of_two_people_are_both_there(todos, store):
    todo = todos.create(id="t", title="x", links={"a": "1", "z": "0"})
    bo = store_over()
    bo.doc.apply_update(store.doc.get_update())
    todo["links"] = {"a": "2"}
    bo["todos"]["t"].map("links")["b"] = "3"
    store.doc.apply_update(bo.doc.get_update())
    assert todo["links"] == {"a": "2", "b": "3"}
