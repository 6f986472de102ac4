"""Rules of jupyter_rtc.relay.way_back: rooms that were opened while the store could not take them."""

import asyncio
import copy
import random

import pytest
from pycrdt import Map, Text

from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.protocol.messages import Problem, Stored
from jupyter_rtc.relay.settings import HubSettings
from jupyter_rtc.store.memory import MemoryLog
from jupyter_rtc.testing.link import disconnect
from jupyter_rtc.testing.peer import Peer

from ..supernode.world import world as folder
from .flaky import EVERYTHING, Flaky
from .keeper import StoredKeeper
from .world import overhear, read, room_id, stored_text, world, write


@pytest.mark.parametrize("fails", [("begin",), ("begin", "append"), ("attempt", "begin", "append", "mark", "settled")])
def test_what_is_written_while_a_history_cannot_be_begun_is_in_the_log_as_soon_as_it_can(fails):
    async def story():
        log = Flaky(*fails)
        async with world(log) as w:
            ana, link = w.peer("ana")
            await w.settle()
            write(ana, "first ")
            await w.settle()
            assert not link.ended and await MemoryLog.read(log, room_id()) is None
            assert w.noticed(NoticeKind.STORE_FAILED) and w.hub.status()["store_failing"]
            log.fails.clear()
            await w.pass_time(2)
            write(ana, "second ")
            await w.settle()
            assert not link.ended, "nobody is sent away"
            assert await stored_text(log, room_id()) == read(ana) == "second first "
            assert w.noticed(NoticeKind.STORE_RECOVERED) and not w.hub.status()["store_failing"]
            epoch = await w.hub.epoch(room_id())
        async with world(log) as w:
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == "second first " and await w.hub.epoch(room_id()) == epoch

    asyncio.run(story())


def test_a_store_that_fails_in_between_is_tried_again_ever_less_often():
    async def story():
        log = Flaky("begin")
        tries = []

        async def begin(room, epoch):
            tries.append(w.time[0])
            raise log.error

        log.begin = begin
        async with world(log) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            for _ in range(300):
                await w.pass_time(1)
            assert 5 <= len(tries) <= 12
            assert len(w.noticed(NoticeKind.STORE_FAILED)) == 1

    asyncio.run(story())


def test_people_are_told_in_words_what_is_not_kept_also_those_who_join_later_and_when_it_is_kept_again():
    async def story():
        log = Flaky("begin")
        async with world(log) as w:
            ana, bo, cat = Peer("ana"), Peer("bo"), Peer("cat")
            told = {peer: overhear(peer, Problem) for peer in (ana, bo, cat)}
            for peer in (ana, bo):
                w.connect(peer, ours=True)
                await w.settle()
                (problem,) = told[peer]
                assert problem.code == "store failing"
                assert "The disk failed." in problem.words and "in memory" in problem.words
            log.fails.clear()
            await w.pass_time(2)
            assert told[ana][-1].code == told[bo][-1].code == "store recovered"
            w.connect(cat, ours=True)
            await w.settle()
            assert told[cat] == []

    asyncio.run(story())


def test_where_the_log_keeps_nothing_people_are_told_so_and_nobody_is_told_stored():
    class Unkept(MemoryLog):
        unkept = "The store is another program's. Nothing is kept."

    async def story():
        async with world(Unkept()) as w:
            ana = Peer("ana")
            told, stored = overhear(ana, Problem), overhear(ana, Stored)
            w.connect(ana, ours=True)
            await w.settle()
            write(ana, "x")
            await w.settle()
            assert [(one.code, one.words) for one in told] == [("store failing", Unkept.unkept)]
            assert stored == [] and w.hub.status()["store_failing"]

    asyncio.run(story())


def test_nobody_is_told_stored_of_what_is_in_memory_only():
    async def story():
        log = Flaky("begin")
        async with world(log) as w:
            ana = Peer("ana")
            stored = overhear(ana, Stored)
            w.connect(ana, ours=True)
            await w.settle()
            write(ana, "x")
            await w.settle()
            assert stored == []
            log.fails.clear()
            await w.pass_time(2)
            assert [one.state for one in stored] == [ana.doc.get_state()]

    asyncio.run(story())


