"""What all kernels of one server share; built once, changed by nobody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import zmq.asyncio

from ..documents import Documents
from ..notices import Announce
from ..supernode.clock import Clock


@dataclass(frozen=True, slots=True)
class KernelSettings:
    """What an administrator may choose; seconds and bytes."""

    start_timeout: float = 60.0
    """How long a kernel may take until it answers."""
    gather: float = 0.02
    """How long outputs are gathered before they are written, where nothing was written just before."""
    gather_max: float = 0.05
    """How long they are gathered while a stream of them lasts."""
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
