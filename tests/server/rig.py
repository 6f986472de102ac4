"""A real ``jupyter server`` process, and peers on real websockets, for tests."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from pycrdt import Array, Map, Text
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from jupyter_rtc.testing.peer import Peer
from tests.ports import free_port

TOKEN = "secret-token-of-a-test"
SWITCH = {
    "ServerApp": {
        "jpserver_extensions": {
            "jupyter_rtc": True,
            "jupyter_server_fileid": True,
            "jupyterlab": False,
            "jupyter_lsp": False,
            "notebook_shim": False,
            "jupyter_server_terminals": False,
        }
    }
}
"""What a server of these tests loads: without a frontend it starts in a second."""


def switched(rtc: bool) -> dict:
    """Return the configuration with jupyter_rtc, or without it."""
    return {"ServerApp": {"jpserver_extensions": {**SWITCH["ServerApp"]["jpserver_extensions"], "jupyter_rtc": rtc}}}


class Server:
    """A server process, which can be stopped, killed and started again on the same port."""

    def __init__(self, folder: Path, *options: str, base: str = "/", rtc: bool = True, **environment: str) -> None:
        self.root = folder / "root"
        self._folder = folder
        self._options = (*options, f"--ServerApp.base_url={base}")
        self._base, self._rtc = base, rtc
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()
        self.python = sys.executable
        for name in ("root", "config", "data", "runtime"):
            (folder / name).mkdir(exist_ok=True)
        (folder / "config" / "jupyter_server_config.json").write_text(json.dumps(switched(rtc)))

    @property
    def log(self) -> str:
        return (self._folder / "log").read_text(errors="replace")

    @property
    def data(self) -> Path:
        return self._folder / "data"

    @property
    def resident(self) -> int:
        """How many bytes of memory the process has."""
        assert self._process is not None
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    @property
    def holdings(self) -> dict[str, int]:
        """What the process has: memory in bytes, open files, threads."""
        assert self._process is not None
        process = Path(f"/proc/{self._process.pid}")
        count = {"files": len(list((process / "fd").iterdir())), "threads": len(list((process / "task").iterdir()))}
        return {"memory": self.resident, **count}

    def url(self, path: str, scheme: str = "http", port: int | None = None) -> str:
        """Return an address of this server, or the same address at another port's."""
        return f"{scheme}://127.0.0.1:{port or self.port}{self._base}{path}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of the process."""
        return {
            **os.environ,
            "JUPYTER_CONFIG_DIR": str(self._folder / "config"),
            "JUPYTER_DATA_DIR": str(self._folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._folder / "runtime"),
            "JUPYTER_PLATFORM_DIRS": "0",
            **self._environment,
        }

    async def start(self) -> None:
        command = [
            self.python, "-m", "jupyter_server", "--allow-root", "--no-browser", f"--port={self.port}",
            "--ServerApp.port_retries=0", f"--ServerApp.root_dir={self.root}",
            f"--IdentityProvider.token={TOKEN}", *self._options,
        ]  # fmt: skip
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.root
            )
        await self._ready()

    async def stop(self) -> int:
        """Ask it to stop, as a service supervisor does; return its exit code."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def request(self, method: str, path: str, body: object = None, cookie: str = "") -> HTTPResponse:
        """Ask; with a cookie, as the person who was given it, otherwise as somebody new."""
        request = HTTPRequest(
            self.url(path),
            method=method,
            headers={"Authorization": f"token {TOKEN}", **({"Cookie": cookie} if cookie else {})},
            body=json.dumps(body) if method in ("PUT", "POST", "PATCH") else None,
            request_timeout=60,
        )
        return await AsyncHTTPClient().fetch(request, raise_error=False)

    async def status(self) -> dict:
        """Return the status, without the server's own room, which is always open."""
        status = json.loads((await self.request("GET", "api/rtc/status")).body)
        return {**status, "rooms": [one for one in status["rooms"] if not one["room"].startswith("server:")]}

    async def _ready(self) -> None:
        async def answers() -> bool:
            try:
                if not self._rtc:
                    return (await self.request("GET", "api/status")).code == 200
                answer = await self.request("GET", "api/rtc/status")
                return answer.code == 200 and json.loads(answer.body)["store"]["kind"] != "not open yet"
            except OSError:
                return False

        end = time.monotonic() + 60
        while not await answers():
            assert self._process is not None and self._process.poll() is None, self.log[-3000:]
            assert time.monotonic() < end, self.log[-3000:]
            await asyncio.sleep(0.05)

    async def _end(self, how: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        try:
            return await asyncio.get_running_loop().run_in_executor(None, process.wait, 60)
        finally:
            process.kill()


class Tab:
    """One person's document: a peer, its file, and the link that it keeps up, as JupyterLab's provider does."""

    def __init__(self, server: Server, path: str, kind: str, name: str, port: int | None = None) -> None:
        """Name the document and the person; ``port`` is that of a proxy in front of the server."""
        self.server, self.path, self.kind, self.port = server, path, kind, port
        self.peer = Peer(name)
        self.session: dict = {}
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self.cookie = ""
        self._socket: WebSocketClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None

    @property
    def doc(self):
        return self.peer.doc

    async def open(self) -> Tab:
        form = "json" if self.kind == "notebook" else "text"
        answer = await self.request(
            "PUT", f"api/collaboration/session/{quote(self.path, safe='')}", {"format": form, "type": self.kind}
        )
        assert answer.code in (200, 201), answer.body
        self.cookie = self.cookie or "; ".join(
            one.partition(";")[0] for one in answer.headers.get_list("Set-Cookie") if one.startswith("username")
        )
        self.session = json.loads(answer.body)
        await self.connect()
        return self

    async def request(self, method: str, path: str, body: object = None) -> HTTPResponse:
        """Ask, as the person in front of this tab."""
        return await self.server.request(method, path, body, self.cookie)

    async def connect(self) -> None:
        """Dial with the session that it has, and wait until it is in step or told why not."""
        self.close_code = None
        socket = self._socket = await websocket_connect(
            HTTPRequest(self.address, headers={"Cookie": self.cookie}), max_message_size=2**30
        )
        self._reading = asyncio.create_task(self._read(socket))
        self.peer.connect(lambda data: self._write(socket, data))
        await until(lambda: self.peer.synced or self.close_code is not None)

    @property
    def room(self) -> str:
        return f"{self.session['format']}:{self.session['type']}:{self.session['fileId']}"

    @property
    def address(self) -> str:
        """Where it dials."""
        query = f"?sessionId={self.session['sessionId']}&token={TOKEN}"
        return self.server.url(f"api/collaboration/room/{self.room}{query}", "ws", self.port)

    def hang_up(self) -> None:
        """Lose the link, as a laptop that is closed."""
        if self._reading:
            self._reading.cancel()
        if self._socket:
            self._socket.close()
        self.peer.disconnect()

    async def _read(self, socket: WebSocketClientConnection) -> None:
        while (message := await socket.read_message()) is not None:
            self.peer.receive(message)
        self.close_code, self.close_reason = socket.close_code or 1006, socket.close_reason
        self.peer.disconnect()

    def _write(self, socket: WebSocketClientConnection, data: bytes) -> None:
        try:
            sent = asyncio.ensure_future(socket.write_message(data, binary=True))
        except WebSocketClosedError:
            return
        sent.add_done_callback(lambda one: one.cancelled() or one.exception())

    @property
    def saved(self) -> bool:
        """Whether the frontend's tab would show that all is saved."""
        return not self.doc.get("state", type=Map).get("dirty", True)

    # --- what a person does and sees --------------------------------------------------------------------

    @property
    def text(self) -> str:
        return str(self.doc.get("source", type=Text))

    def type(self, what: str, at: int = 0) -> None:
        with self.doc.transaction():
            self.doc.get("source", type=Text).insert(at, what)
            self.doc.get("state", type=Map)["dirty"] = True

    @property
    def sources(self) -> list[str]:
        return [str(cell["source"]) for cell in self.doc.get("cells", type=Array)]

    def type_in_cell(self, index: int, what: str) -> None:
        """Type, and mark the document as changed in the same transaction, as JupyterLab does."""
        with self.doc.transaction():
            self.doc.get("cells", type=Array)[index]["source"].insert(0, what)
            self.doc.get("state", type=Map)["dirty"] = True


async def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.01)


