"""Rules of jupyter_rtc.protocol.structs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Array, Doc, Map, Text, XmlElement, XmlFragment

from jupyter_rtc.errors import ProtocolError
from jupyter_rtc.protocol.structs import check_structs, parts

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(values, max_size=5), st.text(st.characters(exclude_categories=("Cs",)), max_size=50))
def test_every_update_that_the_library_makes_passes(contents, text):
    doc = Doc()
    with doc.transaction():
        doc.get("a", type=Array).extend([Map({"v": value, "t": Text(text)}) for value in contents])
        source = doc.get("t", type=Text)
        source += text
        if text:
            source.format(0, 1, {"bold": True})
            del source[0:1]
        doc.get("x", type=XmlFragment).children.append(XmlElement("p", {"class": "c"}))
    check_structs(doc.get_update(), 64)


@given(st.binary(max_size=80))
def test_other_bytes_are_refused_or_pass_and_nothing_else_happens(data):
    try:
        check_structs(data, 64)
    except ProtocolError as error:
        assert error.words


def test_a_value_nested_deeper_than_allowed_is_refused():
    value = "x"
    for _ in range(10):
        value = [value]
    doc = Doc()
    doc.get("a", type=Array).append(value)
    check_structs(doc.get_update(), 10)
    with pytest.raises(ProtocolError):
        check_structs(doc.get_update(), 9)


def test_an_update_is_parted_into_what_it_makes_and_what_it_deletes():
    doc, updates = Doc(client_id=1), []
    doc.observe(lambda event: updates.append((event.update, event.delete_set)))
    text = doc.get("text", type=Text)
    with doc.transaction():
        text += "abc"
        del text[0:1]
    update, deleted = updates[0]
    made, parted = parts(update)
    assert (made, parted) == (update.removesuffix(deleted) + b"\x00", deleted)
