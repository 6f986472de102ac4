"""The way to one kernel and back: requests out, every message in, none lost.

ZeroMQ drops messages where a queue is full, and among them may be the one that says that a cell has ended. So the
sockets here have no limit, and are emptied in gulps. What a kernel says while it works is taken now and then, since
waking up for each line costs more than reading it; as soon as it has answered, the rest is taken as it comes.

A kernel on another server is reached through the client of Jupyter's gateway, which keeps everything in memory. Only
``km.client()`` is used, which both offer.

It knows neither runs nor cells, and hands over what comes in, in order, to the one who listens.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty
from typing import Any
from uuid import uuid4

import zmq
import zmq.asyncio
from jupyter_client.session import Session
from jupyter_core.utils import ensure_async

from .message import Message, NotFromThisKernel, from_dict, parse
from .run import Options
from .socket_reader import GULP, SocketReader

_log = logging.getLogger(__name__)

_BREATH = 0.005
"""Seconds between two gulps of what a kernel says while it works."""
_GATEWAY_PAUSES = (0.002, 0.05)
"""Seconds between two looks at the gateway's queues: after a message, and at most."""
_PROBE_EVERY = 0.25
"""Seconds between two questions to a kernel that has not answered yet."""
_PROBE_BUSY_EVERY = 2.0
"""The same to one that is known to be busy with somebody else's code, and answers them all at its end."""
_STDIN_WITHIN = 3.0
"""Seconds for which a kernel that has answered is given to let itself be reached on stdin; some cannot ask at all."""
_STDIN_EVERY = 0.02
"""Seconds between two looks whether it can."""

Heard = Callable[[list[Message]], None]


def unlimited_context() -> zmq.asyncio.Context:
    """Return a ZeroMQ context whose sockets keep every message."""
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.RCVHWM, 0)
    context.setsockopt(zmq.SNDHWM, 0)
    return context


