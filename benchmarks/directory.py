"""The server's own tables: how soon somebody sees what others do, and what it costs that many look.

What is done is done as others do it: a kernel is killed by the system, a file is written by another program or through
REST. The time is that from the deed to the message that shows it, in a client of its own. A hundred more clients then
look at the same tables: first nothing happens, then one file changes again and again.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pycrdt import Doc, TransactionEvent

from jupyter_rtc.tables import Datastore, Record
from jupyter_rtc.tables.jupyter import ASKING, SERVER

from . import http, wire
from .errors import BenchmarkError
from .load import Client, crowd, leave, quiet
from .machine import Stopwatch
from .samples import Figure, Sample, percentile
from .servers import Endpoint, Kind, Server, Stable

FIGURES = (
    Figure("kernel killed", "ms"),
    Figure("session made", "ms"),
    Figure("file by REST", "ms"),
    Figure("file on disk", "ms"),
    Figure("worst", "ms"),
    Figure("large folder", "ms", digits=0),
    Figure("idle cpu", "% of a core", digits=2),
    Figure("last of 100", "ms"),
    Figure("cpu per delivery", "µs", digits=0),
    Figure("foreign share", "of a core", digits=2, compared=False),
)
CLIENTS = 100
LARGE = 10_000
"""Files in the large folder."""
TABLES, REQUESTS = "/api/rtc/rooms/jupyter", "/api/rtc/rooms/requests"
_LONGEST = 30.0


class Looker:
    """One client's copy of a room with tables, and when it heard of what."""

    def __init__(self, client: Client) -> None:
        """Look at what the client has joined."""
        self.client = client
        self.doc: Doc[Any] = Doc()
        self.doc.apply_update(client.state or wire.EMPTY_UPDATE)
        self._heard = asyncio.Event()
        self._heard_at = time.perf_counter()
        self._applying = False
        client.heard = self._hear

    async def sees(self, condition: Callable[[], object]) -> float:
        """Wait for a condition; return when the message came that fulfilled it."""
        async with asyncio.timeout(_LONGEST):
            while not condition():
                self._heard.clear()
                await self._heard.wait()
        return self._heard_at

    def send_changes(self) -> None:
        """Send what is changed in this copy."""
        self.doc.observe(self._changed)

    def _hear(self, message: bytes, now: float) -> None:
        if not message.startswith(wire.UPDATE):
            return
        self._applying = True
        self.doc.apply_update(wire.content(message))
        self._applying = False
        self._heard_at = now
        self._heard.set()

    def _changed(self, event: TransactionEvent) -> None:
        if not self._applying:
            self.client.send(wire.sync(wire.UPDATE, event.update))


class Tables(Looker):
    """What the server has."""

    def __init__(self, client: Client) -> None:
        """Look at the room ``jupyter``."""
        super().__init__(client)
        self._store = Datastore(self.doc, SERVER)

    def field(self, table: str, record_id: str, name: str) -> Any:
        """Return a field; None if there is no such record."""
        found = self._store[table].get(record_id)
        return None if found is None else found[name]

    def count(self, table: str) -> int:
        """Return how many records a table has."""
        return len(self._store[table])


class Asker(Looker):
    """Asks the server for something."""

    def __init__(self, client: Client) -> None:
        """Ask in one's own room ``requests``."""
        super().__init__(client)
        self.send_changes()
        self._requests = Datastore(self.doc, ASKING, author="ana")["requests"]

    async def ask(self, name: str, /, **args: Any) -> Any:
        """Ask for something that must be done; return its result."""
        record: Record = self._requests.create(name=name, args=args)
        await self.sees(lambda: record["status"] in ("done", "failed"))
        if record["status"] == "failed":
            raise BenchmarkError(f"{name}: {record['reason']}")
        return record["result"]


async def measure(stable: Stable, kind: Kind, quick: bool) -> Sample:
    """Return one sample; times are medians, and over all of them the worst."""
    times = 5 if quick else 20
    async with stable.running(kind, {}) as server:
        notebooks = server.home / "notebooks"
        (notebooks / "few").mkdir()
        asker = Asker(await Client.join(server.endpoint, REQUESTS))
        tables = Tables(await Client.join(server.endpoint, TABLES))
        deeds = {
            "kernel killed": [await _killed(server, asker, tables) for _ in range(1 if quick else 3)],
            "session made": [await _session(server.endpoint, tables) for _ in range(1 if quick else 3)],
        }
        await asker.ask("folders.open", path="few")
        deeds["file on disk"] = [await _written(notebooks, tables, number) for number in range(times)]
        deeds["file by REST"] = [await _put(server.endpoint, tables, number) for number in range(times)]
        sample = {name: percentile(taken, 0.5) * 1e3 for name, taken in deeds.items()}
        sample["worst"] = max(max(taken) for taken in deeds.values()) * 1e3
        sample["large folder"] = await _large_folder(notebooks, asker, tables) * 1e3
        watching = await crowd(server.endpoint, TABLES, CLIENTS)
        sample |= await _idle(stable, server, 2 if quick else 10)
        sample |= await _subscribed(stable, server, watching, notebooks, times)
        await leave([*watching, asker.client, tables.client])
    return sample


