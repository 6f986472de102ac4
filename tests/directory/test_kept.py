"""Rules of jupyter_rtc.directory.kept."""

import asyncio

from jupyter_rtc.directory.answering import Answering
from jupyter_rtc.directory.kept import RequestsKeeper
from jupyter_rtc.directory.request import requests_of
from jupyter_rtc.documents import SaveResult, SaveStatus
from jupyter_rtc.supernode.clock import SystemClock
from jupyter_rtc.tables.jupyter import ASKING

from .test_answering import Things
from .world import Room, until


class File:
    def __init__(self):
        self.said = []

    async def load(self, document):
        self.said.append("load")

    async def save(self):
        return SaveResult(SaveStatus.SKIPPED)

    def holds(self):
        return "unsaved"

    async def close(self):
        self.said.append("close")

    def status(self):
        return {"path": "a"}


def keeper_of(things, inner=None):
    return RequestsKeeper(lambda document: Answering(document, ASKING, requests_of(things), SystemClock()), inner)


async def test_a_room_is_not_freed_while_something_is_not_answered():
    things, room = Things(), Room("server:requests:ana")
    keeper = keeper_of(things)
    assert keeper.holds() is None and keeper.status() == {} and (await keeper.save()).status is SaveStatus.SUCCESS
    await keeper.load(room)
    room.person(ASKING)["requests"].create(name="wait")
    assert keeper.holds() == "requests are not answered yet"
    things.gate.set()
    await until(lambda: keeper.holds() is None)
    await keeper.close()


async def test_what_else_stands_behind_a_room_goes_on():
    file, room = File(), Room("json:notebook:1")
    keeper = keeper_of(Things(), file)
    await keeper.load(room)
    assert keeper.holds() == "unsaved" and keeper.status() == {"path": "a"}
    assert (await keeper.save()).status is SaveStatus.SKIPPED
    await keeper.close()
    assert file.said == ["load", "close"]
    room.person(ASKING)["requests"].create(name="wait")
    await asyncio.sleep(0)
    assert keeper.holds() == "unsaved"
