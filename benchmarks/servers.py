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
from collections.abc import AsyncIterator, Mapping
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


class Rooms(Enum):
    """How a server tells the address of a notebook's room."""

    BY_NAME = "any name is a room, and there is no document"
    BY_SESSION = "JupyterLab puts a session"
    BY_FILE_ID = "an index of file ids"
    NONE = "it serves nobody"


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
        """Whether it only forwards, and has no documents."""
        return self.rooms is Rooms.BY_NAME

    @property
    def answers_saves(self) -> bool:
        """Whether it answers JupyterLab's «save now»."""
        return self.rooms is Rooms.BY_SESSION


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
    ("jupyter-server-documents", "jupyter_server", "ipykernel"),
    ("jupyter_server_documents", "jupyter_server_fileid"),
)
NBMODEL = Kind(
    "jupyter-server-nbmodel",
    Rooms.BY_SESSION,
    ("jupyter-collaboration>=5", "jupyter_server", "jupyter-server-nbmodel", "ipykernel"),
    ("jupyter_server_ydoc", "jupyter_server_fileid", "jupyter_server_nbmodel"),
)
"""jupyter-collaboration, with the extension that runs cells on its server."""
NBCLIENT = Kind("nbclient", Rooms.NONE)
"""No server: what runs notebooks without anybody who looks; from where the benchmarks run."""
OURS = Kind("jupyter_rtc", Rooms.BY_SESSION, (), ("jupyter_rtc", "jupyter_server_fileid"))

PEERS = (COLLABORATION, DOCUMENTS)
RUNNERS = (NBMODEL, DOCUMENTS)
"""The peers that run cells on their server."""
ALL = (JOINING, PLAIN, *PEERS, OURS)

_EXTENSIONS = (
    "jupyter_lsp",
    "jupyter_rtc",
    "jupyter_server_documents",
    "jupyter_server_mcp",
    "jupyter_server_nbmodel",
    "jupyter_server_terminals",
    "jupyter_server_ydoc",
    "jupyterlab",
    "notebook_shim",
)
"""Extensions that may be there; each server runs with its own and without the others."""


def is_there(kind: Kind) -> bool:
    """Whether this kind can be had: ours must be installed where the benchmarks run."""
    return kind is not OURS or importlib.util.find_spec("jupyter_rtc.app") is not None


def python_of(kind: Kind, cache: Path) -> Path:
    """Return the Python that runs this kind, with what it needs installed."""
    if not kind.requirements:
        return Path(sys.executable)
    return environments.python_with(cache, kind.name, kind.requirements)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a running server is spoken to; may be handed to another process."""

    kind: Kind
    port: int
    token: str = field(repr=False)

    async def room(self, notebook: str) -> str:
        """Return the address of a notebook's room, to be opened as a websocket."""
        name = quote(notebook, safe="")
        match self.kind.rooms:
            case Rooms.NONE:
                raise BenchmarkError(f"{self.kind.name} has no rooms")
            case Rooms.BY_NAME:
                return f"/room/{name}"
            case Rooms.BY_SESSION:
                told = await self._ask(
                    "PUT", f"/api/collaboration/session/{name}", {"format": "json", "type": "notebook"}
                )
                room = f"json:notebook:{told['fileId']}"
                return f"/api/collaboration/room/{room}?sessionId={told['sessionId']}"
            case Rooms.BY_FILE_ID:
                told = await self._ask("POST", f"/api/fileid/index?path={name}")
                return f"/api/collaboration/room/json:notebook:{told['id']}"

    async def _ask(self, method: str, path: str, body: Any = None) -> Any:
        status, answer = await http.ask(self.port, method, path, self.token, body)
        if status >= 300:
            raise BenchmarkError(f"{self.kind.name} answered {status} to {method} {path.partition('?')[0]}")
        return json.loads(answer)


