"""The tables of the store's file, as the ordered list of steps that made them.

``PRAGMA user_version`` counts the steps that a file has had. A step, once released, never changes; a new shape is
a new step. Each step is one transaction, so a server that is killed between two leaves a file that the next start
brings up to date. A file that has had more steps than we know was written by a newer version of this package:
it is refused and left as it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ..errors import StoreNewer

Migration = Sequence[str]

MIGRATIONS: tuple[Migration, ...] = (
    (
        # A room's history. The id is never used twice, so rows of a given-up history can never be taken for the
        # new one's. The chain is a running check over the updates: see tables.py.
        """CREATE TABLE room (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            epoch TEXT NOT NULL,
            last_seq INTEGER NOT NULL,
            last_chain INTEGER NOT NULL,
            base_seq INTEGER,
            base_chain INTEGER NOT NULL,
            entries INTEGER NOT NULL,
            entry_bytes INTEGER NOT NULL
        )""",
        """CREATE TABLE entry (
            room INTEGER NOT NULL, seq INTEGER NOT NULL, chain INTEGER NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (room, seq)
        ) WITHOUT ROWID""",
        """CREATE TABLE snapshot (
            room INTEGER NOT NULL, seq INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL,
            PRIMARY KEY (room, seq)
        ) WITHOUT ROWID""",
        """CREATE TABLE mark (
            room INTEGER NOT NULL, name TEXT NOT NULL, seq INTEGER NOT NULL, crc INTEGER NOT NULL,
            note TEXT NOT NULL,
            PRIMARY KEY (room, name)
        ) WITHOUT ROWID""",
    ),
    (
        # How often a room was about to be loaded since a load last came to an end.
        "CREATE TABLE attempt (name TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID",
        # Histories that were given up, and whose rows are still to be removed.
        "CREATE TABLE dropped (room INTEGER PRIMARY KEY)",
    ),
    (
        # Content beside a key of its own. In a table WITHOUT ROWID the search for a key reads the rows that it passes
        # whole: behind an update of 37 MB, each further one took half a second.
        """CREATE TABLE entry_by_rowid (
            room INTEGER NOT NULL, seq INTEGER NOT NULL, chain INTEGER NOT NULL, data BLOB NOT NULL,
            UNIQUE (room, seq)
        )""",
        "INSERT INTO entry_by_rowid SELECT room, seq, chain, data FROM entry ORDER BY room, seq",
        "DROP TABLE entry",
        "ALTER TABLE entry_by_rowid RENAME TO entry",
        """CREATE TABLE snapshot_by_rowid (
            room INTEGER NOT NULL, seq INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL,
            UNIQUE (room, seq)
        )""",
        "INSERT INTO snapshot_by_rowid SELECT room, seq, crc, data FROM snapshot ORDER BY room, seq",
        "DROP TABLE snapshot",
        "ALTER TABLE snapshot_by_rowid RENAME TO snapshot",
    ),
    (
        # Histories that are kept beside the room's, because they are damaged: the rows of ``room``, as they were. Their
        # updates, snapshots and marks stay where they are, under their ids.
        """CREATE TABLE aside (
            id INTEGER PRIMARY KEY,
            name TEXT,
            epoch TEXT,
            last_seq INTEGER,
            last_chain INTEGER,
            base_seq INTEGER,
            base_chain INTEGER,
            entries INTEGER,
            entry_bytes INTEGER
        )""",
    ),
)

TABLES = frozenset({"room", "entry", "snapshot", "mark", "attempt", "dropped", "aside"})


def version_of(connection: sqlite3.Connection) -> int:
    """Return how many steps this file has had."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_version(connection: sqlite3.Connection, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Raise StoreNewer if the file has had steps that we do not know."""
    version = version_of(connection)
    if version > len(steps):
        raise StoreNewer(
            f"The store was written by a newer version of jupyter-rtc-server (format {version}; this one knows "
            f"{len(steps)}). Install the newer version again, or give this server another store."
        )


def migrate(connection: sqlite3.Connection, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the file up to date.

    Raises:
        StoreNewer: it has had steps that we do not know.
        sqlite3.Error: a step failed, and did not happen at all.

    """
    check_version(connection, steps)
    version = version_of(connection)
    for number, step in enumerate(steps[version:], version + 1):
        _apply(connection, step, number)


def _apply(connection: sqlite3.Connection, step: Migration, number: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in step:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
