"""Memory: what the server's process grows by when rooms open, and stay open with one client each.

The first room is not counted, since it brings the code in. What opening leaves behind besides the
document counts as well: it is the machine's memory all the same. There are many small rooms, since what was free
when the server began is used up first, and differs from start to start.
"""

from __future__ import annotations

import asyncio

from . import notebooks
from .load import Client, leave
from .machine import resident_bytes
from .samples import Figure, Sample
from .servers import Kind, Server, Stable

FIGURES = (
    Figure("small room", "KB", digits=0),
    Figure("5 MB room", "MB", digits=1),
    Figure("server alone", "MB", digits=0, compared=False),
)
_ROOMS = 200
_SMALL_CELLS = 20
_FIRST = "First.ipynb"
_BIG = "Big.ipynb"


async def measure(stable: Stable, kind: Kind, settling: float) -> Sample:
    """Return one sample; servers get so many seconds to come to rest each time."""
    small = notebooks.text(notebooks.small(_SMALL_CELLS))
    names = [f"Small {number}.ipynb" for number in range(_ROOMS)]
    files = dict.fromkeys([_FIRST, *names], small) | {_BIG: notebooks.text(notebooks.many_cells())}
    async with stable.running(kind, files) as server:
        alone = resident_bytes(server.pid)
        clients: list[Client] = []
        first = await _after_opening(server, [_FIRST], clients, settling)
        all_small = await _after_opening(server, names, clients, settling)
        with_big = await _after_opening(server, [_BIG], clients, settling)
        await leave(clients)
    return {
        "server alone": alone / 1e6,
        "small room": (all_small - first) / _ROOMS / 1e3,
        "5 MB room": (with_big - all_small) / 1e6,
    }


async def _after_opening(server: Server, names: list[str], clients: list[Client], settling: float) -> int:
    """Open these notebooks, and return the memory of the server when it has come to rest."""
    clients += [await Client.join(server.endpoint, await server.endpoint.room(name)) for name in names]
    await asyncio.sleep(settling)
    return resident_bytes(server.pid)
