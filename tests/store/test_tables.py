"""Rows are not believed: whatever is changed behind our back is found when it is read."""

import contextlib
import sqlite3

import pytest

from jupyter_rtc.errors import StoreCorrupt, StoreError
from jupyter_rtc.store import tables
from jupyter_rtc.store.log import Append, Entry, Snapshot, StoredMark
from jupyter_rtc.store.migrations import migrate


@contextlib.contextmanager
def opened():
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        yield db


def fill(db, room):
    """Two snapshots (2 marked, 4), and the changes 5 and 6 after them."""
    tables.begin(db, room, "epoch")
    tables.append(db, [Append(room, "epoch", [Entry(seq, b"update %d" % seq) for seq in range(1, 7)])])
    tables.mark(db, room, "epoch", {"saved": StoredMark(2, "note")})
    tables.compact(db, room, "epoch", [Snapshot(2, b"two"), Snapshot(4, b"four")], 4)


@pytest.fixture
def db():
    with opened() as connection:
        for room in ("harmed", "sound"):
            fill(connection, room)
        yield connection


HARMS = [
    "UPDATE entry SET data = x'00' WHERE room = 1 AND seq = 5",
    "UPDATE entry SET data = 'text' WHERE room = 1 AND seq = 5",
    "UPDATE entry SET data = substr(data, 1, 3) WHERE room = 1 AND seq = 6",
    "UPDATE entry SET chain = 7 WHERE room = 1 AND seq = 6",
    "UPDATE entry SET chain = 'seven' WHERE room = 1 AND seq = 6",
    "UPDATE entry SET seq = 9 WHERE room = 1 AND seq = 6",
    "UPDATE entry SET seq = -3 WHERE room = 1 AND seq = 6",
    "DELETE FROM entry WHERE room = 1 AND seq = 5",
    "DELETE FROM entry WHERE room = 1 AND seq = 6",
    "DELETE FROM entry WHERE room = 1",
    "INSERT INTO entry SELECT room, 3, chain, data FROM entry WHERE room = 1 AND seq = 5",
    "UPDATE snapshot SET data = x'00' WHERE room = 1 AND seq = 4",
    "UPDATE snapshot SET data = 0 WHERE room = 1 AND seq = 4",
    "UPDATE snapshot SET seq = 5 WHERE room = 1 AND seq = 4",
    "DELETE FROM snapshot WHERE room = 1 AND seq = 4",
    "DELETE FROM snapshot WHERE room = 1",
    "UPDATE mark SET note = 'other' WHERE room = 1",
    "UPDATE mark SET seq = 5 WHERE room = 1",
    "UPDATE mark SET name = 'other' WHERE room = 1",
    "UPDATE mark SET note = CAST(x'ff' AS TEXT) WHERE room = 1",
    "UPDATE room SET last_seq = 7 WHERE id = 1",
    "UPDATE room SET last_chain = 7 WHERE id = 1",
    "UPDATE room SET base_seq = NULL WHERE id = 1",
    "UPDATE room SET base_chain = 'x' WHERE id = 1",
    "UPDATE room SET id = 99 WHERE id = 1",
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_row_that_was_changed_lost_or_misplaced_is_found_and_other_rooms_are_unharmed(db, harm):
    db.execute(harm)
    with pytest.raises((StoreCorrupt, sqlite3.OperationalError)):
        tables.read(db, "harmed", None)
    sound = tables.read(db, "sound", None)
    assert [entry.seq for entry in sound.entries] == [5, 6]
    with opened() as target, pytest.raises((StoreCorrupt, sqlite3.OperationalError)):
        tables.carry_over(db, target, "harmed")


def test_an_older_snapshot_that_was_changed_is_found_when_it_is_read(db):
    db.execute("UPDATE snapshot SET data = x'00' WHERE room = 1 AND seq = 2")
    assert tables.read(db, "harmed", None).last_seq == 6
    with pytest.raises(StoreCorrupt):
        tables.read(db, "harmed", 2)


def test_a_row_is_checked_in_a_history_that_is_read_in_part(db):
    db.execute("UPDATE entry SET data = x'00' WHERE room = 1 AND seq = 5")
    with pytest.raises(StoreCorrupt):
        tables.read(db, "harmed", 5)


def test_a_harmed_room_can_be_begun_anew(db):
    db.execute("UPDATE entry SET data = x'00' WHERE room = 1 AND seq = 5")
    tables.begin(db, "harmed", "new")
    assert tables.read(db, "harmed", None).entries == ()


def test_a_given_up_history_leaves_no_rows(db):
    tables.forget(db, "harmed")
    assert tables.sweep(db) is True
    assert tables.sweep(db) is False
    for table in ("entry", "snapshot", "mark"):
        assert db.execute(f"SELECT count(*) FROM {table} WHERE room = 1").fetchone() == (0,)


def test_no_history_gets_the_id_of_one_that_was_given_up(db):
    before = tables.head_of(db, "sound").id
    tables.begin(db, "sound", "new")
    assert tables.head_of(db, "sound").id > before


def test_what_is_carried_over_is_the_same_and_goes_on(db):
    with opened() as target:
        tables.carry_over(db, target, "sound")
        for upto in (2, 4, 5, None):
            assert tables.read(target, "sound", upto) == tables.read(db, "sound", upto)
        assert tables.sizes(target) == [size for size in tables.sizes(db) if size.room == "sound"]
        tables.append(target, [Append("sound", "epoch", [Entry(7, b"on")])])
        assert tables.read(target, "sound", None).last_seq == 7
        tables.begin(target, "new", "epoch")
        assert tables.head_of(target, "new").id > tables.head_of(target, "sound").id


def test_attempts_outlive_the_history(db):
    assert [tables.attempt(db, "sound"), tables.attempt(db, "sound")] == [1, 2]
    tables.begin(db, "sound", "new")
    assert tables.attempt(db, "sound") == 3
    tables.settled(db, "sound")
    assert tables.attempt(db, "sound") == 1


def test_loads_that_have_not_come_to_an_end_are_told_for_each_room(db):
    for room in ("app:a", "app:a", "app:b"):
        tables.attempt(db, room)
    assert tables.attempts(db) == {"app:a": 2, "app:b": 1}
    tables.settled(db, "app:a")
    assert tables.attempts(db) == {"app:b": 1}


WHOLE = [b"four", b"update 5", b"update 6"]


@pytest.mark.parametrize("harm", HARMS)
def test_what_is_salvaged_is_the_beginning_of_what_was_written_and_the_rest_is_kept_aside(db, harm):
    db.execute(harm)
    rows = {table: db.execute(f"SELECT * FROM {table} WHERE room = 1").fetchall() for table in ("entry", "snapshot")}
    tables.salvage(db, "harmed", "new", None)
    found = tables.read(db, "harmed", None)
    assert found.epoch == "new"
    read = [*([found.snapshot.update] if found.snapshot else []), *(entry.update for entry in found.entries)]
    assert read in ([], [b"two"], *(WHOLE[:end] for end in (1, 2, 3)))
    assert set(found.marks) <= {"saved"}
    while tables.sweep(db):
        pass
    for table, before in rows.items():
        assert db.execute(f"SELECT * FROM {table} WHERE room = 1").fetchall() == before
    assert [one.room for one in tables.aside(db)] == ["harmed"]
    assert tables.read(db, "sound", None).last_seq == 6
    tables.append(db, [Append("harmed", "new", [Entry(7, b"on")])])
    assert tables.read(db, "harmed", None).last_seq == 7


@pytest.mark.parametrize(
    ("harm", "read", "marks"),
    [
        ("UPDATE entry SET data = x'00' WHERE room = 1 AND seq = 6", [b"four", b"update 5"], {"saved"}),
        ("UPDATE entry SET data = x'00' WHERE room = 1 AND seq = 5", [b"four"], {"saved"}),
        ("UPDATE snapshot SET data = x'00' WHERE room = 1 AND seq = 4", [b"two"], {"saved"}),
        ("UPDATE snapshot SET data = x'00' WHERE room = 1 AND seq = 2", WHOLE, set()),
        ("UPDATE mark SET note = 'other' WHERE room = 1", WHOLE, set()),
        ("UPDATE room SET last_seq = 7 WHERE id = 1", WHOLE, {"saved"}),
    ],
)
def test_as_much_as_is_sound_is_salvaged(db, harm, read, marks):
    db.execute(harm)
    tables.salvage(db, "harmed", "new", None)
    found = tables.read(db, "harmed", None)
    assert [found.snapshot.update, *(entry.update for entry in found.entries)] == read
    assert set(found.marks) == marks


def test_of_many_damaged_histories_of_a_room_the_newest_few_are_kept_and_forgetting_it_drops_them(db):
    for number in range(10):
        tables.salvage(db, "harmed", f"epoch {number}", None)
    assert [one.epoch for one in tables.aside(db)] == [f"epoch {number}" for number in range(4, 9)]
    tables.forget(db, "harmed")
    while tables.sweep(db):
        pass
    assert tables.aside(db) == []
    rooms = db.execute("SELECT DISTINCT room FROM entry UNION SELECT DISTINCT room FROM snapshot").fetchall()
    assert rooms == [(2,)], "nothing of it is left"


def test_while_the_disk_fails_nothing_is_taken_for_damaged(db):
    class Failing:
        def execute(self, statement, *rest):
            if statement.startswith("SELECT seq, chain, data"):
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR_READ
                raise error
            return db.execute(statement, *rest)

    with pytest.raises(sqlite3.OperationalError):
        tables.salvage(Failing(), "harmed", "new", None)
    assert tables.read(db, "harmed", None).epoch == "epoch"


def test_what_was_kept_aside_can_be_had_again_newest_first_or_any_other(db):
    tables.salvage(db, "harmed", "second", 0)
    tables.append(db, [Append("harmed", "second", [Entry(1, b"second")])])
    tables.salvage(db, "harmed", "third", 0)
    assert [one.epoch for one in tables.aside(db)] == ["epoch", "second"]
    tables.take_back(db, "harmed", 1)
    assert tables.read(db, "harmed", None).epoch == "second"
    tables.take_back(db, "harmed", 1)
    assert [entry.seq for entry in tables.read(db, "harmed", None).entries] == [5, 6]
    with pytest.raises(StoreError, match="keeps no"):
        tables.take_back(db, "harmed", 1)
