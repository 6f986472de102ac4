"""Automatic saving is switched off: what is saved by hand, and what changes on disk under edits that are not saved."""

from hashlib import sha256

import pytest

from .notebooks import read_cells, write_notebook
from .tab import eventually, open_for


@pytest.fixture(scope="module")
def options():
    return ("--YDocExtension.document_save_delay=None",)


def save(tab, path):
    """Save by hand, once JupyterLab knows the file as it is: until then it rightly asks whether to overwrite it."""
    eventually(tab.known_hash, sha256(path.read_bytes()).hexdigest())
    tab.press("Control+s")


def test_what_one_saves_by_hand_is_in_the_file_and_saved_for_both(path, ana, bo):
    write_notebook(path, "x")
    open_for(path, ana, bo)
    for number, tab in enumerate((ana, bo, ana, bo)):
        tab.type(str(number))
        for other in (ana, bo):
            eventually(other.dirty, True)
        assert read_cells(path) == ["x0123"[: number + 1]], "it was saved by itself"
        save(tab, path)
        eventually(lambda: read_cells(path), ["x0123"[: number + 2]])
        for other in (ana, bo):
            eventually(other.dirty, False)
            eventually(other.known_hash, sha256(path.read_bytes()).hexdigest())


def test_a_file_that_changes_on_disk_joins_what_is_not_saved_yet(path, ana, bo):
    write_notebook(path, "one", "two", "three")
    open_for(path, ana, bo)
    ana.type(" by ana", 0)
    bo.type(" by bo", 1)
    path.unlink()
    write_notebook(path, "one", "two", "three from git", "four")
    for tab in (ana, bo):
        eventually(tab.cells, ["one by ana", "two by bo", "three from git", "four"])
    assert read_cells(path)[:2] == ["one", "two"], "the edits were saved before the file changed"
    save(ana, path)
    eventually(lambda: read_cells(path), ["one by ana", "two by bo", "three from git", "four"])


def test_what_two_people_and_the_disk_wrote_in_one_cell_is_all_kept(path, ana, bo):
    write_notebook(path, "first\n\nlast")
    open_for(path, ana, bo)
    ana.type("ana ", key="Control+Home")
    bo.type(" bo", key="Control+End")
    write_notebook(path, "first\nfrom disk\nlast")
    for tab in (ana, bo):
        eventually(tab.cells, ["ana first\nfrom disk\nlast bo"])
    save(bo, path)
    eventually(lambda: read_cells(path), ["ana first\nfrom disk\nlast bo"])
