"""Rules of jupyter_rtc.relay.pump."""

import asyncio

from jupyter_rtc.errors import StoreError, StoreUnavailable
from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.protocol import messages as m
from jupyter_rtc.protocol.bounds import decode_state_vector
from jupyter_rtc.protocol.codec import decode, encode
from jupyter_rtc.protocol.messages import Problem, Stored
from jupyter_rtc.relay.history import rebuild
from jupyter_rtc.relay.pump import Pump
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.testing.link import MemoryLink
from jupyter_rtc.testing.peer import Peer

from .keeper import StoredKeeper
from .world import overhear, read, room_id, world, write


class Watched(MemoryLog):
    """Notes what was appended, and fails when told to."""

    def __init__(self):
        super().__init__()
        self.batches, self.fails = [], None

    async def append(self, batch):
        if self.fails:
            raise self.fails
        await super().append(batch)
        self.batches.append([entry.update for one in batch for entry in one.entries])


def test_nobody_is_sent_a_change_that_is_not_in_the_log(monkeypatch):
    async def story():
        log = Watched()
        order = []
        async with world(log) as w:
            ana, _ = w.peer("ana")
            w.peer("bo")
            await w.settle()
            appended, written = log.append, MemoryLink.write_frames

            async def append(batch):
                await asyncio.sleep(0)
                await appended(batch)
                order.append("append")

            def write_frames(link, data):
                order.append("send")
                return written(link, data)

            monkeypatch.setattr(log, "append", append)
            monkeypatch.setattr(MemoryLink, "write_frames", write_frames)
            write(ana, "x")
            await w.settle()
            assert order == ["append", "send"]

    asyncio.run(story())


def test_a_turn_s_changes_are_one_commit_and_one_write_for_each_participant():
    async def story():
        log = Watched()
        async with world(log) as w:
            ana, _ = w.peer("ana")
            _, bo_link = w.peer("bo")
            await w.settle()
            log.batches.clear()
            before = bo_link.writes
            for number in range(100):
                write(ana, str(number))
            await w.settle()
            assert [len(batch) for batch in log.batches] == [100]
            assert bo_link.writes == before + 1

    asyncio.run(story())


def test_the_only_author_of_a_turn_does_not_get_its_own_changes_back():
    async def story():
        async with world() as w:
            ana, link = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            before = link.writes
            write(ana, "x")
            await w.settle()
            assert link.writes == before and read(bo) == "x"

    asyncio.run(story())


def test_a_newcomer_is_told_the_epoch_first_and_gets_the_document_before_what_is_typed_at_that_moment():
    async def story():
        async with world() as w:
            ana, _ = w.peer("ana")
            await w.settle()
            write(ana, "before ")
            await w.settle()
            newcomer, link = Peer("newcomer"), None
            told, receive = [], newcomer.receive
            newcomer.receive = lambda data: told.append(decode(data)) or receive(data)
            write(ana, "meanwhile ")
            link = w.connect(newcomer, ours=True)
            await w.settle()
            kinds = [type(one) for one in told]
            assert kinds[0] is m.EpochIs and kinds.index(m.SyncStep2) < kinds.index(m.Update)
            assert read(newcomer) == read(ana) and not link.ended

    asyncio.run(story())


def test_who_has_the_document_is_told_what_was_typed_before_the_answer_that_covers_it():
    """What was typed into a deleted part is in the change as it was written, and no more in the answer."""

    async def story():
        async with world() as w:
            ana, _ = w.peer("ana")
            bo, link = w.peer("bo", ours=True)
            await w.settle()
            write(ana, "before ")
            await w.settle()
            told, receive = [], bo.receive
            bo.receive = lambda data: told.append(type(decode(data))) or receive(data)
            write(ana, "meanwhile ")
            w.hub.receive(link.seat, encode(m.SyncStep1(bo.doc.get_state())))
            await w.settle()
            assert [one for one in told if one in (m.Update, m.SyncStep2)] == [m.Update, m.SyncStep2]

    asyncio.run(story())


