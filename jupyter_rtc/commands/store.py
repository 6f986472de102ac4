"""``jupyter rtc store``: what a store has, which documents are not opened any more, and what lets them be again.

Looking reads a copy. What changes the store needs the file itself, so the server that has it must be stopped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from ..errors import DocumentMissing, StoreUnavailable
from ..ids import RoomId
from ..store import tables
from ..store.failures import IN_USE
from ..store.file import StoreFile
from .file_index import named
from .lines import size, table
from .store_file import Kept, add_options, kept, opened, place_of, root_of

_EXAMPLES = """examples:
  jupyter rtc store
  jupyter rtc store --release json:notebook:0b2c71f2-…
  jupyter rtc store --reset analysis.ipynb --root-dir /home/ana/work

A document that stopped the server several times while it was opened is not opened again. --release lets it be tried
once more (after an upgrade, say). --reset lays its history aside, so that it begins anew from its file.
"""


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the command."""
    command: argparse.ArgumentParser = commands.add_parser(
        "store",
        help="what the store has, and documents that are not opened any more",
        description="Lists what the store has. To change something, stop the server first.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = command.add_mutually_exclusive_group()
    what.add_argument("--release", metavar="DOCUMENT", help="let a document be opened again, with its history")
    what.add_argument("--reset", metavar="DOCUMENT", help="lay a document's history aside; its file is untouched")
    add_options(command)
    return command


def main(args: argparse.Namespace) -> int:
    """List, or change one document."""
    path = place_of(args)
    if args.release is not None:
        _change(path, root_of(args), args.release, tables.settled)
        sys.stdout.write(f"{args.release} is opened again when somebody asks for it.\n")
    elif args.reset is not None:
        _change(path, root_of(args), args.reset, _reset)
        sys.stdout.write(f"The history of {args.reset} was laid aside. It begins anew from its file.\n")
    else:
        with opened(path) as db:
            found = list(kept(db))
            found += [Kept(one.room, "", one.entry_bytes, "aside") for one in tables.aside(db)]
        sys.stdout.write(table(("file", "room", "size", "state"), map(_row, named(found, root_of(args)))))
    return 0


def _row(one: Kept) -> tuple[str, ...]:
    return one.path or "-", one.room, size(one.bytes), one.state


def _change(path: Path, root: Path, name: str, change: Callable[[Connection, RoomId], None]) -> None:
    """Do something to the document of this name."""
    with opened(path) as copy:
        room = _room_of(named(kept(copy), root), name)
    with _writable(path) as db:
        db.execute("BEGIN IMMEDIATE")
        change(db, room)
        db.execute("COMMIT")


def _reset(db: Connection, room: RoomId) -> None:
    tables.set_aside(db, room)
    tables.settled(db, room)


def _room_of(there: list[Kept], name: str) -> RoomId:
    found = [one.room for one in there if name in (one.room, one.path)]
    if not found:
        raise DocumentMissing(f"The store has no document {name}; `jupyter rtc store` shows what it has.")
    if len(found) > 1:
        raise DocumentMissing(f"The store has several documents of {name}: {', '.join(found)}. Name one of these.")
    return found[0]


@contextmanager
def _writable(path: Path) -> Iterator[Connection]:
    try:
        file = StoreFile.open(path, "normal")
    except StoreUnavailable as error:
        if error.words == IN_USE:
            raise StoreUnavailable("A server is using this store. Stop it first, and start it again then.") from error
        raise
    with closing(file):
        if file.set_aside:
            sys.stderr.write(f"{file.set_aside}\n")
        yield file.connection
