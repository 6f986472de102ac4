"""Programs that use a kernel in Jupyter's own way, beside the cells that the server runs."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from uuid import uuid4

from jupyter_client.asynchronous import AsyncKernelClient
from tornado.websocket import websocket_connect

from .rig import TOKEN


class WebConsole:
    """A program that talks to the kernel through the server's websocket, as terminals in browsers do."""

    def __init__(self, socket):
        self._socket = socket
        self._session = uuid4().hex
        self.heard = []
        self._reading = asyncio.create_task(self._read())

    def send(self, code, **options):
        """Ask for this to be run; return the request's id."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        return self.say("execute_request", {**content, "stop_on_error": True, **options})

    def say(self, kind, content):
        """Send any message on the shell channel; return its id."""
        message_id = uuid4().hex
        header = {"msg_id": message_id, "msg_type": kind, "username": "", "session": self._session}
        whole = {
            "header": {**header, "date": "", "version": "5.3"},
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
            "buffers": [],
        }
        self._socket.write_message(json.dumps(whole))
        return message_id

    def of(self, message_id):
        """Return the kinds and contents of what came of a request."""
        those = [one for one in self.heard if one["parent_header"].get("msg_id") == message_id]
        return [(one["header"]["msg_type"], one["content"]) for one in those]

    async def close(self):
        self._reading.cancel()
        self._socket.close()

    async def _read(self):
        while (text := await self._socket.read_message()) is not None:
            self.heard.append(json.loads(text))


class ZmqConsole:
    """``jupyter console --existing``."""

    def __init__(self, client):
        self._client = client
        self.heard = []
        ways = (client.get_iopub_msg, client.get_shell_msg, client.get_stdin_msg)
        self._reading = [asyncio.create_task(self._read(way)) for way in ways]

    def send(self, code, **options):
        return self._client.execute(code, **options)

    def answer(self, value):
        self._client.input(value)

    def of(self, message_id):
        those = [one for one in self.heard if one["parent_header"].get("msg_id") == message_id]
        return [(one["header"]["msg_type"], one["content"]) for one in those]

    async def close(self):
        for one in self._reading:
            one.cancel()
        await asyncio.wait(self._reading)
        self._client.stop_channels()

    async def _read(self, way):
        while True:
            self.heard.append(await way(timeout=None))


@asynccontextmanager
async def over_the_websocket(tab):
    address = tab.server.url(f"api/kernels/{tab.kernel}/channels?session_id=console&token={TOKEN}", "ws")
    console = WebConsole(await websocket_connect(address))
    try:
        yield console
    finally:
        await console.close()


@asynccontextmanager
async def beside_the_server(tab):
    (found,) = tab.server.data.parent.glob(f"runtime/kernel-{tab.kernel}.json")
    client = AsyncKernelClient(connection_file=str(found))
    client.load_connection_file()
    client.start_channels()
    await client.wait_for_ready(timeout=30)
    console = ZmqConsole(client)
    try:
        yield console
    finally:
        await console.close()
