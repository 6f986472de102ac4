"""Trivial runs: a notebook of cells that say ``1+1``, run whole while one client watches, beside nbclient.

nbclient runs the same notebook in a process of its own, with nobody who watches and no document: what a run costs
more here is the price of sharing. The time is that from the first request to the last ``idle``, with the kernel up.

Both kernels do the same: nbclient starts its own with a history in memory, and so the server's is told to have one,
which would write each cell into a file otherwise.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pycrdt import Array, Doc

from . import wire
from .errors import BenchmarkError
from .load import Client
from .machine import Stopwatch
from .printing import NOTEBOOK, ask, notebook, start_kernel
from .samples import Figure, Sample
from .servers import NBCLIENT, Kind, Stable

FIGURES = (
    Figure("time per run", "ms", digits=2),
    Figure("foreign share", "of a core", digits=2, compared=False),
)
_LONGEST = 120.0

_NBCLIENT = """
import json, sys, time
import nbformat
from nbclient import NotebookClient
client = NotebookClient(nbformat.read(sys.argv[1], as_version=4), kernel_name="python3")
with client.setup_kernel():
    client.execute_cell(client.nb.cells[0], 0)
    began = time.perf_counter()
    for number, cell in enumerate(client.nb.cells[1:], 1):
        client.execute_cell(cell, number)
    print(json.dumps(time.perf_counter() - began))
assert all(cell.outputs for cell in client.nb.cells)
"""


async def measure(stable: Stable, kind: Kind, runs: int) -> Sample:
    """Return one sample."""
    cells = {f"cell-{number}": "1+1" for number in range(runs + 1)}
    if kind is NBCLIENT:
        return {"time per run": await asyncio.to_thread(_with_nbclient, stable, cells) / runs * 1e3}
    async with stable.running(kind, {NOTEBOOK: notebook(cells)}) as server:
        _keep_history_in_memory(server.home)
        kernel_id = await start_kernel(server.endpoint)
        room = await server.endpoint.room(NOTEBOOK)
        client = await Client.join(server.endpoint, room)
        doc: Doc[Any] = Doc()
        doc.apply_update(client.state or wire.EMPTY_UPDATE)
        heard: list[bytes] = []
        client.heard = lambda message, _now: heard.append(message)
        first, *others = cells
        await ask(server.endpoint, kernel_id, room, [first], cells)
        await _until_run(doc, heard, 1)
        watch = Stopwatch(server.pid, stable.cores)
        await ask(server.endpoint, kernel_id, room, others, cells)
        ended = await _until_run(doc, heard, runs + 1)
        sample = watch.read()
        await client.close()
    return sample | {"time per run": (ended - watch.began) / runs * 1e3}


async def _until_run(doc: Doc[Any], heard: list[bytes], count: int) -> float:
    """Wait until so many cells have a result and a count; return when."""
    deadline = time.perf_counter() + _LONGEST
    while time.perf_counter() < deadline:
        for message in heard:
            if message.startswith(wire.UPDATE):
                doc.apply_update(wire.content(message))
        seen = time.perf_counter()
        heard.clear()
        cells = doc.get("cells", type=Array)
        if all(cells[at].get("execution_count") and len(cells[at]["outputs"]) for at in (0, count - 1)):
            return seen
        await asyncio.sleep(0.01)
    raise BenchmarkError(f"not all of {count} cells were run")


def _keep_history_in_memory(home: Path) -> None:
    """Let the kernels that are started from now on by a server with this home write no history."""
    profile = home / ".ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text('c.HistoryManager.hist_file = ":memory:"\n')


def _with_nbclient(stable: Stable, cells: dict[str, str]) -> float:
    """Return the seconds that nbclient takes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NOTEBOOK
        path.write_text(notebook(cells))
        command = [*stable.cores.pinning(), sys.executable, "-c", _NBCLIENT, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_LONGEST)
    if done.returncode:
        raise BenchmarkError(f"nbclient failed: {done.stderr.strip().splitlines()[-1]}")
    seconds: float = json.loads(done.stdout.splitlines()[-1])
    return seconds
