"""A person who may only read: sees everything, is told when they type, and changes nothing."""

from .notebooks import write_notebook
from .tab import eventually, open_for


def test_a_reader_who_only_looks_sees_what_is_typed_and_is_told_nothing(lab, ana, rea):
    path = lab.root / "looked-at.txt"
    path.write_text("text\n")
    open_for(path, ana)
    open_for(path, rea)
    ana.type("typed by ana\n")
    eventually(rea.text, "text\ntyped by ana\n")
    assert rea.dialogs() == []


def test_what_a_reader_types_is_not_taken_and_they_are_told(lab, ana, rea):
    path = lab.root / "read.txt"
    path.write_text("text\n")
    open_for(path, ana, rea)
    rea.type("!")
    rea.dismiss("Edit Conflict", "Dismiss")
    ana.type("typed by ana\n")
    for look in (ana.text, path.read_text):
        eventually(look, "text\ntyped by ana\n")
    eventually(lambda: "typed by ana" in rea.text(), True)


def test_a_reader_is_shown_a_notebook_and_what_is_run_in_it(path, ana, rea):
    write_notebook(path, "print('six times seven is', 6 * 7)")
    open_for(path, ana)
    rea.visit(path.name)
    rea.wait_for_text()
    ana.focus(0)
    ana.press("Control+Enter")
    eventually(lambda: rea.output(0), "six times seven is 42")
    ana.type(" # typed by ana")
    eventually(rea.cells, ["print('six times seven is', 6 * 7) # typed by ana"])
    assert rea.dialogs() == []