@dataclass(slots=True)
class Server:
    """A server while it runs."""

    endpoint: Endpoint
    home: Path
    """All that it can write to."""
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        """Its process."""
        return self.process.pid

    async def stop(self, patience: float = 5) -> None:
        """Ask it to end, as a system that shuts down does, and kill it if it has not after some seconds.

        May be called twice.
        """
        self.process.terminate()
        try:
            await asyncio.to_thread(self.process.wait, patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            await asyncio.to_thread(self.process.wait)

    def stored(self) -> dict[Path, int]:
        """Return the sizes of its files, but for notebooks, what it says, and what is Jupyter's own."""
        return {path: _size(path) for path in self.home.rglob("*") if path.is_file() and _is_store(path)}


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # a journal, for example, is soon gone
        return 0


def _is_store(path: Path) -> bool:
    of_jupyter = ("file_id_manager", "nbsignatures", "notebook_secret")
    return path.suffix not in {".ipynb", ".log"} and not path.name.startswith(of_jupyter)


@dataclass(frozen=True, slots=True)
class Stable:
    """Where servers come from, and how they are started."""

    cache: Path
    cores: Cores

    @asynccontextmanager
    async def running(self, kind: Kind, notebooks: Mapping[str, str]) -> AsyncIterator[Server]:
        """Run a fresh server that has these notebooks (name → text), and stop it in the end.

        Raises:
            BenchmarkError: it did not start.

        """
        home = Path(tempfile.mkdtemp(prefix="rtc-benchmark-"))
        try:
            server = self._spawn(kind, home, notebooks)
            try:
                await _until_it_answers(server)
                yield server
            finally:
                await server.stop()
        except BenchmarkError as error:
            kept = shutil.copy(home / "server.log", self.cache / f"{kind.name}.log")
            error.add_note(f"what the server said is in {kept}")
            raise
        finally:
            shutil.rmtree(home, ignore_errors=True)

    def _spawn(self, kind: Kind, home: Path, notebooks: Mapping[str, str]) -> Server:
        endpoint = Endpoint(kind, _free_port(), secrets.token_hex(16))
        environment = _environment(home)
        for name, text in notebooks.items():
            (home / "notebooks" / name).write_text(text, encoding="utf-8")
        with (home / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [*self.cores.pinning(), *self._command(endpoint, home)],
                cwd=home / "notebooks",
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )
        return Server(endpoint, home, process)

    def _command(self, endpoint: Endpoint, home: Path) -> list[str]:
        kind = endpoint.kind
        python = str(python_of(kind, self.cache))
        if kind.is_bare:
            return [python, "-m", "benchmarks.bare_tornado", kind.way, str(endpoint.port)]
        wanted = dict.fromkeys(_EXTENSIONS, False) | dict.fromkeys(kind.extensions, True)
        return [
            *(python, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            f"--ServerApp.root_dir={home / 'notebooks'}",
            f"--ServerApp.port={endpoint.port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.jpserver_extensions={wanted}",
            f"--IdentityProvider.token={endpoint.token}",
        ]


def _environment(home: Path) -> dict[str, str]:
    """Return an environment in which a server reads and writes nothing of its user's; make the directories."""
    directories = {word: home / word for word in ("notebooks", "tmp", "config", "data", "runtime")}
    for directory in directories.values():
        directory.mkdir()
    own = {"HOME": home, "PYTHONPATH": Path(__file__).parent.parent, "TMPDIR": directories["tmp"]}
    own |= {f"JUPYTER_{word.upper()}_DIR": directories[word] for word in ("config", "data", "runtime")}
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("JUPYTER", "PYTHON"))}
    return kept | {name: str(path) for name, path in own.items()}


async def _until_it_answers(server: Server) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            status, _ = await http.ask(server.endpoint.port, "GET", "/api", server.endpoint.token)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        if status == 200:
            return
    raise BenchmarkError(f"{server.endpoint.kind.name} did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
