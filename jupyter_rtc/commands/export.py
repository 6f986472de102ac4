"""``jupyter rtc export``: a document out of the store, when the server cannot start."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pycrdt import Array, Doc, Map, Text

from ..datastore.complete import WholeNotebook
from ..datastore.content import Content, shape_of
from ..errors import DocumentUnreadable
from ..ids import RoomId, file_address
from ..kernels.left_aside import LeftAside
from .file_index import named
from .lines import size, table
from .store_file import add_options, document, kept, opened, place_of, room_of, root_of, take_from_aside

_EXAMPLES = """examples:
  jupyter rtc export --list
  jupyter rtc export analysis.ipynb -o saved.ipynb
  jupyter rtc export notes.md --root-dir /home/ana/work
  jupyter rtc export notes.md --aside 1
"""


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the command."""
    command: argparse.ArgumentParser = commands.add_parser(
        "export",
        help="a document out of the store, when the server cannot start",
        description="Reads a document from the store's file, without a server. Changes nothing.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("document", nargs="?", help="the file's path below the server's folder, or the room's id")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="write into this new file; else print")
    command.add_argument("--list", action="store_true", help="list what the store has")
    command.add_argument(
        "--aside", type=int, metavar="N", help="of a damaged or reset history that is kept aside; 1 is the newest"
    )
    add_options(command)
    return command


def main(args: argparse.Namespace) -> int:
    """Write or list."""
    place = place_of(args)
    with opened(place) as db:
        if args.list or args.document is None:
            rows = [(one.path or "-", one.room, size(one.bytes)) for one in named(kept(db), root_of(args))]
            sys.stdout.write(table(("file", "room", "size"), rows))
            return 0
        room = room_of(named(kept(db), root_of(args)), args.document)
        if args.aside is not None:
            take_from_aside(db, room, args.aside)
        _write(_bytes(content_of(room, document(db, room), place)), args.output)
    return 0


def content_of(room: RoomId, doc: Any, place: Path) -> Content:
    """Return what a room's file would have."""
    address = file_address(room)
    if address is None:
        return json.dumps(_roots(doc), indent=1, ensure_ascii=False) + "\n"
    if address.type != "notebook":
        return shape_of(address.type).read(doc)
    aside = LeftAside(place.with_name(f"{place.stem}-outputs"))
    return WholeNotebook(lambda reference: aside.fetch(room, reference)).read(doc)


def _roots(doc: Doc[Any]) -> dict[str, Any]:
    """Return what is in an application's own document: of each root, what it has, whichever type it is."""
    update, found = doc.get_update(), dict[str, Any]()
    for kind in (Map, Array, Text):
        copy: Doc[Any] = Doc()
        copy.apply_update(update)
        for name in list(copy.keys()):
            shared = copy.get(name, type=kind)
            value = str(shared) if kind is Text else shared.to_py()
            if value and not found.get(name):
                found[name] = value
    return found


def _bytes(content: Content) -> bytes:
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode()
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _write(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        with output.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise DocumentUnreadable(f"{output} is there already; nothing was written.") from error
    except OSError as error:
        raise DocumentUnreadable(f"{output} cannot be written: {error.strerror}.") from error
    sys.stderr.write(f"Written to {output}.\n")
