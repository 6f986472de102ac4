"""What one connection may say, as a table; nothing else is in this file.

A connection is *waiting* while its room loads (what it says is kept, in order, up to a bound), then
*reading* or *writing*, as its user's permission is, and in the end *gone* (late bytes are dropped).
Adding a message means adding a row; a missing row is a ``KeyError`` in the first test.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from ..protocol import messages as m


class Standing(Enum):
    """Where a connection stands."""

    WAITING = "waiting"
    READING = "reading"
    WRITING = "writing"
    GONE = "gone"


class Move(Enum):
    """What the room does with a message."""

    KEEP = "keep"
    """Hold it until the room is ready."""
    ANSWER = "answer"
    """Answer from the document; changes nothing."""
    EDIT = "edit"
    """Apply it to the document."""
    SAVE = "save"
    SPEAK = "speak"
    """It tells who is here."""
    REFUSE = "refuse"
    """The user may not; say so, and go on."""
    IGNORE = "ignore"
    FAULT = "fault"
    """Only a server says this: the sender is closed."""


_ANYONE: Mapping[type[m.Message], Move] = {
    m.SyncStep1: Move.ANSWER,
    m.Awareness: Move.SPEAK,
    m.QueryAwareness: Move.ANSWER,
    m.Ignored: Move.IGNORE,
    m.SaveReply: Move.FAULT,
    m.Conflict: Move.FAULT,
    m.Stored: Move.FAULT,
    m.EpochIs: Move.FAULT,
    m.Problem: Move.FAULT,
}

MOVES: Mapping[Standing, Mapping[type[m.Message], Move]] = {
    Standing.READING: {
        **_ANYONE,
        m.SyncStep2: Move.REFUSE,
        m.Update: Move.REFUSE,
        m.SaveRequest: Move.REFUSE,
    },
    Standing.WRITING: {
        **_ANYONE,
        m.SyncStep2: Move.EDIT,
        m.Update: Move.EDIT,
        m.SaveRequest: Move.SAVE,
    },
    Standing.WAITING: dict.fromkeys((*_ANYONE, m.SyncStep2, m.Update, m.SaveRequest), Move.KEEP),
    Standing.GONE: dict.fromkeys((*_ANYONE, m.SyncStep2, m.Update, m.SaveRequest), Move.IGNORE),
}
