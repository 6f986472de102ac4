"""A room and those who look at it, joined by links that deliver when a test says so: no network, no clock."""

from __future__ import annotations

import asyncio
from collections import deque

from pycrdt import Array, Doc, Map

from jupyter_rtc.client.notebook import Notebook
from jupyter_rtc.client.replica import Replica
from jupyter_rtc.datastore.shared_cells import shared_cell
from jupyter_rtc.errors import NotSaved
from jupyter_rtc.ids import Epoch, ParticipantId, RoomId
from jupyter_rtc.protocol.codec import encode
from jupyter_rtc.protocol.messages import SaveReply, Stored
from jupyter_rtc.relay.member import Member
from jupyter_rtc.relay.presence import Identity
from jupyter_rtc.relay.room import Room
from jupyter_rtc.relay.session import Standing
from jupyter_rtc.testing.peer import Peer

ROOM = "json:notebook:a-file"


class Line:
    """One participant's link: what it said and has not arrived, and what it is told and has not heard."""

    def __init__(self, who: ParticipantId, receive) -> None:
        self.who, self.receive = who, receive
        self.up: deque[bytes] = deque()
        self.down: deque[bytes] = deque()


class Hall:
    """A room as a server has it."""

    def __init__(self, *sources: str, doc: Doc | None = None) -> None:
        doc = doc or Doc(client_id=1)
        if sources:
            cells = doc.get("cells", type=Array)
            with doc.transaction():
                for number, source in enumerate(sources):
                    cell = {"id": f"c{number}", "cell_type": "code", "source": source, "metadata": {}, "outputs": []}
                    cells.append(shared_cell(cell))
                doc.get("state", type=Map)["path"] = "a.ipynb"
                doc.get("meta", type=Map)["nbformat"] = 4
        self.room = Room(doc, Epoch("first"), name=ROOM)
        self.lines: dict[ParticipantId, Line] = {}
        self.save = "success"
        self._next = 0

    def enter(self, receive, name: str = "ana", standing: Standing = Standing.WRITING, ours: bool = True) -> Line:
        """Let somebody in; what they say goes into ``line.up``."""
        self._next += 1
        line = Line(ParticipantId(self._next), receive)
        self.lines[line.who] = line
        self.room.join(line.who, Member(Identity({"username": name, "name": name}), standing, ours))
        self._pump()
        return line

    def leave(self, line: Line) -> None:
        self.lines.pop(line.who, None)
        self.room.leave(line.who, 0.0)
        self._pump()

    def peer(self, name: str = "bo", client_id: int | None = None) -> tuple[Peer, Line]:
        peer = Peer(name, None if client_id is None else Doc(client_id=client_id))
        line = self.enter(peer.receive, name, ours=False)
        peer.connect(line.up.append)
        return peer, line

    def serve(self, line: Line) -> None:
        """Let one message of theirs arrive."""
        self.room.receive(line.who, line.up.popleft(), 0.0)
        self._pump()

    def hear(self, line: Line) -> None:
        """Let one message to them arrive."""
        line.receive(line.down.popleft())

    def settle(self) -> None:
        """Let everything arrive."""
        while any(line.up or line.down for line in self.lines.values()):
            for line in list(self.lines.values()):
                while line.up:
                    self.serve(line)
                while line.down:
                    self.hear(line)

    def step(self, rng) -> bool:
        """Let one message arrive, of a link and in a direction that chance chooses; False if there is none."""
        choices = [(line, way) for line in self.lines.values() for way in ("up", "down") if getattr(line, way)]
        if not choices:
            return False
        line, way = rng.choice(choices)
        (self.serve if way == "up" else self.hear)(line)
        return True

    def edit(self):
        return self.room.changes.edit("server")

    def told(self) -> None:
        """Send what was changed inside the server."""
        self._pump()

    def _pump(self) -> None:
        ready = self.room.take()
        wrote = self.room.take_acknowledged()
        for line in self.lines.values():
            line.down.extend(f.message for f in ready.broadcast if f.echo or f.author != line.who)
            line.down.extend(letter.message for letter in ready.send if letter.to == line.who)
            if line.who in wrote:
                line.down.append(encode(Stored(ready.state)))
        for asked in ready.saves:
            self.lines[asked.participant].down.append(encode(SaveReply(asked.save_id, self.save)))
        self.closed = [error for _, error in ready.close]


class HallDocument:
    """``transport.SharedDocument`` over a line of a hall, delivered by hand or in the background."""

    edit = None

    def __init__(self, hall: Hall, name: str = "agent", standing: Standing = Standing.WRITING) -> None:
        self.hall, self.room, self.failed = hall, RoomId(ROOM), None
        self._watchers = []
        self.undo = True
        self.replica = Replica(Doc(client_id=1000 + hall._next, skip_gc=True), self._tell)
        self.line = hall.enter(self.replica.receive, name, standing)
        self.replica.connect(self.line.up.append)

    doc = property(lambda self: self.replica.doc)
    synced = property(lambda self: self.replica.synced)
    made = property(lambda self: self.replica.made)
    applied = property(lambda self: self.replica.applied)
    stored = property(lambda self: self.replica.stored)
    unkept = property(lambda self: self.replica.unkept)
    others = property(lambda self: self.replica.others)

    def watch(self, changed):
        self._watchers.append(changed)
        return lambda: self._watchers.remove(changed)

    answered = property(lambda self: self.replica.answered)

    def overhear(self, listener):
        self.replica.listener = listener

    def ask(self):
        return self.replica.ask()

    async def save(self):
        number = self.replica.ask_save()
        while number not in self.replica.replies:
            await asyncio.sleep(0)
        if self.replica.replies[number] == "failed":
            raise NotSaved("The file could not be written.")

    def say(self, state):
        self.replica.say(state)

    def fail(self, error):
        self.failed = error
        self._tell()

    async def close(self):
        self.replica.close()
        self.hall.leave(self.line)

    def _tell(self):
        for changed in tuple(self._watchers):
            changed()


class HallTransport:
    """``transport.Transport`` into a hall."""

    def __init__(self, hall: Hall, name: str = "agent") -> None:
        self.hall, self.user, self.did, self.kernel = hall, {"username": name}, [], "k"

    async def open_file(self, path, form, kind, *, undo=False):
        document = HallDocument(self.hall, self.user["username"])
        self.hall.settle()
        return document

    async def open_room(self, name, *, undo=False):
        return await self.open_file("", "", "")

    async def kernel_of(self, path):
        return self.kernel

    async def start_session(self, path, kernel_name):
        self.did.append(("start", path, kernel_name))
        self.kernel = "new"
        return self.kernel

    async def answer(self, kernel_id, question_id, text):
        self.did.append(("answer", kernel_id, question_id, text))

    async def act(self, kernel_id, action):
        self.did.append((action, kernel_id))

    async def status(self):
        return {"rooms": []}

    async def close(self):
        self.did.append(("close",))


async def delivering(hall: Hall) -> None:
    """Deliver everything, for as long as a test runs."""
    while True:
        hall.told()
        hall.settle()
        await asyncio.sleep(0)


def story(*sources: str):
    """Run a test of one notebook in a hall, with everything delivered in the background."""

    def decorate(told):
        def test():
            async def run():
                hall = Hall(*sources)
                transport = HallTransport(hall)
                nb = Notebook(transport, await transport.open_file("a.ipynb", "json", "notebook"))
                delivery = asyncio.create_task(delivering(hall))
                try:
                    async with asyncio.timeout(20):
                        await told(hall, nb)
                finally:
                    delivery.cancel()

            asyncio.run(run())

        test.__name__ = told.__name__
        return test

    return decorate
