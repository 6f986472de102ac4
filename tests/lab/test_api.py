"""Rules of jupyter_rtc.lab.api."""

import asyncio
import gc

import pytest
from jupyter_ydoc import YUnicode

from jupyter_rtc.lab.api import DocumentApi

from ..relay.world import room_id, world

ROOM = "text:file:1"


class Files:
    async def index(self, path):
        return "1", False


async def api_in(w):
    return DocumentApi(w.hub, Files(), w.hub.is_open)


def test_a_document_that_nobody_has_open_is_opened_only_if_asked_for():
    async def story():
        async with world() as w:
            api = await api_in(w)
            assert await api.get_document(room_id=ROOM) is None
            document = await api.get_document(room_id=ROOM, create=True)
            assert isinstance(document, YUnicode) and w.hub.is_open(room_id(ROOM))

    asyncio.run(story())


def test_edits_of_the_live_document_are_seen_by_everyone():
    async def story():
        async with world() as w:
            api = await api_in(w)
            ana, _ = w.peer("ana", ROOM)
            await w.settle()
            live = await api.get_document(path="a.txt", content_type="file", file_format="text", copy=False)
            live.source = "from an extension"
            await w.settle()
            assert YUnicode(ana.doc).source == "from an extension"

    asyncio.run(story())


def test_a_copy_is_nobody_else_s():
    async def story():
        async with world() as w:
            api = await api_in(w)
            ana, _ = w.peer("ana", ROOM)
            await w.settle()
            copy = await api.get_document(room_id=ROOM)
            copy.source = "mine"
            await w.settle()
            assert YUnicode(ana.doc).source == ""

    asyncio.run(story())


def test_a_live_document_keeps_its_room_until_the_caller_forgets_it():
    async def story():
        async with world() as w:
            api = await api_in(w)
            live = await api.get_document(room_id=ROOM, copy=False, create=True)
            await w.pass_time(1000)
            assert w.hub.is_open(room_id(ROOM)) and live.source == ""
            del live
            gc.collect()
            await w.settle()
            await w.pass_time(1000)
            assert not w.hub.is_open(room_id(ROOM))

    asyncio.run(story())


@pytest.mark.parametrize("asked", [{}, {"room_id": ROOM, "path": "a"}, {"path": "a"}, {"room_id": "not a file's"}])
def test_a_question_that_names_no_document_is_an_error(asked):
    async def story():
        async with world() as w:
            api = await api_in(w)
            with pytest.raises(ValueError, match=r"room"):
                await api.get_document(**asked)

    asyncio.run(story())
