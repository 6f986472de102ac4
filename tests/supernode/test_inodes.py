"""Where a file went."""

import asyncio
import os

from jupyter_rtc.supernode.inodes import Inodes, Place


def noted(root, *names):
    inodes = Inodes(root)
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"this is {name}")
        inodes.note(name, name)
    return inodes


def find(inodes, file_id, near):
    return asyncio.run(inodes.find(file_id, near))


def test_a_moved_file_is_found(tmp_path):
    inodes = noted(tmp_path, "a.txt")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    os.rename(tmp_path / "a.txt", tmp_path / "deep" / "er" / "b.txt")
    assert inodes.place("a.txt", "a.txt") is Place.NOTHING
    assert find(inodes, "a.txt", "a.txt") == "deep/er/b.txt"


def test_a_file_that_is_moved_while_it_is_written_is_found(tmp_path):
    inodes = noted(tmp_path, "a.txt")
    inodes.writing("a.txt")
    (tmp_path / "a.txt").write_text("more than before")
    os.rename(tmp_path / "a.txt", tmp_path / "b.txt")
    inodes.note("a.txt", "a.txt")
    assert find(inodes, "a.txt", "a.txt") == "b.txt"
    inodes.note("a.txt", "b.txt")
    (tmp_path / "b.txt").write_text("changed by somebody")
    os.rename(tmp_path / "b.txt", tmp_path / "c.txt")
    assert find(inodes, "a.txt", "b.txt") is None


def test_a_file_in_a_moved_folder_is_found(tmp_path):
    inodes = noted(tmp_path, "old/a.txt")
    os.rename(tmp_path / "old", tmp_path / "new")
    assert find(inodes, "old/a.txt", "old/a.txt") == "new/a.txt"


def test_a_deleted_file_is_not_found_even_if_its_number_is_used_again(tmp_path):
    inodes = noted(tmp_path, "a.txt")
    os.remove(tmp_path / "a.txt")
    for n in range(20):
        (tmp_path / f"{n}.txt").write_text(f"other {n}")
    assert find(inodes, "a.txt", "a.txt") is None


def test_a_file_that_an_editor_replaced_is_still_itself(tmp_path):
    inodes = noted(tmp_path, "a.txt")
    (tmp_path / "a.tmp").write_text("new")
    os.replace(tmp_path / "a.tmp", tmp_path / "a.txt")
    assert inodes.place("a.txt", "a.txt") is Place.ITSELF


def test_two_exchanged_files_are_strangers_to_each_other(tmp_path):
    inodes = noted(tmp_path, "a.txt", "b.txt")
    os.rename(tmp_path / "a.txt", tmp_path / "t.txt")
    os.rename(tmp_path / "b.txt", tmp_path / "a.txt")
    os.rename(tmp_path / "t.txt", tmp_path / "b.txt")
    assert inodes.place("a.txt", "a.txt") is Place.STRANGER
    assert find(inodes, "a.txt", "a.txt") == "b.txt"


def test_a_forgotten_file_is_not_searched_for(tmp_path):
    inodes = noted(tmp_path, "a.txt")
    inodes.forget("a.txt")
    assert find(inodes, "a.txt", "a.txt") is None


def test_a_search_has_an_end(tmp_path):
    inodes = noted(tmp_path, "a.txt")
    inodes._limit = 3
    for n in range(10):
        (tmp_path / f"{n}.txt").write_text("")
    os.remove(tmp_path / "a.txt")
    assert find(inodes, "a.txt", "a.txt") is None
