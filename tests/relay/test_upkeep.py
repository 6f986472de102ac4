"""What time brings to rooms."""

import asyncio

from jupyter_rtc.errors import NotAllowed
from jupyter_rtc.protocol import messages as m
from jupyter_rtc.protocol.codec import decode
from jupyter_rtc.relay import upkeep
from jupyter_rtc.relay.session import Standing
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.relay.whole import KEPT, LARGE

from .keeper import StoredKeeper
from .world import read, room_id, world, write


def test_a_room_that_nobody_looks_at_is_freed_after_the_delay_and_comes_back_with_its_text():
    async def story():
        async with world(settings=HubSettings(cleanup_delay=60)) as w:
            ana, link = w.peer("ana")
            await w.settle()
            write(ana, "kept")
            await w.settle()
            w.hub.leave(link.seat)
            await w.pass_time(59)
            assert w.hub.is_open(room_id())
            await w.pass_time(2)
            assert not w.hub.is_open(room_id())
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == "kept"

    asyncio.run(story())


def test_who_comes_in_the_moment_in_which_a_room_is_to_be_freed_stays():
    async def story():
        async with world(settings=HubSettings(cleanup_delay=0)) as w:
            _, link = w.peer("ana")
            await w.settle()
            w.hub.leave(link.seat)
            await w.hub.tick()
            bo, link = w.peer("bo")
            await w.settle()
            assert bo.synced and not link.ended and w.hub.is_open(room_id())

    asyncio.run(story())


def test_a_room_is_not_freed_while_its_keeper_holds_it():
    async def story():
        keeper = StoredKeeper()
        keeper.reason = "unsaved changes"
        async with world(keeper_of=lambda room: keeper) as w:
            ana, link = w.peer("ana")
            await w.settle()
            w.hub.leave(link.seat)
            await w.pass_time(1000)
            assert w.hub.is_open(room_id())
            keeper.reason = None
            await w.pass_time(1)
            assert not w.hub.is_open(room_id()) and keeper.closes == 1

    asyncio.run(story())


def test_a_permission_that_is_taken_away_ends_writing_and_reading_within_its_interval():
    async def story():
        async with world() as w:
            ana, link = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            link.may = Standing.READING
            await w.pass_time(5)
            write(ana, "too late")
            await w.settle()
            assert read(bo) == "" and not link.ended
            link.may = Standing.GONE
            await w.pass_time(5)
            assert isinstance(link.error, NotAllowed)

    asyncio.run(story())


def test_one_whose_rights_cannot_be_asked_for_is_sent_away_and_the_others_stay(monkeypatch):
    async def story():
        async with world() as w:
            _, link = w.peer("ana")
            _, other = w.peer("bo")
            await w.settle()
            monkeypatch.setattr(link, "standing", lambda: 1 / 0)
            await w.pass_time(5)
            assert isinstance(link.error, NotAllowed) and not other.ended

    asyncio.run(story())


class Hanging:
    """An authorizer that does not answer until it is told to."""

    def __init__(self):
        self.asked = self.given_up = 0
        self.answers = asyncio.Event()

    async def standing(self):
        self.asked += 1
        try:
            await self.answers.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return Standing.WRITING


def test_an_authorizer_that_does_not_answer_is_asked_once_and_meanwhile_nothing_is_taken(monkeypatch):
    async def story():
        async with world() as w:
            ana, link = w.peer("ana", ours=True)
            bo, _ = w.peer("bo")
            await w.settle()
            said, receive = [], ana.receive
            ana.receive = lambda data: said.append(decode(data)) or receive(data)
            hanging = Hanging()
            monkeypatch.setattr(link, "standing", hanging.standing)
            await w.pass_time(5)
            write(ana, "in good faith ")
            for _ in range(6):
                await w.pass_time(2)
            assert hanging.asked == 1
            assert [one.code for one in said if isinstance(one, m.Problem)] == ["not_allowed"]
            write(ana, "in doubt ")
            await w.settle()
            assert read(bo) == "in good faith " and not link.ended
            hanging.answers.set()
            await w.settle()
            assert read(bo) == read(ana) == "in doubt in good faith ", "what was not taken is asked for"
            await w.pass_time(5)
            assert hanging.asked == 2

    asyncio.run(story())


def test_who_leaves_is_not_asked_about_any_more_and_the_server_can_stop(monkeypatch):
    async def story():
        async with world() as w:
            _, link = w.peer("ana")
            await w.settle()
            hanging = Hanging()
            monkeypatch.setattr(link, "standing", hanging.standing)
            await w.pass_time(5)
            w.hub.leave(link.seat)
            await w.settle()
            assert hanging.given_up == 1
        async with asyncio.timeout(5), world() as w:
            _, link = w.peer("ana")
            await w.settle()
            monkeypatch.setattr(link, "standing", Hanging().standing)
            await w.pass_time(5)

    asyncio.run(story())


def test_a_quiet_participant_is_sent_a_sign_of_life():
    async def story():
        async with world() as w:
            _, link = w.peer("ana")
            await w.settle()
            before = link.writes
            await w.pass_time(11)
            assert link.writes == before + 1

    asyncio.run(story())


def test_one_that_takes_no_bytes_for_long_is_closed():
    async def story():
        async with world() as w:
            ana, _ = w.peer("ana")
            _, link = w.peer("slow")
            await w.settle()
            link.stick()
            write(ana, "x")
            await w.settle()
            await w.pass_time(61)
            assert link.ended and link.error.close_code == 1013

    asyncio.run(story())


def test_what_opening_a_large_document_took_is_given_back_and_once_more_when_its_keeper_has_read_it(monkeypatch):
    given_back = []

    async def give_back():
        given_back.append(1)

    monkeypatch.setattr(upkeep, "give_back", give_back)

    async def story():
        async with world() as w:
            ana, _ = w.peer("ana")
            await w.settle()
            write(ana, "x" * LARGE)
            await w.settle()
            await w.pass_time(100)
            assert not given_back
            w.peer("bo")
            await w.settle()
            await w.pass_time(0)
            await w.pass_time(KEPT)
            assert len(given_back) == 1
            await w.pass_time(upkeep.TRIM_AGAIN - 1)
            assert len(given_back) == 1
            await w.pass_time(1)
            await w.pass_time(100)
            assert len(given_back) == 2

    asyncio.run(story())
