"""A kernel that does what a test wants: Jupyter's wire protocol over real sockets, in the test's own event loop.

What a piece of code does is a coroutine function in ``cells``; other code prints itself. One request is worked on at a
time. ``Scripted`` is also what ``get_kernel`` of a kernel manager returns.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import Future
from contextlib import asynccontextmanager

import zmq
import zmq.asyncio
from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.session import Session

from jupyter_rtc.kernels.wire import Wire, unlimited_context

from .dialling import dial_often

KEY = b"the kernel's key"
PORTS = ("shell", "iopub", "stdin", "control", "hb")


class Request:
    """One ``execute_request`` at work."""

    def __init__(self, kernel, idents, message):
        self.kernel = kernel
        self._idents = idents
        self.message = message
        self.content = message["content"]
        self.code = self.content["code"]
        self.count = None

    def say(self, kind, **content):
        """Say something on IOPub."""
        self.kernel.say(kind, content, self.message)

    def prints(self, text, name="stdout"):
        self.say("stream", name=name, text=text)

    def shows(self, text, display_id=None, kind="display_data"):
        transient = {"display_id": display_id} if display_id else {}
        self.say(kind, data={"text/plain": text}, metadata={}, transient=transient)

    def fails(self, ename="Error", evalue="why"):
        self.say("error", ename=ename, evalue=evalue, traceback=[evalue])
        self.reply("error", ename=ename, evalue=evalue, traceback=[evalue])

    def reply(self, status="ok", **content):
        content = {"status": status, "execution_count": self.count, **content}
        self.kernel.reply("shell", "execute_reply", content, self.message, self._idents)

    def idle(self):
        self.say("status", execution_state="idle")

    async def ask(self, prompt="", password=False):
        """Ask for input; return the answer."""
        content = {"prompt": prompt, "password": password}
        self.kernel.reply("stdin", "input_request", content, self.message, self._idents)
        return await self.kernel.answers.get()


async def prints_itself(request):
    request.prints(request.code)
    request.reply()
    request.idle()


async def bind_again(socket, address, seconds=5.0):
    """Bind to an address that was let go just now: another thread closes it, in its own time."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return socket.bind(address)
        except zmq.ZMQError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.01)


