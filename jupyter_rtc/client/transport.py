"""What the client needs of whoever gives it documents; a server over a network, or the server that it runs in.

The classes that people use (``Notebook``, ``TextFile``, …) stand on these two interfaces alone. All calls are made on
one event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from pycrdt import Doc

from ..errors import RtcError
from ..ids import RoomId
from .replica import Listener


class SharedDocument(Protocol):
    """One shared document, while it is open here."""

    @property
    def room(self) -> RoomId:
        """The room's id."""

    @property
    def doc(self) -> Doc[Any]:
        """The live document."""

    @property
    def undo(self) -> bool:
        """Whether changes can be undone."""

    @property
    def edit(self) -> Callable[[str], AbstractContextManager[Any]] | None:
        """Opens a transaction for a named author, where the document has an own way for that."""

    @property
    def synced(self) -> bool:
        """Whether what others do arrives here now."""

    @property
    def failed(self) -> RtcError | None:
        """Why it is of no use any more."""

    @property
    def made(self) -> int:
        """How many changes were made here."""

    @property
    def applied(self) -> int:
        """How many of them the others can see."""

    @property
    def stored(self) -> int:
        """How many of them survive the server."""

    @property
    def unkept(self) -> str:
        """Why the server stores nothing at present, in words for people; empty if it does."""

    @property
    def others(self) -> Mapping[int, Mapping[str, Any]]:
        """What each Yjs client says of itself, one's own included."""

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` whenever anything here is not as before; return what ends that.

        It is called while a transaction ends: it may neither read nor write the document.
        """

    def overhear(self, listener: Listener) -> None:
        """Tell a listener what travels, where that can be told."""

    def ask(self) -> int:
        """Ask for what others have and we have not; return the question's number."""

    @property
    def answered(self) -> int:
        """The number of the last question that was answered. One that was asked over a lost link is never answered."""

    async def save(self) -> None:
        """Return when the file is written; raises NotSaved, NotAllowed."""

    def say(self, state: dict[str, Any]) -> None:
        """Tell others about oneself."""

    async def close(self) -> None:
        """Give it back."""


class Transport(Protocol):
    """Where documents come from, and who does what documents cannot."""

    @property
    def user(self) -> Mapping[str, Any]:
        """Who one is: ``username``, ``name``, …."""

    async def open_file(self, path: str, form: str, kind: str, *, undo: bool = False) -> SharedDocument:
        """Open a file's document; raises DocumentError, ClientError, NotAllowed.

        ``undo``: in such a way that changes can be undone.
        """

    async def open_room(self, name: str, *, undo: bool = False) -> SharedDocument:
        """Open the document of a room that is no file's."""

    async def kernel_of(self, path: str) -> str | None:
        """Return the kernel of a file's session."""

    async def start_session(self, path: str, kernel_name: str | None) -> str:
        """Start a kernel for a notebook, and return its id."""

    async def answer(self, kernel_id: str, question_id: str, text: str) -> None:
        """Answer what running code asks; raises ServerRefused."""

    async def act(self, kernel_id: str, action: str) -> None:
        """Do something to a kernel: ``interrupt``, ``restart`` or ``shutdown``."""

    async def status(self) -> dict[str, Any]:
        """Return what the server has open, as an administrator sees it."""

    async def close(self) -> None:
        """Close what is open."""
