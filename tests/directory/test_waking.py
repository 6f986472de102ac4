"""Answering that begins with the first request."""

import asyncio

from jupyter_rtc.directory.answering import Answering
from jupyter_rtc.directory.failures import STOPPED
from jupyter_rtc.directory.request import request, requests_of
from jupyter_rtc.directory.waking import WakingAnswering
from jupyter_rtc.supernode.clock import SystemClock
from jupyter_rtc.tables.jupyter import ASKING

from .world import Room, until


class Answers:
    @request("whose", "read", "api")
    async def whose(self, asker):
        """Say who asks."""
        return asker.username


def waking(room, made):
    def make(document, fresh):
        made.append(dict(fresh))
        return Answering(document, ASKING, requests_of(Answers()), SystemClock(), fresh=fresh)

    return WakingAnswering(room, make)


def test_it_begins_with_the_first_requests_and_knows_who_made_them():
    async def story():
        room, made = Room("json:notebook:x"), []
        answers = waking(room, made)
        await asyncio.sleep(0)
        assert not made and not answers.busy
        records = [room.person(ASKING, name)["requests"].create(name="whose") for name in ("ana", "bo")]
        assert answers.busy
        await until(lambda: all(record["status"] == "done" for record in records))
        assert [record["result"] for record in records] == ["ana", "bo"] and len(made) == 1
        later = room.person(ASKING, "cy")["requests"].create(name="whose")
        await until(lambda: later["status"] == "done")
        assert later["result"] == "cy" and not answers.busy
        await answers.close()

    asyncio.run(story())


def test_what_waits_from_an_earlier_life_fails_at_once():
    async def story():
        room, made = Room("json:notebook:x"), []
        record = room.person(ASKING)["requests"].create(name="whose")
        answers = waking(room, made)
        assert made == [{}] and record["reason"] == STOPPED
        await answers.close()

    asyncio.run(story())


def test_what_nobody_s_connection_brought_is_no_request_and_after_closing_nothing_is():
    async def story():
        room, made = Room("json:notebook:x"), []
        answers = waking(room, made)
        with room.edit("server"):
            pass
        await answers.close()
        room.person(ASKING)["requests"].create(name="whose")
        await asyncio.sleep(0)
        assert not made

    asyncio.run(story())
