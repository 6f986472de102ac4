"""What is known of one file."""

import asyncio
import os

import pytest

from jupyter_rtc.errors import DocumentMissing, DocumentUnreadable
from jupyter_rtc.ids import FileAddress
from jupyter_rtc.supernode.open_file import OpenFile
from jupyter_rtc.supernode.plan import Disk

from .managers import Old
from .world import world


async def opened(w, name="a.txt"):
    file_id, _ = await w.files.index(name)
    file = OpenFile(FileAddress("text", "file", file_id), w.files._around)
    await file.locate_first()
    found = await file.read()
    file.agrees(found.sight, found.spelling)
    return file, found.sight.fingerprint


async def is_one(content):
    return content == "one\n"


def in_world(tmp_path, check, contents=None):
    async def run():
        async with world(tmp_path, contents) as w:
            w.write("a.txt", "one\n")
            await check(w, *(await opened(w)))

    asyncio.run(run())


def test_a_hint_takes_the_knowledge_away_and_a_look_gives_it_back(tmp_path):
    async def check(w, file, taken):
        assert file.disk is Disk.AGREED
        file.hint()
        assert file.disk is Disk.UNSEEN
        await file.look(taken, is_one)
        assert file.disk is Disk.AGREED
        w.write("a.txt", "two\n")
        file.hint()
        await file.look(taken, is_one)
        assert file.disk is Disk.CHANGED

    in_world(tmp_path, check)


def test_a_missing_file_is_missing_until_it_is_seen_again(tmp_path):
    async def check(w, file, taken):
        os.remove(tmp_path / "a.txt")
        file.hint()
        await file.look(taken, is_one)
        assert file.disk is Disk.MISSING
        file.hint()
        assert file.missing
        w.write("a.txt", "one\n")
        await file.look(taken, is_one)
        assert file.disk is Disk.AGREED

    in_world(tmp_path, check)


def test_a_poll_of_an_untouched_file_reads_nothing(tmp_path):
    reads = []

    class Counting(Old):
        def get(self, path, content=True, type=None, format=None):
            reads.append(content)
            return super().get(path, content, type, format)

    async def check(w, file, taken):
        reads.clear()
        await file.look(taken, is_one)
        assert reads == [False]

    in_world(tmp_path, check, Counting(root_dir=str(tmp_path)))


def test_right_before_writing_a_change_that_time_and_size_hide_is_seen(tmp_path):
    async def check(w, file, taken):
        stat = os.stat(tmp_path / "a.txt")
        w.write("a.txt", "two\n")
        os.utime(tmp_path / "a.txt", ns=(stat.st_atime_ns, stat.st_mtime_ns))
        await file.look_closely(taken, is_one)
        assert file.disk is Disk.CHANGED

    in_world(tmp_path, check, Old(root_dir=str(tmp_path)))


def test_right_before_writing_a_move_is_seen(tmp_path):
    async def check(w, file, taken):
        os.rename(tmp_path / "a.txt", tmp_path / "b.txt")
        await file.look_closely(taken, is_one)
        assert file.disk is Disk.UNSEEN
        assert await file.locate()
        assert file.path == "b.txt"

    in_world(tmp_path, check)


def test_a_file_of_which_nobody_knows_where_it_is_is_where_it_was(tmp_path):
    class Forgetful:
        def __init__(self):
            self.paths = ["a.txt"]

        def get_id(self, path):
            return "id"

        def get_path(self, file_id):
            return self.paths.pop() if self.paths else None

    async def run():
        async with world(tmp_path, file_ids=Forgetful()) as w:
            w.write("a.txt", "one\n")
            file, taken = await opened(w)
            file.let_go()
            await file.look_closely(taken, is_one)
            assert file.disk is Disk.AGREED
            assert not await file.locate()
            assert file.path == "a.txt"

    asyncio.run(run())


def test_an_emptied_file_is_given_one_more_chance(tmp_path):
    async def check(w, file, taken):
        w.write("a.txt", "")
        with pytest.raises(DocumentUnreadable, match="empty at the moment"):
            await file.read_settled()
        assert (await file.read_settled()).content == ""

    in_world(tmp_path, check)


def test_an_id_that_nobody_knows_is_a_missing_file(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            with pytest.raises(DocumentMissing, match="by its name"):
                await OpenFile(FileAddress("text", "file", "unknown"), w.files._around).locate_first()

    asyncio.run(run())
