"""A kernel on another server that does what a test wants, and its manager, as Jupyter's gateway client shows them.

What it is asked while no process is there waits over there, and is for the next process.
"""

from __future__ import annotations

from concurrent.futures import Future
from queue import Queue

from jupyter_client.session import Session


class Elsewhere:
    """The kernel, and its manager."""

    class client_factory:
        """Not one that connects sockets."""

    has_kernel = True
    shutting_down = False
    autorestart = True

    def __init__(self):
        self.ready = Future()
        """Of the starts over there nothing is told."""
        self.clients = []
        self.requests = []
        """The code of all that was run."""
        self.is_there = True
        self.is_busy = False
        """Whether it runs what somebody else has asked of it, and so takes nothing."""
        self.says_nothing = set()
        """Code that it takes, and says nothing of."""
        self.never_ends = set()
        """Code that it begins, and then runs for ever."""
        self.waiting = []
        """What nobody has taken yet, and whose it is."""

    # --- as its manager --------------------------------------------------------------------------------

    def client(self):
        self.clients.append(Client(self))
        return self.clients[-1]

    async def is_alive(self):
        return True  # as far as the other server knows

    def add_restart_callback(self, call, event="restart"):
        pass

    def remove_restart_callback(self, call, event="restart"):
        pass

    # --- as the kernel ---------------------------------------------------------------------------------

    def start(self):
        """Let a process be there, and be idle."""
        self.is_there, self.is_busy = True, False
        waiting, self.waiting = self.waiting, []
        for client, message in waiting:
            self.take(client, message)

    def say(self, state):
        """Let the other server say how the kernel stands."""
        for client in self.clients:
            client.hear("iopub", "status", {"execution_state": state}, {})

    def take(self, client, message):
        if not self.is_there or self.is_busy:
            self.waiting.append((client, message))
            return
        kind, code = message["msg_type"], message["content"].get("code")
        if kind == "execute_request":
            self.requests.append(code)
        if code in self.says_nothing:
            return
        client.hear("iopub", "status", {"execution_state": "busy"}, message["header"])
        if code in self.never_ends:
            return
        client.hear("shell", kind.replace("_request", "_reply"), {"status": "ok"}, message["header"])
        client.hear("iopub", "status", {"execution_state": "idle"}, message["header"])


class Client:
    """A client that keeps what comes in queues."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.session = Session(key=b"key")
        self.is_open = True
        for name in ("shell", "iopub", "stdin", "control"):
            setattr(self, f"{name}_channel", Channel(self, name))

    async def start_channels(self, **_):
        pass

    async def stop_channels(self):
        self.is_open = False

    def hear(self, channel, kind, content, parent):
        if self.is_open:
            getattr(self, f"{channel}_channel").put_nowait(self.session.msg(kind, content, parent=parent))

    def lose_connection(self):
        """Hear nothing any more, without a word."""
        self.is_open = False
        for name in ("shell", "iopub", "stdin", "control"):
            getattr(self, f"{name}_channel").response_router_finished = True


class Channel(Queue):
    """One of its queues."""

    response_router_finished = False

    def __init__(self, client, name):
        super().__init__()
        self._client, self._name = client, name

    def send(self, message):
        assert message["channel"] == self._name
        self._client.kernel.take(self._client, message)
