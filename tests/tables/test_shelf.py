"""What all shelves share."""

from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.tables.shelf import UNKNOWN, Touched, copied, is_open


def test_a_copy_is_the_same_in_new_shared_types():
    doc = Doc()
    table = doc.get("t", type=Map)
    table["a"] = Map({"x": Text("é"), "y": Array([Map({"z": 1}), [2]]), "n": None})
    table["b"] = copied(table["a"])
    table["a"]["x"] += "!"
    assert table["b"].to_py() == {"x": "é", "y": [{"z": 1}, [2]], "n": None} and isinstance(table["b"]["x"], Text)


def test_an_open_transaction_is_seen():
    doc = Doc()
    assert not is_open(doc)
    with doc.transaction():
        assert is_open(doc)
    with doc.transaction(origin="x"):
        assert is_open(doc)
    assert not is_open(doc)


def test_an_event_touches_the_field_that_its_path_begins_with():
    touched = Touched()
    touched.note("a", ["notes"], object())
    touched.note("a", [], type("Event", (), {"keys": {"title": {"newValue": "x"}, "done": {"action": "delete"}}})())
    assert touched.fields == {"a": {"notes": UNKNOWN, "title": "x", "done": None}}
