"""Stock Yjs providers, JavaScript's and pycrdt's, in one room with a JupyterLab-like peer."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from pycrdt import Array, Doc, Provider
from tornado.websocket import websocket_connect

from .rig import TOKEN, Tab, running, until, write_notebook

PACKAGES = ("yjs@13.6.33", "y-websocket@1.5.4", "ws@8")


class Channel:
    """What pycrdt's provider wants of a websocket."""

    def __init__(self, socket, path):
        self._socket, self.path = socket, path

    def __aiter__(self):
        return self

    async def __anext__(self):
        return await self.recv()

    async def send(self, message):
        await self._socket.write_message(message, binary=True)

    async def recv(self):
        message = await self._socket.read_message()
        if message is None:
            raise StopAsyncIteration
        return message


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_stock_javascript_client_and_a_stock_pycrdt_provider_converge_with_jupyterlab(tmp_path):
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path / "node"
    folder.mkdir()

    async def story():
        install = await asyncio.create_subprocess_exec(
            "npm", "install", "--no-audit", "--no-fund", *PACKAGES, cwd=folder, stdout=asyncio.subprocess.DEVNULL
        )
        assert await install.wait() == 0
        shutil.copy(Path(__file__).with_name("yjs_client.mjs"), folder)
        async with running(tmp_path) as server:
            write_notebook(server.root / "a.ipynb", "text")
            tab = await Tab(server, "a.ipynb", "notebook", "lab").open()
            room = "json:notebook:" + tab.session["fileId"]
            root = f"ws://127.0.0.1:{server.port}/api/collaboration/room"
            query = f"sessionId={tab.session['sessionId']}&token={TOKEN}"
            node = await asyncio.create_subprocess_exec(
                "node", "yjs_client.mjs", root, room, query, cwd=folder,
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            shown = []
            reading = asyncio.create_task(read(node, shown))
            doc = Doc()
            socket = await websocket_connect(f"{root}/{room}?{query}")
            async with Provider(doc, Channel(socket, room)):
                cells = doc.get("cells", type=Array)
                await until(lambda: len(cells) == 1 and ["text"] in shown)
                node.stdin.write(b"node \n")
                await until(lambda: tab.sources == ["node text"])
                cells[0]["source"].insert(0, "pycrdt ")
                tab.type_in_cell(0, "lab ")
                await until(lambda: all(word in tab.sources[0] for word in ("lab ", "pycrdt ", "node ")))
                await until(lambda: [str(cells[0]["source"])] == tab.sources == shown[-1])
            node.kill()
            await node.wait()
            await reading

    asyncio.run(story())


async def read(node, shown):
    while line := await node.stdout.readline():
        if line.startswith(b"["):
            shown.append(json.loads(line))
