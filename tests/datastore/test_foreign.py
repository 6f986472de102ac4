"""Rules of jupyter_rtc.datastore.foreign."""

from jupyter_ydoc import YUnicode
from pycrdt import Doc

from jupyter_rtc.datastore.foreign import ForeignShape

shape = ForeignShape(YUnicode)


def test_a_foreign_document_is_read_and_changed_by_its_own_class():
    doc = Doc()
    list(shape.fill(doc, "one"))
    shape.change(doc, "two")
    assert shape.read(doc) == "two"


def document(content):
    doc = Doc()
    list(shape.fill(doc, content))
    return doc


def test_what_a_person_changed_is_kept_where_it_cannot_be_joined():
    assert shape.join(document("a"), document("a"), "disk") == ("disk", ())
    assert shape.join(document("a"), document("live"), "disk") == ("live", ("document",))
    assert shape.digest("a") != shape.digest("b")
