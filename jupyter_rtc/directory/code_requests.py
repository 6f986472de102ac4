"""Requests in a notebook's own room about code, which its kernel answers: ``complete``, ``inspect``, ….

Each goes to the kernel over a connection of its own, behind what the kernel runs: it is answered when that has ended,
or fails in words after a while. Nothing of it is an execution. (Jupyter's message specification has the fields of the
results.)
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from queue import Empty
from typing import Any

from jupyter_client.session import Session
from jupyter_core.utils import ensure_async

from ..documents import Author
from ..errors import KernelUnavailable, TableError
from ..ids import RoomId
from .request import request

PATIENCE = 10.0
"""Seconds that a kernel's answer is waited for."""

LOOK_AGAIN = 0.2
"""Seconds after which a socket that seems to have nothing is looked at again."""

BUSY = "The kernel has not answered; perhaps it is busy. Ask again when it is idle."
NONE = "This notebook has no kernel; start one first."
DEAD = "This notebook's kernel has died. Restart it, and ask again."

KernelOf = Callable[[RoomId], Awaitable[str | None]]


class CodeRequests:
    """Answers them, for one notebook."""

    def __init__(self, room: RoomId, kernel_of: KernelOf, kernel_manager: Any, patience: float = PATIENCE) -> None:
        """Ask the kernel that ``kernel_of`` names."""
        self._room = room
        self._kernel_of = kernel_of
        self._manager = kernel_manager
        self._patience = patience

    @request("complete", "execute", "kernels")
    async def complete(self, _asker: Author, *, code: str, cursor_pos: int | None = None) -> Any:
        """Return what the code may go on with at a place, in code points; at its end if none is given."""
        return await self._ask("complete", code, _place(code, cursor_pos))

    @request("inspect", "execute", "kernels")
    async def inspect(self, _asker: Author, *, code: str, cursor_pos: int | None = None, detail_level: int = 0) -> Any:
        """Return what is known of the name at a place; with its source at ``detail_level`` 1."""
        return await self._ask("inspect", code, _place(code, cursor_pos), detail_level)

    @request("history", "execute", "kernels")
    async def history(  # noqa: PLR0913  what the message specification has, by name
        self,
        _asker: Author,
        *,
        hist_access_type: str = "tail",
        n: int = 100,
        output: bool = False,
        raw: bool = True,
        session: int | None = None,
        start: int | None = None,
        stop: int | None = None,
        pattern: str | None = None,
        unique: bool = False,
    ) -> Any:
        """Return what was run before: the ``tail``, a ``range`` of a session, or what fits a pattern (``search``)."""
        ways: dict[str, dict[str, Any]] = {
            "tail": {"n": n},
            "range": {"session": session or 0, "start": start or 0, "stop": stop},
            "search": {"n": n, "pattern": pattern or "*", "unique": unique},
        }
        more = ways.get(hist_access_type)
        if more is None:
            raise TableError("The argument 'hist_access_type' is one of 'tail', 'range', 'search'.")
        return await self._ask("history", raw, output, hist_access_type, **more)

    @request("is_complete", "execute", "kernels")
    async def is_complete(self, _asker: Author, *, code: str) -> Any:
        """Return whether the code can be run as it is, or goes on in the next line."""
        return await self._ask("is_complete", code)

    @request("comm_info", "execute", "kernels")
    async def comm_info(self, _asker: Author, *, target_name: str | None = None) -> Any:
        """Return the comms that are open on the kernel, of one target or of all."""
        return await self._ask("comm_info", target_name)

    async def _ask(self, what: str, *args: Any, **options: Any) -> Any:
        kernel_id = await self._kernel_of(self._room)
        if kernel_id is None or kernel_id not in self._manager:
            raise KernelUnavailable(NONE)
        kernel = self._manager.get_kernel(kernel_id)
        client = _client(kernel)
        await ensure_async(client.start_channels(shell=True, iopub=False, stdin=False, hb=False, control=False))
        try:
            async with asyncio.timeout(self._patience):
                return await _answer(client, getattr(client, what)(*args, **options))
        except TimeoutError as error:
            raise KernelUnavailable(BUSY if await ensure_async(kernel.is_alive()) else DEAD) from error
        finally:
            await ensure_async(client.stop_channels())


def _client(kernel: Any) -> Any:
    """Return a client with a session of its own: of two with the same, a kernel answers only one."""
    session = getattr(kernel, "session", None)
    if not isinstance(session, Session) or "Gateway" in type(kernel).__name__:
        return kernel.client()
    return kernel.client(session=Session(key=session.key, signature_scheme=session.signature_scheme))


async def _answer(client: Any, message_id: str) -> Any:
    """Return what the kernel answers to a message.

    The channel sends behind the back of asyncio's socket, which then may sleep through the answer; so it looks again.
    """
    while True:
        try:
            answer = await ensure_async(client.get_shell_msg(timeout=LOOK_AGAIN))
        except Empty:
            continue
        if answer["parent_header"].get("msg_id") == message_id:
            return answer["content"]


def _place(code: str, cursor_pos: int | None) -> int:
    return len(code) if cursor_pos is None else max(0, min(cursor_pos, len(code)))
