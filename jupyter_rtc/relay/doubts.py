"""Changes that bear the name of somebody else who is here, held until that somebody was asked. Pure; time is an input.

Who writes under another's client id, ahead of what the other has made, would have what the other types next taken for
known, and dropped, everywhere. But to pass on what others made is right: a page can have two providers, people can
merge while the server is away. What tells the one from the other: *nobody has a change that its maker does not have*.

* A change that bears an owned id (``names``) beyond what the document has of it is held, and all that its sender says
  afterwards with it; the owner is asked for everything that it has.
* When the document has it from elsewhere, the sender is right, and what was held is taken.
* When the owner has answered, and still nobody else has it, it is forged. Its sender is told to reload: with an id that
  is new, even somebody of whom another has claimed the id first can go on.
* An owner that may not write, leaves, or does not answer in time proves nothing: what was held is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Protocol

from ..errors import EpochMismatch, MessageTooLarge, ParticipantError
from ..ids import ParticipantId
from ..protocol.items import reaches
from ..protocol.messages import Presence
from .member import Member
from .names import Names
from .session import Standing

PATIENCE = 2.0
"""Seconds for which an owner's answer is waited for."""

MAX_HELD_BYTES = 64 * 2**20
"""Bytes of one participant's messages that are held behind the first."""

FORGED = "You changed this document under the name of somebody else who is here. Reload to continue."


class Floor(Protocol):
    """What a room does for its doubts."""

    @property
    def members(self) -> Mapping[ParticipantId, Member]:
        """Who is here."""

    def question(self, who: ParticipantId) -> None:
        """Ask a participant for all that the document has not."""

    def take_held(self, who: ParticipantId, doubt: Doubt, now: float) -> None:
        """Take what was held of a participant, who may have left meanwhile."""

    def send_away(self, who: ParticipantId, error: ParticipantError, now: float) -> None:
        """Close a participant."""


class _Verdict(Enum):
    WAIT = auto()
    TAKE = auto()
    FORGED = auto()


@dataclass(slots=True)
class _Question:
    """What one owner was asked."""

    clients: frozenset[int]
    owed: int
    """How many answers it has given when it has answered this one."""
    excused: int
    """How often it had been excused then."""


@dataclass(slots=True)
class Doubt:
    """What is held of one participant, and why."""

    member: Member
    ends: Mapping[int, int]
    """How far the change reaches in each doubtful client's clock."""
    asked: Mapping[ParticipantId, _Question]
    until: float
    held: list[bytes | str] = field(default_factory=list)
    """Its messages, the doubtful one first."""
    held_bytes: int = 0


class Doubts:
    """All that is held in one room."""

    def __init__(self, floor: Floor, clocks: Callable[[], Mapping[int, int]]) -> None:
        """Hold nothing yet; ``clocks`` tells what the document has of each client's changes."""
        self._floor = floor
        self._clocks = clocks
        self._names = Names()
        self._doubts: dict[ParticipantId, Doubt] = {}

    def __contains__(self, who: ParticipantId) -> bool:
        """Whether something of this participant is held."""
        return who in self._doubts

    def hear(self, who: ParticipantId, member: Member, said: Iterable[Presence]) -> None:
        """Take note of what a participant says of who is here."""
        self._names.hear(who, member.identity.username, said, only_itself=member.speaks_ours)

    def leave(self, who: ParticipantId, now: float) -> None:
        """Forget what a participant owned; what it said, and is held, may still be taken."""
        self._names.leave(who)
        self.settle(now)

    def arises(self, who: ParticipantId, member: Member, update: bytes, now: float) -> bool:
        """Ask those whose names a sound update bears for more than the document has; return whether it is held."""
        foreign = self._names.foreign(update, member.identity.username)
        if not foreign:
            return False
        ends, clocks = reaches(update), self._clocks()
        ahead = {client: ends[client] for client in foreign if ends.get(client, 0) > clocks.get(client, 0)}
        asked: dict[ParticipantId, _Question] = {}
        for owner in {owner for client in ahead for owner in self._names.owners(client)}:
            one = self._floor.members[owner]
            if _can_be_asked(one):
                self._floor.question(owner)
                theirs = frozenset(client for client in ahead if owner in self._names.owners(client))
                asked[owner] = _Question(theirs, one.asked, one.excused)
        if asked:
            self._doubts[who] = Doubt(member, ahead, asked, now + PATIENCE)
        return bool(asked)

    def hold(self, who: ParticipantId, data: bytes | str) -> None:
        """Hold one more message of a participant of whom something is held.

        Raises:
            MessageTooLarge: it is too much.

        """
        doubt = self._doubts[who]
        if doubt.held:
            doubt.held_bytes += len(data)
        if doubt.held_bytes > MAX_HELD_BYTES:
            raise MessageTooLarge("Too much was sent while another participant was asked for its changes.")
        doubt.held.append(data)

    def drop(self, who: ParticipantId) -> None:
        """Forget what is held of a participant."""
        self._doubts.pop(who, None)

    def settle(self, now: float) -> None:
        """Take what need not be held any longer, and close who has forged something."""
        while self._doubts:
            clocks = self._clocks()
            verdicts = {who: self._verdict(doubt, clocks, now) for who, doubt in self._doubts.items()}
            who = next((who for who, verdict in verdicts.items() if verdict is not _Verdict.WAIT), None)
            if who is None:
                return
            doubt = self._doubts.pop(who)
            if verdicts[who] is _Verdict.FORGED:
                self._floor.send_away(who, EpochMismatch(FORGED), now)
            else:
                self._floor.take_held(who, doubt, now)

    def give_up(self, now: float) -> None:
        """Take all that is held: there is no time to wait for anybody."""
        while self._doubts:
            who, doubt = self._doubts.popitem()
            self._floor.take_held(who, doubt, now)

    def _verdict(self, doubt: Doubt, clocks: Mapping[int, int], now: float) -> _Verdict:
        missing = {client for client, end in doubt.ends.items() if clocks.get(client, 0) < end}
        waits = False
        for owner, question in doubt.asked.items():
            member = self._floor.members.get(owner)
            if member is None or not _can_be_asked(member) or not question.clients & missing:
                continue
            if member.excused != question.excused:  # what it was asked was lost, and it was asked again
                question.owed, question.excused = member.asked, member.excused
            if member.answered >= question.owed:
                return _Verdict.FORGED
            waits = True
        return _Verdict.WAIT if waits and now < doubt.until else _Verdict.TAKE


def _can_be_asked(member: Member) -> bool:
    """Whether an owner's answer would say something: it may write, and has answered when it was last waited for."""
    return member.standing is Standing.WRITING and not member.mute
