import contextlib
import sqlite3

import pytest

from jupyter_rtc.errors import StoreNewer
from jupyter_rtc.store.migrations import MIGRATIONS, TABLES, migrate, version_of


@pytest.fixture
def db():
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        yield connection


def tables(db):
    rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return {name for (name,) in rows}


def test_an_empty_file_gets_all_tables_and_the_newest_version(db):
    migrate(db)
    assert version_of(db) == len(MIGRATIONS)
    assert tables(db) == TABLES


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_from_every_version_only_the_missing_steps_are_made(db, version):
    migrate(db, MIGRATIONS[:version])
    assert version_of(db) == version
    migrate(db)
    migrate(db)
    assert tables(db) == TABLES


def test_a_newer_version_is_refused_with_words_and_left_as_it_is(db):
    migrate(db)
    db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(StoreNewer, match="newer version of jupyter-rtc-server"):
        migrate(db)
    assert version_of(db) == len(MIGRATIONS) + 1


def test_a_step_that_fails_did_not_happen_at_all(db):
    steps = [["CREATE TABLE one (a)"], ["CREATE TABLE two (a)", "CREATE TABLE one (a)"]]
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        migrate(db, steps)
    assert version_of(db) == 1
    assert tables(db) == {"one"}
    assert not db.in_transaction
