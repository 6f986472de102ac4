"""Rules of jupyter_rtc.store.fallback."""

import asyncio
import sqlite3

from jupyter_rtc.store.fallback import open_log
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.store.sqlite import SqliteLog


def test_a_second_server_takes_a_file_of_its_own(tmp_path):
    async def story():
        path = tmp_path / "store.sqlite"
        first, words = await open_log(path, SqliteLog)
        second, _ = await open_log(path, SqliteLog)
        assert words is None
        assert isinstance(second, SqliteLog)
        assert {p.name for p in tmp_path.glob("*.sqlite")} == {"store.sqlite", "store-2.sqlite"}
        await first.close()
        await second.close()

    asyncio.run(story())


def test_a_newer_store_is_left_alone_and_the_log_is_in_memory(tmp_path):
    async def story():
        path = tmp_path / "store.sqlite"
        log, _ = await open_log(path, SqliteLog)
        await log.close()
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 9999")
        db.close()
        before = path.read_bytes()
        log, words = await open_log(path, SqliteLog)
        assert isinstance(log, MemoryLog)
        assert "memory" in words and "newer" in words
        assert path.read_bytes() == before

    asyncio.run(story())


def test_a_damaged_store_is_set_aside_and_said(tmp_path):
    async def story():
        path = tmp_path / "store.sqlite"
        path.write_bytes(b"not a database at all" * 1000)
        log, words = await open_log(path, SqliteLog)
        assert isinstance(log, SqliteLog) and words
        await log.close()
        assert len(list(tmp_path.iterdir())) >= 2

    asyncio.run(story())