def test_a_room_that_closes_while_the_store_fails_has_what_was_written_when_it_is_opened_again():
    async def story():
        log = Flaky("begin")
        async with world(log) as w:
            ana, link = w.peer("ana")
            await w.settle()
            write(ana, "kept")
            await w.settle()
            epoch = await w.hub.epoch(room_id())
            w.hub.leave(link.seat)
            await w.pass_time(1000)
            assert not w.hub.is_open(room_id())
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == "kept" and await w.hub.epoch(room_id()) == epoch
            log.fails.clear()
            await w.pass_time(2)
            assert await stored_text(log, room_id()) == "kept"

    asyncio.run(story())


def test_what_has_no_file_cannot_be_opened_while_its_history_cannot_be_read_and_comes_back_whole():
    async def story():
        log = Flaky()
        async with world(log) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            write(ana, "precious")
            await w.settle()
            epoch = await w.hub.epoch(room_id())
        log.fails = set(EVERYTHING)
        async with world(log) as w:
            bo, link = w.peer("bo")
            await w.settle()
            assert link.error.code == "history_unavailable" and link.error.close_code == 1013
            assert "cannot be opened now. The disk failed." in link.error.words
            log.fails.clear()
            w.connect(bo)
            await w.settle()
            assert read(bo) == "precious" and await w.hub.epoch(room_id()) == epoch

    asyncio.run(story())


def test_a_file_opens_while_its_history_cannot_be_read_and_that_is_not_touched():
    async def story():
        log = Flaky()
        async with world(log, keeper_of=lambda _: StoredKeeper()) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            write(ana, "seen ")
            await w.settle()
        await log.open()
        before = await log.read(room_id())
        log.fails = set(EVERYTHING)
        async with world(log, keeper_of=lambda _: StoredKeeper()) as w:
            bo, _ = w.peer("bo")
            await w.settle()
            assert read(bo) == "from the file"
            write(bo, "on ")
            await w.settle()
            (room,) = w.hub.status()["rooms"]
            assert room["log"]["in_memory"] and "The disk failed." in room["log"]["words"]
            assert await MemoryLog.read(log, room_id()) == before

    asyncio.run(story())


class Files:
    """A hub on the real keepers of a folder's files, whose server may be killed."""

    def __init__(self, there, log):
        self.there, self.log = there, log
        self.time = 0.0

    def run(self):
        return world(self.log, keeper_of=self.there.files.keeper)

    async def saved(self, w, text):
        """Let time pass until the file has this text."""
        for _ in range(200):
            if text in self.there.read("a.txt"):
                return
            await self.there.clock.go(1)
            await w.pass_time(0)
        raise AssertionError(self.there.read("a.txt"))


async def opened(w, peer):
    """Wait until a peer has what the file's room has; reading the file happens on a thread."""
    async with asyncio.timeout(20):
        while not peer.synced:
            await w.settle()
            await asyncio.sleep(0.002)


def type_in(peer, what, at=0):
    with peer.edit():
        peer.doc.get("source", type=Text).insert(at, what)
        peer.doc.get("state", type=Map)["dirty"] = True


@pytest.mark.parametrize("unsent", [False, True])
@pytest.mark.parametrize("edited", [False, True])
def test_when_a_history_can_be_read_again_nothing_is_lost_and_nothing_is_there_twice(tmp_path, unsent, edited):
    """Ana's words were seen and not saved when the server was killed; bo opened the file while the store failed."""

    async def story():
        log = Flaky()
        async with folder(tmp_path) as there:
            there.write("a.txt", "start\n\nend\n")
            room = f"text:file:{(await there.files.index('a.txt'))[0]}"
            files = Files(there, log)
            async with files.run() as w:
                ana, link = w.peer("ana", room)
                await opened(w, ana)
                type_in(ana, "[seen]")
                await w.settle()
                epoch = await w.hub.epoch(room)
                killed = copy.deepcopy(log._shelves)
                disconnect(w.hub, link)
            log._shelves = killed
            there.write("a.txt", "start\n\nend\n")
            if unsent:
                type_in(ana, "[unsent]")
            log.fails = set(EVERYTHING)
            async with files.run() as w:
                bo, bo_link = w.peer("bo", room)
                await opened(w, bo)
                assert read(bo) == "start\n\nend\n"
                link = w.connect(ana, room, epoch=epoch)
                await w.settle()
                assert link.error.code == "history_unavailable", "it keeps what it has, and comes back"
                if edited:
                    type_in(bo, "[bo]", read(bo).index("end"))
                    await files.saved(w, "[bo]")
                log.fails.clear()
                async with asyncio.timeout(20):
                    while not (bo_link.ended and log._shelves[room].epoch == epoch):
                        await w.pass_time(10)
                        await there.clock.go(1)
                        await asyncio.sleep(0.002)
                w.connect(ana, room, epoch=epoch)
                cat, _ = w.peer("cat", room)
                await opened(w, cat)
                expected = {"start": 1, "end": 1, "[seen]": 1, "[bo]": int(edited), "[unsent]": int(unsent)}
                await files.saved(w, "[seen]")
                type_in(cat, "[cat]")  # what comes after all else
                await files.saved(w, "[cat]")
                for text in (read(ana), read(cat), there.read("a.txt")):
                    assert {word: text.count(word) for word in expected} == expected, text

    asyncio.run(story())


