"""The changes of a room's document: numbered, for the log and for the others. No I/O; time is an input.

* What is logged and sent is what the document says has changed, not what somebody claimed to have sent. Only of what
  was written into a deleted part, others are told as it was written (``protocol.late_text``).
* While the document is filled nobody sees it: small changes are logged as one, large pieces as they came. What is
  merged into a document with a past is logged change by change: a mark may be set at each of them.
* A change that cannot be noted is a failure (``Ready.failure``): what is logged and what is sent would part silently.
* What those do who observe the document is their own fault, and undoes nothing.

It knows no participant but as the author of a change; whether a change may be made is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pycrdt import Doc, TransactionEvent

from ..documents import CLIENT, DIRECT, Origin
from ..ids import ParticipantId
from ..protocol import messages as m
from ..protocol.bounds import decode_state_vector, refusing
from ..protocol.codec import encode
from ..protocol.late_text import as_written, brings_more, loses_text
from ..protocol.nesting import Nesting
from ..store.log import Entry
from .containment import contained
from .ready import Frame, Outgoing
from .seed import Seed
from .whole import Whole

NOTHING = b"\x00"
"""The state vector of an empty document."""


class Changes:
    """What changes in one document."""

    def __init__(self, doc: Doc[Any], revision: int, out: Outgoing) -> None:
        """Begin to note what changes.

        Args:
            doc: the document.
            revision: the number of the last change in it.
            out: where changes go.

        """
        self.doc = doc
        self.revision = revision
        """The number of the last change."""
        self.author: ParticipantId | None = None
        """Whose change is being applied; None: nobody's, or the server's own."""
        self._out = out
        self._seeding = False
        self._seed = Seed()
        self._whole = Whole()
        self._origin: Origin = DIRECT
        self._came = b""
        """What the document says has changed by it; empty if nothing has."""
        self._sent = b""
        """The update that is being applied, as its sender wrote it."""
        self._subscription = doc.observe(self._observe)

    # --- making changes ---------------------------------------------------------------------------------

    @contextmanager
    def edit(self, origin: Origin) -> Iterator[None]:
        """Make one change of the document from inside the server."""
        before, self._origin = self._origin, origin
        try:
            with self._transaction():
                yield
        finally:
            self._origin = before

    def apply(self, update: bytes, origin: Origin) -> None:
        """Apply an update that was made on a fork of the document.

        A piece that the document is filled with is logged and sent as it came: to encode it again takes longer
        than to apply it.
        """
        if not self._seeding:
            with self.edit(origin):
                self.doc.apply_update(update)
            return
        self.doc.unobserve(self._subscription)
        try:
            with self._transaction():
                self.doc.apply_update(update)
        finally:
            self._subscription = self.doc.observe(self._observe)
        self._note_seed(update, origin)

    def take(self, who: ParticipantId, update: bytes) -> bytes:
        """Apply a participant's update; return what the document says has changed by it, empty if nothing has.

        Raises:
            ProtocolError: the update is none.

        """
        self._sent = update
        self.author, self._origin = who, CLIENT
        try:
            with refusing("an update"), self._transaction():
                self.doc.apply_update(update)
        finally:
            self.author, self._origin = None, DIRECT
            self._sent, came, self._came = b"", self._came, b""
        return came

    @contextmanager
    def seeding(self) -> Iterator[None]:
        """Fill the document, which nobody sees yet."""
        self._seeding = True
        is_first = self.revision == 0
        try:
            yield
        finally:
            self._seeding = False
            self._log_seed(is_first=is_first)
            self._seed.fill(self.doc.get_state(), keep=is_first)

    # --- what the document has --------------------------------------------------------------------------

    def clocks(self) -> Mapping[int, int]:
        """Return how much the document has of each client's changes."""
        return decode_state_vector(self.doc.get_state())

    def own_clock(self) -> int:
        """Return how much of it is the server's own."""
        return self.clocks().get(self.doc.client_id, 0)

    def nesting(self, max_depth: int) -> Nesting:
        """Begin to count how deep participants nest types in it, from now on."""
        return Nesting(self.clocks(), self.doc.client_id, self.own_clock, max_depth, self._there)

    def _there(self) -> tuple[Mapping[int, int], bytes]:
        """Return how much it has of each client's changes, and what of it is deleted, as a delete set."""
        state = self.doc.get_state()
        return decode_state_vector(state), self.doc.get_update(state)[1:]  # before it stands that nothing is new

    def missing(self, state: bytes) -> tuple[bytes, Sequence[bytes]]:
        """Return the update that somebody lacks who has this state vector, and the pieces to be sent before it."""
        if state != NOTHING:
            return self.doc.get_update(state), ()
        if pieces := self._seed.take():
            return self.doc.get_update(self._seed.state), pieces
        return self._whole.at(self.revision, self.doc.get_update), ()

    def log_whole(self) -> None:
        """Have the whole document logged, as one more change: something may be missing in the log."""
        self.revision += 1
        self._out.ready.append.append(Entry(self.revision, self.doc.get_update()))
        self._out.wake()

    def forget(self, now: float) -> bool:
        """Keep no longer what was kept for newcomers long enough; return whether much memory is free now."""
        spare = self._seed.forget(now)
        return self._whole.forget(now) or spare

    def close(self) -> None:
        """Note no more."""
        self.doc.unobserve(self._subscription)

    # --- noting them ------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Change the document; what foreign observers raise at the end is theirs."""
        mine: BaseException | None = None
        try:
            with self.doc.transaction():
                try:
                    yield
                except BaseException as error:
                    mine = error
                    raise
        except ExceptionGroup as group:
            if group is mine:
                raise
            self._out.ready.faults.append(("One that observes the document failed", group))
            self._out.wake()
            if mine is not None:
                raise mine from None

    def _observe(self, event: TransactionEvent) -> None:
        with contained(self._note_failure):
            self._changed(event)

    def _note_failure(self, error: BaseException) -> None:
        self._out.ready.failure = error
        self._out.wake()

    def _changed(self, event: TransactionEvent) -> None:
        update = event.update
        self._came = update if self._sent else b""
        if self._seeding:
            self._note_seed(update, self._origin)
            return
        self._note(self._origin)
        self._out.ready.append.append(Entry(self.revision, update))
        told, author = update, self.author
        if self._sent and self._sent != update:
            before, after = event.before_state, event.after_state  # type: ignore[attr-defined]
            if brings_more(self._sent, before, after):
                author = None  # what was waiting for it came true, and its sender does not know that
            elif loses_text(self._sent, event.delete_set):  # type: ignore[attr-defined]
                told = as_written(self._sent, update, after)
        self._out.ready.broadcast.append(Frame(encode(m.Update(told)), author))
        self._out.wake()

    def _note(self, origin: Origin) -> None:
        self.revision += 1
        if origin not in self._out.ready.changed:
            self._out.ready.changed.append(origin)

    def _note_seed(self, update: bytes, origin: Origin) -> None:
        self._note(origin)
        self._seed.add(update)

    def _log_seed(self, *, is_first: bool) -> None:
        pieces = self._seed.to_log(as_one=is_first)
        first = self.revision - len(pieces) + 1
        self._out.ready.append += [Entry(first + number, piece) for number, piece in enumerate(pieces)]
        if pieces:
            self._out.wake()