async def _killed(server: Server, asker: Asker, tables: Tables) -> float:
    kernel_id = (await asker.ask("kernels.start", name="python3"))["id"]
    await tables.sees(lambda: tables.field("kernels", kernel_id, "execution_state") == "idle")
    began = time.perf_counter()
    os.kill(_process_of(kernel_id), signal.SIGKILL)
    seen = await tables.sees(lambda: tables.field("kernels", kernel_id, "execution_state") == "restarting")
    await tables.sees(lambda: tables.field("kernels", kernel_id, "execution_state") == "idle")
    await asker.ask("kernels.shutdown", kernel_id=kernel_id)
    return seen - began


async def _session(endpoint: Endpoint, tables: Tables) -> float:
    """Return how long after the answer to the request the session is seen, which may be before it."""
    body = {"path": "a.ipynb", "name": "a", "type": "notebook", "kernel": {"name": "python3"}}
    made = json.loads(await _rest(endpoint, "POST", "/api/sessions", body))
    answered = time.perf_counter()
    seen = await tables.sees(lambda: tables.field("sessions", made["id"], "path") == "a.ipynb")
    await _rest(endpoint, "DELETE", f"/api/sessions/{made['id']}")
    await tables.sees(lambda: tables.count("sessions") == 0 and tables.count("kernels") == 0)
    return max(0.0, seen - answered)


async def _written(notebooks: Path, tables: Tables, number: int) -> float:
    content = "x" * (number + 1)
    began = time.perf_counter()
    (notebooks / "few" / "disk.txt").write_text(content)
    return await _until_size(tables, "few/disk.txt", len(content)) - began


async def _put(endpoint: Endpoint, tables: Tables, number: int) -> float:
    content = "x" * (number + 1)
    began = time.perf_counter()
    model = {"type": "file", "format": "text", "content": content}
    _, seen = await asyncio.gather(
        _rest(endpoint, "PUT", "/api/contents/few/rest.txt", model),
        _until_size(tables, "few/rest.txt", len(content)),
    )
    return seen - began


def _until_size(tables: Tables, path: str, size: int) -> Awaitable[float]:
    return tables.sees(lambda: tables.field("contents", path, "size") == size)


async def _large_folder(notebooks: Path, asker: Asker, tables: Tables) -> float:
    (notebooks / "large").mkdir()
    for number in range(LARGE):
        (notebooks / "large" / f"file number {number}.csv").touch()
    began = time.perf_counter()
    await asker.ask("folders.open", path="large")
    seen = await tables.sees(lambda: tables.field("folders", "large", "state") == "ready")
    if tables.field("folders", "large", "count") != LARGE:
        raise BenchmarkError("not all files are shown")
    await asker.ask("folders.close", path="large")
    await tables.sees(lambda: tables.field("folders", "large", "state") is None)
    return seen - began


async def _idle(stable: Stable, server: Server, seconds: float) -> Sample:
    watch = Stopwatch(server.pid, stable.cores)
    await asyncio.sleep(seconds)
    return {"idle cpu": watch.read()["server share"] * 100}


async def _subscribed(
    stable: Stable, server: Server, clients: list[Client], notebooks: Path, times: int
) -> dict[str, float]:
    """Return how long it takes until the last of all has a change, and what each delivery costs."""
    taken = []
    watch = Stopwatch(server.pid, stable.cores)
    for number in range(times):
        loop = asyncio.get_running_loop()
        name = f"seen by all {number}.txt"
        heard = [loop.create_future() for _ in clients]
        for client, future in zip(clients, heard, strict=True):
            client.heard = _tells(name.encode(), future)
        began = time.perf_counter()
        (notebooks / "few" / name).touch()
        async with asyncio.timeout(_LONGEST):
            taken.append(max(await asyncio.gather(*heard)) - began)
        await quiet(clients)
    read = watch.read()
    return {
        "last of 100": percentile(taken, 0.5) * 1e3,
        "cpu per delivery": read["server cpu"] / (times * len(clients)) * 1e6,
        "foreign share": read["foreign share"],
    }


def _tells(expected: bytes, future: asyncio.Future[float]) -> Callable[[bytes, float], None]:
    def hear(message: bytes, now: float) -> None:
        if expected in message and not future.done():
            future.set_result(now)

    return hear


async def _rest(endpoint: Endpoint, method: str, path: str, body: Any = None) -> bytes:
    status, answer = await http.ask(endpoint.port, method, path, endpoint.token, body)
    if status >= 300:
        raise BenchmarkError(f"the server answered {status} to {method} {path}")
    return answer


def _process_of(kernel_id: str) -> int:
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_text()
        except OSError:
            continue
        if f"kernel-{kernel_id}.json" in command:
            return int(place.name)
    raise BenchmarkError("the kernel has no process")