async def nobody_at(port, seconds=5.0):
    """Return when nobody can connect any more: another thread closes the socket, in its own time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
        except ConnectionRefusedError:
            return
        except ConnectionResetError:
            pass  # it is being closed at this moment
        await asyncio.sleep(0.01)
    raise AssertionError("the socket was not closed")


class Scripted:
    """The kernel, and its manager."""

    client_factory = AsyncKernelClient
    autorestart = True

    def __init__(self, context, **cells):
        self._context = context
        self.own_session = Session(key=KEY)
        """What its manager asks it with; each client gets a copy, as Jupyter's managers give it."""
        self._tasks = []
        self._working = None
        self.ports = {}
        self.cells = cells
        self.shutting_down = False
        self.alive = False
        self.listens = True
        """Whether it answers at all."""
        self.unanswered = 0
        """How often it was asked while it did not."""
        self.is_busy = False
        """Whether it runs what somebody else has asked of it: meanwhile it answers on its control channel only."""
        self.asked_aside = 0
        """How often it was asked there."""
        self.requests = []
        """The code of all that it was asked to run."""
        self.update_takes = 0.0
        """Seconds that it needs to take a widget's new state."""
        self.updates = []
        """The states that it was told of widgets."""
        self.answers = asyncio.Queue()
        self.callbacks = {"restart": [], "dead": []}

    # --- as its manager --------------------------------------------------------------------------------

    def client(self, context=None):
        ports = {f"{name}_port": port for name, port in self.ports.items()}
        return AsyncKernelClient(ip="127.0.0.1", session=self.own_session.clone(), context=context, **ports)

    async def is_alive(self):
        return self.alive

    def add_restart_callback(self, call, event="restart"):
        self.callbacks[event].append(call)

    def remove_restart_callback(self, call, event="restart"):
        self.callbacks[event].remove(call)

    def tell(self, event):
        """Call who wants to know of this."""
        for call in list(self.callbacks[event]):
            call()

    # --- as the kernel ---------------------------------------------------------------------------------

    async def start(self):
        self.session = Session(key=KEY)
        self.sockets = {}
        for name in PORTS:
            await self._listen_on(name)
        self.alive, self.shutting_down, self._count = True, False, 0
        reads = (self._read_shell, self._read_control, self._read_stdin)
        self._tasks = [asyncio.create_task(read()) for read in reads]

    async def cannot_ask(self):
        """Let nobody reach it on stdin."""
        self._tasks.pop().cancel()
        self.sockets["stdin"].close()
        await nobody_at(self.ports["stdin"])

    async def can_ask(self):
        """Let itself be reached on stdin again."""
        await self._listen_on("stdin")
        self._tasks.append(asyncio.create_task(self._read_stdin()))

    async def die(self):
        """End, without a word."""
        self.alive = False
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks = []
        for socket in self.sockets.values():
            socket.close()

    async def begin_anew(self):
        await self.die()
        await self.start()

    def interrupt(self):
        """Let what runs end with ``KeyboardInterrupt``."""
        if self._working is not None:
            self._working.cancel()

    def say(self, kind, content, parent=None, metadata=None):
        message = self.session.msg(kind, content, parent=parent, metadata=metadata)
        self.sockets["iopub"].send_multipart([b"topic", *self.session.serialize(message)])

    def reply(self, channel, kind, content, parent, idents):
        message = self.session.msg(kind, content, parent=parent)
        self.sockets[channel].send_multipart([*idents, *self.session.serialize(message)])

    def say_forged(self, kind, content, parent=None):
        """Say something that is signed with another key."""
        forger = Session(key=b"another key")
        message = forger.msg(kind, content, parent=parent)
        self.sockets["iopub"].send_multipart([b"topic", *forger.serialize(message)])

    async def _listen_on(self, name):
        socket = self.sockets[name] = self._context.socket(zmq.PUB if name == "iopub" else zmq.ROUTER)
        socket.linger = 0
        if name in self.ports:
            await bind_again(socket, f"tcp://127.0.0.1:{self.ports[name]}")
        else:
            self.ports[name] = socket.bind_to_random_port("tcp://127.0.0.1")

    async def _read_shell(self):
        while True:
            idents, message = await self._receive("shell")
            while self.is_busy:
                await asyncio.sleep(0.01)
            if not self.listens:
                self.unanswered += 1
                continue
            if message["msg_type"] == "kernel_info_request":
                self.say("status", {"execution_state": "busy"}, message)
                self.reply("shell", "kernel_info_reply", {"status": "ok"}, message, idents)
                self.say("status", {"execution_state": "idle"}, message)
            elif message["msg_type"] == "comm_msg":
                self.say("status", {"execution_state": "busy"}, message)
                await asyncio.sleep(self.update_takes)
                self.updates.append(message["content"]["data"]["state"])
                self.say("status", {"execution_state": "idle"}, message)
            elif message["msg_type"] == "execute_request":
                self._working = asyncio.create_task(self._execute(Request(self, idents, message)))
                try:
                    await asyncio.wait([self._working])
                finally:
                    self._working.cancel()
                if not self._working.cancelled():
                    self._working.result()
                self._working = None

    async def _read_control(self):
        while True:
            idents, message = await self._receive("control")
            if not self.listens:
                self.unanswered += 1
                continue
            self.asked_aside += 1
            self.say("status", {"execution_state": "busy"}, message)
            self.reply("control", "kernel_info_reply", {"status": "ok"}, message, idents)

    async def _execute(self, request):
        self.requests.append(request.code)
        self._count += 1
        request.count = self._count
        request.say("status", execution_state="busy")
        request.say("execute_input", code=request.code, execution_count=request.count)
        try:
            await self.cells.get(request.code, prints_itself)(request)
        except asyncio.CancelledError:
            if self.alive:
                request.fails("KeyboardInterrupt", "")
                request.idle()

    async def _read_stdin(self):
        while True:
            _, message = await self._receive("stdin")
            self.answers.put_nowait(message["content"]["value"])

    async def _receive(self, channel):
        frames = await self.sockets[channel].recv_multipart()
        idents, parts = self.session.feed_identities(frames)
        return idents, self.session.deserialize(parts)


class Starts:
    """What Jupyter's manager tells of a kernel's starts and stops: a new future for each of them."""

    def __init__(self, kernel):
        self.kernel = kernel
        kernel.has_kernel = True
        self.begin()

    def begin(self):
        self.kernel.ready = Future()

    async def shut_down(self):
        """Do the first half of a restart."""
        self.kernel.shutting_down = True
        self.begin()
        await self.kernel.die()
        self.kernel.has_kernel = False

    def fail(self):
        self.begin()
        self.kernel.ready.set_exception(OSError("no such program"))

    def fail_to_start(self):
        self.kernel.shutting_down = False
        self.fail()

    async def start(self):
        self.kernel.shutting_down = False
        self.begin()
        await self.kernel.start()
        self.kernel.has_kernel = True
        self.kernel.ready.set_result(None)


@asynccontextmanager
async def scripted(here=None, name="k", **cells):
    """Be a kernel; with a world's kernel manager, one that it knows."""
    context = zmq.asyncio.Context()
    context.setsockopt(zmq.SNDHWM, 0)
    context.setsockopt(zmq.RCVHWM, 0)
    kernel = Scripted(context, **cells)
    await kernel.start()
    if here is not None:
        here[name] = kernel
    try:
        yield kernel
    finally:
        if kernel.alive:
            await kernel.die()
        context.destroy(linger=0)


@asynccontextmanager
async def wired(kernel, heard=None, opened=True):
    """Be connected to a kernel."""
    context = unlimited_context()
    dial_often(context)
    wire = Wire(kernel, context, (heard if heard is not None else []).extend)
    try:
        if opened:
            await wire.open()
        yield wire
    finally:
        await wire.close()
        context.destroy(linger=0)
