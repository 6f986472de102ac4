"""What a store has, and documents that are not opened any more."""

import sqlite3
from contextlib import closing

import pytest
from pycrdt import Doc, Map

from jupyter_rtc.commands.command import main
from jupyter_rtc.ids import file_id_of_path
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store import tables
from jupyter_rtc.store.file import StoreFile
from jupyter_rtc.store.log import Append, Entry

BAD, GOOD = "json:notebook:bad", "json:notebook:good"


def update(path):
    doc = Doc()
    doc.get("state", type=Map)["path"] = path
    return doc.get_update()


@pytest.fixture
def path(tmp_path):
    """A store with a document that may be opened, and one that stopped the server too often."""
    file = StoreFile.open(tmp_path / "store.sqlite", "normal")
    for room in (GOOD, BAD):
        tables.begin(file.connection, room, "epoch")
        tables.append(file.connection, [Append(room, "epoch", [Entry(1, update(f"{room}.ipynb"))])])
    for _ in range(HubSettings().load_attempts):
        tables.attempt(file.connection, BAD)
    tables.attempt(file.connection, GOOD)
    file.close()
    return tmp_path / "store.sqlite"


def states(path, capsys):
    capsys.readouterr()
    assert main(["store", "--store", str(path)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    return {room: state for _, room, _, _, state in lines}


def test_what_is_not_opened_any_more_is_listed_and_not_loaded_by_listing_it(path, capsys):
    assert states(path, capsys) == {GOOD: "ok", BAD: "quarantined"}


def test_a_document_that_is_released_may_be_opened_and_has_its_history(path, capsys):
    assert main(["store", "--store", str(path), "--release", BAD]) == 0
    assert "is opened again" in capsys.readouterr().out
    assert states(path, capsys) == {GOOD: "ok", BAD: "ok"}
    file = StoreFile.open(path, "normal")
    assert tables.read(file.connection, BAD, None).last_seq == 1
    file.close()


def test_a_document_that_is_reset_has_no_history_and_others_are_as_they_were(path, capsys):
    assert main(["store", "--store", str(path), "--reset", BAD]) == 0
    assert states(path, capsys) == {GOOD: "ok", BAD: "aside"}
    assert main(["store", "--store", str(path), "--reset", f"{GOOD}.ipynb"]) == 0
    assert states(path, capsys) == {GOOD: "aside", BAD: "aside"}
    file = StoreFile.open(path, "normal")
    assert tables.read(file.connection, BAD, None) is None and tables.attempts(file.connection) == {}
    file.close()


def test_while_a_server_has_the_store_it_can_be_looked_at_and_not_changed(path, capsys):
    file = StoreFile.open(path, "normal")
    assert states(path, capsys) == {GOOD: "ok", BAD: "quarantined"}
    assert main(["store", "--store", str(path), "--release", BAD]) == 1
    assert "A server is using this store. Stop it first" in capsys.readouterr().err
    file.close()


def test_a_document_that_the_store_has_not_is_said(path, capsys):
    assert main(["store", "--store", str(path), "--reset", "other.ipynb"]) == 1
    assert "The store has no document other.ipynb" in capsys.readouterr().err


def test_a_history_that_cannot_be_read_is_listed_as_damaged(path, capsys):
    file = StoreFile.open(path, "normal")
    file.connection.execute("UPDATE entry SET data = x'00ff'")
    file.close()
    assert states(path, capsys) == {GOOD: "damaged", BAD: "quarantined"}


def test_a_store_of_an_older_version_is_listed_and_stays_as_it_is(path, capsys):
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE aside; PRAGMA user_version = 3")
    before = path.read_bytes()
    assert states(path, capsys) == {GOOD: "ok", BAD: "quarantined"}
    assert path.read_bytes() == before


def test_a_file_that_could_never_be_opened_is_named_and_may_be_released_by_its_path(path, capsys):
    room = f"json:notebook:{file_id_of_path('deep/never.ipynb')}"
    file = StoreFile.open(path, "normal")
    for _ in range(HubSettings().load_attempts):
        tables.attempt(file.connection, room)
    file.close()
    main(["store", "--store", str(path)])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines() if room in line] == ["deep/never.ipynb"]
    assert main(["store", "--store", str(path), "--release", "deep/never.ipynb"]) == 0
    assert room not in states(path, capsys)
