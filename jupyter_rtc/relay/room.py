"""A room: one shared document and the participants that look at it. No I/O; time is an input.

* Every input is a method; every output is in the ``Ready`` that ``take`` returns.
* The caller does a ``Ready`` in order: append, then send, then close.
* A bad message closes its sender, never the room: ``receive`` does not raise, whatever the bytes are, and whatever
  those do who observe the document.
* Nobody waits for anybody: a mute participant costs only its own place.
* What is logged and sent is what ``Changes`` says has changed, not what somebody claimed to have sent.
  An update whose predecessors are missing changes nothing yet; its sender is asked for them.
* A participant that knows changes of this server that this server does not know (its log was lost or set
  back) is told to reload before one byte of it is applied.

The room knows neither notebooks nor files; it never reads the document's content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from pycrdt import Doc

from ..errors import NotAllowed, ParticipantError, ProtocolError
from ..ids import Epoch, ParticipantId
from ..protocol import messages as m
from ..protocol.bounds import (
    Limits,
    check_state_vector,
    check_update,
    decode_state_vector,
    refusing,
)
from ..protocol.codec import decode, encode
from ..protocol.greeting import is_greeting
from .changes import Changes
from .containment import contained
from .doubts import Doubt, Doubts
from .lasting import Lasting
from .lineage import check_lineage
from .member import Member
from .presence import PresenceTable
from .ready import Frame, Letter, Outgoing, Ready, SaveAsked
from .session import MOVES, Move, Standing

EMPTY_UPDATE = b"\x00\x00"
"""A Yjs update without structs and without deletes."""

SUSPENDED = (
    "The server cannot find out at the moment whether you may change this document. "
    "What you change is taken when it knows."
)
READ_ONLY = "You may read this document but not change it; your change was not taken."


class Room:
    """The state of one room."""

    def __init__(  # noqa: PLR0913  what a room is, given by name
        self,
        doc: Doc[Any],
        epoch: Epoch,
        *,
        name: str = "",
        last_seq: int = 0,
        limits: Limits | None = None,
        content: bool = True,
        filled: bool = False,
        read_only: bool = False,
    ) -> None:
        """Make a room around a document.

        Args:
            doc: the document, with the history of this epoch up to ``last_seq``.
            epoch: the identity of that history.
            name: the room's address, which frontends write into the document that they open.
            last_seq: the number of the last change.
            limits: bounds on foreign bytes.
            content: whether the room has content at all, or presence only.
            filled: whether this server gives the document its first content, so that everyone who shares its
                history knows changes of the server.
            read_only: whether this server alone changes the document, whatever participants may do elsewhere.

        """
        self.doc = doc
        self.epoch = epoch
        self._name = name
        self.presence = PresenceTable()
        self._limits = limits or Limits()
        self._content = content
        self._filled = filled
        self._read_only = read_only
        self._members: dict[ParticipantId, Member] = {}
        self._lasting = Lasting()
        self._believed: ParticipantId | None = None
        """Whose next change is taken, whatever names it bears."""
        self.out = Outgoing()
        self.changes = Changes(doc, last_seq, self.out)
        self.doubts = Doubts(self, self.changes.clocks)
        self._nesting = self.changes.nesting(self._limits.max_depth)

    @property
    def has_changes(self) -> bool:
        """Whether ``take`` would have something for the log."""
        return bool(self.out.ready.append)

    @property
    def members(self) -> dict[ParticipantId, Member]:
        """Who is here; read only."""
        return self._members

    @property
    def author(self) -> Member | None:
        """Whose change is being applied; None: nobody's, or the server's own."""
        author = self.changes.author
        return None if author is None else self._members.get(author)

    def join(self, who: ParticipantId, member: Member) -> None:
        """Welcome a participant: tell it what we have and who is here."""
        self._members[who] = member
        self.set_standing(who, member.standing)
        if member.speaks_ours:
            self._send(who, m.EpochIs(self.epoch))
            for problem in self._lasting.problems:
                self._send(who, problem)
        self.question(who)
        self._tell_presence(who)

    def leave(self, who: ParticipantId, now: float) -> None:
        """Forget a participant. Leaving twice is the same as leaving once."""
        if member := self._members.pop(who, None):
            self.presence.leave(who, now)
            self._lasting.sign.forget(who)
            member.excuse()
            self.doubts.leave(who, now)

    def set_standing(self, who: ParticipantId, standing: Standing) -> None:
        """Note what a participant's user may do from now on."""
        if member := self._members.get(who):
            capped = self._read_only and standing is Standing.WRITING
            member.standing = Standing.READING if capped else standing
            if member.suspended:
                member.suspended = member.told_read_only = False
                if member.standing is Standing.WRITING:
                    self.question(who)  # for what was not taken meanwhile

    def suspend(self, who: ParticipantId) -> None:
        """Take nothing more from a participant until it is known what it may do; tell it in words, once."""
        member = self._members.get(who)
        if member and member.standing is Standing.WRITING:
            member.standing, member.suspended = Standing.READING, True
            if member.speaks_ours:
                member.told_read_only = True
                self._send(who, m.Problem(NotAllowed.code, SUSPENDED))

    def receive(self, who: ParticipantId, data: bytes | str, now: float) -> None:
        """Take the bytes that a participant sent."""
        member = self._members.get(who)
        if member is not None:  # else late bytes of one that has left
            with contained(partial(self._give_up_on, who, now)):
                self._receive(who, member, data, now)
                self.doubts.settle(now)

    def _receive(self, who: ParticipantId, member: Member, data: bytes | str, now: float) -> None:
        try:
            if who not in self.doubts:
                message = decode(data)
                self._handle(who, member, message, now)
                if isinstance(message, m.SyncStep2) and who not in self.doubts:
                    member.note_answer()
            if who in self.doubts:
                self.doubts.hold(who, data)
        except ParticipantError as error:
            self.send_away(who, error, now)

    def _give_up_on(self, who: ParticipantId, now: float, error: BaseException) -> None:
        """Close one whose message met a defect; what of it was taken has been noted like any change."""
        self.out.ready.faults.append(("A message could not be taken", error))
        self.send_away(who, _Unforeseen("The server met an error of its own in what was sent."), now)

    def send_away(self, who: ParticipantId, error: ParticipantError, now: float) -> None:
        """Close a participant because of what it did."""
        self.out.ready.close.append((who, error))
        self.doubts.drop(who)
        self.leave(who, now)
        self.out.wake()

    def resync(self, who: ParticipantId, state: bytes) -> None:
        """Bring a participant up to date that has what this state vector covers, and lost the rest."""
        if member := self._members.get(who):
            member.excuse()  # what it was asked may be among what it lost, so it is asked again
            self.question(who)
            self._send(who, m.SyncStep2(self.doc.get_update(state)))
            self._tell_presence(who)

    def ask(self, who: ParticipantId, done: Callable[[], None]) -> None:
        """Ask a participant for all that it has and we have not; call ``done`` when its answer has been taken.

        Its answer comes after everything that it said before. ``done`` is called as well if it leaves.
        """
        member = self._members.get(who)
        if member is None:
            done()
            return
        self.question(who)
        member.wait(done)

    def answer(self, who: ParticipantId, message: m.Message) -> None:
        """Say something to one participant."""
        if who in self._members:
            self._send(who, message)

    def tell(self, problem: m.Problem, lasts: bool | None = None, brief: str = "") -> None:
        """Say something in words to everyone who asked for words.

        What lasts is said to newcomers as well, until something about the same (the first word of its code) is said
        of which ``lasts`` is False; and in its brief form, as a sign in the text, to those who did not ask.
        """
        if lasts is not None:
            self._lasting.note(problem, lasts, brief)
        for who, member in self._members.items():
            if member.speaks_ours:
                self._send(who, problem)

    def tick(self, now: float) -> bool:
        """Let time pass: announce departures that are due, and the sign; return whether much memory is free now."""
        self.doubts.settle(now)
        if gone := self.presence.tick(now):
            self.out.ready.met = True
            self._say_presence(gone, None)
        if not self._lasting.sign.is_idle:
            self._show_sign(now)
        return self.changes.forget(now)

    def take(self) -> Ready:
        """Return what has to be done since the last call."""
        ready = self.out.ready
        if ready.append or any(letter.answers for letter in ready.send):
            ready.state = self.doc.get_state()  # first: should it fail, nothing is lost
        return self.out.take()

    def take_acknowledged(self) -> list[ParticipantId]:
        """Return who wrote since the last call and wants to hear that it is stored."""
        wrote = [who for who, member in self._members.items() if member.wrote]
        for who in wrote:
            self._members[who].wrote = False
        return wrote

    def take_held(self, who: ParticipantId, doubt: Doubt, now: float) -> None:
        """Take what was held of a participant, who may have left meanwhile."""
        has_left = who not in self._members
        self._members.setdefault(who, doubt.member)
        self._believed = who
        for data in doubt.held:
            self.receive(who, data, now)
            self._believed = None
        if has_left:
            self.leave(who, now)

    def question(self, who: ParticipantId) -> None:
        """Ask a participant for all that it has and we have not."""
        self._send(who, m.SyncStep1(self.doc.get_state()))

    def close(self) -> None:
        """Stop observing the document."""
        self.changes.close()

    def _handle(self, who: ParticipantId, member: Member, message: m.Message, now: float) -> None:
        match MOVES[member.standing][type(message)]:
            case Move.EDIT:
                self._take_edit(who, member, message, now)
            case Move.SPEAK if isinstance(message, m.Awareness):
                self.doubts.hear(who, member, message.states)
                version = self.presence.version
                if news := self.presence.hear(who, member.identity, self._lasting.sign.without(message.states), now):
                    self.out.ready.met |= version != self.presence.version
                    self._say_presence(news, who)
            case Move.ANSWER:
                self._answer(who, member, message)
            case Move.SAVE if isinstance(message, m.SaveRequest):
                self.out.ready.saves.append(SaveAsked(who, message.save_id))
                self.out.wake()
            case Move.REFUSE:
                self._refuse(who, member, message)
            case Move.FAULT:
                raise NotAllowed("Only a server sends messages of this kind.")

    def _answer(self, who: ParticipantId, member: Member, message: m.Message) -> None:
        if not isinstance(message, m.SyncStep1):
            self._tell_presence(who)
            return
        check_state_vector(message.state, self._limits)
        has = message.state
        with refusing("a state vector"):
            check_lineage(decode_state_vector(has), self.changes.clocks(), filled=self._filled, claimed=member.claimed)
            missing, pieces = self.changes.missing(has)
        self._send(who, m.SyncStep2(missing), pieces)

    def _take_edit(self, who: ParticipantId, member: Member, message: m.Message, now: float) -> None:
        update = message.update  # type: ignore[union-attr]  # the table gives EDIT to these two only
        if update == EMPTY_UPDATE or not self._content:
            return
        makes = check_update(update, self._limits)
        if who != self._believed and self.doubts.arises(who, member, update, now):
            return
        self._nesting.note(update, makes)
        try:
            change = self.changes.take(who, update)
        except ProtocolError:
            self._nesting.forget()
            raise
        if change != update:
            self._nesting.correct(change)
        if change:
            member.wrote = member.speaks_ours
        elif isinstance(message, m.Update):
            # Nothing happened: it is known already, or its predecessors are missing. Asking costs little.
            self.question(who)

    def _refuse(self, who: ParticipantId, member: Member, message: m.Message) -> None:
        if isinstance(message, m.SaveRequest):
            self._send(who, m.SaveReply(message.save_id, "failed"))
        elif not (isinstance(message, m.SyncStep2 | m.Update) and is_greeting(message, self._name)):
            self._tell_read_only(who, member)
        else:
            return
        self.out.ready.refused.append((who, SUSPENDED if member.suspended else READ_ONLY))

    def _tell_read_only(self, who: ParticipantId, member: Member) -> None:
        """Say it once: in words to who asked for words, to JupyterLab by the one dialog that it has."""
        if not member.told_read_only:
            member.told_read_only = True
            words = SUSPENDED if member.suspended else READ_ONLY
            self._send(who, m.Problem(NotAllowed.code, words) if member.speaks_ours else m.Conflict())

    def _say_presence(self, news: Iterable[m.Presence], author: ParticipantId | None) -> None:
        message = encode(m.Awareness(tuple(news)))
        self.out.ready.broadcast.append(Frame(message, author, echo=True))
        self.out.wake()

    def _show_sign(self, now: float) -> None:
        for who, member in self._members.items():
            if not member.speaks_ours and (news := self._lasting.sign.news(who, self.presence.states_of(who), now)):
                self._send(who, m.Awareness((news,)))

    def _tell_presence(self, who: ParticipantId) -> None:
        if everyone := self.presence.everyone():
            self._send(who, m.Awareness(tuple(everyone)))

    def _send(self, who: ParticipantId, message: m.Message, after: Sequence[bytes] = ()) -> None:
        if isinstance(message, m.SyncStep1):
            self._members[who].asked += 1
        keep = isinstance(message, m.SaveReply | m.Problem | m.Conflict)
        self.out.ready.send.append(Letter(who, encode(message), keep, after, isinstance(message, m.SyncStep2)))
        self.out.wake()


class _Unforeseen(ParticipantError):
    """What it sent met a defect of the server."""

    code = "unforeseen"
    close_code = 1011
    status = 500