def test_of_several_who_write_in_one_turn_nobody_gets_their_own_changes_back():
    """Who deletes a cell and hears of it again would take it for another's deletion."""

    async def story():
        async with world() as w:
            peers = [w.peer(name)[0] for name in ("ana", "bo", "cy")]
            await w.settle()
            for peer in peers[:2]:
                write(peer, f"{peer.name} ")
            peers[0].say({"cursor": 1})
            await w.settle()
            assert [peer.received_updates for peer in peers] == [1, 1, 2]
            assert len({read(peer) for peer in peers}) == 1

    asyncio.run(story())


def test_while_the_log_fails_editing_goes_on_and_afterwards_everything_is_in_it():
    async def story():
        log = Watched()
        async with world(log) as w:
            ana, _ = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            log.fails = StoreUnavailable("The disk is full.")
            for number in range(10):
                write(ana, f"{number} ")
                await w.settle()
            assert read(bo) == read(ana)
            assert w.noticed(NoticeKind.STORE_FAILED) and w.hub.status()["store_failing"]
            log.fails = None
            await w.pass_time(2)
            assert w.noticed(NoticeKind.STORE_RECOVERED) and not w.hub.status()["store_failing"]
        async with world(log) as w:
            cat, _ = w.peer("cat")
            await w.settle()
            assert read(cat) == read(ana)

    asyncio.run(story())


def test_a_room_whose_changes_the_log_has_not_taken_yet_is_not_freed():
    async def story():
        log = Watched()
        async with world(log) as w:
            ana, link = w.peer("ana")
            await w.settle()
            log.fails = StoreUnavailable("The disk is full.")
            write(ana, "only here")
            await w.settle()
            w.hub.leave(link.seat)
            await w.pass_time(1000)
            assert w.hub.is_open(room_id())
            log.fails = None
            await w.pass_time(2)
            await w.pass_time(1000)
            assert not w.hub.is_open(room_id())
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == "only here"

    asyncio.run(story())


def test_nobody_is_told_stored_while_the_log_fails():
    async def story():
        log = Watched()
        async with world(log) as w:
            ana = Peer("ana")
            told = overhear(ana, Stored)
            w.connect(ana, ours=True)
            await w.settle()
            log.fails = StoreUnavailable("The disk is full.")
            write(ana, "x")
            await w.settle()
            assert told == []
            log.fails = None
            await w.pass_time(2)
            assert [one.state for one in told] == [ana.doc.get_state()], "who waits for it need not write again"
            write(ana, "y")
            await w.settle()
            assert len(told) == 2

    asyncio.run(story())


def test_what_is_said_to_be_stored_is_never_more_than_is_in_the_log():
    async def story():
        log = Watched()
        async with world(log) as w:
            ana, bo = Peer("ana"), Peer("bo")
            told = {ana: overhear(ana, Stored), bo: overhear(bo, Stored)}
            for peer in (ana, bo):
                w.connect(peer, ours=True)
            await w.settle()
            log.fails = StoreUnavailable("The disk is full.")
            for peer in (ana, bo):
                write(peer, f"{peer.name} ")
                await w.settle()
            log.fails = None
            w.time[0] += 2
            write(bo, "not yet taken ")
            await w.hub._pump.retry_store(list(w.hub._rooms.values()))
            for peer in (ana, bo):
                for one in told[peer]:
                    history = await log.read(room_id())
                    covered = decode_state_vector(rebuild(history).get_state())
                    assert all(clock <= covered.get(who, 0) for who, clock in decode_state_vector(one.state).items())
            await w.settle()
            assert all(decode_state_vector(told[peer][-1].state)[peer.doc.client_id] > 0 for peer in (ana, bo))

    asyncio.run(story())


def test_one_room_s_failing_log_does_not_keep_back_what_others_are_told():
    class OneBad(MemoryLog):
        async def append(self, batch):
            if any(one.room == "app:bad" for one in batch):
                raise StoreUnavailable("A page cannot be written.")
            await super().append(batch)

    async def story():
        async with world(OneBad()) as w:
            ana = Peer("ana")
            told = overhear(ana, Stored)
            w.connect(ana, ours=True)
            eve, _ = w.peer("eve", "app:bad")
            await w.settle()
            write(eve, "x")
            write(ana, "fine")
            await w.settle()
            assert len(told) == 1

    asyncio.run(story())


