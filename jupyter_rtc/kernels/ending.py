"""When a run has ended. Pure: facts in, one step out.

A kernel says it twice: by the reply on the shell channel, and by ``idle`` on the IOPub channel, behind all outputs.
Both are waited for. If one of them does not come although everything is quiet, the kernel is asked something else:
what is still on its way arrives before the answer to that, on either channel. A reply may never come: an interrupt
that meets ipykernel between a request and its code is the end of both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

QUIET = 1.0
"""Seconds without a message after which ``idle`` is asked for."""
CHECK = 1.0
"""Seconds between two looks whether the kernel is still alive."""


@dataclass(slots=True)
class Progress:
    """What is known of one request to the kernel."""

    heard_at: float
    """When the kernel was last heard on IOPub; times are of one clock, in seconds."""
    replied: bool = False
    idle: bool = False
    cut: bool = False
    """Whether its kernel has gone, or somebody gave it up."""
    in_doubt: bool = False
    """Whether it was asked of a kernel on another server that has said nothing of it yet."""
    probed: bool = False
    probe_idle: bool = False
    """Whether the ``idle`` of the question that was asked last has come."""
    probe_replied: bool = False
    """Whether the reply to it has come."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Look again at this time, or when something is heard."""

    until: float


class Step(Enum):
    """What to do."""

    END = auto()
    PROBE = auto()


def next_step(progress: Progress, now: float) -> Wait | Step:
    """Return what to do now."""
    is_replied = progress.replied or (progress.idle and progress.probe_replied)
    if progress.cut or (is_replied and (progress.idle or progress.probe_idle)):
        return Step.END
    if (progress.replied or progress.idle) and not progress.probed:
        return Step.PROBE if now - progress.heard_at >= QUIET else Wait(progress.heard_at + QUIET)
    return Wait(now + CHECK)
