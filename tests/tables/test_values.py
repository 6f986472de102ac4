"""Which values are taken, and how they come back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text

from jupyter_rtc.errors import WrongValue
from jupyter_rtc.tables.values import DEEPEST, checked, known, plain, type_words, types_of

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_any_json_value_comes_back_equal_from_a_document(value):
    table = Doc().get("t", type=Map)
    table["x"] = checked(value, (object,), "x")
    assert plain(table["x"]) == value


def test_whole_numbers_are_integers_unless_the_type_says_otherwise():
    assert type(known(1.0, (int,))) is int and type(known(1.0, (float,))) is float
    assert type(known(1.0, (object,))) is int and known(1.5, (int,)) is None
    assert known(True, (int,)) is None and known(1, (bool,)) is None
    assert plain([1.0, {"a": 2.0, "b": 2.5}]) == [1, {"a": 2, "b": 2.5}]


def test_shared_types_read_as_what_they_contain():
    table = Doc().get("t", type=Map)
    table["x"] = Map({"a": Array([1, Text("é")]), "b": Text("t")})
    assert plain(table["x"]) == {"a": [1, "é"], "b": "t"} and plain(table["x"]["b"]) == "t"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (float("nan"), "no number in JSON"),
        (float("inf"), "no number in JSON"),
        (2**53 + 1, "beyond 2\\*\\*53"),
        ("\ud800", "half of a surrogate pair"),
        ({"a": ["\udfff"]}, "half of a surrogate pair"),
        ({"\ud800": 1}, "half of a surrogate pair"),
        ({1: 2}, "keys of an object are texts"),
        ([object()], "takes JSON values"),
        (b"bytes", "takes any JSON value"),
    ],
)
def test_what_no_document_can_hold_is_refused_in_words(value, words):
    with pytest.raises(WrongValue, match=words):
        checked(value, (object,), "x")


def test_nesting_has_an_end():
    value = []
    for _ in range(DEEPEST + 1):
        value = [value]
    with pytest.raises(WrongValue, match="nested more than"):
        checked(value, (list,), "x")


def test_a_long_value_is_shown_short():
    with pytest.raises(WrongValue) as refused:
        checked("a" * 1000, (int,), "x")
    assert len(str(refused.value)) < 120


def test_types_are_those_of_json():
    assert types_of(str | None) == (str, type(None)) and types_of(None) == (type(None),)
    assert type_words(types_of(dict | list | None)) == "object or list or null"
    with pytest.raises(TypeError, match="no type of a field"):
        types_of(set)


def test_bytes_are_a_type_of_their_own_and_tuples_are_lists():
    assert checked(b"x", (bytes,), "x") == b"x" and known(b"x", (bytes,)) == b"x"
    assert checked((1, 2), (list,), "x") == [1, 2]
    assert checked(1, (float,), "x") == 1
