"""A person who may only read."""

from .tab import eventually


def test_a_reader_sees_everything_and_changes_nothing(lab, ana, rea):
    path = lab.root / "read.txt"
    path.write_text("text\n")
    ana.open(path.name)
    rea.open(path.name)
    ana.type("typed by ana\n")
    eventually(rea.text, "text\ntyped by ana\n")
    rea.type("typed by rea\n")
    rea.dismiss("Edit Conflict", "Dismiss")
    ana.type("and on\n")
    eventually(path.read_text, "text\ntyped by ana\nand on\n")
    eventually(ana.text, "text\ntyped by ana\nand on\n")
