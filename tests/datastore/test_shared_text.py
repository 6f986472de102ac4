"""Rules of jupyter_rtc.datastore.shared_text."""

from hypothesis import given
from hypothesis import strategies as st
from pycrdt import Doc, Text

from jupyter_rtc.datastore.shared_text import edit_text

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=60) | st.text("ab\né😀", max_size=60)


@given(texts, texts)
def test_a_text_of_any_characters_is_edited_right(old, new):
    doc = Doc()
    text = doc.get("source", type=Text)
    text += old
    edit_text(text, new)
    assert str(text) == new
