"""Fan-out: deliveries per second while 2 of 50 clients type at full speed.

A *delivery* is one keystroke that reached one other client. Servers may join or merge updates as they
like, so frames are not counted: the run is over when the last client has received the last keystroke of
each writer, which is a text that no merging can hide. Then each client's bytes are replayed into a
document, and all must show the same. Only then there is a figure: keystrokes * (clients - 1) / seconds.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from . import notebooks, wire
from .errors import BenchmarkError
from .keystrokes import Typist, frames, letters, mark, shown
from .load import Client, crowd, leave, quiet
from .local import state_of
from .machine import Stopwatch
from .samples import Figure, Sample
from .servers import Kind, Server, Stable

FIGURES = (
    Figure("deliveries", "1/s", more_is_better=True, digits=0),
    Figure("keystrokes", "", digits=0, compared=False),
    Figure("server share", "of a core", digits=2, compared=False),
    Figure("load share", "of a core", digits=2, compared=False),
    Figure("foreign share", "of a core", digits=2, compared=False),
)
NOTEBOOK = "Fan out.ipynb"
CLIENTS = 50
WRITERS = 2
_LEAST, _MOST = 300, 100_000
_LONGEST = 90.0


@dataclass(slots=True)
class Ear:
    """One client's bytes, and whether all the marks have come by."""

    client: Client
    missing: set[bytes]
    chunks: list[bytes] = field(default_factory=list)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    _tail: bytes = b""

    def hear(self, data: bytes) -> None:
        """Keep what came; look for marks, also where two pieces meet."""
        self.chunks.append(data)
        self.client.last_heard = time.perf_counter()
        seen = self._tail + data if len(data) < 4096 else data
        for found in [one for one in self.missing if one in seen or one in self._tail + data[:128]]:
            self.missing.discard(found)
        self._tail = seen[-128:]
        if not self.missing:
            self.done.set()


@dataclass(slots=True)
class Writing:
    """The writers, and what each of them has sent so far."""

    clients: Sequence[Client]
    typists: Sequence[Typist]
    runs: int = 0
    updates: list[list[bytes]] = field(default_factory=lambda: [[] for _ in range(WRITERS)])

    def prepare(self, count: int) -> tuple[list[bytes], list[bytes]]:
        """Type so many keys each and a mark; return each writer's bytes, and the marks."""
        self.runs += 1
        sent, marks = [], []
        for writer, typist in enumerate(self.typists):
            last = mark(writer, self.runs)
            updates = typist.type([*letters(count - 1), last])
            self.updates[writer] += updates
            sent.append(b"".join(frames(updates)))
            marks.append(last.encode())
        return sent, marks


async def measure(stable: Stable, kind: Kind, seconds: float) -> Sample:
    """Return one sample; the number of keystrokes is such that it takes about ``seconds``."""
    notebook = notebooks.text(notebooks.small())
    async with stable.running(kind, {NOTEBOOK: notebook}) as server:
        room = await server.endpoint.room(NOTEBOOK)
        clients = await crowd(server.endpoint, room, CLIENTS)
        state = clients[0].state or state_of(notebook)
        typists = [Typist(state, 1_000 + n, WRITERS, n) for n in range(WRITERS)]
        writing = Writing(clients[:WRITERS], typists)
        heard = [_keeping(client) for client in clients]
        sample = await _run(stable, server, clients, writing, heard, _LEAST)
        count = 0
        while (wanted := _fitting(sample, seconds)) >= 2 * count:
            count = wanted
            sample = await _run(stable, server, clients, writing, heard, count)
        _check_that_all_agree(state, clients, writing, heard)
        await _check_a_newcomer(server, room, state, writing)
        await leave(clients)
    return sample


def _keeping(client: Client) -> list[bytes]:
    """Return a list that gets, as frames, what a client hears between the runs."""
    kept: list[bytes] = []
    client.heard = lambda message, _now: kept.append(wire.server_frame(message))
    return kept


def _fitting(sample: Sample, seconds: float) -> int:
    """Return how many keystrokes would have taken so long at this sample's rate."""
    return max(_LEAST, min(_MOST, int(sample["keystrokes"] / sample["seconds"] * seconds)))


async def _run(
    stable: Stable,
    server: Server,
    clients: Sequence[Client],
    writing: Writing,
    heard: list[list[bytes]],
    count: int,
) -> Sample:
    """Send so many keystrokes in all at full speed, and wait until everybody has them."""
    sent, marks = writing.prepare(count // WRITERS)
    ears = [Ear(client, set(marks)) for client in clients]
    for writer, ear in enumerate(ears[:WRITERS]):
        ear.missing.discard(marks[writer])
    for ear in ears:
        ear.client.raw = ear.hear
    gc.collect()
    gc.disable()
    watch = Stopwatch(server.pid, stable.cores)
    for client, data in zip(writing.clients, sent, strict=True):
        client.write(data)
    try:
        await asyncio.wait_for(asyncio.gather(*(ear.done.wait() for ear in ears)), _LONGEST)
        sample = watch.read()
    except TimeoutError:
        slow = sum(not ear.done.is_set() for ear in ears)
        raise BenchmarkError(f"{slow} of {CLIENTS} clients still missed something after {_LONGEST} s") from None
    finally:
        gc.enable()
    await _end(ears, heard)
    sample["keystrokes"] = float(count)
    sample["deliveries"] = count * (CLIENTS - 1) / sample["seconds"]
    return sample


async def _end(ears: Sequence[Ear], heard: list[list[bytes]]) -> None:
    """Wait for the last bytes, and go back to reading messages."""
    await quiet([ear.client for ear in ears])
    for ear, kept in zip(ears, heard, strict=True):
        kept.append(b"".join(ear.chunks))
        ear.client.raw = None


def _check_that_all_agree(state: bytes, clients: Sequence[Client], writing: Writing, heard: list[list[bytes]]) -> None:
    """Replay what each client got, and sent; equal bytes are replayed once."""
    expected = shown(state, [update for updates in writing.updates for update in updates])
    verdicts: dict[bytes, bool] = {}
    for number, received in enumerate(heard):
        own = writing.updates[number] if number < WRITERS else []
        data = b"".join(received)
        key = hashlib.blake2b(data + bytes([number if own else 255])).digest()
        if key not in verdicts:
            verdicts[key] = shown(state, [*own, *updates_in(data)]) == expected
        if not verdicts[key]:
            raise BenchmarkError(f"client {number} of {len(clients)} shows something else than the others")


async def _check_a_newcomer(server: Server, room: str, state: bytes, writing: Writing) -> None:
    """Ask a server that has a document for it: it must be the same."""
    if server.endpoint.kind.is_bare:
        return
    client = await Client.join(server.endpoint, room)
    expected = shown(state, [update for updates in writing.updates for update in updates])
    if shown(client.state or wire.EMPTY_UPDATE, []) != expected:
        raise BenchmarkError("the server's document is not what was typed")
    await leave([client])


def updates_in(data: bytes) -> list[bytes]:
    """Return the updates in a server's bytes, which must be whole frames."""
    found: list[bytes] = []
    reader = wire.FrameReader()
    for _, message in reader.feed(data):
        if message[:2] in (wire.UPDATE, wire.SYNC_STEP2):
            found.append(wire.content(message))
    if not reader.between_frames:
        raise BenchmarkError("the server's last frame is cut off")
    return found
