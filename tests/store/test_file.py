"""Each way in which the store's file may fail, with real files."""

import contextlib
import os
import sqlite3
import subprocess
import sys

import pytest

from jupyter_rtc.errors import StoreNewer, StoreUnavailable
from jupyter_rtc.store import file, tables
from jupyter_rtc.store.file import APPLICATION_ID, StoreFile
from jupyter_rtc.store.log import Append, Entry
from jupyter_rtc.store.migrations import MIGRATIONS, version_of


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rtc" / "store.sqlite"


@contextlib.contextmanager
def opened(path, durability="normal", max_bytes=None):
    store = StoreFile.open(path, durability, max_bytes)
    try:
        yield store
    finally:
        store.close()


def fill(path, *rooms, entries=40, size=400):
    with opened(path) as store:
        store.connection.execute("BEGIN")
        for room in rooms:
            tables.begin(store.connection, room, "epoch")
            updates = [Entry(seq, b"%s %d " % (room.encode(), seq) * (size // 10)) for seq in range(1, entries + 1)]
            tables.append(store.connection, [Append(room, "epoch", updates)])
        store.connection.execute("COMMIT")


def whole_rooms(store):
    return {size.room for size in tables.sizes(store.connection) if tables.read(store.connection, size.room, None)}


def names(path):
    return sorted(entry.name for entry in path.parent.iterdir())


# --- missing ------------------------------------------------------------------------------------------------


def test_a_missing_folder_and_file_are_made_for_their_owner_alone(path):
    with opened(path) as store:
        assert store.set_aside is None
        assert path.parent.stat().st_mode & 0o777 == 0o700
        for made in path.parent.iterdir():
            assert made.stat().st_mode & 0o777 == 0o600, made.name


def test_an_empty_file_is_a_new_store(path):
    path.parent.mkdir()
    path.touch()
    with opened(path) as store:
        assert store.set_aside is None
        assert version_of(store.connection) == len(MIGRATIONS)


def test_a_folder_in_which_no_file_can_be_made_is_unavailable_in_words(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be opened") as refused:
        StoreFile.open(tmp_path / "file" / "store.sqlite", "normal")
    assert str(tmp_path) not in refused.value.words


def test_a_file_that_lost_its_wal_s_owner_starts_anew(path):
    fill(path, "a")
    path.with_name("store.sqlite-wal").write_bytes(b"left behind" * 100)
    path.unlink()
    with opened(path) as store:
        assert whole_rooms(store) == set()


# --- settings -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("durability", "synchronous"), [("normal", 1), ("full", 2)])
def test_the_file_is_ours_uses_a_wal_and_syncs_as_asked(path, durability, synchronous):
    with opened(path, durability) as store:

        def pragma(name):
            return store.connection.execute(f"PRAGMA {name}").fetchone()[0]

        assert pragma("application_id") == APPLICATION_ID
        assert pragma("journal_mode") == "wal"
        assert pragma("locking_mode") == "exclusive"
        assert pragma("synchronous") == synchronous
        assert pragma("auto_vacuum") == 2


def test_a_store_in_memory_needs_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with opened(":memory:") as store:
        tables.begin(store.connection, "a", "epoch")
    assert list(tmp_path.iterdir()) == []


# --- whose file it is ---------------------------------------------------------------------------------------


def test_another_program_s_database_is_refused_in_words_and_not_touched(path):
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE precious (a)")
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="another program's"):
        StoreFile.open(path, "normal")
    assert path.read_bytes() == before
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("INSERT INTO precious VALUES (1)")


def test_a_newer_store_is_refused_in_words_and_neither_moved_nor_changed(path):
    fill(path, "a")
    with contextlib.closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreNewer, match="format 99"):
        StoreFile.open(path, "normal")
    assert path.read_bytes() == before
    assert not [name for name in names(path) if "broken" in name]


VERSION_1 = f"""
    PRAGMA auto_vacuum = 2; PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = 1;
    CREATE TABLE room (
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, epoch TEXT NOT NULL,
        last_seq INTEGER NOT NULL, last_chain INTEGER NOT NULL, base_seq INTEGER, base_chain INTEGER NOT NULL,
        entries INTEGER NOT NULL, entry_bytes INTEGER NOT NULL
    );
    CREATE TABLE entry (
        room INTEGER NOT NULL, seq INTEGER NOT NULL, chain INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (room, seq)
    ) WITHOUT ROWID;
    CREATE TABLE snapshot (
        room INTEGER NOT NULL, seq INTEGER NOT NULL, crc INTEGER NOT NULL, data BLOB NOT NULL,
        PRIMARY KEY (room, seq)
    ) WITHOUT ROWID;
    CREATE TABLE mark (
        room INTEGER NOT NULL, name TEXT NOT NULL, seq INTEGER NOT NULL, crc INTEGER NOT NULL, note TEXT NOT NULL,
        PRIMARY KEY (room, name)
    ) WITHOUT ROWID;
    INSERT INTO room VALUES (1, 'app:old', 'epoch-1', 7, 2468494156, 5, 458768101, 2, 3);
    INSERT INTO entry VALUES (1, 6, 3291527579, x'0102'), (1, 7, 2468494156, x'03');
    INSERT INTO snapshot VALUES (1, 5, 3359851792, x'00ff');
    INSERT INTO mark VALUES (1, 'saved', 5, 1939866673, '{{}}');
"""
"""A store as version 1 wrote it. Never change it: it stands for the files that people have."""


def test_a_store_of_version_1_opens_with_its_histories_and_is_brought_up_to_date(path):
    path.parent.mkdir()
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.executescript(VERSION_1)
    with opened(path) as store:
        assert store.set_aside is None
        history = tables.read(store.connection, "app:old", None)
        assert history.epoch == "epoch-1"
        assert history.snapshot.update == b"\x00\xff"
        assert [entry.update for entry in history.entries] == [b"\x01\x02", b"\x03"]
        assert history.marks["saved"].note == "{}"
        assert version_of(store.connection) == len(MIGRATIONS)
        assert tables.attempt(store.connection, "app:old") == 1


# --- locked -------------------------------------------------------------------------------------------------

HOLD = "import sys; from jupyter_rtc.store.file import StoreFile\n"
HOLD += "store = StoreFile.open(sys.argv[1], 'normal'); print('held', flush=True); sys.stdin.read()"


@contextlib.contextmanager
def another_process(program, path):
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        try:
            assert other.stdout.readline() == b"held\n"
            yield
        finally:
            other.kill()


def test_a_second_server_is_told_that_the_store_is_in_use_until_the_first_is_gone(path):
    with another_process(HOLD, path), pytest.raises(StoreUnavailable, match="Each server needs a store"):
        StoreFile.open(path, "normal")
    with opened(path) as store:
        assert store.set_aside is None


def test_a_store_that_another_program_holds_is_in_use(path, monkeypatch):
    monkeypatch.setattr(file, "BUSY_SECONDS", 0.05)
    fill(path, "a")
    program = "import sys, sqlite3; db = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    program += "db.execute('PRAGMA locking_mode = EXCLUSIVE'); db.execute('BEGIN EXCLUSIVE')\n"
    program += "print('held', flush=True); sys.stdin.read()"
    with another_process(program, path), pytest.raises(StoreUnavailable, match="is using"):
        StoreFile.open(path, "normal")
    with opened(path) as store:
        assert whole_rooms(store) == {"a"}


# --- read-only ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def read_only_mount(folder):
    """Make a folder read-only even for root, if we may."""
    done = subprocess.run(["mount", "--bind", "-o", "ro", folder, folder], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("a read-only mount needs root")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_read_only_folder_is_unavailable_in_words(path):
    fill(path, "a")
    with read_only_mount(path.parent), pytest.raises(StoreUnavailable, match="read-only"):
        StoreFile.open(path, "normal")
    with opened(path) as store:
        assert whole_rooms(store) == {"a"}


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become another user")
def test_a_file_that_this_user_may_not_write_is_unavailable_in_words(path):
    fill(path, "a")
    program = "import os, sys; from pathlib import Path; from jupyter_rtc.store.file import StoreFile\n"
    program += "from jupyter_rtc.errors import StoreUnavailable\nos.setuid(65534)\n"
    program += "try:\n    StoreFile.open(Path(sys.argv[1]), 'normal')\n"
    program += "except StoreUnavailable as error:\n    print(error.words)"
    for folder in (path.parent, *path.parent.parents[:3]):
        folder.chmod(0o755)
    path.chmod(0o444)
    told = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    assert "read-only" in told.stdout


# --- damaged ------------------------------------------------------------------------------------------------


def harm(path, where, what=b"\xff" * 64):
    with path.open("r+b") as raw:
        raw.seek(where)
        raw.write(what)


@pytest.mark.parametrize("content", [b"this is no database " * 500, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database_is_set_aside_never_deleted_and_replaced(path, content):
    path.parent.mkdir()
    path.write_bytes(content)
    with opened(path) as store:
        assert "set aside as store.sqlite.broken-1" in store.set_aside
        assert str(path.parent) not in store.set_aside
        tables.begin(store.connection, "a", "epoch")
    assert path.with_name("store.sqlite.broken-1").read_bytes() == content
    path.write_bytes(content)
    with opened(path) as store:
        assert "store.sqlite.broken-2" in store.set_aside
    with opened(path) as store:
        assert store.set_aside is None


def test_a_truncated_file_is_set_aside_and_what_is_whole_in_it_is_carried_over(path):
    fill(path, *"abcdefgh")
    size = path.stat().st_size
    os.truncate(path, size - size // 4)
    damaged = path.read_bytes()
    with opened(path) as store:
        kept = {size.room for size in tables.sizes(store.connection) if size.epoch == "epoch"}
        assert 0 < len(kept) < 8
        assert f"The histories of {len(kept)} documents were carried over" in store.set_aside
        assert all(tables.read(store.connection, room, None).last_seq == 40 for room in kept)
        parts = whole_rooms(store) - kept
        assert all(0 < tables.read(store.connection, room, None).last_seq < 40 for room in parts)
    assert path.with_name("store.sqlite.broken-1").read_bytes() == damaged


def test_a_page_that_is_damaged_costs_only_the_rooms_on_it(path):
    fill(path, *"abcdefgh")
    at = path.read_bytes().index(b"d 20 d 20")
    harm(path, at - at % 4096)
    with opened(path) as store:
        rooms = {size.room: size for size in tables.sizes(store.connection)}
        assert {room for room, size in rooms.items() if size.epoch == "epoch"} == set("abcefgh")
        assert "of 1 others only what was before the damage" in store.set_aside
        assert all(tables.read(store.connection, room, None).last_seq == 40 for room in "abcefgh")
        read = tables.read(store.connection, "d", None)
        assert 0 < read.last_seq < 20 and read.epoch != "epoch", "what was before the damage, as another history"
        assert all(entry.update.startswith(b"d %d " % entry.seq) for entry in read.entries)


def test_a_store_without_its_tables_is_damaged(path):
    fill(path, "a")
    with contextlib.closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE mark")
    with opened(path) as store:
        assert "set aside" in store.set_aside


def test_a_wal_that_was_cut_short_gives_what_was_committed_before(path):
    with opened(path) as store:
        tables.begin(store.connection, "a", "epoch")
        for seq in range(1, 11):
            tables.append(store.connection, [Append("a", "epoch", [Entry(seq, b"x")])])
        killed = path.with_name("killed.sqlite")
        wal = path.with_name("store.sqlite-wal").read_bytes()
        killed.write_bytes(path.read_bytes())
        killed.with_name("killed.sqlite-wal").write_bytes(wal[: len(wal) - 5000])
    with opened(killed) as store:
        assert store.set_aside is None
        last = tables.read(store.connection, "a", None).last_seq
        assert 0 < last < 10
