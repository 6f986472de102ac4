"""The file under two people's hands: renamed, and broken."""

from .notebooks import read_cells, write_notebook
from .tab import eventually, open_for


def test_a_renamed_notebook_goes_on_being_edited_under_its_new_name(path, ana, bo):
    write_notebook(path, "x")
    open_for(path, ana, bo)
    ana.type(" before")
    new = path.with_name("renamed.ipynb")
    ana.rename(new.name)
    for tab in (ana, bo):
        eventually(tab.name, new.name)
    bo.type(" after")
    for look in (ana.cells, bo.cells, lambda: read_cells(new)):
        eventually(look, ["x before after"])
    assert not path.exists()


def test_a_broken_notebook_says_in_words_why_it_does_not_open(lab, ana):
    path = lab.root / "broken.ipynb"
    path.write_text('{"cells": [')
    ana.visit(path.name)
    ana.dismiss("Document error", "Ok")
    assert "is not a valid notebook" in ana.dialogs()[0]
    assert path.read_text() == '{"cells": ['