class Wire:
    """One connection to one kernel, until it is closed; a kernel that was restarted needs a new one."""

    def __init__(self, kernel: Any, context: zmq.asyncio.Context, heard: Heard) -> None:
        """Get ready; ``kernel`` is its ``KernelManager``. Nothing is connected."""
        remote = not hasattr(kernel.client_factory, "connect_iopub") or "Gateway" in kernel.client_factory.__name__
        self._client = kernel.client() if remote else kernel.client(context=context)
        self._client.session = _of_its_own(self._client.session)
        self._context = context
        self.is_remote = remote
        """Whether the kernel is on another server."""
        self._heard = heard
        self._alive = asyncio.Event()
        """Set once the kernel has answered on both ways, so that nothing it says is missed any more."""
        self._seen: set[str] = set()
        self._probes: set[str] = set()
        self._works = False
        """Whether it has been asked to run code, and has not answered."""
        self._readers: dict[str, SocketReader] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._sign_of_life = False

    @property
    def session_id(self) -> str:
        """The id of our session, as the kernel sees it."""
        found: str = self._client.session.session
        return found

    async def open(self) -> None:
        """Connect, and return once the kernel answers.

        May take as long as the kernel takes to start, or to end what somebody else has asked of it; the caller sets
        a limit.
        """
        await self._start_channels()
        for channel in ("shell", "iopub", "stdin"):
            self._read(channel)
        stop_aside: Callable[[], object] | None = None
        while not self._alive.is_set():
            self.probe()
            try:
                async with asyncio.timeout(_PROBE_BUSY_EVERY if {"control", "iopub"} <= self._seen else _PROBE_EVERY):
                    await self._alive.wait()
            except TimeoutError:
                stop_aside = stop_aside or self._read("control")
                self._send("control", "kernel_info_request", {})  # many kernels answer there also while they run code
        if stop_aside is not None:
            stop_aside()
        await self._reach_stdin()

    async def knock(self) -> None:
        """Return once a kernel on another server, to which this is open, has answered again.

        What is asked of one that is gone waits over there, where nobody can take it back, and the next would run it.
        May take as long as what others have asked of it. Raises what keeps it from being asked, or heard.
        """
        self._alive.clear()
        self._seen.clear()
        self._probes.clear()
        while not self._alive.is_set():
            if self.is_cut_off:
                raise ConnectionError("What a kernel on another server says does not come here any more")
            self.probe()
            with suppress(TimeoutError):
                async with asyncio.timeout(_PROBE_BUSY_EVERY):
                    await self._alive.wait()

    @property
    def is_cut_off(self) -> bool:
        """Whether nothing comes any more from a kernel on another server, and all that came was heard."""
        queues = [getattr(self._client, f"{name}_channel") for name in ("shell", "iopub")] if self.is_remote else []
        return any(getattr(queue, "response_router_finished", False) and queue.empty() for queue in queues)

    def take_sign_of_life(self) -> bool:
        """Whether a kernel that has not answered yet has said since the last call that it is there, and so busy."""
        found, self._sign_of_life = self._sign_of_life, False
        return found

    def stop_asking(self) -> None:
        """Ask nothing any more; what the kernel has said already is still heard.

        What was asked of a kernel that is gone waits in the socket, which dials until it is closed: the next kernel has
        the same ports, and would run it.
        """
        if self.is_remote:
            return
        for channel in self._readers.keys() - {"iopub"}:
            self._readers[channel].close()
            getattr(self._client, f"{channel}_channel").stop()

    async def close(self) -> None:
        """Hang up."""
        for reader in self._readers.values():
            reader.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks.clear()
        await ensure_async(self._client.stop_channels())

    def execute(self, code: str, options: Options, cell_id: str | None) -> str:
        """Ask the kernel to run code; return the request's id."""
        content = {
            "code": code,
            "silent": options.silent,
            "store_history": options.store_history and not options.silent,
            "user_expressions": {},
            "allow_stdin": options.allow_stdin,
            "stop_on_error": options.stop_on_error is not False,
        }
        message_id = self._send("shell", "execute_request", content, {"cellId": cell_id} if cell_id else {})
        self._works = True
        if "iopub" in self._readers:
            self._readers["iopub"].rest(_BREATH)
        return message_id

    def probe(self) -> str:
        """Ask the kernel for a sign of life; its ``idle`` comes after everything that it said before."""
        message_id = self._send("shell", "kernel_info_request", {})
        self._probes.add(message_id)
        return message_id

    def answer(self, value: str, asked: dict[str, Any]) -> bool:
        """Answer ``input()``, and return whether it went out; ``asked`` is the kernel's ``input_request``'s header."""
        try:
            self._send("stdin", "input_reply", {"value": value, "status": "ok"}, parent=asked)
        except zmq.Again:
            _log.warning("A kernel that asked for input cannot be reached, and was not told the answer")
            return False
        return True

    def update_widget(self, comm_id: str, state: dict[str, Any]) -> str:
        """Tell the kernel a widget's new state; return the message's id."""
        content = {"comm_id": comm_id, "data": {"method": "update", "state": state, "buffer_paths": []}}
        return self._send("shell", "comm_msg", content)

    def _read(self, channel: str) -> Callable[[], object]:
        """Begin to read; return what ends that."""
        if self.is_remote:
            task = asyncio.create_task(self._read_queue(channel), name=f"{channel} of a kernel")
            self._tasks.append(task)
            return task.cancel
        socket = getattr(self._client, f"{channel}_channel").socket
        reader = self._readers[channel] = SocketReader(socket, partial(self._hear, channel))
        reader.listen()
        return reader.close

    async def _start_channels(self) -> None:
        """Connect each channel, that for questions with a socket that is only ready once it is connected."""
        stdin = self.is_remote
        await ensure_async(self._client.start_channels(shell=True, iopub=True, stdin=stdin, hb=False, control=True))
        if not self.is_remote:
            patient = zmq.asyncio.Context.shadow(self._context)
            patient.setsockopt(zmq.IMMEDIATE, 1)
            self._client.context = patient
            self._client.start_channels(shell=False, iopub=False, stdin=True, hb=False, control=False)
            self._client.context = self._context

    async def _reach_stdin(self) -> None:
        """Wait until the kernel can ask: a question to somebody who is not connected yet is lost, and waited for.

        Each channel finds the port of a kernel that is just starting at a moment of its own.
        """
        if self.is_remote:
            return
        for _ in range(int(_STDIN_WITHIN / _STDIN_EVERY)):
            if self._readers["stdin"].can_send:
                return
            await asyncio.sleep(_STDIN_EVERY)
        _log.warning("A kernel cannot be reached on its stdin channel: code in it that asks for input gets no answer")

    def _send(
        self,
        channel: str,
        kind: str,
        content: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        parent: dict[str, Any] | None = None,
    ) -> str:
        message = self._client.session.msg(kind, content, parent=parent, metadata=metadata)
        if self.is_remote:
            getattr(self._client, f"{channel}_channel").send({**message, "channel": channel})
        else:
            self._readers[channel].send(self._client.session.serialize(message))
        found: str = message["header"]["msg_id"]
        return found

    def _hear(self, channel: str, gulp: list[list[bytes]]) -> None:
        found: list[Message] = []
        for frames in gulp:
            found.extend(_understood(parse, channel, frames, self._client.session))
        self._tell(found)
        if channel == "shell":
            if any(message.type == "execute_reply" for message in found):
                self._works = False
            self._readers["iopub"].listen()
        elif channel == "iopub" and self._works and len(gulp) < GULP:
            self._readers["iopub"].rest(_BREATH)

    async def _read_queue(self, channel: str) -> None:
        """Look at the gateway client's queue; it has no way to wait without a thread."""
        quickest, longest = _GATEWAY_PAUSES
        queue, pause = getattr(self._client, f"{channel}_channel"), quickest
        while True:
            gulp: list[Message] = []
            try:
                while len(gulp) < GULP:
                    gulp.extend(_understood(from_dict, channel, queue.get_nowait()))
            except Empty:
                pass
            self._tell(gulp)
            pause = quickest if gulp else min(pause * 1.5, longest)
            await asyncio.sleep(pause)

    def _tell(self, messages: list[Message]) -> None:
        if not self._alive.is_set():
            # Whoever answers has to be heard on both ways: a subscription takes a moment to reach the kernel.
            self._seen |= {one.channel for one in messages if one.channel != "shell" or one.parent_id in self._probes}
            if {"shell", "iopub"} <= self._seen:
                self._alive.set()
            self._sign_of_life = self._sign_of_life or any(one.channel == "control" for one in messages)
        if not messages:
            return
        try:
            self._heard(messages)
        except Exception:  # noqa: BLE001  who stops reading leaves every later run without an end
            _log.exception("What a kernel said could not be taken")


def _of_its_own(session: Session) -> Session:
    """Return a copy of a kernel manager's session under which no id of a message is used twice.

    Each client has one already, but with the manager's name and a count that begins anew: what the manager asks, or
    another client, has the same ids as what we ask, and so have their answers.
    """
    own = session.clone()
    own.session = uuid4().hex
    return own


def _understood(read: Callable[..., Message], channel: str, *given: Any) -> list[Message]:
    """Return the message, or nothing where it is none."""
    try:
        return [read(channel, *given)]
    except NotFromThisKernel:
        _log.warning("A message on a kernel's %s channel was not understood and is left out", channel)
        return []
