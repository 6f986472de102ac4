"""The store: bytes on disk, besides the notebook, after some saves with 400 keystrokes before each.

All files count that the server made or made grow, wherever they are in its world, but for Jupyter's own
databases of file ids and of signatures. A store that writes later than it sends is waited for after each save,
until its files stand still; *seconds behind* says how long that was in all. A server without a store has 0
bytes, and has lost everything that was not saved when it is killed; it is shown, but is no measure.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from . import notebooks, wire
from .errors import BenchmarkError
from .keystrokes import Typist, frames, numbered
from .latency import Receiver, Typing, until_all_came
from .load import Client, crowd, leave, quiet
from .samples import Figure, Sample
from .servers import Kind, Server, Stable

FIGURES = (
    Figure("bytes per key", "B", digits=1),
    Figure("running", "MB", digits=2),
    Figure("after stop", "MB", digits=2),
    Figure("seconds behind", "s", digits=1, compared=False),
)
NOTEBOOK = "Store.ipynb"
_KEYS_PER_SAVE = 400
_KEYS_PER_SECOND = 1_000
_STILL_SECONDS = 0.4
_AT_REST_SECONDS = 3.0
"""After the last key; then what has been stored while the server runs is looked at."""
_LONGEST_BEHIND = 30.0
_UNASKED_SAVE_SECONDS = 0.6
"""How long to wait instead for a server that saves by itself, and answers nothing."""


async def measure(stable: Stable, kind: Kind, saves: int) -> Sample:
    """Return one sample, of so many saves with 400 keys before each."""
    async with stable.running(kind, {NOTEBOOK: notebooks.text(notebooks.small())}) as server:
        before = server.stored()
        clients = await crowd(server.endpoint, await server.endpoint.room(NOTEBOOK), 2)
        assert clients[0].state is not None
        typist = Typist(clients[0].state, 1_000, 1, 0)
        behind = 0.0
        for number in range(saves):
            await _type(typist, clients, _KEYS_PER_SAVE)
            await save(server, clients[0], number + 1)
            behind += await _until_written(server)
        await quiet(clients)
        await asyncio.sleep(_AT_REST_SECONDS)
        running = _growth(before, server.stored())
        await leave(clients)
        await server.stop(patience=60)
        after = _growth(before, server.stored())
    return {
        "seconds behind": behind,
        "running": running / 1e6,
        "after stop": after / 1e6,
        "bytes per key": after / (saves * _KEYS_PER_SAVE),
    }


def _growth(before: Mapping[Path, int], after: Mapping[Path, int]) -> int:
    """Return by how many bytes files have grown, new ones included."""
    return sum(max(0, size - before.get(path, 0)) for path, size in after.items())


async def _until_written(server: Server) -> float:
    """Wait until the files do not change any more; return how many seconds that took.

    Raises:
        BenchmarkError: they never stood still.

    """
    began = changed = time.perf_counter()
    sizes = server.stored()
    while (now := time.perf_counter()) - changed < _STILL_SECONDS:
        await asyncio.sleep(0.05)
        if sizes != (sizes := server.stored()):
            changed = time.perf_counter()
        if now - began > _LONGEST_BEHIND:
            raise BenchmarkError(f"its store was still behind {_LONGEST_BEHIND:.0f} s after a save")
    return changed - began


async def _type(typist: Typist, clients: list[Client], count: int) -> None:
    """Type so many keys, and wait until the other client has them."""
    keys = numbered(count)
    receiver = Receiver(clients[1], keys)
    await Typing(clients[0], frames(typist.type(keys)), 1 / _KEYS_PER_SECOND).run()
    await until_all_came([receiver])


async def save(server: Server, client: Client, number: int) -> None:
    """Save as JupyterLab does, and wait for the answer."""
    if not server.endpoint.kind.answers_saves:
        await asyncio.sleep(_UNASKED_SAVE_SECONDS)
        return
    answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def hear(message: bytes, _now: float) -> None:
        if message.startswith(wire.RAW) and not answered.done():
            answered.set_result(message)

    client.heard = hear
    client.send(wire.save_request(number))
    began = time.perf_counter()
    try:
        answer = await asyncio.wait_for(answered, 20)
    except TimeoutError:
        waited = time.perf_counter() - began
        raise BenchmarkError(f"no answer to a save within {waited:.0f} s") from None
    if b'"failed"' in answer:
        raise BenchmarkError("a save failed")
