"""What all keepers of a server share, and the settings of how files are kept. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..datastore.content import Shape, shape_of
from ..ids import FileAddress
from ..notices import Announce
from .clock import Clock
from .contents import Contents
from .identity import Identity
from .plan import Pace
from .watch import Watch


@dataclass(frozen=True, slots=True)
class FileSettings:
    """How files are kept; times are in seconds."""

    pace: Pace = field(default_factory=Pace)
    autosave: bool = True
    """Whether edits are saved without anybody asking."""
    poll_interval: float | None = 2.0
    """How often to look at an open file that nothing watches; slower while nothing changes. None: never."""
    poll_interval_max: float = 30.0
    read_timeout: float = 30.0
    save_patience: float = 30.0
    """After which a person who asked for a save hears that it is not done yet; it goes on."""
    close_patience: float = 60.0
    """After which a document is closed although its storage has not answered; its history has what is unsaved."""


def _own_shape(address: FileAddress) -> Shape:
    return shape_of(address.type)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all keepers of a server share."""

    contents: Contents
    identity: Identity
    watch: Watch
    clock: Clock
    settings: FileSettings
    announce: Announce
    shape: Callable[[FileAddress], Shape] = _own_shape
    """What the documents of a file are made of."""
