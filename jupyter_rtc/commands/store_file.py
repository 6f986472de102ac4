"""A server's store, read without a server: from a copy, so that nothing is changed and nobody is disturbed."""

from __future__ import annotations

import argparse
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir
from pycrdt import Doc, Map

from ..errors import DocumentMissing, StoreCorrupt, StoreUnavailable
from ..ids import RoomId, new_epoch
from ..relay.history import rebuild
from ..relay.settings import HubSettings
from ..store import tables
from ..store.migrations import migrate
from ..store.mounts import read_mounts
from ..store.place import for_root, where_to_keep

QUARANTINED = "quarantined"
DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Kept:
    """A room that the store has."""

    room: RoomId
    path: str
    """Where its file was last, as the document says; empty if it is no file's, or if that cannot be read."""
    bytes: int
    state: str
    """Whether it is opened: ``ok``, or why not."""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options that name a store."""
    command.add_argument(
        "--root-dir", type=Path, metavar="FOLDER", help="the folder whose server's store it is; else this one"
    )
    command.add_argument("--store", type=Path, metavar="FILE", help="the store's file; else where the server keeps it")


def root_of(args: argparse.Namespace) -> Path:
    """Return the folder of the server that is meant."""
    return Path(args.root_dir or Path.cwd()).resolve()


def place_of(args: argparse.Namespace) -> Path:
    """Return where the store's file is that is meant."""
    if args.store is not None:
        return Path(args.store).resolve()
    root = root_of(args)
    place = where_to_keep(
        None,
        data_dir=Path(jupyter_data_dir()).resolve(),
        runtime_dir=Path(jupyter_runtime_dir()).resolve(),
        root_dir=root,
        mounts=read_mounts(),
    )
    return for_root(place, root).path


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a store's file.

    Raises:
        StoreUnavailable: there is none, or it cannot be read.

    """
    if not path.exists():
        raise StoreUnavailable(
            f"There is no store at {path}. Name the server's folder with --root-dir, or a file with --store."
        )
    with TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        try:
            for end in ("", "-wal"):
                if (one := path.with_name(path.name + end)).exists():
                    shutil.copyfile(one, copy.with_name(copy.name + end))
        except OSError as error:
            raise StoreUnavailable(f"{path} cannot be read: {error.strerror}.") from error
        try:
            with closing(sqlite3.connect(copy)) as db:
                yield db
        except sqlite3.DatabaseError as error:
            raise StoreUnavailable(f"{path} is no store that can be read ({error}).") from error


def document(db: sqlite3.Connection, room: RoomId) -> Doc[Any]:
    """Return a room's document; raises DocumentMissing, StoreCorrupt."""
    history = tables.read(db, room, None)
    if history is None:
        raise DocumentMissing(f"The store has no document {room}.")
    return rebuild(history)


def take_from_aside(db: sqlite3.Connection, room: RoomId, number: int) -> None:
    """Put what is sound of a history that is kept aside in the room's place, in a copy; raises StoreError."""
    tables.take_back(db, room, number)
    tables.salvage(db, room, new_epoch(), None)


def kept(db: sqlite3.Connection) -> Iterator[Kept]:
    """Yield what a copy of a store has; brings the copy up to date first.

    What stopped the server while it was loaded is not loaded here either.
    """
    migrate(db)
    attempts = tables.attempts(db)
    sizes = {one.room: one.entry_bytes + one.snapshot_bytes for one in tables.sizes(db)}
    for room in sorted(sizes.keys() | attempts.keys()):
        if attempts.get(room, 0) >= HubSettings().load_attempts:
            yield Kept(room, "", sizes.get(room, 0), QUARANTINED)
        elif room in sizes:
            yield _kept(db, room, sizes[room])


def _kept(db: sqlite3.Connection, room: RoomId, size: int) -> Kept:
    try:
        state: Map[Any] = document(db, room).get("state", type=Map)
    except StoreCorrupt:
        return Kept(room, "", size, DAMAGED)
    path = state.get("path")
    return Kept(room, path if isinstance(path, str) else "", size, "ok")


def room_of(there: Iterable[Kept], name: str) -> RoomId:
    """Return the room that is meant by its id or by its file's path; raises DocumentMissing."""
    found = [one.room for one in there if name in (one.room, one.path)]
    if not found:
        raise DocumentMissing(f"The store has no document {name}; --list shows what it has.")
    if len(found) > 1:
        raise DocumentMissing(f"The store has several documents of {name}: {', '.join(found)}. Name one of these.")
    return found[0]
