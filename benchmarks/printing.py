"""Printing: one cell prints lines, each flushed, while five clients watch; the server runs it.

A run is over when the last line has come to every client, or when nothing has come for some seconds: some servers
lose the end. Then what each client received is replayed into a document, and lines that are missing or out of order are
counted. The cost of a run that lost lines is that of what it did.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

from pycrdt import Array, Doc

from . import http, notebooks, wire
from .errors import BenchmarkError
from .latency import delays, until_all_came
from .load import Client, crowd, leave
from .machine import Stopwatch
from .opening import typing_for_long
from .samples import Figure, Sample, percentile
from .servers import DOCUMENTS, NBMODEL, Endpoint, Kind, Server, Stable

FIGURES = (
    Figure("seconds", "s", digits=1),
    Figure("cpu per line", "µs", digits=0),
    Figure("frames", "to each client", digits=0),
    Figure("bytes per line", "to each client", digits=0),
    Figure("stored per line", "bytes", digits=0),
    Figure("lost", "lines", digits=0, compared=False),
    Figure("cpu growth", "of a fourth of the lines'", digits=2, compared=False),
    Figure("others' p99", "ms", digits=1),
    Figure("foreign share", "of a core", digits=2, compared=False),
)
NOTEBOOK = "Printing.ipynb"
_OTHER = "Other.ipynb"
CLIENTS = 5
_CONNECTIONS = 6
"""How many a browser has to one server."""
_END = "that was all"
_SAY_END = "print('that', 'was', 'all', flush=True)"
"""Its source must not have what it prints: a server may share the code as well."""
_GIVE_UP = 8.0
"""Seconds of silence after which nothing more is expected."""


class Watcher:
    """One client that keeps what it is sent."""

    def __init__(self, client: Client) -> None:
        self.updates: list[bytes] = []
        self.frames = 0
        self.size = 0
        self.has_end = False
        client.heard = self._hear

    def _hear(self, message: bytes, _now: float) -> None:
        self.frames += 1
        self.size += len(message)
        if message.startswith(wire.UPDATE):
            self.updates.append(wire.content(message))
            self.has_end = self.has_end or _END.encode() in message


async def measure(stable: Stable, kind: Kind, lines: int) -> Sample:
    """Return one sample, of so many lines; each is compared with a fourth of them in a server of its own."""
    fewer = await _measure(stable, kind, lines // 4)
    sample = await _measure(stable, kind, lines)
    sample["cpu growth"] = sample["cpu per line"] / fewer["cpu per line"]
    sample["lost"] += fewer["lost"]
    sample["others' p99"] = percentile(await _felt_by_others(stable, kind, lines), 0.99)
    return sample


async def _felt_by_others(stable: Stable, kind: Kind, lines: int) -> list[float]:
    """Return the delays, in milliseconds, of keys that are typed in another room while the cell prints."""
    cells = _cells(lines)
    async with stable.running(kind, {NOTEBOOK: notebook(cells), _OTHER: notebooks.text(notebooks.small())}) as server:
        kernel_id = await start_kernel(server.endpoint)
        room = await server.endpoint.room(NOTEBOOK)
        watching = await crowd(server.endpoint, room, CLIENTS)
        others = await crowd(server.endpoint, await server.endpoint.room(_OTHER), 2)
        typing, receiver = typing_for_long(others)
        watchers = [Watcher(client) for client in watching]
        await ask(server.endpoint, kernel_id, room, ["warm"], cells)
        await _until_over(watching, watchers, 30)
        watchers = [Watcher(client) for client in watching]
        task = asyncio.create_task(typing.run())
        await ask(server.endpoint, kernel_id, room, ["lines"], cells)
        await _until_over(watching, watchers, _GIVE_UP)
        task.cancel()
        receiver.cut(len(typing.at))
        await until_all_came([receiver])
        await leave([*watching, *others])
    return delays(typing, [receiver])


async def _measure(stable: Stable, kind: Kind, lines: int) -> Sample:
    cells = _cells(lines)
    async with stable.running(kind, {NOTEBOOK: notebook(cells)}) as server:
        kernel_id = await start_kernel(server.endpoint)
        room = await server.endpoint.room(NOTEBOOK)
        clients = await crowd(server.endpoint, room, CLIENTS)
        warm = [Watcher(client) for client in clients]
        await ask(server.endpoint, kernel_id, room, ["warm"], cells)
        await _until_over(clients, warm, 30)
        before = sum(server.stored().values())
        watchers = [Watcher(client) for client in clients]
        watch = Stopwatch(server.pid, stable.cores)
        await ask(server.endpoint, kernel_id, room, ["lines"], cells)
        ended = await _until_over(clients, watchers, _GIVE_UP)
        sample = watch.read()
        states = [client.state for client in clients]
        lost = [
            _lost(state or b"", one.updates + other.updates, lines)
            for state, one, other in zip(states, warm, watchers, strict=True)
        ]
        await leave(clients)
        stored = _grown(server, before)
    return sample | {
        "seconds": ended - watch.began,
        "cpu per line": sample["server cpu"] / lines * 1e6,
        "frames": max(watcher.frames for watcher in watchers),
        "bytes per line": max(watcher.size for watcher in watchers) / lines,
        "stored per line": stored / lines,
        "lost": max(lost),
    }


def _cells(lines: int) -> dict[str, str]:
    source = f"for n in range({lines}):\n    print('line', n, flush=True)\n{_SAY_END}"
    return {"warm": _SAY_END, "lines": source}


async def start_kernel(endpoint: Endpoint) -> str:
    """Give the notebook a kernel, as JupyterLab does; return its id."""
    wanted = {"path": NOTEBOOK, "name": NOTEBOOK, "type": "notebook", "kernel": {"name": "python3"}}
    session = await _post(endpoint, "/api/sessions", wanted)
    return str(session["kernel"]["id"])


async def ask(endpoint: Endpoint, kernel_id: str, room: str, names: Sequence[str], cells: dict[str, str]) -> None:
    """Ask for cells to be run, as the frontend of this server asks.

    JupyterLab sends a request for each cell, all at once, over the connections that a browser keeps; so that no cache
    answers, each says when it was made.
    """
    document_id = room.rpartition("/room/")[2].partition("?")[0]
    address = f"/api/kernels/{kernel_id}/execute"
    if endpoint.kind is DOCUMENTS:
        batch = [{"cell_id": name, "source_hash": murmur2(cells[name])} for name in names]
        await _post(endpoint, address, {"document_id": document_id, "cells": batch})
        return
    waiting = iter([*names])
    made_at = int(time.time() * 1_000)

    async def send(connection: http.Connection) -> None:
        for name in waiting:
            body: dict[str, Any] = {"cell_id": name, "document_id": document_id}
            if endpoint.kind is NBMODEL:
                body = {"code": cells[name], "metadata": body | {"document_path": NOTEBOOK}}
            _checked(endpoint, address, *await connection.ask("POST", f"{address}?{made_at}", body))

    page = http.Page(endpoint.port, endpoint.token)
    try:
        await asyncio.gather(*map(send, await page.connections(min(len(names), _CONNECTIONS))))
    finally:
        page.close()


def notebook(cells: dict[str, str]) -> str:
    """Return a notebook's text that has these cells."""
    found = [
        {"cell_type": "code", "id": name, "metadata": {}, "source": text, "outputs": [], "execution_count": None}
        for name, text in cells.items()
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps({"cells": found, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


def murmur2(text: str) -> str:
    """Return the hash by which jupyter-server-documents tells whether a cell is as it was: MurmurHash2, 32 bits."""
    content, factor, mask = text.encode(), 0x5BD1E995, 0xFFFFFFFF
    state = len(content)
    whole = len(content) // 4 * 4
    for at in range(0, whole, 4):
        word = int.from_bytes(content[at : at + 4], "little") * factor & mask
        state = state * factor & mask ^ (word ^ word >> 24) * factor & mask
    if rest := content[whole:]:
        state = (state ^ int.from_bytes(rest, "little")) * factor & mask
    state = (state ^ state >> 13) * factor & mask
    return str(state ^ state >> 15)


async def _post(endpoint: Endpoint, path: str, body: Any) -> Any:
    return json.loads(_checked(endpoint, path, *await http.ask(endpoint.port, "POST", path, endpoint.token, body)))


def _checked(endpoint: Endpoint, path: str, status: int, answer: bytes) -> bytes:
    if status >= 300:
        raise BenchmarkError(f"{endpoint.kind.name} answered {status} to POST {path.split('/')[2]}: {answer[:200]!r}")
    return answer


async def _until_over(clients: Sequence[Client], watchers: Sequence[Watcher], patience: float) -> float:
    """Wait until everybody has the end, or nothing comes any more; return when the last thing came."""
    began = time.perf_counter()
    while not all(watcher.has_end for watcher in watchers):
        last = max(began, *(client.last_heard for client in clients))
        if time.perf_counter() - last > patience:
            return last
        await asyncio.sleep(0.02)
    ended = time.perf_counter()
    await asyncio.sleep(1.0)  # what follows the last line: the count, the state, a save
    return ended


def _lost(state: bytes, updates: Sequence[bytes], lines: int) -> int:
    """Return how many lines this client misses or has in a wrong place."""
    doc: Doc[Any] = Doc()
    for update in (state, *updates):
        if update:
            doc.apply_update(update)
    cells = {cell["id"]: cell for cell in doc.get("cells", type=Array).to_py()}
    shown = "".join(_text(output) for output in cells["lines"]["outputs"]).splitlines()
    expected = [f"line {n}" for n in range(lines)]
    return sum(one != other for one, other in zip(expected, shown, strict=False)) + max(0, lines - len(shown))


def _text(output: dict[str, Any]) -> str:
    text = output.get("text", "")
    return "".join(text) if isinstance(text, list) else str(text)


def _grown(server: Server, before: int) -> int:
    return sum(server.stored().values()) - before
