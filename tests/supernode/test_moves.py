"""Files that are renamed, moved, exchanged or replaced while they are open."""

import asyncio
import os
import sqlite3

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager
from jupyter_server_fileid.manager import ArbitraryFileIdManager, LocalFileIdManager

from jupyter_rtc.documents import SaveStatus
from jupyter_rtc.errors import DocumentUnreadable

from .solo import Solo
from .world import add_cell, index_of, source, state, type_in, world


def test_a_rename_through_the_server_is_followed_and_saved_at_the_new_place(tmp_path):
    async def run():
        contents = AsyncLargeFileManager(root_dir=str(tmp_path))
        async with world(tmp_path, contents, file_ids=index_of(tmp_path), events=True) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            await contents.rename("a.txt", "b.txt")
            await w.until(lambda: state(document)["path"] == "b.txt")
            type_in(document, "zero ")
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert w.read("b.txt") == "zero one\n"
            assert not (tmp_path / "a.txt").exists()
            assert "MOVED" in w.kinds()

    asyncio.run(run())


@pytest.mark.parametrize("names", [("a.txt", "b.txt"), ("d/a.txt", "e/a.txt")], ids=["a file", "its folder"])
def test_a_move_in_a_terminal_is_followed(tmp_path, names):
    old, new = names

    async def run():
        async with world(tmp_path, file_ids=index_of(tmp_path), events=True) as w:
            (tmp_path / "d").mkdir()
            w.write(old, "one\n")
            keeper, document = await w.open(old)
            os.rename(*(tmp_path / n.split("/")[0] for n in names))
            type_in(document, "zero ")
            await w.until(lambda: (tmp_path / new).read_text() == "zero one\n")
            assert state(document)["path"] == new
            assert not (tmp_path / old).exists()

    asyncio.run(run())


def test_a_move_is_followed_in_one_room_of_a_file_when_another_was_closed(tmp_path):
    async def run():
        async with world(tmp_path, file_ids=index_of(tmp_path)) as w:
            w.write("a.txt", "one\n")
            _, document = await w.open("a.txt")
            other, _ = await w.open("a.txt", kind="text:other")
            await other.close()
            await other.close()
            os.rename(tmp_path / "a.txt", tmp_path / "b.txt")
            type_in(document, "zero ")
            await w.until(lambda: (tmp_path / "b.txt").read_text() == "zero one\n")
            assert state(document)["path"] == "b.txt"
            assert not (tmp_path / "a.txt").exists()

    asyncio.run(run())


def test_a_file_is_saved_when_its_other_room_was_closed_and_the_index_broke(tmp_path):
    class Index:
        broken = False

        def __getattr__(self, name):
            index = index_of(tmp_path)
            if self.broken:
                raise sqlite3.OperationalError("database is locked")
            return getattr(index, name)

    class Patient(LargeFileManager):
        asked = 0

        def get(self, *args, **kwargs):
            self.asked += 1
            assert self.asked < 500
            return super().get(*args, **kwargs)

    async def run():
        file_ids = Index()
        async with world(tmp_path, Patient(root_dir=str(tmp_path)), file_ids=file_ids) as w:
            w.write("a.txt", "one\n")
            _, document = await w.open("a.txt")
            other, _ = await w.open("a.txt", kind="text:other")
            file_ids.broken = True
            await other.close()
            type_in(document, "zero ")
            await w.clock.go(5)
            assert w.read("a.txt") == "zero one\n"

    asyncio.run(run())


@pytest.mark.parametrize("taken", [False, True], ids=["nothing", "another file"])
def test_a_file_that_could_not_be_opened_is_opened_where_it_was_moved_to(tmp_path, taken):
    async def run():
        file_ids = index_of(tmp_path, LocalFileIdManager)
        async with world(tmp_path, file_ids=file_ids) as w:
            w.write("a.ipynb", "<<<<<<< HEAD\n")
            with pytest.raises(DocumentUnreadable, match="conflict marks"):
                await w.open("a.ipynb")
            os.rename(tmp_path / "a.ipynb", tmp_path / "b.ipynb")
            w.write("b.ipynb", nbformat.writes(nbformat.v4.new_notebook()))
            if taken:
                w.write("a.ipynb", nbformat.writes(nbformat.v4.new_notebook()))
            keeper, document = await w.open("b.ipynb")
            assert keeper.path == state(document)["path"] == "b.ipynb"
            add_cell(document, "typed into b")
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert "typed into b" in w.read("b.ipynb")

    asyncio.run(run())


