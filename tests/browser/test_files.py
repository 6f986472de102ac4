"""The file under two people's hands: renamed, changed by others, broken, and saved by hand."""

from hashlib import sha256

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


def test_a_file_that_changes_on_disk_joins_what_is_not_saved_yet(path, ana, bo):
    write_notebook(path, "one", "two", "three")
    open_for(path, ana, bo)
    ana.type(" by ana", 0)
    bo.type(" by bo", 1)
    assert read_cells(path) == ["one", "two", "three"], "the edits were saved before the file changed"
    path.unlink()
    write_notebook(path, "one", "two", "three from git", "four")
    for look in (ana.cells, bo.cells, lambda: read_cells(path)):
        eventually(look, ["one by ana", "two by bo", "three from git", "four"])


def test_what_two_people_and_the_disk_wrote_in_one_cell_is_all_kept(path, ana, bo):
    write_notebook(path, "first\n\nlast")
    open_for(path, ana, bo)
    ana.type("ana ", key="Control+Home")
    bo.type(" bo", key="Control+End")
    write_notebook(path, "first\nfrom disk\nlast")
    for look in (ana.cells, bo.cells, lambda: read_cells(path)):
        eventually(look, ["ana first\nfrom disk\nlast bo"])


def test_saving_by_hand_shows_no_error(path, ana, bo):
    write_notebook(path, "x")
    open_for(path, ana, bo)
    for number, tab in enumerate((ana, bo, ana, bo)):
        tab.type(str(number))
        tab.press("Control+s")
        eventually(lambda: read_cells(path), ["x0123"[: number + 2]])
        for look in (ana.known_hash, bo.known_hash):
            eventually(look, sha256(path.read_bytes()).hexdigest())
    eventually(ana.cells, ["x0123"])
    assert not ana.dirty()


def test_a_broken_notebook_says_in_words_why_it_does_not_open(lab, ana):
    path = lab.root / "broken.ipynb"
    path.write_text('{"cells": [')
    ana.visit(path.name)
    ana.dismiss("Document error", "Ok")
    assert "is not a valid notebook" in ana.dialogs()[0]
    assert path.read_text() == '{"cells": ['
