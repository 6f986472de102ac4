"""Rules of jupyter_rtc.relay.live."""

import asyncio

import pytest
from pycrdt import Text

from jupyter_rtc.documents import Mark
from jupyter_rtc.errors import StoreUnavailable
from jupyter_rtc.ids import is_server_client_id
from jupyter_rtc.relay.session import Standing
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.testing.peer import Peer

from .world import read, room_id, world, write


def source(doc):
    return str(doc.get("source", type=Text))


def mark(revision):
    return Mark(revision, "digest", "fingerprint", 0.0)


def test_an_edit_inside_the_server_reaches_everyone_and_those_who_watch():
    async def story():
        async with world() as w:
            ana, _ = w.peer("ana")
            document = await w.hub.open(room_id())
            heard = []
            end = document.watch(heard.append)
            with document.edit("disk"):
                document.ydoc.get("source", type=Text).insert(0, "from disk")
            await w.settle()
            assert read(ana) == "from disk" and heard == ["disk"]
            end()
            end()
            write(ana, "x")
            await w.settle()
            assert heard == ["disk"]

    asyncio.run(story())


def test_a_watcher_that_fails_harms_nobody():
    async def story():
        async with world() as w:
            ana, _ = w.peer("ana")
            bo, _ = w.peer("bo")
            document = await w.hub.open(room_id())
            document.watch(lambda origin: 1 / 0)
            write(ana, "fine")
            await w.settle()
            assert read(bo) == "fine"

    asyncio.run(story())


@pytest.mark.parametrize("compact_rows", [1, 10_000])
def test_the_agreed_state_can_be_read_after_later_edits_a_restart_and_compaction(compact_rows):
    async def story():
        log = MemoryLog()
        async with world(log, settings=HubSettings(compact_rows=compact_rows)) as w:
            ana, _ = w.peer("ana")
            document = await w.hub.open(room_id())
            write(ana, "saved")
            await w.settle()
            await document.agree(mark(document.revision))
            write(ana, "later ")
            await w.settle()
            await w.pass_time(1)
            agreed, base = await document.agreed()
            assert source(base) == "saved" and source(document.ydoc) == "later saved"
            assert is_server_client_id(base.client_id) and base.client_id != document.ydoc.client_id
        async with world(log) as w:
            document = await w.hub.open(room_id())
            again, base = await document.agreed()
            assert again == agreed and source(base) == "saved" and source(document.ydoc) == "later saved"

    asyncio.run(story())


def test_an_intent_lasts_until_it_is_agreed():
    async def story():
        log = MemoryLog()
        async with world(log) as w:
            document = await w.hub.open(room_id())
            assert await document.intended() is None
            await document.intend(mark(0))
        async with world(log) as w:
            document = await w.hub.open(room_id())
            assert await document.intended() == mark(0)
            await document.agree(mark(0))
            assert await document.intended() is None

    asyncio.run(story())


def test_without_a_log_the_agreed_state_is_kept_in_memory():
    class Full(MemoryLog):
        full = False

        async def append(self, batch):
            if self.full:
                raise StoreUnavailable("The disk is full.")
            await super().append(batch)

    async def story():
        log = Full()
        async with world(log) as w:
            ana, _ = w.peer("ana")
            document = await w.hub.open(room_id())
            log.full = True
            write(ana, "saved")
            await w.settle()
            await document.intend(mark(document.revision))
            await document.agree(mark(document.revision))
            write(ana, "later ")
            await w.settle()
            _, base = await document.agreed()
            assert source(base) == "saved"

    asyncio.run(story())


def test_who_is_here_can_be_read_by_other_extensions():
    async def story():
        async with world() as w:
            w.peer("ana")
            document = await w.hub.open(room_id())
            await w.settle()
            users = [s["user"]["username"] for s in document.awareness.states.values() if "user" in s]
            assert users == ["ana"]

    asyncio.run(story())


def test_the_wishes_of_who_may_only_read_are_not_among_the_writers():
    async def story():
        async with world() as w:
            document = await w.hub.open(room_id())
            ana, bo = Peer("ana"), Peer("bo")
            w.connect(ana)
            w.connect(bo, standing=Standing.READING)
            for peer, wish in ((ana, True), (bo, False)):
                peer.say({"autosave": wish})
            await w.settle()
            assert len(document.awareness.states) == 2
            assert [state["autosave"] for state in document.writers_states] == [True]

    asyncio.run(story())


def test_a_document_given_back_twice_is_given_back_once():
    async def story():
        async with world() as w:
            first = await w.hub.open(room_id())
            await w.hub.open(room_id())
            await first.close()
            await first.close()
            assert w.hub.status()["rooms"][0]["holders"] == 1

    asyncio.run(story())


def test_who_asks_for_something_is_waited_for_until_all_that_they_said_has_come():
    async def story():
        async with world() as w:
            _, ana = w.peer("ana")
            _, bo = w.peer("bo")
            document = await w.hub.open(room_id())
            await w.settle()
            ana.stick()
            bo.stick()
            waiting = asyncio.create_task(document.catch_up("ana"))
            await w.settle()
            assert not waiting.done()
            ana.release()
            await w.settle()
            assert waiting.done()
            stranger = asyncio.create_task(document.catch_up("nobody here"))
            await w.settle()
            assert not stranger.done()
            bo.release()
            await w.settle()
            assert stranger.done()

    asyncio.run(story())


def test_who_leaves_is_not_waited_for():
    async def story():
        async with world() as w:
            _, ana = w.peer("ana")
            document = await w.hub.open(room_id())
            await w.settle()
            ana.stick()
            waiting = asyncio.create_task(document.catch_up("ana"))
            await w.settle()
            w.hub.leave(ana.seat)
            await w.settle()
            assert waiting.done()

    asyncio.run(story())


def test_a_mute_connection_is_waited_for_once_and_then_no_more_until_it_answers(monkeypatch):
    monkeypatch.setattr("jupyter_rtc.relay.live.PATIENCE", 0.01)

    async def story():
        async with world() as w:
            _, ana = w.peer("ana")
            document = await w.hub.open(room_id())
            await w.settle()
            ana.stick()
            await document.catch_up("ana")
            at_once = asyncio.create_task(document.catch_up("ana"))
            await asyncio.sleep(0)
            assert at_once.done()
            ana.release()
            await w.settle()
            again = asyncio.create_task(document.catch_up("ana"))
            await asyncio.sleep(0)
            assert not again.done()
            await w.settle()
            assert again.done()

    asyncio.run(story())
