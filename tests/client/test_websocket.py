"""A document at the far end of a websocket that is lost, refused and found again."""

import asyncio

import pytest
from pycrdt import Doc, Text
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application
from tornado.websocket import WebSocketHandler, websocket_connect

from jupyter_rtc.client.websocket import RemoteDocument
from jupyter_rtc.errors import ClientError, DocumentMissing, EpochMismatch, LoginRefused, NotAllowed, NotSaved
from jupyter_rtc.ids import RoomId
from jupyter_rtc.protocol.codec import encode
from jupyter_rtc.protocol.messages import Problem, Update
from jupyter_rtc.relay.session import Standing

from .hall import Hall


class Socket(WebSocketHandler):
    """A participant of a hall, over a real websocket."""

    def initialize(self, world):
        self.world = world

    def prepare(self):
        if self.world.refuse:
            self.set_status(self.world.refuse)
            self.finish()

    def open(self):
        self.world.epochs.append(self.get_query_argument("sessionId", ""))
        self.world.sockets.append(self)
        self.line = self.world.hall.enter(self._tell, standing=self.world.standing)
        self._pass_on()

    def on_message(self, message):
        self.line.up.append(message)
        if not self.world.mute:
            self.world.hall.settle()

    def on_close(self):
        self.world.hall.leave(self.line)
        self._pass_on()

    def _tell(self, data):
        if self.ws_connection:
            asyncio.ensure_future(self.write_message(data, binary=True)).add_done_callback(lambda one: one.exception())

    def _pass_on(self):
        self.world.hall.settle()


class World:
    """A server with one room."""

    def __init__(self):
        self.hall, self.standing, self.refuse, self.mute = Hall(), Standing.WRITING, 0, False
        self.epochs, self.sockets = [], []
        socket, self.port = bind_unused_port()
        self.server = HTTPServer(Application([("/", Socket, {"world": self})]))
        self.server.add_socket(socket)

    async def document(self):
        document = RemoteDocument(RoomId("app:x"), Doc(client_id=77), self.dial)
        await document.open()
        return document

    async def dial(self, epoch):
        return await websocket_connect(f"ws://127.0.0.1:{self.port}/?sessionId={epoch}")

    def cut(self, code=1001, reason=""):
        while self.sockets:
            self.sockets.pop().close(code, reason)

    @property
    def text(self):
        return str(self.hall.room.doc.get("source", type=Text))


def text(document):
    return document.doc.get("source", type=Text)


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def tell(story):
    async def run():
        world = World()
        try:
            await story(world)
        finally:
            world.server.stop()

    asyncio.run(run())


def test_what_is_changed_while_the_link_is_lost_arrives_with_the_next_one():
    async def story(world):
        document = await world.document()
        text(document).insert(0, "a")
        await until(lambda: document.stored == 1)
        world.refuse = 503
        world.cut()
        await until(lambda: not document.synced)
        text(document).insert(1, "b")
        world.refuse = 0
        await until(lambda: document.stored == 2)
        assert world.text == "ab" and world.epochs == ["", "first"] and document.failed is None
        await document.close()
        assert isinstance(document.failed, ClientError)

    tell(story)


@pytest.mark.parametrize(
    ("code", "kind"), [(1003, EpochMismatch), (4404, DocumentMissing), (4403, NotAllowed), (1008, Exception)]
)
def test_where_another_link_is_of_no_use_the_document_has_failed(code, kind):
    async def story(world):
        document = await world.document()
        world.cut(code, "Words.")
        await until(lambda: document.failed)
        text(document).insert(0, "lost")
        assert isinstance(document.failed, kind) and len(world.epochs) == 1 and world.text == ""
        with pytest.raises(kind):
            await document.save()
        await document.close()

    tell(story)


def test_a_refused_change_ends_it_in_words():
    async def story(world):
        world.standing = Standing.READING
        document = await world.document()
        text(document).insert(0, "a")
        await until(lambda: document.failed)
        assert isinstance(document.failed, NotAllowed) and "not change it" in document.failed.words
        await document.close()

    tell(story)


def test_a_refused_login_is_raised_when_it_is_opened():
    async def story(world):
        world.refuse = 403
        with pytest.raises(LoginRefused):
            await world.document()

    tell(story)


def test_bytes_that_are_no_message_end_it():
    async def story(world):
        document = await world.document()
        world.sockets[0].write_message(b"\x00\x00\xff\xff", binary=True)
        await until(lambda: document.failed)
        await document.close()

    tell(story)


def test_a_link_that_says_nothing_for_long_is_given_up(monkeypatch):
    monkeypatch.setattr("jupyter_rtc.client.websocket.SILENCE", 0.2)

    async def story(world):
        document = await world.document()
        await until(lambda: len(world.epochs) >= 2)
        assert document.failed is None
        await document.close()

    tell(story)


def test_one_says_again_and_again_that_one_is_here(monkeypatch):
    monkeypatch.setattr("jupyter_rtc.client.websocket.RENEWAL", 0.0)

    async def story(world):
        document = await world.document()
        document.say({"cursor": 1})
        await until(lambda: 77 in document.others)
        before = document._replica._presence_clock
        world.sockets[0].write_message(encode(Update(Doc().get_update())), binary=True)
        await until(lambda: document._replica._presence_clock > before)
        await document.close()

    tell(story)


def test_a_save_succeeds_fails_in_words_or_is_lost():
    async def story(world):
        document = await world.document()
        await document.save()
        world.hall.save = "failed"
        saving = asyncio.create_task(document.save())
        await until(lambda: document._replica._saves == 2)
        await asyncio.sleep(0)
        world.sockets[0].write_message(encode(Problem("not_saved", "The disk is full.")), binary=True)
        with pytest.raises(NotSaved, match="disk is full"):
            await saving
        world.mute = True
        saving = asyncio.create_task(document.save())
        await until(lambda: document._replica._saves == 3)
        world.cut()
        with pytest.raises(NotSaved, match="connection was lost"):
            await saving
        await document.close()

    tell(story)
