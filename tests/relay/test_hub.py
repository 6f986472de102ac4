"""Rules of jupyter_rtc.relay.hub."""

import asyncio
import gc
import random
import weakref
from contextvars import ContextVar

import pytest
from pycrdt import Text

from jupyter_rtc.errors import DocumentMissing, DocumentUnavailable, EpochMismatch
from jupyter_rtc.ids import Epoch, RoomId, new_epoch
from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.relay.open_room import Visitor
from jupyter_rtc.relay.presence import Identity
from jupyter_rtc.relay.session import Standing
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.testing.link import MemoryLink
from jupyter_rtc.testing.peer import Peer

from .keeper import StoredKeeper
from .world import ROOM, read, room_id, world, write


class Far:
    """Somebody far away: what they say is on its way until ``hear``."""

    def __init__(self, w, name="far", *, ours=False, doc=None):
        self.peer, self._hub = Peer(name, doc), w.hub
        self.dial(w, name, ours=ours)

    def dial(self, w, name, *, ours):
        self.link = MemoryLink(self.peer)
        visitor = Visitor(Identity({"username": name}), Standing.WRITING, ours)
        self.link.seat = w.hub.join(room_id(), self.link, visitor)
        self._said: list[bytes] = []
        self.peer.connect(self._said.append)

    def hear(self):
        said = self._said.copy()
        self._said.clear()
        for data in said:
            self._hub.receive(self.link.seat, data)


def test_two_peers_in_one_room_see_each_other_s_text():
    async def story():
        async with world() as w:
            ana, _ = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            write(ana, "hello ")
            write(bo, "world ")
            await w.settle()
            assert read(ana) == read(bo)
            assert sorted(read(ana).split()) == ["hello", "world"]

    asyncio.run(story())


def test_what_is_said_while_the_room_loads_is_kept_in_order():
    async def story():
        gate = asyncio.Event()
        keeper = StoredKeeper(gate=gate)
        async with world(keeper_of=lambda room: keeper) as w:
            ana, _ = w.peer("ana")
            write(ana, "early ")
            await w.settle()
            assert not ana.synced
            gate.set()
            await w.settle()
            assert ana.synced
            assert "early" in read(ana) and "from the file" in read(ana)
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == read(ana)

    asyncio.run(story())


def test_a_room_is_loaded_once_for_all_who_ask_at_once():
    async def story():
        gate = asyncio.Event()
        keeper = StoredKeeper(gate=gate)
        async with world(keeper_of=lambda room: keeper) as w:
            peers = [w.peer(f"p{i}")[0] for i in range(5)]
            opening = [asyncio.create_task(w.hub.open(room_id())) for _ in range(5)]
            await w.settle()
            gate.set()
            await asyncio.gather(*opening)
            await w.settle()
            assert keeper.loads == 1
            assert {read(peer) for peer in peers} == {"from the file"}

    asyncio.run(story())


def test_a_room_that_cannot_be_loaded_tells_why_and_the_next_open_tries_again():
    async def story():
        keeper = StoredKeeper(fails=[DocumentMissing("There is no file a.ipynb any more.")])
        async with world(keeper_of=lambda room: keeper) as w:
            ana, link = w.peer("ana")
            await w.settle()
            assert isinstance(link.error, DocumentMissing)
            again, _ = w.peer("ana")
            await w.settle()
            assert read(again) == "from the file"
            assert w.noticed(NoticeKind.ROOM_FAILED)[0].words == "There is no file a.ipynb any more."

    asyncio.run(story())


def test_an_unforeseen_error_in_one_room_s_load_leaves_the_others_alone():
    async def story():
        def keeper_of(room):
            return StoredKeeper(fails=[ZeroDivisionError("bug")]) if room == "app:bad" else None

        async with world(keeper_of=keeper_of) as w:
            ana, ana_link = w.peer("ana")
            bad, bad_link = w.peer("bad", "app:bad")
            bo, _ = w.peer("bo")
            await w.settle()
            write(ana, "still here")
            await w.settle()
            assert bad_link.ended and not ana_link.ended
            assert read(bo) == "still here"

    asyncio.run(story())


def test_a_holder_of_another_epoch_is_told_to_reload_before_a_byte_of_it_is_applied():
    async def story():
        async with world() as w:
            stale = Peer("stale")
            write(stale, "from another life")
            link = w.connect(stale, epoch=new_epoch())
            await w.settle()
            assert isinstance(link.error, EpochMismatch)
            ana, _ = w.peer("ana")
            await w.settle()
            assert read(ana) == ""

    asyncio.run(story())


