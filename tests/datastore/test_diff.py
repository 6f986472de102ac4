"""Rules of jupyter_rtc.datastore.diff."""

from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.datastore.diff import edits, text_edits

texts = st.text("ab \n😀é", max_size=40)


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_edits_make_the_new_sequence_of_the_old_one(old, new):
    out = list(old)
    for edit in reversed(edits(old, new)):
        out[edit.start : edit.end] = edit.new
    assert out == new


@given(texts, texts)
def test_text_edits_can_be_made_one_after_the_other(old, new):
    out = old
    for start, end, text in text_edits(old, new):
        out = out[:start] + text + out[end:]
    assert out == new
