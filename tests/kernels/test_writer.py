"""The way of outputs into their documents."""

import asyncio
from contextlib import asynccontextmanager

from jupyter_rtc.kernels.writer import OutputWriter
from jupyter_rtc.notices import NoticeKind
from jupyter_rtc.supernode.clock import SystemClock

from .scripted import scripted
from .works import printed, work_in
from .world import Notebook, Shelf, until, world


class Writing:
    def __init__(self, *notebooks, gather=0.001, gather_max=0.005):
        self.shelf = Shelf(*notebooks)
        self.notices = []
        self.writer = OutputWriter(self.shelf, SystemClock(), self.notices.append, gather, gather_max)

    async def work(self, notebook, cell_id="a"):
        return work_in(await self.shelf.open(notebook.room), cell_id)

    async def end(self, work):
        self.writer.give_back(work.release())
        await self.writer.flush()


@asynccontextmanager
async def writing(*notebooks, **settings):
    here = Writing(*notebooks, **settings)
    task = asyncio.create_task(here.writer.run())
    try:
        yield here
    finally:
        assert not task.done(), "it writes until it is cancelled"
        task.cancel()
        await asyncio.wait([task])
        await here.writer.flush()
        assert not any(here.shelf.held.values())


def test_many_outputs_are_one_change():
    async def story():
        notebook = Notebook("one", "two")
        async with writing(notebook, gather=0.03, gather_max=0.03) as w:
            one, two = await w.work(notebook, "a"), await w.work(notebook, "b")
            before = notebook.revision
            for number in range(1000):
                one.hear(printed(f"{number}\n"))
                two.hear(printed(f"{number}\n"))
                w.writer.write_soon(one)
                w.writer.write_soon(two)
            await until(lambda: notebook.text("b"))
            assert notebook.text("a") == notebook.text("b") == "".join(f"{number}\n" for number in range(1000))
            assert notebook.revision - before == 2
            await w.end(one)
            await w.end(two)

    asyncio.run(story())


def test_a_document_is_given_back_behind_what_was_to_be_written_into_it():
    async def story():
        notebook = Notebook("one")
        async with writing(notebook) as w:
            work = await w.work(notebook)
            work.hear(printed("last words"))
            w.writer.write_soon(work)
            w.writer.give_back(work.release())
            await until(lambda: not w.shelf.held[notebook.room] and notebook.text("a"))
            assert notebook.text("a") == "last words"

    asyncio.run(story())


def test_what_comes_when_the_document_is_gone_is_lost_in_words():
    async def story():
        notebook = Notebook("one")
        async with writing(notebook) as w:
            work = await w.work(notebook)
            await w.end(work)
            del w.shelf.notebooks[notebook.room]
            work.hear(printed("late"))
            w.writer.write_soon(work)
            (notice,) = await until(lambda: w.notices)
            assert notice.kind is NoticeKind.OUTPUT_LOST
            assert (notice.room, notice.username) == (notebook.room, "ana")
            assert "no such notebook" in notice.words

    asyncio.run(story())


def test_written_now_is_not_written_again():
    async def story():
        notebook = Notebook("one")
        async with writing(notebook) as w:
            work = await w.work(notebook)
            work.hear(printed("now"))
            w.writer.write_soon(work)
            w.writer.write_last(work)
            assert notebook.text("a") == "now"
            changes = notebook.revision
            await w.writer.flush()
            assert notebook.revision == changes
            await w.end(work)

    asyncio.run(story())


def test_what_cannot_be_written_is_said_once_and_the_next_is_written_all_the_same(caplog):
    async def story():
        notebook = Notebook("one", "two")
        async with writing(notebook) as w:
            broken, sound = await w.work(notebook, "a"), await w.work(notebook, "b")
            take = broken.outputs.take
            broken.outputs.take = lambda: 1 // 0
            for number in range(3):
                broken.hear(printed(f"{number}\n"))
                sound.hear(printed(f"{number}\n"))
                w.writer.write_soon(broken)
                w.writer.write_soon(sound)
                await until(lambda number=number: notebook.text("b").count("\n") > number)
            (notice,) = w.notices
            assert notice.kind is NoticeKind.OUTPUT_LOST and "log says why" in notice.words
            broken.outputs.take = take
            w.writer.write_soon(broken)
            await until(lambda: notebook.text("a") == "0\n1\n2\n")
            await w.end(broken)
            await w.end(sound)

    asyncio.run(story())
    assert [record.exc_info[0] for record in caplog.records] == [ZeroDivisionError]


