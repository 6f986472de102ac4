"""One stream, its text and its limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_rtc.datastore.left_out import Limit
from jupyter_rtc.datastore.stream_output import GrowingText, StreamOutput, byte_size

from .kernel_messages import Shelf


@given(st.lists(st.tuples(st.integers(0, 8), st.text("aé€\U0001f600", max_size=6), st.booleans()), max_size=30))
def test_a_growing_text_tells_what_has_changed(edits):
    growing, text, known = GrowingText(), "", ""
    for drop, more, asked in edits:
        drop = min(drop, len(text))
        growing.cut(drop)
        growing.append(more)
        text = text[: len(text) - drop] + more
        assert (str(growing), len(growing), growing.size) == (text, len(text), len(text.encode()))
        if asked:
            size, dropped, added = growing.take()
            assert size == byte_size(known)
            assert known.endswith(dropped)
            known = known[: len(known) - len(dropped)] + added
            assert known == text


def test_what_is_cut_and_put_back_between_two_takes_is_said_once():
    growing = GrowingText()
    growing.append("abcd")
    growing.take()
    growing.cut(2)
    growing.append("X")
    growing.cut(2)
    assert growing.take() == (4, "bcd", "")


@pytest.mark.parametrize(
    ("limit", "shared"),
    [(4, "one\n"), (6, "one\n"), (8, "one\ntwo\n"), (9, "one\ntwo\n"), (12, "one\ntwo\n"), (2, "on")],
)
def test_a_stream_ends_with_a_whole_line_if_that_wastes_little(limit, shared):
    stream = StreamOutput("stdout", Limit(limit, Shelf(), 1))
    stream.write("one\ntwo\nthree\n")
    stream.refresh()
    assert stream.as_nbformat()["text"].split("\n[")[0] == shared


def test_a_limit_counts_bytes_and_cuts_no_character():
    stream = StreamOutput("stdout", Limit(4, Shelf(), 1))
    stream.write("€€€\n")
    stream.refresh()
    assert stream.as_nbformat()["text"].split("\n[")[0] == "€"


def test_a_stream_below_its_limit_is_all_there():
    stream = StreamOutput("stdout", Limit(4, Shelf(), 1))
    stream.write("four")
    stream.finish()
    assert stream.as_nbformat() == {"output_type": "stream", "name": "stdout", "text": "four"}


def test_what_may_still_change_is_not_kept_before_the_end():
    shelf = Shelf()
    stream = StreamOutput("stdout", Limit(4, shelf, 1))
    stream.write("one\ntwo\n 10%")
    stream.refresh()
    assert shelf.kept == {1: "two\n"}
    stream.write("\r100%")
    assert stream.complete(shelf.fetch)[0]["text"] == "one\ntwo\n 10%"
    stream.refresh()
    assert stream.complete(shelf.fetch)[0]["text"] == "one\ntwo\n100%"
    stream.finish()
    assert shelf.kept == {1: "two\n100%"}
    stream.write(" late\n")
    stream.refresh()
    assert stream.complete(shelf.fetch)[0]["text"] == "one\ntwo\n100% late\n"
    stream.release()
    assert shelf.kept == {}
