"""A document at the far end of a websocket, which is dialed again whenever it is lost.

What is changed while there is no link is kept, and goes to the server with the next one. If the server has another
history by then, or refuses a change, nothing is merged: the document has failed, and says why.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from pycrdt import Doc
from tornado.httpclient import HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketError

from ..errors import ClientError, NotAllowed, NotSaved, ProtocolError, RtcError
from ..ids import RoomId
from .parting import delay_before, reason_of_status, reason_to_give_up
from .replica import Listener, Replica

SILENCE = 45.0
"""Seconds without a word after which a link is taken for lost; the server says something every ten."""
RENEWAL = 15.0
"""Seconds after which one says again that one is here."""


class Socket(Protocol):
    """A connection: what is used here of Tornado's."""

    @property
    def close_code(self) -> int | None:
        """Why it was closed, as a number."""

    @property
    def close_reason(self) -> str | None:
        """Why it was closed, in words."""

    def write_message(self, message: bytes, binary: bool) -> Any:
        """Send; raises WebSocketClosedError."""

    def read_message(self) -> Awaitable[Any]:
        """Return the next message; None at the end."""

    def close(self) -> None:
        """Hang up."""


Dial = Callable[[str], Awaitable[Socket]]
READ_ONLY = "You may read this document but not change it; the change was not taken."
CLOSED = "This document is closed; open it again."


class RemoteDocument:
    """A shared document over a websocket; implements ``transport.SharedDocument``."""

    edit = None

    def __init__(self, room: RoomId, doc: Doc[Any], dial: Dial, epoch: str = "", *, undo: bool = False) -> None:
        """Name the room; ``dial(epoch)`` connects. ``undo``: whether the document keeps what was deleted.

        Nothing runs before ``open``.
        """
        self.room = room
        self.undo = undo
        self.failed: RtcError | None = None
        self._replica = Replica(doc, self._tell)
        self._replica.epoch = epoch
        self._dial = dial
        self._watchers: list[Callable[[], None]] = []
        self._keeping: asyncio.Task[None] | None = None
        self._last_words: Exception | None = None

    async def open(self) -> None:
        """Connect, and return when what the server has is here; raises why it cannot be."""
        self._keeping = asyncio.create_task(self._keep_up(), name=f"jupyter_rtc client {self.room}")
        try:
            await self._until(lambda: self.synced or self.failed is not None)
        except BaseException:
            await self.close()
            raise
        if self.failed is not None:
            await self.close()
            raise self.failed

    @property
    def doc(self) -> Doc[Any]:
        """The document."""
        return self._replica.doc

    @property
    def synced(self) -> bool:
        """Whether there is a link, and what the server had is here."""
        return self._replica.synced

    @property
    def made(self) -> int:
        """How many changes were made here."""
        return self._replica.made

    @property
    def applied(self) -> int:
        """How many of them the server has taken."""
        return self._replica.applied

    @property
    def stored(self) -> int:
        """How many of them are in its log."""
        return self._replica.stored

    @property
    def unkept(self) -> str:
        """Why the server stores nothing at present, in words; empty if it does."""
        return self._replica.unkept

    @property
    def others(self) -> Mapping[int, Mapping[str, Any]]:
        """What each Yjs client says of itself."""
        return self._replica.others

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` whenever anything here is not as before; return what ends that."""
        self._watchers.append(changed)

        def end() -> None:
            if changed in self._watchers:
                self._watchers.remove(changed)

        return end

    def overhear(self, listener: Listener) -> None:
        """Tell a listener what travels."""
        self._replica.listener = listener

    def ask(self) -> int:
        """Ask for what the server has; return the question's number."""
        return self._replica.ask()

    @property
    def answered(self) -> int:
        """The number of the last question that was answered."""
        return self._replica.answered

    async def save(self) -> None:
        """Return when the file is written and read back."""
        await self._until(lambda: self.synced or self.failed is not None)
        if self.failed is not None:
            raise self.failed
        self._replica.problem = None
        number = self._replica.ask_save()
        await self._until(lambda: number in self._replica.replies or not self.synced)
        status = self._replica.replies.pop(number, "lost")
        if status == "lost":
            raise NotSaved("The connection was lost while the file was being written; save it again.")
        if status == "failed":
            raise NotSaved(await self._why_not_saved())

    def say(self, state: dict[str, Any]) -> None:
        """Tell others about oneself."""
        self._replica.say(state)

    async def close(self) -> None:
        """Hang up."""
        if self.failed is None:
            self.failed = ClientError(CLOSED)
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            self._replica.close()
            keeping.cancel()
            await asyncio.wait([keeping])
        self._tell()

    async def _keep_up(self) -> None:
        """Dial, again and again, until there is no use in it."""
        attempt = 0
        while self.failed is None:
            await asyncio.sleep(delay_before(attempt, random.random()))
            attempt += 1
            try:
                socket = await self._dial(self._replica.epoch)
            except HTTPError as error:
                reason = reason_of_status(error.code)
            except RtcError as error:
                reason = error
            except (OSError, WebSocketError):
                reason = None
            else:
                reason = await self._serve(socket)
                attempt = 0 if reason is None and self._was_synced else attempt
            if reason is not None:
                self._fail(reason)

    _was_synced = False

    async def _serve(self, socket: Socket) -> RtcError | None:
        """Talk until the link is lost; return why there is no use in another one."""
        self._was_synced = False
        self._replica.connect(lambda data: _write(socket, data))
        try:
            await self._hear(socket)
        except ProtocolError as error:
            return error
        except TimeoutError:
            return None
        finally:
            self._was_synced = self.synced
            if self._keeping is not None:
                self._replica.disconnect()
            socket.close()
        if self._replica.read_only:
            return NotAllowed(READ_ONLY)
        return reason_to_give_up(socket.close_code, socket.close_reason)

    async def _hear(self, socket: Socket) -> None:
        clock = asyncio.get_running_loop().time
        renewed = clock()
        while True:
            async with asyncio.timeout(SILENCE):
                message = await socket.read_message()
            if message is None:
                return
            self._replica.receive(message)
            if self._replica.read_only:
                return
            if clock() - renewed > RENEWAL:
                renewed = clock()
                self._replica.renew()

    async def _why_not_saved(self) -> str:
        """Return the words, which come behind the answer."""
        try:
            async with asyncio.timeout(1.0):
                await self._until(lambda: self._replica.problem is not None)
        except TimeoutError:
            return "The file could not be written."
        problem = self._replica.problem
        return problem.words if problem else "The file could not be written."

    async def _until(self, condition: Callable[[], bool]) -> None:
        woken = asyncio.Event()
        end = self.watch(woken.set)
        try:
            while not condition():
                woken.clear()
                await woken.wait()
        finally:
            end()

    def _fail(self, reason: RtcError) -> None:
        self.failed = reason
        self._tell()

    def _tell(self) -> None:
        for changed in tuple(self._watchers):
            changed()


def _write(socket: Socket, data: bytes) -> None:
    try:
        sent = asyncio.ensure_future(socket.write_message(data, binary=True))
    except WebSocketClosedError:
        return  # its end is heard by whoever reads
    sent.add_done_callback(lambda one: one.cancelled() or one.exception())
