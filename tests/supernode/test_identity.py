"""Which file an id means."""

import asyncio
import os
import sqlite3

import pytest
from jupyter_server_fileid.manager import ArbitraryFileIdManager, LocalFileIdManager

from jupyter_rtc.supernode.identity import Identity
from jupyter_rtc.supernode.inodes import Inodes


@pytest.fixture(params=[ArbitraryFileIdManager, LocalFileIdManager])
def file_ids(request, tmp_path):
    return request.param(root_dir=str(tmp_path), db_path=str(tmp_path / ".ids.db"))


def open_files(identity, root, *names):
    ids = []
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"this is {name}")
        file_id, _ = identity.index(name)
        assert identity.path(file_id) == name
        identity.seen(file_id)
        ids.append(file_id)
    return ids


def locate(identity, file_id):
    return asyncio.run(identity.locate(file_id))


def test_a_file_keeps_its_id(tmp_path, file_ids):
    identity = Identity(lambda: file_ids)
    (tmp_path / "a.txt").touch()
    file_id, created = identity.index("/a.txt")
    assert created
    assert identity.index("a.txt") == (file_id, False)


def test_a_rename_that_is_told_moves_all_below(tmp_path, file_ids):
    identity = Identity(lambda: file_ids)
    inside, outside = open_files(identity, tmp_path, "old/a.txt", "older.txt")
    identity.renamed("old", "new")
    assert identity.path(inside) == "new/a.txt"
    assert identity.path(outside) == "older.txt"


def test_a_move_that_nobody_told_is_found_and_the_index_learns_it(tmp_path, file_ids):
    identity = Identity(lambda: file_ids, Inodes(tmp_path))
    (file_id,) = open_files(identity, tmp_path, "a.txt")
    os.rename(tmp_path / "a.txt", tmp_path / "b.txt")
    assert locate(identity, file_id) == "b.txt"
    assert file_ids.get_path(file_id) == "b.txt"


def test_a_move_that_two_look_for_at_once_is_noted_once(tmp_path, file_ids):
    identity = Identity(lambda: file_ids, Inodes(tmp_path))
    (file_id,) = open_files(identity, tmp_path, "a.txt")
    os.rename(tmp_path / "a.txt", tmp_path / "b.txt")

    async def both():
        return await asyncio.gather(identity.locate(file_id), identity.locate(file_id))

    assert asyncio.run(both()) == ["b.txt", "b.txt"]
    assert file_ids.get_path(file_id) == "b.txt"
    assert file_ids.get_id("b.txt") == file_id


def test_a_moved_file_that_is_asked_for_by_its_new_name_is_the_same(tmp_path, file_ids):
    identity = Identity(lambda: file_ids, Inodes(tmp_path))
    (file_id,) = open_files(identity, tmp_path, "a.txt")
    os.rename(tmp_path / "a.txt", tmp_path / "b.txt")
    (tmp_path / "a.txt").write_text("another")
    assert identity.index("b.txt") == (file_id, False)
    assert identity.path(file_id) == locate(identity, file_id) == file_ids.get_path(file_id) == "b.txt"


def test_a_second_name_of_a_file_is_no_move(tmp_path, file_ids):
    identity = Identity(lambda: file_ids, Inodes(tmp_path))
    (file_id,) = open_files(identity, tmp_path, "a.txt")
    os.link(tmp_path / "a.txt", tmp_path / "b.txt")
    identity.index("b.txt")
    assert identity.path(file_id) == "a.txt"


def test_two_exchanged_files_are_told_apart(tmp_path):
    file_ids = ArbitraryFileIdManager(root_dir=str(tmp_path), db_path=str(tmp_path / ".ids.db"))
    identity = Identity(lambda: file_ids, Inodes(tmp_path))
    a, b = open_files(identity, tmp_path, "a.txt", "b.txt")
    os.rename(tmp_path / "a.txt", tmp_path / "t.txt")
    os.rename(tmp_path / "b.txt", tmp_path / "a.txt")
    os.rename(tmp_path / "t.txt", tmp_path / "b.txt")
    assert (locate(identity, a), locate(identity, b)) == ("b.txt", "a.txt")
    assert (file_ids.get_path(a), file_ids.get_path(b)) == ("b.txt", "a.txt")


def test_a_deleted_file_stays_where_it_was(tmp_path, file_ids):
    identity = Identity(lambda: file_ids, Inodes(tmp_path))
    (file_id,) = open_files(identity, tmp_path, "a.txt")
    os.remove(tmp_path / "a.txt")
    assert locate(identity, file_id) == "a.txt"


def test_a_new_file_of_a_deleted_one_s_name_is_another(tmp_path):
    file_ids = ArbitraryFileIdManager(root_dir=str(tmp_path), db_path=str(tmp_path / ".ids.db"))
    identity = Identity(lambda: file_ids)
    (file_id,) = open_files(identity, tmp_path, "a.txt")
    assert identity.owns(file_id, "a.txt")
    file_ids.delete("a.txt")
    assert not identity.owns(file_id, "a.txt")
    assert identity.index("a.txt")[0] != file_id


def test_a_file_that_several_have_open_is_remembered_until_the_last_lets_go(tmp_path):
    file_ids = ArbitraryFileIdManager(root_dir=str(tmp_path), db_path=str(tmp_path / ".ids.db"))
    identity = Identity(lambda: file_ids, Inodes(tmp_path))
    (file_id,) = open_files(identity, tmp_path, "a.txt")
    identity.hold(file_id)
    identity.hold(file_id)
    identity.release(file_id)
    identity.forget(file_id)
    os.rename(tmp_path / "a.txt", tmp_path / "b.txt")
    assert locate(identity, file_id) == "b.txt"
    identity.release(file_id)
    file_ids.move("b.txt", "c.txt")
    assert identity.path(file_id) == "c.txt"


@pytest.mark.parametrize("path", ["a.txt", "ünï/c ö:d.ipynb", "x" * 500])
def test_without_an_index_ids_are_made_from_paths(path):
    identity = Identity(lambda: None)
    file_id, created = identity.index(path)
    assert created
    assert Identity(lambda: None).path(file_id) == path
    assert identity.owns(file_id, path)


def test_an_index_that_comes_later_is_used(tmp_path, file_ids):
    found = []
    identity = Identity(lambda: found[0] if found else None)
    found.append(file_ids)
    (tmp_path / "a.txt").touch()
    assert identity.index("a.txt")[0] == file_ids.get_id("a.txt")


def test_a_broken_index_keeps_nothing_from_being_opened_and_is_told_once(tmp_path, file_ids):
    class Broken:
        def __getattr__(self, name):
            raise sqlite3.OperationalError("database is locked")

    told = []
    current = [file_ids]
    identity = Identity(lambda: current[0], announce=told.append)
    (file_id,) = open_files(identity, tmp_path, "a.txt")
    current[0] = type("Broken", (), dict.fromkeys(("get_id", "index", "get_path"), Broken.__getattr__))()
    assert identity.index("a.txt")[0] == file_id
    other, _ = identity.index("b.txt")
    assert identity.path(other) == "b.txt"
    assert len(told) == 1


@pytest.mark.parametrize("file_id", ["unknown", "path-%%%", "path-gA"])
def test_an_id_that_means_nothing_has_no_path(file_id):
    assert Identity(lambda: None).path(file_id) is None
