"""One run: what is to be executed, for whom, and how far it has come. Pure.

A run begins when somebody asks for it and ends exactly once, as ``ok``, ``error`` or ``aborted``. What it was asked
to do never changes; how it stands is changed by whoever owns its kernel, through the methods here, which refuse
steps that no run takes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any
from uuid import uuid4

from ..errors import RunError
from ..ids import RoomId


class RunStatus(Enum):
    """How far a run has come; the values are what the table ``executions`` shows."""

    REQUESTED = "requested"
    """Somebody wrote the record; nobody has looked at it yet."""
    QUEUED = "queued"
    RUNNING = "running"
    OK = "ok"
    ERROR = "error"
    ABORTED = "aborted"
    """It never ran to its end: something before it failed, or its kernel went."""

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self in (RunStatus.OK, RunStatus.ERROR, RunStatus.ABORTED)


@dataclass(frozen=True, slots=True)
class Options:
    """How the kernel is to run it; the fields of an ``execute_request`` (Jupyter message spec, "Execute")."""

    silent: bool = False
    store_history: bool = True
    stop_on_error: bool | None = None
    """Whether an error of this run stops what the same person asked for after it; None: unless its cell may raise."""
    allow_stdin: bool = True
    record_timing: bool = False
    """Whether the cell's metadata say when it ran, as JupyterLab records it."""


def options_in(given: Any) -> Options:
    """Return the options that somebody outside gave.

    Raises:
        RunError: they are not what options are.

    """
    names = {field.name for field in fields(Options)}
    if given is None:
        return Options()
    if not isinstance(given, dict) or not given.keys() <= names:
        raise RunError(f"The options of a run are {', '.join(sorted(names))}.")
    if not all(isinstance(value, bool) for value in given.values()):
        raise RunError("Each option of a run is true or false.")
    return Options(**given)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run did not end well, in the words of an ``error`` output."""

    ename: str
    evalue: str
    traceback: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Run:
    """One run."""

    room: RoomId
    kernel_id: str
    code: str
    username: str
    cell_id: str | None = None
    """The cell that shows its outputs; None for code that is no cell's."""
    batch: str = ""
    """Runs of one batch follow each other without anything in between; empty: a batch of its own."""
    options: Options = field(default_factory=Options)
    place: tuple[float, int] | None = None
    """Its place in its batch, where runs of one batch come in any order; None: behind those that are there."""
    id: str = field(default_factory=lambda: uuid4().hex)
    status: RunStatus = RunStatus.REQUESTED
    asked_at: float = 0.0
    """Times are in seconds since 1970, to be shown to people."""
    started_at: float | None = None
    ended_at: float | None = None
    execution_count: int | None = None
    generation: int = 0
    """How often its kernel had been restarted when it was queued."""
    failure: Failure | None = None
    marks: Mapping[str, Any] | None = None
    """What its cell's metadata say as long as it goes on."""

    def __post_init__(self) -> None:
        """Give a run without a batch one of its own."""
        self.batch = self.batch or self.id

    def start(self, at: float) -> None:
        """Note that the kernel has it."""
        self._go(RunStatus.RUNNING, RunStatus.QUEUED)
        self.started_at = at

    def queue(self, generation: int) -> None:
        """Note that it waits for the kernel."""
        self._go(RunStatus.QUEUED, RunStatus.REQUESTED)
        self.generation = generation

    def end(self, status: RunStatus, at: float, failure: Failure | None = None) -> None:
        """Note how it ended."""
        if not status.ended or self.status.ended:
            raise ValueError(f"A run that is {self.status.value} does not end as {status.value}.")
        self.status, self.ended_at, self.failure = status, at, failure

    def _go(self, to: RunStatus, only_from: RunStatus) -> None:
        if self.status is not only_from:
            raise ValueError(f"A run that is {self.status.value} cannot become {to.value}.")
        self.status = to
