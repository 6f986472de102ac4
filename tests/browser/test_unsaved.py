"""A file that cannot be written, a full disk, a deleted file: people in stock JupyterLab see it, in words."""

import pytest

from .modes import FULL
from .notebooks import write_notebook
from .tab import eventually, open_for

KEPT = "What you write is kept in the document and its history."


@pytest.fixture(scope="module")
def options():
    return ("--ServerApp.contents_manager_class=tests.browser.modes.ModesCount",)


@pytest.fixture
def full(lab):
    """While this file is there, the disk is full."""
    full = lab.root / FULL
    yield full
    full.unlink(missing_ok=True)


def told(tab, words):
    """Look where the status bar says that there is something to read, and find the words."""
    eventually(lambda: tab.errors() > 0, True)
    assert words in tab.log()


def test_a_read_only_file_says_so_when_it_is_opened_and_when_it_becomes_one(lab, ana, bo):
    path = lab.root / "read-only.txt"
    path.write_text("text\n")
    open_for(path, ana)
    path.chmod(0o444)
    ana.type("one")
    eventually(ana.sign, "File is read-only")
    told(ana, "read-only.txt can only be read, so it is not saved. " + KEPT)
    ana.press("Control+s")
    eventually(ana.notification, 'read-only.txt is read-only. Use "Save as…" instead.')
    open_for(path, bo)
    eventually(bo.toolbar_note, "file is read-only")
    bo.type("two")
    eventually(bo.sign, "File is read-only")
    told(bo, "read-only.txt can only be read, so it is not saved. " + KEPT)
    assert path.read_text() == "text\n"
    path.chmod(0o644)
    eventually(path.read_text, "text\nonetwo")
    for tab in (ana, bo):
        eventually(tab.sign, "")
        eventually(tab.dirty, False)


def test_a_full_disk_is_told_to_all_who_write_and_what_they_wrote_is_saved_when_there_is_room(full, path, ana, bo):
    write_notebook(path, "x", "y")
    open_for(path, ana, bo)
    full.touch()
    ana.type(" by ana", 0)
    bo.type(" by bo", 1)
    for tab in (ana, bo):
        eventually(tab.sign, "File is not saved")
        told(tab, f"{path.name} cannot be written: the disk is full. {KEPT}")
        eventually(tab.dirty, True)
    full.unlink()
    for tab in (ana, bo):
        eventually(tab.dirty, False)
        eventually(tab.sign, "")
    assert "by ana" in path.read_text() and "by bo" in path.read_text()


def test_a_deleted_file_is_told_and_is_back_with_all_that_was_written_when_somebody_saves_it(lab, ana, bo):
    path = lab.root / "deleted.txt"
    path.write_text("text\n")
    open_for(path, ana, bo)
    path.unlink()
    ana.type("by ana")
    eventually(ana.sign, "File was deleted")
    for tab in (ana, bo):
        told(tab, "deleted.txt was deleted, so it is not saved. " + KEPT)
    assert not path.exists()
    ana.press("Control+s")
    eventually(path.exists, True)
    bo.type(", by bo")
    eventually(path.read_text, "text\nby ana, by bo")
    for tab in (ana, bo):
        eventually(tab.sign, "")
        eventually(tab.dirty, False)
