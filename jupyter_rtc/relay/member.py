"""A participant, as its room knows it: what it may do, and what it was asked and has answered. Pure.

Whoever is asked for what the server does not have owes an answer; who waits for one is called when it has come, or
when it never will.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from .presence import Identity
from .session import Standing


@dataclass(slots=True)
class Member:
    """One participant."""

    identity: Identity
    standing: Standing
    speaks_ours: bool = False
    """Whether it asked for our own messages."""
    claimed: bool = False
    """Whether it named the epoch that it holds, and named this one."""
    may: Callable[[str, str], Awaitable[bool]] | None = None
    """Asks whether its user may do an action on a resource."""
    told_read_only: bool = False
    suspended: bool = False
    """Whether nothing is taken from it because nobody says what its user may do."""
    wrote: bool = False
    """Whether it changed the document since the last ``take``."""
    asked: int = 0
    """How often it was asked for what we do not have; each time it owes one answer."""
    answered: int = 0
    excused: int = 0
    """How often it was excused from what it owed."""
    awaited: list[tuple[int, Callable[[], None]]] = field(default_factory=list)
    """Who is to be called once it has given so many answers."""
    mute: bool = False
    """Whether it owed an answer for too long; until it answers again, nobody waits for it."""

    def wait(self, done: Callable[[], None]) -> None:
        """Have this called when it has answered all that it was asked so far."""
        self.awaited.append((self.asked, done))

    def note_answer(self) -> None:
        """Take note of an answer; call who waited for it."""
        self.answered += 1
        self.mute = False
        self._call(sum(owed <= self.answered for owed, _ in self.awaited))

    def excuse(self) -> None:
        """Expect no answer any more; call all who waited for one."""
        self.answered = self.asked
        self.excused += 1
        self._call(len(self.awaited))

    def _call(self, count: int) -> None:
        due, self.awaited = self.awaited[:count], self.awaited[count:]
        for _, done in due:
            done()
