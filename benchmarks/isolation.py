"""Isolation: what 20 rooms feel while somebody else misbehaves in a room of his own.

In each of the rooms one person types 10 keys a second to another. In one more room there is always a
writer who sets a value of 50 KB 80 times a second. The phases, each compared with the calm one:

* calm: somebody reads all that;
* mute: he stops reading, and does not hang up;
* rubbish: somebody sends bytes that mean nothing, and comes back when he is thrown out;
* crowd: somebody connects 500 times, and leaves each time.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from . import notebooks
from .errors import BenchmarkError
from .keystrokes import Typist, frames, numbered
from .latency import Receiver, Typing, delays, until_all_came
from .load import Client, leave, quiet
from .machine import resident_bytes
from .samples import Figure, Sample, percentile
from .servers import Kind, Server, Stable

PHASES = ("calm", "mute", "rubbish", "crowd")
FIGURES = (
    *(Figure(f"{phase} p50", "ms", digits=2, compared=False) for phase in PHASES),
    *(Figure(f"{phase} p99", "ms", digits=1, compared=False) for phase in PHASES),
    Figure("thrown out", "clients", digits=0, compared=False),
    Figure("growth", "MB", digits=1, compared=False),
)
_ROOMS = 20
_KEYS_PER_SECOND = 10
_VALUES_PER_SECOND = 80
_VALUE_LENGTH = 50_000
_CONNECTIONS = 500
_LANES = 5
_TROUBLE = "Trouble.ipynb"


@dataclass(slots=True)
class Pair:
    """A room of two well-behaved people."""

    writer: Client
    reader: Client
    typist: Typist

    @property
    def thrown_out(self) -> int:
        """How many of the two the server has hung up on."""
        return sum(bool(client.was_closed) for client in (self.writer, self.reader))


async def measure(stable: Stable, kind: Kind, seconds: float) -> Sample:
    """Return one sample; each phase takes so many seconds."""
    names = [f"Room {number}.ipynb" for number in range(_ROOMS)]
    files = dict.fromkeys([*names, _TROUBLE], notebooks.text(notebooks.small(40)))
    sample: Sample = {}
    async with stable.running(kind, files) as server:
        pairs = [await _pair(server, name) for name in names]
        trouble = await _pair(server, _TROUBLE)
        await _phase(pairs, seconds / 4, lambda: asyncio.sleep(0))
        before = resident_bytes(server.pid)
        for phase, misbehave in _misbehaviour(server, trouble).items():
            sending = asyncio.create_task(_send_much(trouble, seconds))
            times = await _phase(pairs, seconds, misbehave)
            await sending
            sample[f"{phase} p50"] = percentile(times, 0.5)
            sample[f"{phase} p99"] = percentile(times, 0.99)
        sample["growth"] = (resident_bytes(server.pid) - before) / 1e6
        sample["thrown out"] = float(sum(pair.thrown_out for pair in pairs))
        await leave([client for pair in pairs for client in (pair.writer, pair.reader)])
    return sample


async def _pair(server: Server, notebook: str) -> Pair:
    room = await server.endpoint.room(notebook)
    writer, reader = [await Client.join(server.endpoint, room) for _ in range(2)]
    assert writer.state is not None
    return Pair(writer, reader, Typist(writer.state, 1_000, 1, 0))


def _misbehaviour(server: Server, trouble: Pair) -> dict[str, Callable[[], Coroutine[Any, Any, None]]]:
    """Return for each phase what somebody does in it."""
    return {
        "calm": lambda: asyncio.sleep(0),
        "mute": lambda: _stop_reading(trouble.reader),
        "rubbish": lambda: _send_rubbish(server),
        "crowd": lambda: _come_and_go(server),
    }


async def _phase(pairs: Sequence[Pair], seconds: float, misbehave: Callable[[], Awaitable[None]]) -> list[float]:
    """Let all pairs type while somebody misbehaves; return the delays in milliseconds."""
    keys = numbered(max(1, int(seconds * _KEYS_PER_SECOND)))
    receivers = [Receiver(pair.reader, keys) for pair in pairs]
    typings = [Typing(p.writer, frames(p.typist.type(keys)), 1 / _KEYS_PER_SECOND) for p in pairs]
    bad = asyncio.ensure_future(misbehave())
    await asyncio.gather(*(_run_later(typing, n / len(typings)) for n, typing in enumerate(typings)))
    await until_all_came(receivers)
    bad.cancel()
    with suppress(asyncio.CancelledError):
        await bad
    return [ms for typing, one in zip(typings, receivers, strict=True) for ms in delays(typing, [one])]


async def _run_later(typing: Typing, share: float) -> None:
    """Type, beginning so that not all rooms type at the same moment."""
    await asyncio.sleep(share * typing.interval)
    await typing.run()


async def _send_much(trouble: Pair, seconds: float) -> None:
    """Send 4 MB a second into the room of the troublemaker."""
    values = [str(n % 10) * _VALUE_LENGTH for n in range(int(seconds * _VALUES_PER_SECOND))]
    await Typing(trouble.writer, frames(trouble.typist.overwrite(values)), 1 / _VALUES_PER_SECOND).run()


async def _stop_reading(client: Client) -> None:
    """Do not read any more until the phase ends."""
    client.transport.pause_reading()
    try:
        await asyncio.Event().wait()
    finally:
        if not client.transport.is_closing():
            client.transport.resume_reading()


async def _send_rubbish(server: Server) -> None:
    """Send meaningless messages without end, and come back when the server hangs up."""
    room = await server.endpoint.room(_TROUBLE)
    chance = random.Random(3)
    while True:
        with suppress(BenchmarkError, TimeoutError, OSError):
            client = await Client.connect(server.endpoint, room)
            for _ in range(5):
                client.send(bytes([chance.randrange(3)]) + chance.randbytes(chance.randrange(200)))
            await quiet([client], 0.03, 0.1)
            await leave([client])


async def _come_and_go(server: Server) -> None:
    """Connect and leave, many times, some at once."""
    room = await server.endpoint.room(_TROUBLE)

    async def lane() -> None:
        for _ in range(_CONNECTIONS // _LANES):
            with suppress(BenchmarkError, TimeoutError, OSError):
                await leave([await Client.join(server.endpoint, room, 5)])

    await asyncio.gather(*(lane() for _ in range(_LANES)))
