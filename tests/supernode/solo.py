"""A document without a relay: what a keeper needs of a room, its history in a list.

Marks and updates survive in a ``Past``, so that a test can let the process die (``Past.crash``) and go on.
"""

from contextlib import contextmanager
from dataclasses import dataclass, field

from pycrdt import Awareness, Doc

from jupyter_rtc.documents import CLIENT, Mark
from jupyter_rtc.ids import RoomId, new_epoch, new_server_client_id


@dataclass
class Past:
    """What survives of a room: updates with their revisions, and marks."""

    epoch: str = field(default_factory=new_epoch)
    updates: list[tuple[int, bytes]] = field(default_factory=list)
    saved: Mark | None = None
    saving: Mark | None = None

    def document(self, upto=None):
        doc = Doc(client_id=new_server_client_id())
        for revision, update in self.updates:
            if upto is None or revision <= upto:
                doc.apply_update(update)
        return doc


class Solo:
    """One open document; implements ``documents.Document``."""

    def __init__(self, room, past=None):
        self.room = RoomId(room)
        self.past = past or Past()
        self.told = []
        self.watchers = []
        self.origins = []
        self.restored = bool(self.past.updates)
        self._open()

    def _open(self):
        self.ydoc = self.past.document()
        self.awareness = Awareness(self.ydoc)
        self.awareness.states.clear()
        self.revision = self.past.updates[-1][0] if self.past.updates else 0
        self._origin = "direct"
        self._subscription = self.ydoc.observe(self._changed)

    @property
    def epoch(self):
        return self.past.epoch

    def _changed(self, event):
        self.revision += 1
        self.past.updates.append((self.revision, event.update))
        self.origins.append(self._origin)
        for watcher in list(self.watchers):
            watcher(self._origin)

    @property
    def writers_states(self):
        return list(self.awareness.states.values())

    @contextmanager
    def edit(self, origin):
        before, self._origin = self._origin, origin
        try:
            with self.ydoc.transaction():
                yield
        finally:
            self._origin = before

    def apply(self, update, origin):
        with self.edit(origin):
            self.ydoc.apply_update(update)

    def typing(self):
        """A person's edit."""
        return self.edit(CLIENT)

    def watch(self, changed):
        self.watchers.append(changed)
        return lambda: self.watchers.remove(changed)

    async def agreed(self):
        if self.past.saved is None:
            return None
        return self.past.saved, self.past.document(self.past.saved.revision)

    async def saved(self):
        return self.past.saved

    async def intended(self):
        return self.past.saving

    async def intend(self, mark):
        self.past.saving = mark

    async def agree(self, mark):
        self.past.saved, self.past.saving = mark, None

    async def start_over(self, why):
        self.ydoc.unobserve(self._subscription)
        self.past.epoch, self.past.updates = new_epoch(), []
        self.past.saved = self.past.saving = None
        self.restored = False
        self._open()

    def tell(self, code, words, lasts=None, brief=""):
        self.brief = brief
        self.told.append((code, words))
        self.lasts = lasts

    async def close(self):
        pass
