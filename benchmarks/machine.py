"""What the kernel says of processes and cores; Linux only, read from /proc.

Times are seconds of CPU, sizes are bytes.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core the server gets, and which one the load; None if there is only one core for all."""

    server: int | None
    load: int | None

    @staticmethod
    def of_this_machine() -> Cores:
        """Return the first and the last core that we may use."""
        allowed = sorted(os.sched_getaffinity(0))
        pinned = len(allowed) > 1 and shutil.which("taskset") is not None
        return Cores(allowed[0], allowed[-1]) if pinned else Cores(None, None)

    def pin_load(self) -> None:
        """Keep this process, which makes the load, on its core."""
        if self.load is not None:
            os.sched_setaffinity(0, {self.load})

    def pinning(self) -> list[str]:
        """Return what to put before a server's command line."""
        return [] if self.server is None else ["taskset", "-c", str(self.server)]


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used, with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def children_seconds(pid: int) -> float:
    """Return the CPU time of a process's children that run now: a server's kernels."""
    found = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
        if int(fields[1]) == pid:
            found += (int(fields[11]) + int(fields[12])) / _TICKS
    return found


def resident_bytes(pid: int) -> int:
    """Return the resident memory of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def busy_seconds(core: int | None) -> float:
    """Return how long a core has been busy since the machine started, by whomever."""
    if core is None:
        return 0.0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *numbers = line.split()
        if name == f"cpu{core}":
            user, nice, system, _idle, _wait, irq, soft_irq, steal = map(int, numbers[:8])
            return (user + nice + system + irq + soft_irq + steal) / _TICKS
    return 0.0


class Stopwatch:
    """Wall time and CPU time from its making on, of one server, of the load, and of strangers."""

    def __init__(self, pid: int, cores: Cores) -> None:
        self._pid = pid
        self._cores = cores
        self._began = self._now()
        self.began = self._began[0]
        """When it was made (``time.perf_counter``)."""

    def _now(self) -> tuple[float, ...]:
        busy = (busy_seconds(core) for core in (self._cores.server, self._cores.load))
        times = cpu_seconds(self._pid), children_seconds(self._pid), time.process_time()
        return time.perf_counter(), *times, *busy

    def read(self) -> dict[str, float]:
        """Return seconds so far; shares are of one core.

        ``foreign share`` is what strangers took of the server's core or of the load's, whichever is more:
        a sample with much of it is not worth much. It is known to some hundredths only.
        """
        wall, server, kernels, load, *busy = (a - b for a, b in zip(self._now(), self._began, strict=True))
        foreign = max(busy[0] - server - kernels, busy[1] - load, 0.0)
        return {
            "seconds": wall,
            "server cpu": server,
            "server share": server / wall,
            "load share": load / wall,
            "foreign share": foreign / wall,
        }
