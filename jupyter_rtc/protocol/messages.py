"""The messages, as values; ``codec`` turns them into bytes and back.

The first four are y-protocols' sync and awareness, understood by every Yjs provider. The next three are
JupyterLab's raw messages. The rest are our own, sent only to participants that asked for the websocket
subprotocol ``SUBPROTOCOL`` when they connected.

Byte strings inside messages (updates, state vectors) are in Yjs' update encoding version 1, and are not
decoded here.
"""

from __future__ import annotations

from dataclasses import dataclass

SUBPROTOCOL = "jupyter-rtc.v1"
"""The websocket subprotocol by which a client asks for our own messages."""


@dataclass(frozen=True, slots=True)
class SyncStep1:
    """Says: this is what I have, tell me what I miss."""

    state: bytes


@dataclass(frozen=True, slots=True)
class SyncStep2:
    """The answer to a SyncStep1: everything that its sender missed."""

    update: bytes


@dataclass(frozen=True, slots=True)
class Update:
    """A change, while it happens."""

    update: bytes


@dataclass(frozen=True, slots=True)
class Presence:
    """What one Yjs client says of itself; ``state`` is JSON text, or None when it left."""

    client: int
    clock: int
    state: str | None


@dataclass(frozen=True, slots=True)
class Awareness:
    """The presence of some clients."""

    states: tuple[Presence, ...]


@dataclass(frozen=True, slots=True)
class QueryAwareness:
    """Says: tell me who is here."""


@dataclass(frozen=True, slots=True)
class SaveRequest:
    """JupyterLab's «save now»; the answer carries the same number, on the same connection."""

    save_id: int


@dataclass(frozen=True, slots=True)
class SaveReply:
    """The answer to a SaveRequest: ``success``, ``skipped`` or ``failed``."""

    save_id: int
    status: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """JupyterLab's «your changes cannot be merged», which opens its dialog."""


@dataclass(frozen=True, slots=True)
class Stored:
    """Ours: everything that this state vector covers is in the log."""

    state: bytes


@dataclass(frozen=True, slots=True)
class EpochIs:
    """Ours: the identity of the history that this room has; the first message of a connection."""

    epoch: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Ours: something failed, as a stable code and in words for a person."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A message of a kind that this server has no use for."""

    kind: int


Message = (
    SyncStep1
    | SyncStep2
    | Update
    | Awareness
    | QueryAwareness
    | SaveRequest
    | SaveReply
    | Conflict
    | Stored
    | EpochIs
    | Problem
    | Ignored
)
