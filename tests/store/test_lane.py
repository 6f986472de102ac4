import asyncio
import contextlib
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from jupyter_rtc.errors import StoreError, StoreUnavailable
from jupyter_rtc.store.lane import Kind, Lane


@contextlib.contextmanager
def lane_of(writer):
    with (
        contextlib.closing(sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)) as db,
        ThreadPoolExecutor(1) as thread,
    ):
        db.execute("CREATE TABLE t (a INTEGER UNIQUE)")
        yield Lane(db, thread, writer), db


def insert(number):
    def work(db):
        db.execute("INSERT INTO t VALUES (?)", (number,))
        return threading.current_thread() is threading.main_thread()

    return work


def numbers(db):
    return [number for (number,) in db.execute("SELECT a FROM t ORDER BY rowid")]


@pytest.mark.parametrize(("writer", "inline"), [("loop", True), ("thread", False)])
def test_a_short_write_runs_where_the_writer_is_and_others_on_the_thread(writer, inline):
    async def story():
        assert await lane.do(insert(1), Kind.SHORT) is inline
        assert await lane.do(insert(2), Kind.LONG) is False
        assert await lane.do(insert(3), Kind.BARE) is False

    with lane_of(writer) as (lane, db):
        asyncio.run(story())
        assert numbers(db) == [1, 2, 3]


def test_what_comes_while_the_thread_is_busy_is_done_after_it_in_order():
    async def story():
        begun, go_on = threading.Event(), threading.Event()

        def slow(db):
            begun.set()
            go_on.wait()
            insert(1)(db)

        first = asyncio.ensure_future(lane.do(slow, Kind.LONG))
        await asyncio.to_thread(begun.wait)
        rest = [asyncio.ensure_future(lane.do(insert(number), Kind.SHORT)) for number in (2, 3, 4)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in rest)
        go_on.set()
        await asyncio.gather(first, *rest)

    with lane_of("loop") as (lane, db):
        asyncio.run(story())
        assert numbers(db) == [1, 2, 3, 4]


def test_what_waits_together_is_one_commit():
    commits = []

    async def story():
        await asyncio.gather(*(lane.do(insert(number), Kind.SHORT) for number in range(50)))

    with lane_of("thread") as (lane, db):
        db.set_trace_callback(lambda statement: commits.append(statement) if statement == "COMMIT" else None)
        asyncio.run(story())
        assert numbers(db) == list(range(50))
    assert len(commits) <= 2


def test_a_write_that_fails_undoes_itself_and_nothing_beside_it():
    def half(db):
        insert(7)(db)
        raise StoreError("Not so.")

    async def story():
        work = [insert(1), insert(1), half, insert(2)]
        return await asyncio.gather(*(lane.do(each, Kind.SHORT) for each in work), return_exceptions=True)

    with lane_of("thread") as (lane, db):
        results = asyncio.run(story())
        assert [isinstance(result, StoreError) for result in results] == [False, True, True, False]
        assert numbers(db) == [1, 2]
        assert not db.in_transaction


def test_a_commit_that_fails_fails_all_of_it():
    async def story():
        await lane.do(
            lambda db: db.execute("CREATE TABLE child (a REFERENCES t(a) DEFERRABLE INITIALLY DEFERRED)"),
            Kind.LONG,
        )
        db.execute("PRAGMA foreign_keys = ON")
        orphan = lane.do(lambda db: db.execute("INSERT INTO child VALUES (99)"), Kind.SHORT)
        return await asyncio.gather(lane.do(insert(1), Kind.SHORT), orphan, return_exceptions=True)

    with lane_of("thread") as (lane, db):
        results = asyncio.run(story())
        assert all(isinstance(result, StoreError) for result in results)
        assert numbers(db) == []
        assert not db.in_transaction


@pytest.mark.parametrize("writer", ["loop", "thread"])
def test_a_mistake_reaches_who_made_it_and_the_lane_goes_on(writer):
    def mistake(db):
        insert(1)(db)
        raise ZeroDivisionError

    async def story():
        for kind in Kind:
            with pytest.raises(ZeroDivisionError):
                await lane.do(mistake, kind)
            db.execute("DELETE FROM t")
        await lane.do(insert(2), Kind.SHORT)

    with lane_of(writer) as (lane, db):
        asyncio.run(story())
        assert numbers(db) == [2]


def test_who_no_longer_waits_is_not_told_and_the_others_are():
    async def story():
        first = asyncio.ensure_future(lane.do(insert(1), Kind.SHORT))
        second = asyncio.ensure_future(lane.do(insert(2), Kind.SHORT))
        await asyncio.sleep(0)
        first.cancel()
        await second
        await lane.finish()

    with lane_of("thread") as (lane, db):
        asyncio.run(story())
        assert numbers(db) == [1, 2]


def test_a_failure_in_no_transaction_has_words():
    async def story():
        with pytest.raises(StoreUnavailable):
            await lane.do(busy, Kind.BARE)

    def busy(db):
        error = sqlite3.OperationalError()
        error.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise error

    with lane_of("loop") as (lane, _):
        asyncio.run(story())
