"""Opening: from the question for the session to the last byte of the document.

*Cold* is the first opening in a fresh server, file to document and all; *warm* is another client that
comes while the room is open. *Others* is what people in another room feel meanwhile: one types a key
each 10 ms, and the delays of the keys that were sent while the big notebook opened are counted.

An opening is over with the SyncStep2, or with the later update that completes the document, for a server
that sends it in parts: the client's document must have every cell and every output of the file.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from pycrdt import Array, Doc

from . import notebooks, wire
from .errors import BenchmarkError
from .keystrokes import Typist, frames, numbered
from .latency import Receiver, Typing, until_all_came
from .load import Client, crowd, leave, quiet
from .samples import Figure, Sample, percentile
from .servers import Endpoint, Kind, Stable

FIGURES = (
    Figure("cold", "ms", digits=0),
    Figure("warm", "ms", digits=0),
    Figure("others' p99", "ms", digits=1),
    Figure("others' worst", "ms", digits=1, compared=False),
)
BIG = "Big.ipynb"
SMALL = "Small.ipynb"
_KEY_SECONDS = 0.01
_LONGEST = 60.0

Sizes = list[tuple[int, int]]
"""Of each cell, the number of its outputs and the length of its source."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One opening: when it began and ended (``time.perf_counter``, the same in all processes)."""

    began: float
    ended: float

    @property
    def milliseconds(self) -> float:
        """How long it took."""
        return (self.ended - self.began) * 1_000


async def measure(stable: Stable, kind: Kind, big: str, warm_openings: int) -> Sample:
    """Return one sample of opening this notebook, given as the file's text."""
    wanted = _sizes(json.loads(big)["cells"])
    async with stable.running(kind, {BIG: big}) as server:
        cold, client = await _open(server.endpoint, wanted)
        warm = [(await _open_and_leave(server.endpoint, wanted)).milliseconds for _ in range(warm_openings)]
        await leave([client])
    delays = await _felt_by_others(stable, kind, big, wanted)
    return {
        "cold": cold.milliseconds,
        "warm": percentile(warm, 0.5),
        "others' p99": percentile(delays, 0.99),
        "others' worst": max(delays),
    }


async def _open(endpoint: Endpoint, wanted: Sizes) -> tuple[Opened, Client]:
    """Open the big notebook as a browser does, and check that all of it came."""
    heard: list[tuple[bytes, float]] = []
    began = time.perf_counter()
    client = await Client.connect(endpoint, await endpoint.room(BIG))
    client.heard = lambda message, now: heard.append((message, now))
    client.send(wire.sync(wire.SYNC_STEP1, wire.EMPTY_STATE))
    await asyncio.wait_for(client.synced, _LONGEST)
    await quiet([client])
    client.heard = lambda _message, _now: None
    return Opened(began, _when_complete(heard, wanted)), client


async def _open_and_leave(endpoint: Endpoint, wanted: Sizes) -> Opened:
    opened, client = await _open(endpoint, wanted)
    await leave([client])
    return opened


def _open_elsewhere(endpoint: Endpoint, wanted: Sizes) -> Opened:
    """Open it in this process, which is not the one that measures the others."""
    return asyncio.run(_open_and_leave(endpoint, wanted))


def _when_complete(heard: Sequence[tuple[bytes, float]], wanted: Sizes) -> float:
    """Return when the document had all that is in the file."""
    doc: Doc[Any] = Doc()
    for message, now in heard:
        if message[:2] in (wire.UPDATE, wire.SYNC_STEP2):
            doc.apply_update(wire.content(message))
            if _sizes(json.loads(str(doc.get("cells", type=Array)))) == wanted:
                return now
    raise BenchmarkError("the document that came is not the notebook")


def _sizes(cells: Any) -> Sizes:
    return [(len(cell["outputs"]), len("".join(cell["source"]))) for cell in cells]


async def _felt_by_others(stable: Stable, kind: Kind, big: str, wanted: Sizes) -> list[float]:
    """Return the delays, in milliseconds, of keys in another room that were sent during a cold opening.

    The big notebook goes to a process of its own: taking it in must not hold up those who measure.
    """
    loop = asyncio.get_running_loop()
    files = {BIG: big, SMALL: notebooks.text(notebooks.small())}
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as elsewhere:
        await loop.run_in_executor(elsewhere, _sizes, [])
        async with stable.running(kind, files) as server:
            clients = await crowd(server.endpoint, await server.endpoint.room(SMALL), 2)
            typing, receiver = typing_for_long(clients)
            task = asyncio.create_task(typing.run())
            await asyncio.sleep(1)
            one = await loop.run_in_executor(elsewhere, _open_elsewhere, server.endpoint, wanted)
            task.cancel()
            receiver.cut(len(typing.at))
            await until_all_came([receiver])
            await leave(clients)
    both = zip(typing.at, receiver.at, strict=True)
    return [(there - sent) * 1_000 for sent, there in both if one.began <= sent <= one.ended]


def typing_for_long(clients: Sequence[Client]) -> tuple[Typing, Receiver]:
    """Return one who types until stopped, and one who receives it."""
    keys = numbered(int(_LONGEST / _KEY_SECONDS))
    assert clients[0].state is not None
    updates = Typist(clients[0].state, 1_000, 1, 0).type(keys)
    return Typing(clients[0], frames(updates), _KEY_SECONDS), Receiver(clients[1], keys)