def test_a_failed_opening_of_a_file_leaves_its_other_room_in_step(tmp_path):
    async def run():
        async with world(tmp_path, file_ids=index_of(tmp_path)) as w:
            w.write("a.txt", "one\n")
            _, document = await w.open("a.txt")
            with pytest.raises(DocumentUnreadable):
                await w.open("a.txt", kind="json:notebook")
            os.rename(tmp_path / "a.txt", tmp_path / "b.txt")
            type_in(document, "zero ")
            await w.until(lambda: (tmp_path / "b.txt").read_text() == "zero one\n")

    asyncio.run(run())


def test_two_exchanged_files_keep_their_own_text(tmp_path):
    async def run():
        async with world(tmp_path, file_ids=index_of(tmp_path)) as w:
            w.write("a.txt", "this is a\n")
            w.write("b.txt", "and this is b\n")
            _, a = await w.open("a.txt")
            _, b = await w.open("b.txt")
            os.rename(tmp_path / "a.txt", tmp_path / "t.txt")
            os.rename(tmp_path / "b.txt", tmp_path / "a.txt")
            os.rename(tmp_path / "t.txt", tmp_path / "b.txt")
            type_in(a, "A: ")
            type_in(b, "B: ")
            await w.until(lambda: w.read("b.txt") == "A: this is a\n" and w.read("a.txt") == "B: and this is b\n")
            assert (state(a)["path"], state(b)["path"]) == ("b.txt", "a.txt")

    asyncio.run(run())


def test_a_new_file_of_a_deleted_one_s_name_is_another_document(tmp_path):
    async def run():
        contents = AsyncLargeFileManager(root_dir=str(tmp_path), delete_to_trash=False)
        file_ids = index_of(tmp_path)
        async with world(tmp_path, contents, file_ids=file_ids) as w:
            w.write("a.txt", "old\n")
            keeper, old = await w.open("a.txt")
            await contents.delete("a.txt")
            file_ids.delete("a.txt")
            await w.until(lambda: keeper.status()["standing"] == "missing")
            w.write("a.txt", "new\n")
            type_in(old, "unsaved ")
            _, new = await w.open("a.txt")
            assert (await keeper.save()).status is SaveStatus.FAILED
            await w.clock.go(300)
            assert (w.read("a.txt"), str(source(new))) == ("new\n", "new\n")
            assert str(source(old)) == "unsaved old\n"

    asyncio.run(run())


@pytest.mark.parametrize("kind", [ArbitraryFileIdManager, LocalFileIdManager])
@pytest.mark.parametrize("asked", ["by its id", "by its new name"])
def test_a_file_that_was_moved_and_is_opened_in_a_second_way_is_opened_where_it_is(tmp_path, kind, asked):
    async def run():
        file_ids = index_of(tmp_path, kind)
        async with world(tmp_path, file_ids=file_ids) as w:
            w.write("a.txt", "one\n")
            first, document = await w.open("a.txt")
            file_id, _ = await w.files.index("a.txt")
            os.rename(tmp_path / "a.txt", tmp_path / "b.txt")
            if asked == "by its new name":
                assert await w.files.index("b.txt") == (file_id, False)
            room = Solo(f"text:other:{file_id}")
            other = w.files.keeper(room.room)
            await other.load(room)
            assert other.path == "b.txt"
            type_in(document, "zero ")
            await w.until(lambda: w.read("b.txt") == str(source(room)) == "zero one\n")
            assert first.path == "b.txt"
            assert not (tmp_path / "a.txt").exists()
            await first.close()
            await other.close()
            assert await w.files.index("b.txt") == (file_id, False)

    asyncio.run(run())


@pytest.mark.parametrize("kind", [ArbitraryFileIdManager, LocalFileIdManager])
def test_a_moved_file_is_opened_by_its_new_name_although_a_new_one_has_its_old_name(tmp_path, kind):
    async def run():
        file_ids = index_of(tmp_path, kind)
        async with world(tmp_path, file_ids=file_ids) as w:
            w.write("a.txt", "one\n")
            _, document = await w.open("a.txt")
            os.rename(tmp_path / "a.txt", tmp_path / "b.txt")
            w.write("a.txt", "new\n")
            other, room = await w.open("b.txt", kind="text:other")
            assert (other.path, str(source(room))) == ("b.txt", "one\n")
            type_in(document, "zero ")
            await w.until(lambda: w.read("b.txt") == "zero one\n")
            assert w.read("a.txt") == "new\n"

    asyncio.run(run())
