"""The names of things, as types; the only place that parses an address.

A room's address is what stands behind ``api/collaboration/room/`` or ``api/rtc/rooms/`` in a URL.
Five kinds exist:

* a *file* room, ``format:type:file_id`` (``json:notebook:…``, ``text:file:…``, ``base64:…``),
* a *presence* room, which has no content and no log (``JupyterLab:globalAwareness``),
* an *application* room: any application's own shared document, ``app:<name>``,
* the *directory* room ``server:jupyter``: what this server has, written by the server alone,
* a *requests* room ``server:requests:<username>``: what one user asks the server to do.

The last two have no log, and no address of their own: ``api/rtc/rooms/jupyter`` and ``api/rtc/rooms/requests`` are
reserved names, and the second means the room of whoever asks. So nobody can name another user's room.

Nothing here looks at a file, a network or a clock.
"""

from __future__ import annotations

import secrets
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from enum import Enum
from typing import NewType
from urllib.parse import unquote

from .errors import ProtocolError

RoomId = NewType("RoomId", str)
"""The canonical address of a room; equal rooms have equal ids."""

ParticipantId = NewType("ParticipantId", int)
"""One connection (or one participant inside the server) while it lasts."""

Epoch = NewType("Epoch", str)
"""The identity of one history of a document. Two epochs are never merged."""

ClientId = NewType("ClientId", int)
"""A Yjs client id: who made a change, as the CRDT counts it (up to 53 bits)."""

GLOBAL_AWARENESS = RoomId("JupyterLab:globalAwareness")
APPLICATION_PREFIX = "app:"
SERVER_PREFIX = "server:"
"""What the ids of rooms begin with that belong to the server; no address does."""
DIRECTORY = RoomId("server:jupyter")
_REQUESTS_PREFIX = "server:requests:"
_DIRECTORY_NAME, _REQUESTS_NAME = "jupyter", "requests"

MAX_ADDRESS_LENGTH = 1024
"""Bytes; a room's name is a key in the store and in memory, so a stranger must not choose its size."""

_FROM_PATH = "path-"

_SERVER_ID_PREFIX = 0x1A5E5D
_SERVER_ID_SHIFT = 32


class RoomKind(Enum):
    """What stands behind a room."""

    FILE = "file"
    PRESENCE = "presence"
    APPLICATION = "application"
    DIRECTORY = "directory"
    REQUESTS = "requests"

    @property
    def has_content(self) -> bool:
        """Whether there is a document, and not only who is here."""
        return self is not RoomKind.PRESENCE

    @property
    def is_logged(self) -> bool:
        """Whether the document outlives the server."""
        return self in (RoomKind.FILE, RoomKind.APPLICATION)

    @property
    def is_filled(self) -> bool:
        """Whether the server gives the document its first content."""
        return self in (RoomKind.FILE, RoomKind.DIRECTORY)


@dataclass(frozen=True, slots=True)
class FileAddress:
    """A file room's address: how the file is read, as what, and which file."""

    format: str
    type: str
    file_id: str

    @property
    def room(self) -> RoomId:
        """The room of this file, read in this way."""
        return RoomId(f"{self.format}:{self.type}:{self.file_id}")


def parse_room(address: str) -> RoomId:
    """Return the canonical id of the room at this address (percent-encoded or not).

    Raises:
        ProtocolError: the address is empty, too long, holds control characters, or means a room of the server's own.

    """
    room = unquote(address) if "%" in address else address
    if not room or not room.isprintable():
        raise ProtocolError("This address names no room: it is empty or not printable.")
    if len(room.encode("utf-8", "surrogatepass")) > MAX_ADDRESS_LENGTH:
        raise ProtocolError(f"A room's address has at most {MAX_ADDRESS_LENGTH} bytes.")
    if room.startswith(SERVER_PREFIX):
        raise ProtocolError("This address names no room that can be opened by it.")
    return RoomId(room)


def application_room(name: str) -> RoomId:
    """Return the id of the application room of this name (as it stands in a URL)."""
    return parse_room(APPLICATION_PREFIX + (unquote(name) if "%" in name else name))


def named_room(name: str, username: str) -> RoomId:
    """Return the room that a user means by a name (as it stands in a URL): an application's, or one of the server's.

    Raises:
        ProtocolError: no room can have this name.

    """
    plain = unquote(name) if "%" in name else name
    if plain == _DIRECTORY_NAME:
        return DIRECTORY
    return requests_room(username) if plain == _REQUESTS_NAME else application_room(name)


def requests_room(username: str) -> RoomId:
    """Return the room in which a user asks the server to do something."""
    return RoomId(_REQUESTS_PREFIX + username)


def room_kind(room: RoomId) -> RoomKind | None:
    """Return what stands behind this room, or None if no room can have this id."""
    if room == GLOBAL_AWARENESS:
        return RoomKind.PRESENCE
    if room.startswith(APPLICATION_PREFIX):
        return RoomKind.APPLICATION if len(room) > len(APPLICATION_PREFIX) else None
    if room.startswith(SERVER_PREFIX):
        return _server_room_kind(room)
    return RoomKind.FILE if file_address(room) else None


def file_address(room: RoomId) -> FileAddress | None:
    """Return the parts of a file room's id, or None for another kind of room."""
    parts = room.split(":", 2)
    if len(parts) != 3 or not all(parts) or room.startswith((APPLICATION_PREFIX, SERVER_PREFIX)):
        return None
    return FileAddress(*parts)


def file_id_of_path(path: str) -> str:
    """Return the id of a file that no index knows: it is made of its path."""
    return _FROM_PATH + urlsafe_b64encode(path.encode()).decode("ascii").rstrip("=")


def path_of_file_id(file_id: str) -> str | None:
    """Return the path that an id was made of, or None if it was not."""
    if not file_id.startswith(_FROM_PATH):
        return None
    code = file_id.removeprefix(_FROM_PATH)
    try:
        return b64decode(code + "=" * (-len(code) % 4), b"-_", validate=True).decode() or None
    except (Base64Error, UnicodeDecodeError):
        return None


def _server_room_kind(room: RoomId) -> RoomKind | None:
    if room == DIRECTORY:
        return RoomKind.DIRECTORY
    return RoomKind.REQUESTS if len(room) > len(_REQUESTS_PREFIX) and room.startswith(_REQUESTS_PREFIX) else None


def new_epoch() -> Epoch:
    """Return the name of a history that begins now."""
    return Epoch(secrets.token_hex(16))


def new_server_client_id(taken: frozenset[int] = frozenset()) -> ClientId:
    """Return a fresh Yjs client id for edits that this server makes itself.

    It can be told from a browser's (``is_server_client_id``) and is not one of ``taken``, the ids
    that a document's history already knows: two authors under one id would diverge silently.
    """
    while True:
        candidate = (_SERVER_ID_PREFIX << _SERVER_ID_SHIFT) | secrets.randbits(32)
        if candidate not in taken:
            return ClientId(candidate)


def is_server_client_id(client_id: int) -> bool:
    """Whether this server (in any of its lives) made the changes under this Yjs client id.

    Browsers draw 32-bit ids; a foreign pycrdt program draws 53 bits and hits our prefix once in 2^21.
    """
    return client_id >> _SERVER_ID_SHIFT == _SERVER_ID_PREFIX