def test_people_are_told_in_words_while_what_they_write_is_not_stored_and_when_it_is_again():
    async def story():
        log = Watched()
        async with world(log) as w:
            people = {name: Peer(name) for name in ("ana", "bo", "late", "later", "elsewhere")}
            told = {name: overhear(peer, Problem) for name, peer in people.items()}

            def codes(name):
                return [one.code for one in told[name]]

            w.connect(people["ana"], ours=True)
            w.connect(people["bo"], ours=True)
            w.connect(people["elsewhere"], "app:elsewhere", ours=True)
            await w.settle()
            log.fails = StoreUnavailable("The disk is full.")
            for word in ("one ", "two ", "three "):
                write(people["ana"], word)
                await w.settle()
            assert codes("ana") == codes("bo") == ["store failing"], "once"
            assert "The disk is full." in told["bo"][0].words and "lost" in told["bo"][0].words
            w.connect(people["late"], ours=True)
            await w.settle()
            assert codes("late") == ["store failing"]
            assert codes("elsewhere") == [], "nothing of theirs is at stake"
            write(people["elsewhere"], "now")
            await w.settle()
            assert codes("elsewhere") == ["store failing"], "also between two attempts to write"
            log.fails = None
            await w.pass_time(2)
            for name in ("ana", "bo", "late", "elsewhere"):
                assert codes(name) == ["store failing", "store recovered"]
            w.connect(people["later"], ours=True)
            await w.settle()
            assert codes("later") == []

    asyncio.run(story())


def test_who_opens_a_file_while_the_log_cannot_be_appended_to_is_told_so():
    async def story():
        log = Watched()
        async with world(log, keeper_of=lambda _: StoredKeeper()) as w:
            log.fails = StoreUnavailable("The disk is full.")
            for name in ("app:one", "app:two"):
                ana = Peer("ana")
                told = overhear(ana, Problem)
                w.connect(ana, name, ours=True)
                await w.settle()
                assert [one.code for one in told] == ["store failing"]

    asyncio.run(story())


def test_one_room_s_broken_log_does_not_touch_another_room():
    class OneBad(MemoryLog):
        bad = False

        async def append(self, batch):
            if self.bad and any(one.room == "app:bad" for one in batch):
                raise StoreError("The room has another history.")
            await super().append(batch)

    async def story():
        log = OneBad()
        async with world(log) as w:
            ana, ana_link = w.peer("ana")
            bo, _ = w.peer("bo")
            eve, _ = w.peer("eve", "app:bad")
            await w.settle()
            log.bad = True
            write(eve, "poison")
            write(ana, "fine")
            await w.settle()
            assert read(bo) == "fine" and not ana_link.ended
            assert not w.hub.is_open(room_id("app:bad"))
            history = await log.read(room_id())
            assert len(history.entries) == 1

    asyncio.run(story())


def test_who_waits_for_a_pass_and_is_cancelled_takes_nothing_from_the_others(monkeypatch):
    class Gated(MemoryLog):
        gate = None

        async def append(self, batch):
            if self.gate:
                await self.gate.wait()
            await super().append(batch)

    async def never(pump):
        await asyncio.Event().wait()

    monkeypatch.setattr(Pump, "run", never)  # each pass is made by who asks for one

    async def story():
        log = Gated()
        async with world(log) as w:
            ana, _ = w.peer("ana")
            bo, _ = w.peer("bo")
            await w.settle()
            log.gate = asyncio.Event()
            write(ana, "x")
            keeper = asyncio.create_task(w.hub._pump.flush())
            for _ in range(5):
                await asyncio.sleep(0)
            keeper.cancel()
            await asyncio.wait([keeper])
            log.gate.set()
            await w.settle()
            assert read(bo) == "x" and keeper.cancelled()

    asyncio.run(story())
