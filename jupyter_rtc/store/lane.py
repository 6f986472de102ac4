"""A lane: the work of one connection, one piece at a time and in order, where it costs the least.

Work is a function of the connection. A short write runs at once, in the event loop's own turn, if the lane is free
and was told to do so; everything else goes to the lane's thread. The short writes that were asked for while the
thread was busy become one group: one transaction, one commit, in the order asked. Within a group each succeeds or
fails on its own; only a commit that fails, fails them all. The lane does not know what the work means.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from typing import Any, Literal, TypeVar

from ..errors import StoreError
from .failures import store_error

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

Writer = Literal["loop", "thread"]
"""Where short writes run while the lane is free."""

MAX_GROUP = 1000
"""Writes in one transaction: the first of them waits for the last."""


class Kind(Enum):
    """How a piece of work is to be run."""

    SHORT = auto()
    """In a transaction, which it may share."""
    LONG = auto()
    """In a transaction of its own, on the thread."""
    BARE = auto()
    """In no transaction, on the thread."""


@dataclass(slots=True, eq=False)
class _Piece:
    work: Work[Any]
    kind: Kind
    done: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def settle(self) -> None:
        """Tell who waits; in the event loop."""
        if self.done.done():
            return  # nobody waits any more
        if self.error is not None:
            self.done.set_exception(self.error)
        else:
            self.done.set_result(self.result)


class Lane:
    """Runs work on a connection."""

    def __init__(self, connection: sqlite3.Connection, thread: ThreadPoolExecutor, writer: Writer) -> None:
        """Make a lane of this connection and this thread, which nobody else uses meanwhile."""
        self._connection = connection
        self._thread = thread
        self._inline = writer == "loop"
        self._waiting: list[_Piece] = []
        self._runner: asyncio.Task[None] | None = None

    async def do(self, work: Work[T], kind: Kind) -> T:
        """Run work; a write is durable when this returns.

        Raises:
            StoreError: it did not happen.

        """
        if kind is Kind.SHORT and self._inline and self._runner is None:
            return _transact(self._connection, work)
        piece = _Piece(work, kind, asyncio.get_running_loop().create_future())
        self._waiting.append(piece)
        if self._runner is None:
            self._runner = asyncio.create_task(self._run(), name="jupyter_rtc store")
        result: T = await piece.done
        return result

    async def finish(self) -> None:
        """Return when nothing runs and nothing waits."""
        while self._runner is not None:
            await asyncio.shield(self._runner)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            group = _first_group(self._waiting)
            del self._waiting[: len(group)]
            run = loop.run_in_executor(self._thread, _run_group, self._connection, group)
            await asyncio.wait([run])
            for piece in group:
                piece.error = piece.error or run.exception()
                piece.settle()
        self._runner = None


def _first_group(waiting: Sequence[_Piece]) -> list[_Piece]:
    """Return what is to be done together now: the first piece, and with a short one all short ones behind it."""
    group = [waiting[0]]
    for piece in waiting[1:MAX_GROUP]:
        if group[0].kind is not Kind.SHORT or piece.kind is not Kind.SHORT:
            break
        group.append(piece)
    return group


def _run_group(db: sqlite3.Connection, group: list[_Piece]) -> None:
    """Run a group, on the thread; each piece gets its result or its error."""
    try:
        if len(group) == 1:
            run = _bare if group[0].kind is Kind.BARE else _transact
            group[0].result = run(db, group[0].work)
        else:
            _transact(db, partial(_run_all, pieces=group))
    except StoreError as error:
        for piece in group:
            piece.error = piece.error or error


def _run_all(db: sqlite3.Connection, pieces: Sequence[_Piece]) -> None:
    for piece in pieces:
        _run_within(db, piece)


def _run_within(db: sqlite3.Connection, piece: _Piece) -> None:
    """Run one piece of a transaction; what it did is undone if it fails, what others did is not."""
    db.execute("SAVEPOINT piece")
    try:
        piece.result = piece.work(db)
    except (StoreError, sqlite3.Error) as error:
        if not db.in_transaction:
            raise  # SQLite gave up the whole transaction: the disk is full, or failed
        piece.error = error if isinstance(error, StoreError) else store_error(error)
        db.execute("ROLLBACK TO piece")
    db.execute("RELEASE piece")


def _transact(db: sqlite3.Connection, work: Work[T]) -> T:
    """Run work as a transaction."""
    try:
        db.execute("BEGIN IMMEDIATE")
        result = work(db)
        db.execute("COMMIT")
    except sqlite3.Error as error:
        raise store_error(error) from error
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
    return result


def _bare(db: sqlite3.Connection, work: Work[T]) -> T:
    try:
        return work(db)
    except sqlite3.Error as error:
        raise store_error(error) from error
