"""The server as a client inside of it sees it: its documents. What it does with kernels is shown by a real server."""

import asyncio

import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from pycrdt import Text

from jupyter_rtc.errors import DocumentMissing, EpochMismatch, ServerRefused
from jupyter_rtc.inprocess.transport import InnerTransport, ServerParts
from jupyter_rtc.kernels.inputs import Answered

from ..relay.world import world


class Nothing:
    """Nobody asks anything."""

    def answer(self, kernel_id, question_id, value, username):
        return Answered.UNKNOWN


class CutOff:
    """Asks, and cannot be reached."""

    def answer(self, kernel_id, question_id, value, username):
        return Answered.NOT_GIVEN


class Names:
    async def index(self, path):
        return f"id-of-{path}", False


def transport(w, username="inner", root=".", kernels=None):
    contents = AsyncLargeFileManager(root_dir=str(root))
    parts = ServerParts(w.hub, Names(), kernels or Nothing(), dict, contents, session_manager=None, kernel_manager={})
    return InnerTransport(parts, {"username": username, "name": username})


async def until(condition):
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0)


def text(document):
    return document.doc.get("text", type=Text)


def test_two_inside_share_a_room_and_know_what_is_stored():
    async def story():
        async with world() as w:
            one, other = transport(w, "one"), transport(w, "other")
            here, there = await one.open_room("todo"), await other.open_room("todo")
            text(here).insert(0, "milk")
            await until(lambda: str(text(there)) == "milk")
            here.ask()
            await until(lambda: here.stored == here.made == 1)
            await until(lambda: {"one", "other"} <= {one["user"]["name"] for one in here.others.values()})
            await one.close()
            await other.close()
            assert not w.hub.status()["rooms"][0]["participants"]

    asyncio.run(story())


def test_each_has_requests_of_their_own():
    async def story():
        async with world() as w:
            one, other = transport(w, "one"), transport(w, "other")
            rooms = [(await each.open_room("requests")).room for each in (one, other)]
            assert rooms[0] != rooms[1]
            await one.close()
            await other.close()

    asyncio.run(story())


def test_a_file_is_opened_by_its_path_and_what_is_not_there_is_refused(tmp_path):
    async def story():
        (tmp_path / "a.txt").write_text("x")
        async with world() as w:
            inner = transport(w, root=tmp_path)
            document = await inner.open_file("/a.txt", "text", "file")
            assert document.room == "text:file:id-of-a.txt"
            with pytest.raises(DocumentMissing, match="create it first"):
                await inner.open_file("b.txt", "text", "file")
            with pytest.raises(DocumentMissing):
                await inner.open_file("../../etc/passwd", "text", "file")
            with pytest.raises(ServerRefused, match="not asked any more"):
                await inner.answer("k", "q", "x")
            await inner.close()

    asyncio.run(story())


def test_an_answer_that_a_kernel_cannot_be_given_is_refused_in_words():
    async def story():
        async with world() as w:
            inner = transport(w, kernels=CutOff())
            with pytest.raises(ServerRefused, match="your answer was not given") as refused:
                await inner.answer("k", "q", "x")
            assert refused.value.status == 424
            await inner.close()

    asyncio.run(story())


def test_with_another_history_it_fails_and_says_so_instead_of_merging():
    async def story():
        async with world() as w:
            inner = transport(w)
            document = await inner.open_room("todo")
            text(document).insert(0, "old")
            document._replica.epoch = "another"
            [place] = w.hub._rooms.values()
            await w.hub._close_room(place)
            await until(lambda: document.failed is not None)
            assert isinstance(document.failed, EpochMismatch)
            await inner.close()

    asyncio.run(story())
