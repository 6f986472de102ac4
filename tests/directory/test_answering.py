"""Rules of jupyter_rtc.directory.answering."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

from pycrdt import Map
from tornado.web import HTTPError

from jupyter_rtc.directory.answering import LARGEST, Answering
from jupyter_rtc.directory.failures import OWN_FAULT, STOPPED
from jupyter_rtc.directory.request import request, requests_of
from jupyter_rtc.supernode.clock import SystemClock
from jupyter_rtc.tables.jupyter import ASKING

from .world import Room, until


class Things:
    def __init__(self):
        self.gate = asyncio.Event()
        self.made = []

    @request("make", "write", "things")
    async def make(self, asker: Any, *, name: str) -> Any:
        """Make a thing."""
        self.made.append((asker.username, name))
        return {"made": name}

    @request("wait", "write", "things")
    async def wait(self, _asker: Any) -> Any:
        """Wait for the gate."""
        await self.gate.wait()
        return "open"

    @request("fail", "write", "things")
    async def fail(self, _asker: Any, *, how: str) -> Any:
        """Fail."""
        if how == "large":
            return "x" * (LARGEST + 1)
        if how == "odd":
            return 2**60
        raise HTTPError(404, "It is gone") if how == "http" else ZeroDivisionError


@asynccontextmanager
async def asking(room=None, kept=100):
    things, room = Things(), room or Room("server:requests:ana")
    answering = Answering(room, ASKING, requests_of(things), SystemClock(), kept)
    try:
        yield room, room.person(ASKING)["requests"], things, answering
    finally:
        await answering.close()


async def ended(record):
    await until(lambda: record["status"] in ("done", "failed"))
    return record.as_dict()


async def test_a_request_becomes_done_with_who_asked_when_and_what_came_of_it():
    async with asking() as (_, table, things, answering):
        record = table.create(name="make", args={"name": "n"})
        assert answering.busy
        end = await ended(record)
        assert end["status"] == "done" and end["result"] == {"made": "n"} and end["reason"] is None
        assert end["user"] == "ana" and end["asked_at"] <= end["ended_at"] and end["duration"] >= 0
        assert things.made == [("ana", "n")] and not answering.busy


async def test_who_asks_is_the_connection_s_user_whatever_the_record_says():
    async with asking() as (room, _, things, _):
        with room.coming_from("bo"):
            room.ydoc.get("requests", type=Map)["1"] = Map(
                {"name": "make", "args": {"name": "n"}, "user": "ana", "status": "requested"}
            )
        await until(lambda: things.made)
        assert things.made == [("bo", "n")]
        await until(lambda: room.ydoc.get("requests", type=Map)["1"]["user"] == "bo")


async def test_a_forbidden_unknown_or_wrong_request_fails_in_words_and_nothing_is_done():
    async with asking() as (room, table, things, _):
        bo = room.person(ASKING, "bo", allowed={("read", "things")})["requests"]
        assert (await ended(bo.create(name="make", args={"name": "n"})))["reason"] == (
            "You may not do this: it needs the permission to write things."
        )
        assert (
            "There is no request 'mak'; there are fail, make, wait."
            in (await ended(table.create(name="mak", args={}))).values()
        )
        assert (await ended(table.create(name="make", args={})))["status"] == "failed"
        assert things.made == []


async def test_records_of_nonsense_do_no_harm():
    async with asking() as (room, table, things, _):
        root = room.ydoc.get("requests", type=Map)
        with room.coming_from("ana"):
            root["number"] = 3
            root["empty"] = Map({})
            root["odd"] = Map({"name": 5, "args": "x", "status": 7})
            root["done"] = Map({"name": "make", "args": {"name": "n"}, "status": "done"})
        await until(lambda: root["odd"].get("status") == "failed" and root["empty"].get("status") == "failed")
        assert things.made == []
        assert (await ended(table.create(name="make", args={"name": "n"})))["status"] == "done"


async def test_whatever_fails_is_answered_in_words():
    async with asking() as (_, table, _, _):
        ends = {how: await ended(table.create(name="fail", args={"how": how})) for how in ("http", "large", "odd", "x")}
        assert {how: end["status"] for how, end in ends.items()} == dict.fromkeys(ends, "failed")
        assert ends["http"]["reason"] == "It is gone." and ends["x"]["reason"] == OWN_FAULT
        assert "too large" in ends["large"]["reason"] and "cannot be shared" in ends["odd"]["reason"]


async def test_a_request_that_its_author_deletes_is_answered_nowhere():
    async with asking() as (_, table, things, answering):
        record = table.create(name="wait")
        await until(lambda: record["status"] == "running")
        record.delete()
        things.gate.set()
        await until(lambda: not answering.busy)
        assert len(table) == 0


async def test_the_newest_are_kept():
    async with asking(kept=3) as (_, table, _, _):
        records = [table.create(name="make", args={"name": str(number)}) for number in range(5)]
        await until(lambda: len(table) == 3)
        assert {record.id for record in records[2:]} == set(table.ids())


async def test_what_the_end_of_the_server_cut_short_fails_in_its_next_life():
    room = Room("json:notebook:1")
    async with asking(room) as (_, table, _, _):
        record = table.create(name="wait")
        await until(lambda: record["status"] == "running")
    assert record["status"] == "running"
    async with asking(room):
        assert (record["status"], record["reason"]) == ("failed", STOPPED)


async def test_what_the_server_itself_writes_asks_for_nothing():
    async with asking() as (room, table, things, answering):
        with room.edit("server"):
            room.ydoc.get("requests", type=Map)["1"] = Map({"name": "make", "args": {"name": "n"}})
        assert not answering.busy and things.made == []
