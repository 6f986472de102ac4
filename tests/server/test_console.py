"""Consoles on the kernel of a notebook whose cells run on the server: each has its own outputs, nobody is stopped."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from jupyter_client.asynchronous import AsyncKernelClient
from pycrdt import Map
from tornado.websocket import websocket_connect

from .rig import TOKEN, standing, until
from .runs import Runner


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with standing(tmp_path_factory.mktemp("server")) as server:
        yield server


class WebConsole:
    """A program that talks to the kernel through the server's websocket, as terminals in browsers do."""

    def __init__(self, socket):
        self._socket = socket
        self._session = uuid4().hex
        self.heard = []
        self._reading = asyncio.create_task(self._read())

    def send(self, code, **options):
        """Ask for this to be run; return the request's id."""
        message_id = uuid4().hex
        header = {"msg_id": message_id, "msg_type": "execute_request", "username": "", "session": self._session}
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
        whole = {
            "header": {**header, "date": "", "version": "5.3"},
            "parent_header": {},
            "metadata": {},
            "content": {**content, "stop_on_error": True, **options},
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


WAYS = (over_the_websocket, beside_the_server)


async def replied(console, message_id):
    await until(lambda: [one for one in console.of(message_id) if one[0] == "execute_reply"])
    return next(content for kind, content in console.of(message_id) if kind == "execute_reply")


def printed(console, message_id):
    return "".join(content["text"] for kind, content in console.of(message_id) if kind == "stream")


def questions(tab):
    return [one["status"] for one in tab.doc.get("inputs", type=Map).values()]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_each_has_its_own_outputs(server, way):
    async def story():
        cells = [f"for n in range(30): print('cell', {number}, n, flush=True)" for number in range(4)]
        tab = await Runner.open_new(server, *cells, path=f"own-{way.__name__}.ipynb")
        await tab.run(0)
        await tab.ran(0)
        async with way(tab) as console:
            asked = []
            for index in range(4):
                await tab.run(index)
                asked.append(console.send(f"for n in range(30): print('console', {index}, n, flush=True)"))
            for index in range(4):
                await tab.ran(index)
                assert (await replied(console, asked[index]))["status"] == "ok"
            await until(lambda: all(printed(console, one).count("\n") == 30 for one in asked))
            for index in range(4):
                assert tab.status(index) == "ok"
                assert tab.text(index) == "".join(f"cell {index} {n}\n" for n in range(30))
                assert printed(console, asked[index]) == "".join(f"console {index} {n}\n" for n in range(30))
            counts = [tab.cell(index)["execution_count"] for index in range(4)]
            counts += [(await replied(console, one))["execution_count"] for one in asked]
            assert sorted(counts) == list(range(2, 10))
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_an_error_in_the_console_stops_no_cell_though_the_kernel_gives_it_up(server, way):
    async def story():
        tab = await Runner.open_new(server, "print('first')", "print('second')", path=f"error-{way.__name__}.ipynb")
        await tab.run(0)
        await tab.ran(0)
        async with way(tab) as console:
            failing = console.send("import time; print('slow', flush=True); time.sleep(0.5); 1 / 0")
            own = console.send("'mine'")
            await until(lambda: printed(console, failing) == "slow\n")
            await tab.run(0)
            await tab.run(1)
            await tab.ran(0)
            await tab.ran(1)
            assert (await replied(console, failing))["ename"] == "ZeroDivisionError"
            assert (await replied(console, own))["status"] == "aborted", "the kernel gave up all that it had"
            assert [tab.status(0), tab.status(1)] == ["ok", "ok"]
            assert [tab.outputs(0), tab.outputs(1)] == [
                [{"output_type": "stream", "name": "stdout", "text": f"{word}\n"}] for word in ("first", "second")
            ]
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())


def test_what_a_console_asks_for_is_asked_of_the_console_and_cells_wait_meanwhile(server):
    async def story():
        tab = await Runner.open_new(server, "input('Mine? ')", "print('on')", path="input.ipynb")
        async with beside_the_server(tab) as console:
            asking = console.send("print(input('Whose? '))", allow_stdin=True)
            await until(lambda: [one for one in console.of(asking) if one[0] == "input_request"])
            await tab.run(1)
            await tab.run(0)
            await until(lambda: [tab.status(1), tab.status(0)] == ["queued"] * 2)
            assert tab.outputs(1) == [] and questions(tab) == []
            answer = await tab.request("POST", f"api/kernels/{tab.kernel}/input", {"input": "x"})
            assert answer.code == 404
            console.answer("the console's")
            await tab.ran(1)
            assert (tab.status(1), tab.text(1)) == ("ok", "on\n")
            assert (await replied(console, asking))["status"] == "ok"
            await until(lambda: printed(console, asking) == "the console's\n")
            await until(lambda: questions(tab) == ["waiting"])
            answer = await tab.request("POST", f"api/kernels/{tab.kernel}/input", {"input": "x"})
            assert answer.code == 201
            await tab.ran(0)
            assert len([one for one in console.heard if one["header"]["msg_type"] == "input_request"]) == 1
            assert tab.outputs(0)[-1]["data"] == {"text/plain": "'x'"}
        await tab.request("DELETE", f"api/kernels/{tab.kernel}")

    asyncio.run(story())