async def eventually(server: Server, condition: Callable[[dict], object], seconds: float = 30) -> None:
    """Wait until the server's status fulfils a condition."""
    end = time.monotonic() + seconds
    while not condition(await server.status()):
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.05)


async def others_closed(server: Server) -> None:
    """Wait until documents that were left before this are closed, unless something holds them: one left now is."""
    path = f"left-{uuid4().hex}.txt"
    (server.root / path).touch()
    tab = await Tab(server, path, "file", "who leaves").open()
    tab.hang_up()
    await eventually(server, lambda status: tab.room not in {one["room"] for one in status["rooms"]})


@asynccontextmanager
async def running(
    folder: Path, *options: str, base: str = "/", rtc: bool = True, **environment: str
) -> AsyncIterator[Server]:
    """Run a server with these options below ``base``; the rest goes into its environment."""
    server = Server(folder, *options, base=base, rtc=rtc, **environment)
    await server.start()
    try:
        yield server
    except BaseException:
        print(f"--- the end of the server's log:\n{server.log[-6000:]}")  # noqa: T201  shown beside a failed test
        raise
    finally:
        await server.kill()


@contextmanager
def standing(folder: Path, *options: str, **environment: str) -> Iterator[Server]:
    """Run a server for a whole module, whose tests have an event loop each."""
    server = Server(folder, *options, **environment)
    asyncio.run(server.start())
    try:
        yield server
    finally:
        asyncio.run(server.kill())


def notebook(*sources: str) -> dict:
    cells = [
        {"id": f"cell-{number}", "cell_type": "markdown", "metadata": {}, "source": [source]}
        for number, source in enumerate(sources)
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def write_notebook(path: Path, *sources: str) -> None:
    path.write_text(json.dumps(notebook(*sources), indent=1, sort_keys=True) + "\n")


def saved_sources(path: Path) -> list[str]:
    try:
        return ["".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]]
    except ValueError:
        return []
