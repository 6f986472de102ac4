"""A store, read without a server: where it is, and what cannot be."""

import argparse
import sqlite3
from pathlib import Path

import pytest

from jupyter_rtc.commands.store_file import kept, opened, place_of, room_of
from jupyter_rtc.errors import DocumentMissing, StoreUnavailable


def test_it_is_where_the_server_of_the_folder_keeps_it(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    places = {
        place_of(argparse.Namespace(store=None, root_dir=root))
        for root in (tmp_path, str(tmp_path), tmp_path / "other")
    }
    assert len(places) == 2 and all(place.is_relative_to(tmp_path / "data") for place in places)
    assert place_of(argparse.Namespace(store=tmp_path / "x", root_dir=None)) == tmp_path / "x"


def test_where_there_is_none_or_another_file_it_is_said(tmp_path):
    with pytest.raises(StoreUnavailable, match="There is no store at"), opened(tmp_path / "none"):
        pass
    other = tmp_path / "other"
    other.write_bytes(b"no database" * 1000)
    with pytest.raises(StoreUnavailable, match="is no store that can be read"), opened(other) as db:
        room_of(kept(db), "a.ipynb")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["other"], "nothing is left behind"


def test_the_file_itself_is_not_touched(tmp_path):
    path = tmp_path / "store.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE room (name, id)")
    before = path.read_bytes()
    with opened(path) as db:
        db.execute("DROP TABLE room")
        db.commit()
    assert path.read_bytes() == before and list(Path(tmp_path).iterdir()) == [path]


def test_what_the_store_has_not_is_said():
    from jupyter_rtc.store.migrations import migrate

    with sqlite3.connect(":memory:") as db:
        migrate(db)
        with pytest.raises(DocumentMissing, match="--list shows what it has"):
            room_of(kept(db), "a.ipynb")
