"""Rules of jupyter_rtc.datastore.blob."""

from hypothesis import given
from hypothesis import strategies as st
from jupyter_ydoc import YBlob
from pycrdt import Doc

from jupyter_rtc.datastore.blob import BlobShape

shape = BlobShape()


@given(st.binary(), st.binary())
def test_bytes_are_read_as_they_were_put_in(first, second):
    doc = Doc()
    list(shape.fill(doc, first))
    assert shape.read(doc) == first == YBlob(doc).get()
    shape.change(doc, second)
    assert shape.read(doc) == second


def test_the_same_bytes_again_are_no_change():
    doc = Doc()
    list(shape.fill(doc, b"x"))
    state = doc.get_state()
    shape.change(doc, b"x")
    assert doc.get_state() == state
