"""The servers that are compared, each as a real process with a world of its own.

A kind says how its server is started and where a notebook's room is; everything else is the same for
all. Each running server has its own directory, so that nothing is left of the one before.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import quote

from . import environments, http
from .errors import BenchmarkError
from .machine import Cores

_START_SECONDS = 60
_STOP_SECONDS = 20


class Rooms(Enum):
    """How a server tells the address of a notebook's room."""

    BY_NAME = "the bare servers: any name is a room"
    BY_SESSION = "JupyterLab's PUT of a session"
    BY_FILE_ID = "an index of file ids"


@dataclass(frozen=True, slots=True)
class Kind:
    """A server to be compared."""

    name: str
    rooms: Rooms
    requirements: tuple[str, ...] = ()
    """What to install for it; nothing if it runs where the benchmarks run."""
    extensions: tuple[str, ...] = ()
    """Jupyter Server extensions that it needs; others are switched off, for all servers alike."""
    way: str = ""
    """For a bare server: how it forwards."""

    @property
    def is_bare(self) -> bool:
        """Whether it only forwards."""
        return self.rooms is Rooms.BY_NAME


JOINING = Kind("bare, joining", Rooms.BY_NAME, way="joining")
PLAIN = Kind("bare, plain", Rooms.BY_NAME, way="plain")
COLLABORATION = Kind(
    "jupyter-collaboration",
    Rooms.BY_SESSION,
    ("jupyter-collaboration>=5", "jupyter_server"),
    ("jupyter_server_ydoc", "jupyter_server_fileid"),
)
DOCUMENTS = Kind(
    "jupyter-server-documents",
    Rooms.BY_FILE_ID,
    ("jupyter-server-documents", "jupyter_server"),
    ("jupyter_server_documents", "jupyter_server_fileid"),
)
OURS = Kind("jupyter_rtc", Rooms.BY_SESSION, (), ("jupyter_rtc", "jupyter_server_fileid"))

BARE = (JOINING, PLAIN)
PEERS = (COLLABORATION, DOCUMENTS)
ALL = (*BARE, *PEERS, OURS)

_OTHER_EXTENSIONS = (
    "jupyter_lsp",
    "jupyter_rtc",
    "jupyter_server_documents",
    "jupyter_server_mcp",
    "jupyter_server_terminals",
    "jupyter_server_ydoc",
    "jupyterlab",
    "notebook_shim",
)


def is_there(kind: Kind) -> bool:
    """Whether this kind can be had: ours may not be installed where the benchmarks run."""
    return kind is not OURS or importlib.util.find_spec("jupyter_rtc.app") is not None


def python_of(kind: Kind, cache: Path) -> Path:
    """Return the Python that runs this kind, with what it needs installed."""
    if not kind.requirements:
        return Path(sys.executable)
    return environments.python_with(cache, kind.name, kind.requirements)


@dataclass(slots=True)
class Server:
    """A server while it runs."""

    kind: Kind
    pid: int
    port: int
    home: Path
    """All that it can write to; its notebooks are in ``home / "notebooks"``."""
    token: str = field(repr=False)

    @property
    def notebooks(self) -> Path:
        """Where its notebooks are."""
        return self.home / "notebooks"

    async def room(self, notebook: str) -> str:
        """Return the address of a notebook's room, to be opened as a websocket."""
        match self.kind.rooms:
            case Rooms.BY_NAME:
                return f"/room/{quote(notebook, safe='')}"
            case Rooms.BY_SESSION:
                asked = {"format": "json", "type": "notebook"}
                address = f"/api/collaboration/session/{quote(notebook, safe='')}"
                told = await self._ask("PUT", address, asked)
                room = quote(f"json:notebook:{told['fileId']}", safe=":")
                return f"/api/collaboration/room/{room}?sessionId={told['sessionId']}"
            case Rooms.BY_FILE_ID:
                told = await self._ask("POST", f"/api/fileid/index?path={quote(notebook, safe='')}")
                return f"/api/collaboration/room/json:notebook:{told['id']}"

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = await http.ask(self.port, method, path, self.token, body)
        if status >= 300:
            raise BenchmarkError(f"{self.kind.name} answered {status} to {method} {path.partition('?')[0]}")
        return json.loads(answer)


@dataclass(frozen=True, slots=True)
class Stable:
    """Where servers come from, and how they are started."""

    cache: Path
    cores: Cores

    @asynccontextmanager
    async def running(self, kind: Kind, notebooks: dict[str, str]) -> AsyncIterator[Server]:
        """Run a fresh server that has these notebooks (name → text), and stop it in the end.

        Raises:
            BenchmarkError: it did not start.

        """
        home = Path(tempfile.mkdtemp(prefix="rtc-benchmark-"))
        try:
            server, process = await self._start(kind, home, notebooks)
            try:
                yield server
            finally:
                await asyncio.to_thread(_stop, process)
        finally:
            shutil.rmtree(home, ignore_errors=True)

    async def _start(
        self, kind: Kind, home: Path, notebooks: dict[str, str]
    ) -> tuple[Server, subprocess.Popen[bytes]]:
        server = Server(kind, 0, _free_port(), home, secrets.token_hex(16))
        server.notebooks.mkdir()
        for name, text in notebooks.items():
            (server.notebooks / name).write_text(text, encoding="utf-8")
        process = self._spawn(server)
        server.pid = process.pid
        try:
            await _until_it_answers(server, process)
        except BenchmarkError:
            await asyncio.to_thread(_stop, process)
            raise
        return server, process

    def _spawn(self, server: Server) -> subprocess.Popen[bytes]:
        with (server.home / "server.log").open("wb") as log:
            return subprocess.Popen(
                [*self.cores.pinning(), *self._command(server)],
                cwd=server.notebooks,
                env=_environment(server.home),
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    def _command(self, server: Server) -> list[str]:
        python = str(python_of(server.kind, self.cache))
        if server.kind.is_bare:
            return [python, "-m", "benchmarks.bare_tornado", server.kind.way, str(server.port)]
        wanted = dict.fromkeys(_OTHER_EXTENSIONS, False) | dict.fromkeys(server.kind.extensions, True)
        return [
            *(python, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            f"--ServerApp.root_dir={server.notebooks}",
            f"--ServerApp.port={server.port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.jpserver_extensions={wanted}",
            f"--IdentityProvider.token={server.token}",
        ]


def _environment(home: Path) -> dict[str, str]:
    """Return an environment in which a Jupyter server reads and writes nothing of its user's."""
    project = Path(__file__).parent.parent
    own = {"HOME": home, "PYTHONPATH": project, "TMPDIR": home / "tmp"}
    own |= {f"JUPYTER_{word.upper()}_DIR": home / word for word in ("config", "data", "runtime")}
    (home / "tmp").mkdir()
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON"))}
    return kept | {name: str(path) for name, path in own.items()}


async def _until_it_answers(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            status, _ = await http.ask(server.port, "GET", "/api", server.token)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        if status == 200:
            return
    last = (server.home / "server.log").read_text(errors="replace").strip().splitlines()[-1:]
    raise BenchmarkError(f"{server.kind.name} did not start: {' '.join(last)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
