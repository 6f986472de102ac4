"""Records in a root array are found by their ids."""

from pycrdt import Array, Doc, Map

from jupyter_rtc.tables.ordered import OrderedShelf


def shelf_with(*ids):
    doc = Doc()
    cells = doc.get("cells", type=Array)
    cells.extend([Map({"id": one}) for one in ids])
    return doc, cells, OrderedShelf(doc, "cells", "id")


def test_records_are_found_after_others_inserted_and_deleted():
    _, cells, shelf = shelf_with("a", "b", "c")
    assert shelf.index("c") == 2 and shelf.ids() == ["a", "b", "c"]
    cells.insert(0, Map({"id": "x"}))
    del cells[1:3]
    assert shelf.ids() == ["x", "c"] and shelf.index("c") == 1 and not shelf.has("a")
    assert shelf.find("x")["id"] == "x" and shelf.find("a") is None


def test_of_two_records_with_one_id_the_first_counts_and_deleting_takes_both():
    doc, cells, shelf = shelf_with("a", "b", "a")
    assert shelf.ids() == ["a", "b"] and shelf.index("a") == 0 and [key for key, _ in shelf.items()] == ["a", "b"]
    with doc.transaction():
        shelf.remove("a")
    assert cells.to_py() == [{"id": "b"}]


def test_an_id_that_is_written_later_is_found():
    _, cells, shelf = shelf_with("a")
    cells.append(Map({}))
    assert shelf.ids() == ["a"]
    cells[1]["id"] = "late"
    assert shelf.index("late") == 1
    cells[0]["id"] = "other"
    assert shelf.index("a") is None and shelf.index("other") == 0


def test_what_is_read_within_a_transaction_is_right_after_it():
    doc, cells, shelf = shelf_with("a", "b")
    with doc.transaction():
        del cells[0]
        cells.append(Map({"id": "c"}))
        assert shelf.ids() == ["b", "c"]
    assert shelf.ids() == ["b", "c"] and shelf.index("c") == 1


def test_after_closing_it_looks_anew():
    _, cells, shelf = shelf_with("a")
    assert shelf.has("a")
    shelf.close()
    cells.append(Map({"id": "b"}))
    assert shelf.ids() == ["a", "b"]
