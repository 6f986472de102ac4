"""The first change: a notebook that nobody has open is opened, one cell is changed, and the file has it.

So does a program that is to change something in passing. The time is from the question for the session until the file
on the disk has the change; the save is asked for as JupyterLab asks, of a server that answers that.
"""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from pycrdt import Array, Doc

from . import notebooks, wire
from .errors import BenchmarkError
from .keystrokes import Typist, frames
from .load import Client, leave
from .samples import Figure, Sample
from .servers import Kind, Stable
from .store import save

FIGURES = (
    Figure("small, on disk", "ms", digits=0),
    Figure("5 MB, on disk", "ms", digits=0),
)
NOTEBOOKS = {"small, on disk": "Small.ipynb", "5 MB, on disk": "Big.ipynb"}
MARK = "changed in passing"
_LOOK_SECONDS = 0.002
_LONGEST = 30.0


async def measure(stable: Stable, kind: Kind) -> Sample:
    """Return one sample, each notebook with a server of its own."""
    texts = {"Small.ipynb": notebooks.text(notebooks.small()), "Big.ipynb": notebooks.text(notebooks.many_cells())}
    return {figure: await _changed(stable, kind, name, texts[name]) * 1_000 for figure, name in NOTEBOOKS.items()}


async def _changed(stable: Stable, kind: Kind, name: str, text: str) -> float:
    cells = len(json.loads(text)["cells"])
    async with stable.running(kind, {name: text}) as server:
        path = server.home / "notebooks" / name
        began = time.perf_counter()
        client = await Client.connect(server.endpoint, await server.endpoint.room(name))
        state = await _state(client, cells)
        for frame in frames(Typist(state, 1_000, 1, 0).type([MARK])):
            client.write(frame)
        saving = asyncio.create_task(save(server, client, 1))
        await _until_there(path)
        ended = time.perf_counter()
        await saving
        await leave([client])
    return ended - began


async def _state(client: Client, cells: int) -> bytes:
    """Return the document, as an update, as soon as all of its cells are there."""
    doc: Doc[Any] = Doc()
    whole: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def hear(message: bytes, _now: float) -> None:
        if message[:2] in (wire.UPDATE, wire.SYNC_STEP2):
            doc.apply_update(wire.content(message))
            if len(doc.get("cells", type=Array)) == cells and not whole.done():
                whole.set_result(None)

    client.heard = hear
    client.send(wire.sync(wire.SYNC_STEP1, wire.EMPTY_STATE))
    await asyncio.wait_for(whole, _LONGEST)
    client.heard = lambda _message, _now: None
    return doc.get_update()


async def _until_there(path: Path) -> None:
    """Wait until the file has the change; it is read only when it was written."""
    seen, began = _written_at(path), time.perf_counter()
    while time.perf_counter() - began < _LONGEST:
        if seen != (seen := _written_at(path)) and MARK in _text(path):
            return
        await asyncio.sleep(_LOOK_SECONDS)
    raise BenchmarkError(f"the file had no change after {_LONGEST:.0f} s")


def _written_at(path: Path) -> int:
    return path.stat().st_mtime_ns


def _text(path: Path) -> str:
    return path.read_text(errors="replace")