def test_a_holder_of_the_room_s_epoch_comes_back_with_its_unsent_edits():
    async def story():
        log = MemoryLog()
        ana = Peer("ana")
        async with world(log) as w:
            link = w.connect(ana)
            await w.settle()
            write(ana, "seen ")
            await w.settle()
            epoch = await w.hub.epoch(room_id())
            w.hub.leave(link.seat)
            ana.disconnect()
            for number in range(50):
                write(ana, f"unsent{number} ")
        async with world(log) as w:
            link = w.connect(ana, epoch=epoch)
            await w.settle()
            assert not link.ended
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == read(ana)
            assert read(bo).count("unsent7 ") == 1 and read(bo).count("seen") == 1

    asyncio.run(story())


def test_who_knows_more_of_the_server_s_own_changes_than_the_server_must_reload():
    async def story():
        ana = Peer("ana")
        old = MemoryLog()
        async with world(old) as w:
            w.connect(ana)
            document = await w.hub.open(room_id())
            epoch = document.epoch
            with document.edit("disk"):
                document.ydoc.get("source", type=Text).insert(0, "written by the server")
            await w.settle()
            assert read(ana) == "written by the server"
            ana.disconnect()
        set_back = MemoryLog()
        await set_back.open()
        await set_back.begin(room_id(), epoch)
        async with world(set_back) as w:
            link = w.connect(ana, epoch=epoch)
            await w.settle()
            assert isinstance(link.error, EpochMismatch)
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == ""

    asyncio.run(story())


def test_who_comes_while_a_room_closes_gets_the_new_room():
    async def story():
        async with world() as w:
            ana, link = w.peer("ana")
            await w.settle()
            write(ana, "text")
            await w.settle()
            w.hub.leave(link.seat)
            closing = asyncio.create_task(w.hub._close_room(w.hub._rooms[room_id()]))
            await asyncio.sleep(0)
            bo, bo_link = w.peer("bo")
            await closing
            await w.settle()
            assert read(bo) == "text" and not bo_link.ended

    asyncio.run(story())


def test_one_that_takes_no_bytes_is_resynchronised_and_costs_the_others_nothing():
    async def story():
        async with world(settings=HubSettings(outbox_bytes=10_000)) as w:
            ana, _ = w.peer("ana")
            slow, link = w.peer("slow")
            bo, _ = w.peer("bo")
            await w.settle()
            link.stick()
            for number in range(2000):
                write(ana, f"{number} ")
                if number % 100 == 0:
                    await w.settle()
            await w.settle()
            assert read(bo) == read(ana)
            assert link.seat.outbox.held_bytes <= 10_000
            link.release()
            await w.settle()
            assert read(slow) == read(ana)
            assert w.noticed(NoticeKind.RESYNCED)

    asyncio.run(story())


def test_a_newcomer_whose_link_is_full_before_it_has_the_document_gets_all_of_it_later():
    async def story():
        async with world(settings=HubSettings(outbox_bytes=10_000)) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            write(ana, "x" * 20_000)
            await w.settle()
            far = Far(w)
            far.link.stick()
            write(ana, "typed as it comes in ")
            await w.settle()
            far.hear()
            await w.settle()
            assert far.link.seat.outbox.behind
            far.link.release()
            await w.settle()
            assert far.peer.synced and read(far.peer) == read(ana)

    asyncio.run(story())


@pytest.mark.parametrize("seed", range(40))
def test_whenever_links_fill_and_empty_again_everybody_ends_with_the_whole_document(seed):
    async def story():
        rng = random.Random(seed)
        async with world(settings=HubSettings(outbox_bytes=2_000)) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            write(ana, "beginning " * 100)
            guests: list[Far] = []
            stuck: set[Far] = set()
            for _ in range(80):
                if rng.random() < 0.1:
                    guests.append(Far(w))
                if guests:
                    guest = rng.choice(guests)
                    if guest in stuck:
                        guest.link.release()
                    else:
                        guest.link.stick()
                    stuck ^= {guest}
                    rng.choice(guests).hear()
                if rng.random() < 0.7:
                    write(rng.choice([ana, *(guest.peer for guest in guests)]), "typed " * rng.randrange(200))
                for _ in range(rng.randrange(6)):
                    await asyncio.sleep(0)
            for guest in stuck:
                guest.link.release()
            for _ in range(3):
                for guest in guests:
                    guest.hear()
                await w.settle()
            for guest in guests:
                assert guest.peer.synced and read(guest.peer) == read(ana), f"seed {seed}"

    asyncio.run(story())


