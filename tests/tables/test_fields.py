"""How a field lies in a document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.errors import WrongValue
from jupyter_rtc.tables.fields import checked_field, edit, read, shared
from jupyter_rtc.tables.schema import list_of, map_of, register, text


def in_document(value):
    table = Doc().get("t", type=Map)
    table["x"] = value
    return table["x"]


def test_each_kind_is_its_shared_type():
    assert shared(register(int), 5) == 5
    for field, value, kind in ((text(), "é", Text), (list_of(), [1, "a"], Array), (map_of(), {"a": [1]}, Map)):
        raw = in_document(shared(field, value))
        assert isinstance(raw, kind) and read(field, raw) == value


def test_what_is_missing_or_unfit_reads_as_the_default():
    assert read(register(str, "d"), None) == "d" and read(register(str, "d"), 5.0) == "d"
    assert read(register(str | None, "d"), None) is None
    assert read(text("d"), 5) == "d" and read(list_of(), "x") == [] and read(map_of(), [1]) == {}
    assert read(register(list, [1]), None) is not read(register(list, [1]), None)


def test_only_the_declared_values_are_taken():
    field = register(str, values=("on", "off"))
    assert checked_field(field, "on", "x") == "on"
    with pytest.raises(WrongValue, match="x is one of on, off, not 'up'"):
        checked_field(field, "up", "x")
    with pytest.raises(WrongValue, match="takes an object"):
        checked_field(map_of(), [1], "x")


def test_what_is_there_is_edited_and_what_does_not_fit_is_not():
    raw = in_document(Array([1, 2, 3]))
    assert edit(list_of(), raw, [1, 5, 6, 3]) and raw.to_py() == [1, 5, 6, 3]
    assert edit(list_of(), raw, []) and raw.to_py() == []
    assert not edit(list_of(), "x", [1]) and not edit(register(), 1, 2) and not edit(text(), None, "x")


@given(*[st.lists(st.sampled_from("ab"), max_size=6)] * 2)
def test_a_list_becomes_any_other(old, new):
    raw = in_document(Array(old))
    assert edit(list_of(str), raw, new) and raw.to_py() == new


def test_keys_that_stay_the_same_are_not_written():
    raw = in_document(Map({"a": 1, "b": [1, 2.0]}))
    before = raw.doc.get_state()
    assert edit(map_of(), raw, {"b": [1, 2], "a": 1}) and raw.doc.get_state() == before


def test_items_become_shared_types_where_the_field_says_so():
    field = list_of(dict, shared=lambda item: Map({"text": Text(item["text"])}))
    raw = in_document(shared(field, [{"text": "a"}]))
    assert isinstance(raw[0]["text"], Text) and read(field, raw) == [{"text": "a"}]
    edit(field, raw, [{"text": "a"}, {"text": "b"}])
    assert isinstance(raw[1], Map) and read(field, raw) == [{"text": "a"}, {"text": "b"}]
