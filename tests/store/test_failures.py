import errno
import sqlite3

import pytest

from jupyter_rtc.errors import StoreCorrupt, StoreError, StoreUnavailable
from jupyter_rtc.store import failures


def raised(action):
    with pytest.raises(sqlite3.Error) as caught:
        action()
    return failures.store_error(caught.value)


def of_code(code):
    error = sqlite3.OperationalError("/a/path: told by SQLite")
    error.sqlite_errorcode = code
    return failures.store_error(error)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, failures.FULL),
        (sqlite3.SQLITE_READONLY_DBMOVED, failures.READ_ONLY),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, failures.IN_USE),
        (sqlite3.SQLITE_IOERR_FSYNC, failures.DISK_FAILED),
        (sqlite3.SQLITE_CANTOPEN_ISDIR, failures.CANNOT_OPEN),
    ],
)
def test_what_may_pass_is_unavailable_with_words(code, words):
    error = of_code(code)
    assert isinstance(error, StoreUnavailable)
    assert error.words == words


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CORRUPT_INDEX, sqlite3.SQLITE_NOTADB])
def test_what_is_not_what_was_written_is_corrupt(code):
    assert isinstance(of_code(code), StoreCorrupt)


def test_what_we_do_not_know_says_so_and_shows_no_path():
    error = of_code(sqlite3.SQLITE_CONSTRAINT_UNIQUE)
    assert type(error) is StoreError
    assert "/a/path" not in error.words


def test_a_stored_text_that_is_no_text_is_corrupt():
    db = sqlite3.connect(":memory:")
    assert isinstance(raised(lambda: db.execute("SELECT CAST(x'ff' AS TEXT)").fetchone()), StoreCorrupt)
    db.close()


def test_a_mistake_of_ours_is_neither():
    db = sqlite3.connect(":memory:")
    db.close()
    assert type(raised(lambda: db.execute("SELECT 1"))) is StoreError


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EROFS, failures.READ_ONLY),
        (errno.EACCES, failures.READ_ONLY),
        (errno.ENOSPC, failures.FULL),
        (errno.ENOTDIR, failures.CANNOT_OPEN),
    ],
)
def test_failures_of_the_file_system_are_unavailable_with_words(number, words):
    assert failures.file_error(OSError(number, "told by the system", "/a/path")).words == words
