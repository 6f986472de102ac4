"""What all kernels of one server share; built once, changed by nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import zmq.asyncio

from ..documents import Documents
from ..notices import Announce
from ..supernode.clock import Clock
from .absences import Absences
from .cell_runs import CellRuns
from .facts import KernelFacts
from .left_aside import LeftAside
from .remembered import Remembered


@dataclass(frozen=True, slots=True)
class KernelSettings:
    """What an administrator may choose; seconds and bytes."""

    start_timeout: float = 60.0
    """How long a kernel may take until it answers."""
    gather: float = 0.02
    """How long outputs are gathered before they are written, where nothing was written just before."""
    gather_max: float = 0.05
    """How long they are gathered while a stream of them lasts."""
    base_url: str = "/"
    """Where the server's addresses begin, with a slash at its end."""
    max_stream_bytes: int | None = 2**20
    """How much of one stream is shared with everybody; the rest is kept beside the document."""
    max_output_bytes: int | None = 10 * 2**20
    """How large one display may be that is shared with everybody."""
    max_cell_bytes: int | None = 20 * 2**20
    """How much of one cell's outputs is shared with everybody."""
    record_timing: bool = False
    """Whether cells' metadata say when they ran."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a kernel works with."""

    kernel_manager: Any
    """Jupyter Server's kernel manager."""
    documents: Documents
    clock: Clock
    announce: Announce
    context: zmq.asyncio.Context
    settings: KernelSettings
    aside: LeftAside | None = None
    """Who keeps what is too large to share; None: everything is shared."""
    facts: KernelFacts = field(default_factory=KernelFacts)
    """Who tells open notebooks how kernels stand."""
    cell_runs: CellRuns = field(default_factory=CellRuns)
    """Who knows which run a cell shows."""
    absences: Absences = field(default_factory=Absences)
    """Who lets cells that are gone for a while show their run."""
    remembered: Remembered = field(default_factory=Remembered)
    """Who knows all runs, and those that ended for a while."""
