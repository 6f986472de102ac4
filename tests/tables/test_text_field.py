"""Texts are edited in parts, at places counted in code points."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycrdt import Doc, Map

from jupyter_rtc.errors import WrongValue

from .conftest import store_over

TEXTS = st.text(
    st.one_of(
        st.sampled_from("a\n é字😀👩\u200d👩\u200d👧🏽𝄞\u0301🇩🇪"),
        st.characters(codec="utf-8", exclude_categories=["Cs"]),
    ),
    max_size=12,
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), TEXTS), max_size=8))
def test_a_text_is_edited_as_python_would(start, edits):
    todo = store_over()["todos"].create(title="x", notes=start)
    notes, model = todo.text("notes"), start
    for one, other, new in edits:
        first, last = sorted((one % (len(model) + 1), other % (len(model) + 1)))
        notes.replace(first, last, new)
        model = model[:first] + new + model[last:]
        assert str(notes) == model and len(notes) == len(model)


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, TEXTS, st.integers(0, 12), st.integers(0, 12))
def test_edits_of_two_people_are_both_there(start, one, other, here, there):
    ana = store_over(undo=False)
    ana["todos"].create(id="t", title="x", notes=start)
    bo = store_over(Doc(), undo=False)
    bo.doc.apply_update(ana.doc.get_update())
    ana["todos"]["t"].text("notes").insert(min(here, len(start)), one)
    bo["todos"]["t"].text("notes").insert(min(there, len(start)), other)
    for mine, theirs in ((ana, bo), (bo, ana)):
        mine.doc.apply_update(theirs.doc.get_update(mine.doc.get_state()))
    text = ana["todos"]["t"]["notes"]
    assert text == bo["todos"]["t"]["notes"]
    assert len(text) == len(start) + len(one) + len(other) and one in text and other in text


def test_a_place_that_is_not_there_is_refused_in_words(todos):
    notes = todos.create(title="x", notes="é😀").text("notes")
    for start, end in ((0, 3), (2, 1), (-1, 1), (3, 3)):
        with pytest.raises(WrongValue, match=r"todos.notes has 2 characters"):
            notes.replace(start, end, "x")
    notes.delete(1, 2)
    notes.insert(1, "😀!")
    assert str(notes) == "é😀!"


def test_half_a_surrogate_pair_is_refused_before_it_gets_there(todos):
    notes = todos.create(title="x").text("notes")
    for write in (notes.append, notes.set, lambda text: notes.insert(0, text)):
        with pytest.raises(WrongValue, match="half of a surrogate pair"):
            write("ok\ud83d")
    assert str(notes) == ""


def test_a_text_becomes_another_by_small_edits_that_leave_those_of_others(todos, store):
    todo = todos.create(id="t", title="x", notes="one two three")
    bo = store_over()
    bo.doc.apply_update(store.doc.get_update())
    todo.text("notes").set("one 2 three")
    bo["todos"]["t"].text("notes").append(" four")
    store.doc.apply_update(bo.doc.get_update())
    assert todo["notes"] == "one 2 three four"
    assert store.doc.get("todos", type=Map)["t"]["notes"] is not None
