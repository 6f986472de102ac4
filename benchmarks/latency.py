"""Latency: 10 clients in a room, one types 400 keys a second; how long until each of the others has it.

Keys are sent at their appointed times, whatever the server does. Each key is a character that occurs
once, so that a receiver knows it again however updates were joined or merged. The server's CPU time over
the same seconds is measured too: it is what typing costs.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from . import notebooks, wire
from .errors import BenchmarkError
from .keystrokes import Typist, frames, numbered, shown
from .load import Client, crowd, leave, quiet
from .local import state_of
from .machine import Stopwatch
from .samples import Figure, Sample, percentile
from .servers import Kind, Stable

FIGURES = (
    Figure("p50", "ms", digits=2),
    Figure("p99", "ms", digits=2),
    Figure("worst", "ms", digits=1, compared=False),
    Figure("cpu per key", "µs", digits=0),
    Figure("load share", "of a core", digits=2, compared=False),
    Figure("foreign share", "of a core", digits=2, compared=False),
)
NOTEBOOK = "Latency.ipynb"
CLIENTS = 10
KEYS_PER_SECOND = 400


class Receiver:
    """One client that waits for keys, in order."""

    def __init__(self, client: Client, keys: Sequence[str]) -> None:
        self.at: list[float] = []
        """When each key was there (``time.perf_counter``)."""
        self.updates: list[bytes] = []
        self._expected = [key.encode() for key in keys]
        client.heard = self.hear

    def hear(self, message: bytes, now: float) -> None:
        """Look which of the expected keys are in a message."""
        if message[:1] != wire.UPDATE[:1]:
            return
        self.updates.append(wire.content(message))
        while len(self.at) < len(self._expected) and self._expected[len(self.at)] in message:
            self.at.append(now)

    def cut(self, count: int) -> None:
        """Expect no more than the first so many keys."""
        del self._expected[count:]

    @property
    def has_all(self) -> bool:
        """Whether every key has come."""
        return len(self.at) == len(self._expected)


@dataclass(slots=True)
class Typing:
    """One client that types prepared keys at a steady pace."""

    client: Client
    frames: Sequence[bytes]
    interval: float
    """Seconds from key to key."""
    at: list[float] = field(default_factory=list)
    """When each key was sent (``time.perf_counter``)."""

    async def run(self) -> None:
        """Type until the keys are used up."""
        began = time.perf_counter()
        for number, frame in enumerate(self.frames):
            early = began + number * self.interval - time.perf_counter()
            if early > 0:
                await asyncio.sleep(early)
            self.at.append(time.perf_counter())
            self.client.write(frame)


async def until_all_came(receivers: Sequence[Receiver], longest: float = 30) -> None:
    """Wait until everybody has every key.

    Raises:
        BenchmarkError: some keys never came.

    """
    deadline = time.perf_counter() + longest
    while not all(receiver.has_all for receiver in receivers):
        if time.perf_counter() > deadline:
            missing = sum(not receiver.has_all for receiver in receivers)
            raise BenchmarkError(f"{missing} of {len(receivers)} clients missed keys")
        await asyncio.sleep(0.02)


def delays(typing: Typing, receivers: Sequence[Receiver]) -> list[float]:
    """Return the milliseconds from the sending of each key to each of its arrivals."""
    return [
        (there - sent) * 1_000 for receiver in receivers for sent, there in zip(typing.at, receiver.at, strict=True)
    ]


async def measure(stable: Stable, kind: Kind, seconds: float) -> Sample:
    """Return one sample, of so many seconds of typing."""
    notebook = notebooks.text(notebooks.small())
    keys = numbered(int(seconds * KEYS_PER_SECOND))
    async with stable.running(kind, {NOTEBOOK: notebook}) as server:
        clients = await crowd(server.endpoint, await server.endpoint.room(NOTEBOOK), CLIENTS)
        state = clients[0].state or state_of(notebook)
        updates = Typist(state, 1_000, 1, 0).type(keys)
        await _warm_up(clients, state)
        receivers = [Receiver(client, keys) for client in clients[1:]]
        typing = Typing(clients[0], frames(updates), 1 / KEYS_PER_SECOND)
        watch = Stopwatch(server.pid, stable.cores)
        await typing.run()
        await until_all_came(receivers)
        sample = watch.read()
        _check_that_all_agree(state, updates, receivers)
        await leave(clients)
    times = delays(typing, receivers)
    sample["p50"], sample["p99"] = percentile(times, 0.5), percentile(times, 0.99)
    sample["worst"] = max(times)
    sample["cpu per key"] = sample["server cpu"] / len(keys) * 1e6
    return sample


async def _warm_up(clients: Sequence[Client], state: bytes) -> None:
    """Type half a second with somebody else's keys."""
    updates = Typist(state, 2_000, 1, 100).type(["."] * (KEYS_PER_SECOND // 2))
    await Typing(clients[1], frames(updates), 1 / KEYS_PER_SECOND).run()
    await quiet(clients)


def _check_that_all_agree(state: bytes, updates: Sequence[bytes], receivers: Sequence[Receiver]) -> None:
    expected = _first_cells(state, updates)
    verdicts: dict[tuple[bytes, ...], bool] = {}
    for number, receiver in enumerate(receivers, 1):
        key = tuple(receiver.updates)
        if key not in verdicts:
            verdicts[key] = _first_cells(state, receiver.updates) == expected
        if not verdicts[key]:
            raise BenchmarkError(f"client {number} shows something else than was typed")


def _first_cells(state: bytes, updates: Sequence[bytes]) -> object:
    """Return the cells that were typed into; the warm-up went into later ones."""
    return shown(state, updates)[:100]