def test_a_run_ends_although_its_last_outputs_cannot_be_written():
    async def story():
        notebook = Notebook("one")
        async with writing(notebook) as w:
            work = await w.work(notebook)
            work.outputs.finish = lambda: 1 // 0
            w.writer.write_last(work)
            assert len(w.notices) == 1
            await w.end(work)

    asyncio.run(story())


def test_a_document_that_cannot_be_given_back_does_not_stop_the_others(caplog):
    async def story():
        notebook = Notebook("one", "two")
        async with writing(notebook) as w:

            class Broken:
                room = notebook.room

                async def close(self):
                    raise OSError("no space left")

            work = await w.work(notebook)
            work.hear(printed("x"))
            w.writer.give_back(Broken())
            w.writer.write_soon(work)
            w.writer.give_back(work.release())
            await until(lambda: not w.shelf.held[notebook.room])
            assert notebook.text("a") == "x"

    asyncio.run(story())
    assert [record.exc_info[0] for record in caplog.records] == [OSError]


def test_outputs_wait_for_the_model_of_the_widget_that_they_show_but_not_for_ever():
    async def story():
        notebook = Notebook("one", "two")
        async with writing(notebook) as w:
            waiting, impatient = await w.work(notebook, "a"), await w.work(notebook, "b")
            now = asyncio.get_running_loop().time()
            waiting.awaited["model"] = now + 100
            impatient.awaited["model"] = now + 0.05
            for work in (waiting, impatient):
                work.hear(printed("x"))
                w.writer.write_soon(work)
            assert notebook.text("b") == ""
            await until(lambda: notebook.text("b"))
            assert notebook.text("a") == ""
            waiting.awaited.clear()
            await until(lambda: notebook.text("a"))
            await w.end(waiting)
            await w.end(impatient)

    asyncio.run(story())


class FullDisk:
    """Keeps nothing of what is too large to share."""

    def for_run(self, room, run_id):
        return self

    def add(self, key, text):
        raise OSError("no space left on device")

    def drop(self, key):
        pass

    def replaced(self):
        pass

    def has(self, file_id):
        return False

    def sizes(self, room):
        return {}

    def close(self, room):
        pass


def test_a_full_disk_ends_no_run_and_the_cell_says_what_is_missing(caplog):
    async def story():
        async def prints(request):
            for number in range(100):
                request.prints(f"{number} {'x' * 100}\n")
            request.shows("y" * 10_000)
            request.reply()
            request.idle()

        notebook = Notebook("prints", "2")
        sizes = {"max_stream_bytes": 1000, "max_output_bytes": 1000, "max_cell_bytes": 2000}
        async with world(notebook, aside=FullDisk(), **sizes) as w, scripted(w.here, prints=prints):
            assert await w.ran("a") == ["ok"]
            assert notebook.outputs("a")[-1]["ename"] == "OutputLost"
            assert (notebook.state("a"), notebook.count("a")) == ("idle", 1)
            assert await w.ran("b") == ["ok"]
            assert notebook.text("b") == "2"

    asyncio.run(story())
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info[0] is OSError


def test_whoever_stops_it_in_the_middle_loses_neither_outputs_nor_documents():
    async def story():
        notebook, gate, began = Notebook("one", "two"), asyncio.Event(), asyncio.Event()
        here = Writing(notebook)
        late, last = await here.work(notebook, "a"), await here.work(notebook, "b")
        await here.end(late)
        opening = here.shelf.open

        async def slow(room):
            began.set()
            await gate.wait()
            return await opening(room)

        here.shelf.open = slow
        late.hear(printed("late"))
        last.hear(printed("last"))
        here.writer.write_soon(late)
        here.writer.write_soon(last)
        task = asyncio.create_task(here.writer.run())
        await began.wait()
        task.cancel()
        await asyncio.wait([task])
        gate.set()
        here.writer.give_back(last.release())
        await here.writer.flush()
        assert (notebook.text("a"), notebook.text("b")) == ("late", "last")
        assert not any(here.shelf.held.values())

    asyncio.run(story())


def test_whoever_stops_it_while_documents_are_given_back_has_the_others_given_back_later():
    async def story():
        notebook = Notebook("one")
        here, began = Writing(notebook), asyncio.Event()

        class Slow:
            room = notebook.room

            async def close(self):
                began.set()
                await asyncio.Event().wait()

        here.writer.give_back(Slow())
        here.writer.give_back(await here.shelf.open(notebook.room))
        task = asyncio.create_task(here.writer.run())
        await began.wait()
        task.cancel()
        await asyncio.wait([task])
        await here.writer.flush()
        assert not any(here.shelf.held.values())

    asyncio.run(story())
