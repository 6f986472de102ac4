"""What can be seen of rooms from outside."""

import asyncio

from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.relay.session import Standing

from .world import ROOM, world, write


def test_the_status_names_rooms_and_people_but_no_content():
    async def story():
        async with world() as w:
            ana, _ = w.peer("ana")
            await w.settle()
            write(ana, "secret")
            await w.settle()
            status = w.hub.status()
            assert status["rooms"][0]["participants"][0]["username"] == "ana"
            assert status["rooms"][0]["revision"] == 1
            assert "secret" not in str(status)

    asyncio.run(story())


def test_the_status_says_what_each_may_do_now():
    async def story():
        async with world() as w:
            _, link = w.peer("ana")
            await w.settle()
            link.may = Standing.READING
            await w.pass_time(5)
            [ana] = w.hub.status()["rooms"][0]["participants"]
            assert ana["standing"] == "reading"

    asyncio.run(story())


def test_who_visits_which_room_with_which_clients_is_known_and_news_of_it_is_announced():
    async def story():
        async with world() as w:
            ana, link = w.peer("ana")
            await w.settle()
            clients = (ana.doc.client_id,)
            assert [(one.room, one.user["username"], one.clients) for one in w.hub.visits()] == [(ROOM, "ana", clients)]
            assert w.hub.open_rooms == [ROOM]
            assert len(w.noticed(NoticeKind.MET)) == 1
            ana.say({"cell": 2})
            await w.settle()
            assert len(w.noticed(NoticeKind.MET)) == 1
            ana.say(None)
            await w.settle()
            assert len(w.noticed(NoticeKind.MET)) == 2
            assert [one.clients for one in w.hub.visits()] == [()]
            w.hub.leave(link.seat)
            await w.settle()
            assert w.hub.visits() == []

    asyncio.run(story())