def test_what_the_file_has_not_takes_the_place_of_a_history_that_nobody_read_if_the_room_must_close():
    class Unsaved(StoredKeeper):
        def status(self):
            return {"unsaved": True}

    async def story():
        log = Flaky()
        async with world(log) as w:
            ana, _ = w.peer("ana")
            await w.settle()
            write(ana, "old")
            await w.settle()
        log.fails = set(EVERYTHING)
        async with world(log, keeper_of=lambda _: Unsaved()) as w:
            bo, link = w.peer("bo")
            await w.settle()
            write(bo, "unsaved ")
            await w.settle()
            log.fails.clear()
            await w.pass_time(5)
            assert not link.ended, "nobody is sent away whose words are in memory only"
            assert await stored_text(log, room_id()) == "old"
        await log.open()
        assert await stored_text(log, room_id()) == "unsaved from the file"

    asyncio.run(story())


@pytest.mark.parametrize("seed", range(60))
def test_through_any_failures_of_the_store_every_word_is_there_once_and_in_the_log(seed):
    """Seeded: people come, write, go, come back or not, while calls to the log fail and work, and rooms are freed."""
    print(f"seed {seed}")  # noqa: T201  pytest shows it where the test fails
    rng = random.Random(seed)

    async def story():
        log = Flaky()
        async with world(log, settings=HubSettings(cleanup_delay=rng.choice([0, 5]), compact_rows=20)) as w:
            rooms = [f"app:{number}" for number in range(5)]
            people = {Peer(f"{room} {number}"): room for room in rooms for number in range(2)}
            links, epochs, written = {}, {}, {room: [] for room in rooms}
            break_something(rng, log)
            for _ in range(rng.randrange(100, 200)):
                one = rng.choice(list(people))
                match rng.choice(["come", "come", "go", "quit", "write", "write", "break", "mend", "time"]):
                    case "come" if one not in links:
                        links[one] = w.connect(one, people[one], epoch=epochs.get(one))
                        await w.settle()
                        if links[one].ended:
                            assert links[one].error.code == "history_unavailable", links[one].error
                            del links[one]
                        else:
                            epochs[one] = links[one].seat.room.epoch
                    case "go" if one in links:
                        disconnect(w.hub, links.pop(one))
                    case "quit" if one in links:  # and nobody else needs to have what it wrote
                        await w.settle()
                        assert not links[one].ended
                        disconnect(w.hub, links.pop(one))
                        epochs.pop(one)
                        people[Peer(one.name)] = people.pop(one)
                    case "write":
                        words = written[people[one]]
                        words.append(f"<{len(words)}>")
                        write(one, words[-1])
                    case "break":
                        break_something(rng, log)
                    case "mend":
                        log.fails = set()
                    case "time":
                        await w.pass_time(rng.choice([1, 3, 70]))
                if rng.random() < 0.7:
                    await w.settle()
            log.fails = set()
            for one in people.keys() - links.keys():
                links[one] = w.connect(one, people[one], epoch=epochs.get(one))
            for _ in range(5):
                await w.pass_time(70)
            assert not any(link.ended for link in links.values())
            for one, room in people.items():
                assert sorted(read(one).replace(">", "> ").split()) == sorted(written[room])
                assert await stored_text(log, room) == read(one)
            assert not w.hub.status()["store_failing"]

    asyncio.run(story())


def break_something(rng, log):
    log.fails = set(rng.sample(EVERYTHING, rng.randrange(1, len(EVERYTHING))))
