"""One document kept in step with a server: bytes in, bytes out. No I/O, no clock.

* What is changed here goes out at once while there is a link; what could not go is sent by the next sync.
* Changes made here are counted. The server takes them in order, so that it is enough to know the last one that it has
  *applied* (it has answered a question that was asked after it) and the last one that is *stored* (``Stored`` covers
  it). A change that only deletes is in no state vector: it counts as stored once it is applied and all before it is
  stored.
* The history's epoch is learned from the first message, and is to be named when one connects again.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from pycrdt import Doc, TransactionEvent

from ..errors import NotAllowed
from ..protocol import messages as m
from ..protocol.bounds import decode_state_vector
from ..protocol.codec import decode, encode

Send = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A change that was made here."""

    number: int
    clock: int
    """One's own clock after it."""
    inserts: bool


class Listener(Protocol):
    """Who wants to know what travels."""

    def did(self, update: bytes) -> None:
        """Take a change that was made here; within its transaction."""

    def heard(self, update: bytes, *, answer: bool) -> None:
        """Take what arrived, after it was applied; an answer also has what was deleted long ago, by oneself too."""


class Replica:
    """A document here, of which a server has the other copy."""

    def __init__(self, doc: Doc[Any], changed: Callable[[], None] = lambda: None) -> None:
        """Begin without a link; ``changed`` is called whenever something here is not as before."""
        self.doc = doc
        self.epoch = ""
        self.synced = False
        """Whether all that the server had when the link was made is here."""
        self.read_only = False
        """Whether the server has refused a change."""
        self.problem: m.Problem | None = None
        """What the server said last in words, but for what it said of its store."""
        self.unkept = ""
        """Why the server stores nothing at present, in words; empty if it does."""
        self.others: dict[int, dict[str, Any]] = {}
        """What each Yjs client says of itself, one's own included."""
        self.replies: dict[int, str] = {}
        """What came of saves that were asked for."""
        self.made = 0
        """How many changes were made here."""
        self.applied = 0
        """How many of them the server has taken."""
        self.stored = 0
        """How many of them are in its log."""
        self._unstored: deque[Made] = deque()
        self._send: Send | None = None
        self._applying = False
        self._changed = changed
        self.listener: Listener | None = None
        self._begin()
        self._subscription = doc.observe(self._observe)

    def _begin(self) -> None:
        self.asked = 0
        """How many questions were asked."""
        self.answered = 0
        """The number of the last of them that was answered."""
        self._fences: deque[tuple[int, int]] = deque()
        """For each answer that the server owes: the question, and how many changes it has taken when it answers."""
        self._in_order = False
        """Whether the server has what was made before this link, so that what is sent now is applied at once."""
        self._saves = 0
        self._presence: dict[str, Any] = {}
        self._presence_clock = 0

    @property
    def linked(self) -> bool:
        """Whether there is a link."""
        return self._send is not None

    def connect(self, send: Send) -> None:
        """Begin to talk over a new link."""
        self._send, self.synced, self._in_order = send, False, False
        self.unkept = ""
        self.others.clear()
        self._fences.clear()
        self.ask()
        self._tell_presence()

    def disconnect(self) -> None:
        """Lose the link."""
        self._send, self.synced, self._in_order = None, False, False
        self._changed()

    def ask(self) -> int:
        """Ask the server for what it has and we have not; its answer confirms what was sent before."""
        self.asked += 1
        if self._send is not None:
            self._fences.append((self.asked, self.made if self._in_order else self.applied))
            self._out(m.SyncStep1(self.doc.get_state()))
        return self.asked

    def ask_save(self) -> int:
        """Ask for the file to be written now; return the number under which the answer will come."""
        self._saves += 1
        self._out(m.SaveRequest(self._saves))
        return self._saves

    def say(self, state: dict[str, Any]) -> None:
        """Tell others about oneself; said again on each new link."""
        self._presence = state
        self._tell_presence()

    def renew(self) -> None:
        """Say again what one says of oneself: who is silent is taken for gone."""
        self._tell_presence()

    def receive(self, data: bytes | str) -> None:
        """Take one message of the server; raises ProtocolError."""
        match decode(data):
            case m.SyncStep1(state):
                self._answer(state)
            case m.SyncStep2(update):
                self._apply(update, answer=True)
                self._note_answer()
            case m.Update(update):
                self._apply(update)
            case m.Awareness(states):
                self._hear(states)
            case m.QueryAwareness():
                self._tell_presence()
            case m.Stored(state):
                self._note_stored(state)
            case other:
                self._hear_words(other)
        self._changed()

    def close(self) -> None:
        """Take leave, and observe the document no more."""
        self._presence_clock += 1
        self._out(m.Awareness((m.Presence(self.doc.client_id, self._presence_clock, None),)))
        self.doc.unobserve(self._subscription)
        self._send = None

    def _observe(self, event: TransactionEvent) -> None:
        if not self._applying:
            self.made += 1
            before, after = (
                decode_state_vector(state).get(self.doc.client_id, 0)
                for state in (event.before_state, event.after_state)  # type: ignore[attr-defined]
            )
            self._unstored.append(Made(self.made, after, after > before))
            self._out(m.Update(event.update))
            if self.listener is not None:
                self.listener.did(event.update)
        self._changed()

    def _answer(self, state: bytes) -> None:
        """Give the server what it lacks, and ask for a confirmation if that was something of ours."""
        self._out(m.SyncStep2(self.doc.get_update(state)))
        self._in_order = True
        if self.made > self.applied:
            self.ask()

    def _apply(self, update: bytes, *, answer: bool = False) -> None:
        self._applying = True
        try:
            self.doc.apply_update(update)
        finally:
            self._applying = False
        if self.listener is not None:
            self.listener.heard(update, answer=answer)

    def _note_answer(self) -> None:
        self.synced = True
        if self._fences:
            self.answered, applied = self._fences.popleft()
            self.applied = max(self.applied, applied)
        self._settle()

    def _note_stored(self, state: bytes) -> None:
        clock = decode_state_vector(state).get(self.doc.client_id, 0)
        covered = [one.number for one in self._unstored if one.inserts and one.clock <= clock]
        self.stored = max(self.stored, *covered, 0)
        self.applied = max(self.applied, self.stored)
        self._settle()

    def _settle(self) -> None:
        """Forget what is stored, and count deletions that are applied and next in order."""
        while self._unstored:
            first = self._unstored[0]
            if first.number > self.stored and (first.inserts or first.number > self.applied or self.unkept):
                return
            self.stored = max(self.stored, first.number)
            self._unstored.popleft()

    def _hear(self, states: tuple[m.Presence, ...]) -> None:
        for one in states:
            if one.state is None:
                self.others.pop(one.client, None)
            else:
                self.others[one.client] = json.loads(one.state)

    def _hear_words(self, message: m.Message) -> None:
        match message:
            case m.EpochIs(epoch):
                self.epoch = epoch
            case m.SaveReply(save_id, status):
                self.replies[save_id] = status
            case m.Problem("store failing", words):
                self.unkept = words
            case m.Problem("store recovered"):
                self.unkept = ""
                self._settle()
            case m.Problem() as problem:
                self.problem = problem
                self.read_only |= problem.code == NotAllowed.code

    def _tell_presence(self) -> None:
        self._presence_clock += 1
        state = json.dumps(self._presence)
        self._out(m.Awareness((m.Presence(self.doc.client_id, self._presence_clock, state),)))

    def _out(self, message: m.Message) -> None:
        if self._send is not None:
            self._send(encode(message))
