"""What a room asks to be done: the I/O, in the order in which it must happen. Pure.

The room fills a ``Ready``; the pump does it. Append, then send, then close.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..documents import Origin
from ..errors import ParticipantError
from ..ids import ParticipantId
from ..store.log import Entry


@dataclass(frozen=True, slots=True)
class Frame:
    """One message to everyone, and who caused it."""

    message: bytes
    author: ParticipantId | None
    echo: bool = False
    """Whether its author wants it back even where nobody else spoke: it keeps idle links alive."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one participant."""

    to: ParticipantId
    message: bytes
    keep: bool
    """Whether it answers a request, so that it must arrive even where updates are dropped."""
    after: Sequence[bytes] = ()
    """Updates that are to be sent before it, a few at a time."""
    answers: bool = False
    """Whether it tells the participant, with what is sent before it, all that it did not have."""


@dataclass(frozen=True, slots=True)
class SaveAsked:
    """A participant asks for a save; the answer goes to it alone."""

    participant: ParticipantId
    save_id: int


@dataclass(slots=True)
class Ready:
    """All of it."""

    append: list[Entry] = field(default_factory=list)
    broadcast: list[Frame] = field(default_factory=list)
    send: list[Letter] = field(default_factory=list)
    close: list[tuple[ParticipantId, ParticipantError]] = field(default_factory=list)
    saves: list[SaveAsked] = field(default_factory=list)
    changed: list[Origin] = field(default_factory=list)
    """Who changed the document, for those inside the server who watch it."""
    refused: list[tuple[ParticipantId, str]] = field(default_factory=list)
    """Whose changes were not taken, and why; for notices."""
    met: bool = False
    """Whether a client came or went, or has another connection; for notices."""
    faults: list[tuple[str, BaseException]] = field(default_factory=list)
    """What went wrong in code of others, or in one message, in words and as it was raised; for the server's log."""
    failure: BaseException | None = None
    """Why the room cannot go on, if it cannot."""
    state: bytes = b""
    """The document's state vector after all of this, where something was appended or somebody answered."""

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(
            self.append or self.broadcast or self.send or self.close or self.saves or self.changed
            or self.refused or self.faults or self.failure
        )  # fmt: skip


class Outgoing:
    """The ``Ready`` that is being filled, and who is to know of it."""

    def __init__(self) -> None:
        """Begin with nothing, and wake nobody."""
        self.ready = Ready()
        self.wake: Callable[[], None] = _nobody

    def take(self) -> Ready:
        """Return what has been filled in, and begin anew."""
        ready, self.ready = self.ready, Ready()
        return ready


def _nobody() -> None:
    """Wake nobody: a room alone."""
