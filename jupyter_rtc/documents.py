"""What the parts of the server that are not the relay see of a room.

Two small interfaces meet here, and nothing else:

* ``Document`` is what a participant inside the server holds: one shared document while it is open.
  It edits, listens, and asks for the state that file and document last agreed on. It never touches a
  socket, the log, or another participant.
* ``Keeper`` is what stands behind a room (for a file room, the supernode's half that knows the file):
  the hub tells it when a room opens and closes, and asks it before it frees a room.

The relay implements ``Document`` and calls ``Keeper``; the supernode does the opposite; neither
imports the other. All calls are made on the event loop's thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from pycrdt import Awareness, Doc

from .ids import Epoch, RoomId

Origin = str
"""Who made a change, as an in-process participant names itself: ``"disk"``, ``"file state"``, …

Changes that came over a websocket have the origin ``"client"``; those made by code that edits the
``pycrdt.Doc`` directly have the origin ``"direct"``.
"""

CLIENT: Origin = "client"
DIRECT: Origin = "direct"


@dataclass(frozen=True, slots=True)
class Author:
    """The user behind the connection that a change came over."""

    username: str
    may: Callable[[str, str], Awaitable[bool]]
    """Asks Jupyter's authorizer whether the user may do an action on a resource."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A state that file and document agreed on (or, as intent, are about to agree on)."""

    revision: int
    """The document's revision then: the number of the last change that is part of it."""
    content: str
    """A digest of the meaning of the content, independent of how the file spells it."""
    fingerprint: str
    """A digest of the file's bytes, as the contents manager reports it; empty if it reports none."""
    at: float
    """When, in seconds since 1970; information only, never compared to order anything."""


class SaveStatus(Enum):
    """The answer to a person who asked for a save; the values travel to JupyterLab as they are."""

    SUCCESS = "success"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What came of a save, and in words why, if it did not succeed."""

    status: SaveStatus
    words: str = ""


class Document(Protocol):
    """One shared document, while it is open."""

    @property
    def room(self) -> RoomId:
        """The room's id."""

    @property
    def epoch(self) -> Epoch:
        """The identity of the history that the document has now."""

    @property
    def ydoc(self) -> Doc[Any]:
        """The live document. Reading is free; write within ``edit``."""

    @property
    def awareness(self) -> Awareness:
        """Who looks at it, as pycrdt shows it; for other extensions, read only."""

    @property
    def writers_states(self) -> Iterable[Mapping[str, Any]]:
        """What the awareness of those says who are connected and may write."""

    @property
    def revision(self) -> int:
        """The number of changes so far; grows by at least one with each change."""

    @property
    def restored(self) -> bool:
        """Whether the document came with a history from the log (and is not to be filled anew)."""

    @property
    def author(self) -> Author | None:
        """Within an observer of ``ydoc``: whose change this is; None: the server's own."""

    def edit(self, origin: Origin) -> AbstractContextManager[None]:
        """Return a context in which changes to ``ydoc`` are one transaction with this origin."""

    def apply(self, update: bytes, origin: Origin) -> None:
        """Apply an update that was made on a fork of this document."""

    def watch(self, changed: Callable[[Origin], None]) -> Callable[[], None]:
        """Call ``changed(origin)`` after each change; return what ends it.

        ``changed`` runs inside the relay's turn: it must return at once and never raise.
        """

    async def catch_up(self, username: str) -> None:
        """Return when everything has arrived that this user's connections had to say before the call.

        If the user has none here, everybody's are waited for. Who does not answer is waited for only briefly, so
        that this never lasts longer than a second or two.
        """

    async def agreed(self) -> tuple[Mark, Doc[Any]] | None:
        """Return the saved mark, and a new document with the state of that time; None if there is none.

        The returned document has a fresh server client id: it may be edited, and its update applied.
        """

    async def saved(self) -> Mark | None:
        """Return the saved mark, whether or not the state of that time can be read; None if there is none."""

    async def intended(self) -> Mark | None:
        """Return the mark of a write that was begun and whose end nobody recorded."""

    async def intend(self, mark: Mark) -> None:
        """Record durably that the file is about to be written with this state."""

    async def agree(self, mark: Mark) -> None:
        """Record durably that file and document agree on this state; ends the intent."""

    async def start_over(self, why: str) -> None:
        """Give up the document's history: a new, empty document under a new epoch, and ``ydoc`` is new.

        The store keeps the history aside.

        Only while the keeper loads. Participants of the old epoch are told to reload.
        """

    def tell(self, code: str, words: str, lasts: bool | None = None, brief: str = "") -> None:
        """Tell all participants that asked for words something in words.

        What lasts (the file cannot be written, say) is told to newcomers too, until something about the same (the first
        word of ``code``) is told of which ``lasts`` is False. Its brief form (some twenty letters) is shown in
        the text to those who did not ask.
        """

    async def close(self) -> None:
        """Give the document back. The room may be freed when nobody holds it."""


class Keeper(Protocol):
    """What stands behind a room."""

    async def load(self, document: Document) -> None:
        """Make the document agree with what stands behind it; called once, before anybody is served.

        Raises:
            DocumentError: it cannot be; the room fails with this reason, and the next open tries again.

        """

    async def save(self) -> SaveResult:
        """Make what stands behind agree with the document now, because a person asked for it."""

    def holds(self) -> str | None:
        """Return why the room must not be freed now (unsaved changes, …), or None."""

    async def close(self) -> None:
        """Save what can be saved and let go; the document is still open. Never raises.

        Called as well if it could not be loaded: part of it may have been.
        """

    def status(self) -> dict[str, Any]:
        """Return what an administrator wants to see: JSON values, no content."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One connection to one room."""

    room: RoomId
    user: Mapping[str, Any]
    """Who it is, as the identity provider says: username, name, display_name, initials, color, avatar_url, …"""
    clients: tuple[int, ...]
    """The Yjs client ids for which it speaks."""


class Documents(Protocol):
    """Where participants inside the server get documents from."""

    async def open(self, room: RoomId) -> Document:
        """Open the room's document, loading it if nobody has it open.

        Raises:
            DocumentError: it cannot be loaded.

        """


class Relay(Documents, Protocol):
    """Where participants inside the server learn who is in which rooms."""

    @property
    def open_rooms(self) -> Sequence[RoomId]:
        """The rooms that are open."""

    def visits(self) -> Sequence[Visit]:
        """Return all connections that are served."""

    async def renew(self, room: RoomId) -> None:
        """Close a room; who was in it comes back to one that is opened anew. Without a log, its history is new too."""
