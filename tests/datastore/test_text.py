"""Rules of jupyter_rtc.datastore.text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc

from jupyter_rtc.datastore.text import STEP, TextShape

shape = TextShape()
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=60) | st.text("ab\né😀", max_size=60)


def test_an_edit_of_one_line_of_many_is_small():
    doc = Doc()
    content = "".join(f"line {number} é\n" for number in range(20_000))
    list(shape.fill(doc, content))
    before = doc.get_state()
    shape.change(doc, content.replace("line 777 ", "line seven ", 1))
    assert len(doc.get_update(before)) < 100


@given(texts)
def test_a_filled_document_gives_back_its_text(text):
    doc = Doc()
    for _ in shape.fill(doc, text):
        pass
    assert shape.read(doc) == text


def test_a_long_text_is_filled_in_steps():
    text = "é" * (2 * STEP + 1)
    doc = Doc()
    assert len(list(shape.fill(doc, text))) == 3 and shape.read(doc) == text


def test_line_ends_mean_nothing():
    assert shape.digest("a\r\nb\r") == shape.digest("a\nb\n") != shape.digest("a\nb")


@pytest.mark.parametrize("text", ["\ud800 lone", "a\udc00", "nul \x00 and \u2028"])
def test_text_that_is_no_unicode_does_no_harm(text):
    doc = Doc()
    list(shape.fill(doc, text))
    assert shape.digest(shape.read(doc)) == shape.digest(text)
    shape.change(doc, f"{text} more")
    assert shape.digest(shape.read(doc)) == shape.digest(f"{text} more")