def test_a_room_that_stopped_the_process_while_loading_is_quarantined():
    async def story():
        log = MemoryLog()
        await log.open()
        for _ in range(3):
            await log.attempt(room_id())
        async with world(log) as w:
            _, link = w.peer("ana")
            await w.settle()
            assert link.error.code == "quarantined"

    asyncio.run(story())


def test_a_save_is_answered_to_its_sender_alone():
    async def story():
        keeper = StoredKeeper()
        async with world(keeper_of=lambda room: keeper) as w:
            ana, _ = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            ana.ask_save(7)
            await w.settle()
            assert ana.replies == [{"type": "save", "responseTo": 7, "status": "success"}]
            assert bo.replies == [] and keeper.saves == 1

    asyncio.run(story())


def test_an_address_that_names_no_room_is_refused():
    async def story():
        async with world() as w:
            with pytest.raises(Exception, match="No document has this address"):
                w.peer("ana", "no-such-kind")

    asyncio.run(story())


def test_after_closing_nothing_is_opened_any_more():
    async def story():
        async with world() as w:
            await w.hub.close()
            with pytest.raises(DocumentUnavailable):
                await w.hub.open(RoomId(ROOM))

    asyncio.run(story())


def test_a_presence_room_keeps_no_log_and_takes_no_content():
    async def story():
        async with world() as w:
            ana, _ = w.peer("ana", "JupyterLab:globalAwareness")
            bo, _ = w.peer("bo", "JupyterLab:globalAwareness")
            await w.settle()
            write(ana, "graffiti")
            await w.settle()
            assert read(bo) == ""
            assert {state["user"]["username"] for state in bo.others.values()} >= {"ana"}
            assert await w.log.rooms() == []

    asyncio.run(story())


def test_many_rooms_come_and_go_without_a_trace():
    async def story():
        async with world(settings=HubSettings(cleanup_delay=0)) as w:
            for number in range(200):
                ana, link = w.peer("ana", f"app:{number}")
                await w.settle()
                write(ana, "x")
                await w.settle()
                w.hub.leave(link.seat)
                await w.pass_time(1)
            assert w.hub.status()["rooms"] == []

    asyncio.run(story())


def test_an_epoch_is_the_same_for_all_who_ask_and_after_a_restart():
    async def story():
        log = MemoryLog()
        async with world(log) as w:
            first = await w.hub.epoch(room_id())
            assert await w.hub.epoch(room_id()) == first
        async with world(log) as w:
            assert await w.hub.epoch(room_id()) == first
            assert first != Epoch("")

    asyncio.run(story())


def test_a_room_that_is_renewed_has_a_new_history_and_who_was_in_it_is_sent_away_to_come_back():
    async def story():
        async with world() as w:
            ana, link = w.peer("ana", room="server:jupyter")
            await w.settle()
            epoch = await w.hub.epoch(RoomId("server:jupyter"))
            await w.hub.renew(RoomId("server:jupyter"))
            assert link.ended and link.error is None and not w.hub.is_open(RoomId("server:jupyter"))
            assert await w.hub.epoch(RoomId("server:jupyter")) != epoch
            await w.hub.renew(RoomId("app:never opened"))

    asyncio.run(story())


def test_a_room_does_not_keep_the_request_in_which_it_was_opened():
    class Request:
        pass

    request_of: ContextVar[Request] = ContextVar("request_of")

    async def opened(w):
        request = Request()
        request_of.set(request)
        await w.hub.epoch(room_id())
        return weakref.ref(request)

    class KeeperWithATask(StoredKeeper):
        async def load(self, document):
            await super().load(document)
            self.task = asyncio.create_task(asyncio.Event().wait())

        async def close(self):
            self.task.cancel()
            await super().close()

    async def story():
        keeper = KeeperWithATask()
        async with world(keeper_of=lambda room: keeper) as w:
            request = await asyncio.create_task(opened(w))
            await w.settle()
            gc.collect()
            assert w.hub.is_open(room_id()) and not keeper.task.done()
            assert request() is None

    asyncio.run(story())
