"""Rules of jupyter_rtc.store.fallback."""

import asyncio
import sqlite3

from jupyter_rtc.ids import RoomId, new_epoch
from jupyter_rtc.store import fallback
from jupyter_rtc.store.fallback import FallbackLog
from jupyter_rtc.store.log import Append, Entry
from jupyter_rtc.store.sqlite import SqliteLog


async def opened(path):
    log = FallbackLog(path, SqliteLog)
    await log.open()
    return log


def test_a_second_server_takes_a_file_of_its_own(tmp_path):
    async def story():
        path = tmp_path / "store.sqlite"
        first, second = await opened(path), await opened(path)
        assert first.words is None and (first.kind, second.kind) == ("file", "file 2")
        assert "Another program is using" in second.words and "store-2.sqlite" in second.words
        assert {p.name for p in tmp_path.glob("*.sqlite")} == {"store.sqlite", "store-2.sqlite"}
        await first.close()
        await second.close()

    asyncio.run(story())


def foreign(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE precious (a)")
    db.close()


def test_a_file_of_another_program_is_left_alone_and_it_is_said_where_the_log_is_and_why(tmp_path):
    async def story():
        path = tmp_path / "store.sqlite"
        foreign(path)
        log = await opened(path)
        assert log.kind == "file 2" and log.unkept == ""
        assert "another program's database" in log.words and "store-2.sqlite" in log.words
        await log.close()

    asyncio.run(story())


def test_where_no_file_can_be_used_it_is_said_why_and_what_that_costs(tmp_path, monkeypatch):
    async def story():
        monkeypatch.setattr(fallback, "SIBLINGS", 3)
        path = tmp_path / "store.sqlite"
        for one in (path, tmp_path / "store-2.sqlite", tmp_path / "store-3.sqlite"):
            foreign(one)
        log = await opened(path)
        assert log.kind == "memory" and log.words == log.unkept
        assert "another program's database" in log.unkept and "survives a restart" in log.unkept

    asyncio.run(story())


def test_a_newer_store_is_left_alone_and_the_log_is_in_memory(tmp_path):
    async def story():
        path = tmp_path / "store.sqlite"
        log = await opened(path)
        await log.close()
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 9999")
        db.close()
        before = path.read_bytes()
        log = await opened(path)
        assert log.kind == "memory" and "memory" in log.words and "newer" in log.words
        epoch, room = new_epoch(), RoomId("app:a")
        await log.begin(room, epoch)
        await log.append([Append(room, epoch, [Entry(1, b"x")])])
        assert (await log.read(room)).last_seq == 1
        assert path.read_bytes() == before

    asyncio.run(story())


def test_a_damaged_store_is_set_aside_and_said(tmp_path):
    async def story():
        path = tmp_path / "store.sqlite"
        path.write_bytes(b"not a database at all" * 1000)
        log = await opened(path)
        assert log.kind == "file" and log.words
        await log.close()
        assert len(list(tmp_path.iterdir())) >= 2

    asyncio.run(story())
