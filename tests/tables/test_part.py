"""Handles of a record's parts."""

import pytest

from jupyter_rtc.errors import RecordMissing, UnknownField, WrongValue


def test_a_handle_is_of_its_kind(todos):
    todo = todos.create(title="x", notes="n")
    assert todo.text("notes").what == "todos.notes" and todo.text("notes").value() == "n"
    with pytest.raises(WrongValue, match=r"todos.title is a register, not a text"):
        todo.text("title")
    with pytest.raises(UnknownField):
        todo.map("none")


def test_a_handle_survives_its_record(todos):
    todo = todos.create(id="a", title="x", notes="n")
    notes = todo.text("notes")
    todo.delete()
    with pytest.raises(RecordMissing):
        notes.append("x")
    todos.create(id="a", title="y", notes="again ")
    notes.append("x")
    assert notes.value() == "again x"
