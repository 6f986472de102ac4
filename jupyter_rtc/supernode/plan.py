"""What to do next about one file and its document. Pure: facts in, one action out.

It decides by looking, never by remembering what it decided before, so it may be asked at any time and as often
as one likes. In order of weight:

* Participants hear of it first when the file stands differently than they were told.
* Nothing is written before the file was looked at, and nothing where it holds what the document does not
  have yet: that is merged first.
* A person who asks is answered at once, even between two attempts; everybody else waits for the back-off.
* A missing file is not created, a read-only one not written: that answer is *refuse*, not *save*.
* Edits are saved a short pause after the last one, and under constant typing after a longest delay.
  *On demand*, they are only compared, so that people see whether something is unsaved.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto


class Disk(Enum):
    """What is known of the file."""

    UNSEEN = auto()
    """Nothing that still counts: something said that it may have changed."""
    AGREED = auto()
    """It holds what the document has taken in, or less."""
    CHANGED = auto()
    """It holds something that the document has not taken in."""
    MISSING = auto()


class Standing(Enum):
    """How a file stands, as people see it."""

    FINE = "fine"
    READ_ONLY = "read-only"
    MISSING = "missing"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait, in seconds."""

    save_delay: float = 1.0
    """After the last change."""
    save_delay_max: float = 10.0
    """After the first change that is not saved, under constant typing."""
    retry: float = 1.0
    """After the first failure; doubled with each further one."""
    retry_max: float = 60.0

    def retry_after(self, failures: int) -> float:
        """Return how long to wait after so many failures in a row."""
        return min(self.retry * 2.0 ** min(failures - 1, 30), self.retry_max)


@dataclass(frozen=True, slots=True)
class Edits:
    """When the document was changed since it was last compared with the file."""

    first: float
    last: float


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the decision depends on; times are of one clock, in seconds."""

    now: float
    disk: Disk = Disk.UNSEEN
    edits: Edits | None = None
    """None if nothing has changed since document and file were compared."""
    unsaved: bool = False
    """Whether comparing showed that the document has what the file has not."""
    asked: bool = False
    """Whether a person waits for a save."""
    on_demand: bool = False
    """Whether edits are saved only when a person asks."""
    closing: bool = False
    """Whether this is the last occasion: edits do not wait any more."""
    writable: bool = True
    look_at: float | None = None
    """When the file is to be looked at without a reason; None: never."""
    retry_at: float | None = None
    """Until when to leave it alone after a failure."""
    standing: Standing = Standing.FINE
    told: Standing = Standing.FINE
    """What participants were last told."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing until this time, or until the facts change."""

    until: float | None


class Do(Enum):
    """Something to do now."""

    TELL = auto()
    LOOK = auto()
    MERGE = auto()
    SAVE = auto()
    COMPARE = auto()
    """Find out whether the document has what the file has not, and show it."""
    REFUSE = auto()
    """Tell the person who asked why there is nothing to write to."""


Action = Wait | Do


def plan(facts: Facts, pace: Pace) -> Action:
    """Return what to do now."""
    if facts.standing is not facts.told:
        return Do.TELL
    if facts.retry_at is not None and facts.now < facts.retry_at and not facts.asked:
        return Wait(facts.retry_at)
    if facts.disk is Disk.UNSEEN or _due(facts.look_at, facts.now):
        return Do.LOOK
    if facts.disk is Disk.CHANGED:
        return Do.MERGE
    return _toward_the_file(facts, pace)


def _toward_the_file(facts: Facts, pace: Pace) -> Action:
    possible = facts.disk is Disk.AGREED and facts.writable
    if facts.asked:
        return Do.SAVE if possible else Do.REFUSE
    saving = possible and not facts.on_demand
    due = _save_due(facts, pace, saving=saving)
    if _due(due, facts.now):
        return Do.SAVE if saving else Do.COMPARE
    return Wait(_earliest(due, facts.look_at))


def _save_due(facts: Facts, pace: Pace, *, saving: bool) -> float | None:
    """Return when the document is to be written or compared; None if there is no reason to."""
    if facts.edits is None:
        return facts.now if saving and facts.unsaved else None
    if saving and facts.closing:
        return facts.now
    return min(facts.edits.last + pace.save_delay, facts.edits.first + pace.save_delay_max)


def _due(at: float | None, now: float) -> bool:
    return at is not None and at <= now


def _earliest(*times: float | None) -> float | None:
    return min((at for at in times if at is not None), default=None)
