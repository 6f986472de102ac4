"""When what is kept beside documents is deleted."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from pycrdt import Map, Text

from jupyter_rtc.datastore.left_out import as_kept, closing_line, placeholder
from jupyter_rtc.documents import Mark
from jupyter_rtc.ids import RoomId
from jupyter_rtc.kernels import tidying as module
from jupyter_rtc.kernels.left_aside import LeftAside
from jupyter_rtc.kernels.tidying import GRACE, MOURNING, SWEEP, Tidying

from ..supernode.world import HandClock, turns
from .scripted import scripted
from .world import Notebook, until, world

ROOM = RoomId("json:notebook:1")
PICTURE = {"output_type": "display_data", "data": {"image/png": "x" * 500}, "metadata": {}}


@pytest.fixture(autouse=True)
def little_slack(monkeypatch):
    monkeypatch.setattr(module, "SLACK", 5000)


class Desk:
    """One open notebook, what is kept beside it, and the time."""

    def __init__(self, folder, is_gone=None):
        self.aside, self.clock, self.notebook = LeftAside(folder), HandClock(), Notebook("one", "two")
        self.tasks = []
        self.tidying = Tidying(self.aside, self.clock, self.spawn, is_gone)
        self.tidying.attach(self.notebook)

    @classmethod
    def closed(cls, folder, is_gone):
        """A server on which nobody has opened the notebook."""
        desk = cls(folder, is_gone)
        desk.tidying = Tidying(desk.aside, desk.clock, desk.spawn, is_gone)
        return desk

    def spawn(self, work):
        self.tasks.append(asyncio.create_task(work))

    def keep(self, number, size=1000, shown=True, cell="a"):
        """Keep a text of one run, and show in a cell what stands for it."""
        run = self.aside.for_run(self.notebook.room, f"{number:032x}")
        reference = run.add(1, "x" * size)
        if shown:
            self.show(reference, cell)
        return run, reference

    def show(self, reference, cell="a"):
        outputs = self.notebook.cell(cell)["outputs"]
        with self.notebook.typing():
            outputs.clear()
            text = "shared" + closing_line(5, reference)
            outputs.append(Map({"output_type": "stream", "name": "stdout", "text": Text(text)}))

    def kept(self):
        return {int(name.partition("-")[0], 16) for name in self.aside.sizes(self.notebook.room)}


def desk_story(told):
    def test(tmp_path):
        async def story():
            desk = Desk(tmp_path)
            await told(desk)
            for task in desk.tasks:
                assert task.done()

        asyncio.run(story())

    test.__name__ = told.__name__
    return test


@desk_story
async def test_of_a_cell_that_is_run_again_and_again_little_is_kept_while_the_notebook_stays_open(desk):
    most = 0
    for number in range(100):
        run, _ = desk.keep(number)
        await turns(5)
        most = max(most, len(desk.kept()))
        run.replaced()
    assert most <= 12 and 99 in desk.kept()


@desk_story
async def test_it_is_looked_for_no_more_often_than_as_much_has_come_as_is_kept(desk):
    for number in range(40):
        desk.keep(number, 1000, cell="ab"[number % 2])
        await turns(5)
    assert len(desk.tasks) <= 6


@desk_story
async def test_what_was_cut_and_is_pasted_soon_is_still_there_and_what_never_comes_back_goes(desk):
    _, cut = desk.keep(1)
    desk.keep(2, shown=False)
    desk.show("nothing")
    desk.keep(3, 10_000, cell="b")
    await turns()
    assert desk.kept() == {1, 2, 3}
    desk.show(cut)
    await desk.clock.go(GRACE)
    desk.keep(4, 50_000, cell="b")
    await turns()
    assert desk.kept() == {1, 3, 4}, "3 was of use a moment ago"


@desk_story
async def test_what_was_replaced_but_copied_before_stays(desk):
    run, reference = desk.keep(1)
    desk.show(reference, "b")
    run.replaced()
    desk.keep(2, 10_000)
    await turns()
    assert desk.kept() == {1, 2}


@desk_story
async def test_what_the_file_was_saved_with_stays_until_it_is_saved_again(desk):
    run, _ = desk.keep(1)
    await desk.notebook.agree(Mark(desk.notebook.revision, "", "", 0.0))
    run.replaced()
    desk.keep(2, 10_000)
    await turns()
    assert desk.kept() == {1, 2}
    await desk.notebook.agree(Mark(desk.notebook.revision, "", "", 0.0))
    desk.keep(3, 20_000, cell="b")
    await turns()
    assert desk.kept() == {2, 3}


@desk_story
async def test_when_a_document_is_closed_all_goes_that_it_does_not_refer_to(desk):
    desk.keep(1)
    desk.keep(2, shown=False)
    desk.tidying.detach(desk.notebook)
    assert desk.kept() == {1}
    desk.show("nothing")
    desk.tidying.detach(desk.notebook)
    assert desk.aside.file_ids == []
    desk.keep(3, 100_000)
    assert desk.tasks == [] and desk.kept() == {3}


@desk_story
async def test_while_runs_go_on_in_a_document_whose_room_failed_nothing_of_it_goes(desk):
    run, reference = desk.keep(1, shown=False)
    desk.tidying.detach(desk.notebook, goes_on=True)
    assert run.add(1, "and more") == reference
    desk.tidying.attach(desk.notebook)
    assert desk.aside.fetch(ROOM, reference) == "x" * 1000 + "and more"
    desk.tidying.detach(desk.notebook)
    assert desk.aside.file_ids == []


@desk_story
async def test_what_stands_for_a_display_or_is_in_a_record_is_of_use_too(desk):
    run = desk.aside.for_run(ROOM, "a" * 32)
    small = placeholder(PICTURE, run.add(1, as_kept(PICTURE)))
    with desk.notebook.typing():
        desk.notebook.cell("a")["outputs"].append(Map(small))
        desk.notebook.ydoc.get("executions", type=Map)["r"] = Map({"displays": [1]})
    desk.tidying.detach(desk.notebook)
    assert len(desk.kept()) == 1


def pasted_elsewhere(desk, reference):
    """Return another open notebook into which somebody has pasted what stands for an output."""
    other = Notebook("here", room=RoomId("json:notebook:other"))
    desk.tidying.attach(other)
    with other.typing():
        text = Text("shared" + closing_line(5, reference))
        other.cell("a")["outputs"].append(Map({"output_type": "stream", "name": "stdout", "text": text}))
    return other


@desk_story
async def test_what_was_pasted_into_another_open_notebook_stays_there_when_the_first_is_closed(desk):
    _, cut = desk.keep(1)
    other = pasted_elsewhere(desk, cut)
    desk.show("nothing")
    desk.tidying.detach(desk.notebook)
    assert desk.kept() == set()
    assert desk.aside.fetch(other.room, cut) == "x" * 1000


@desk_story
async def test_what_was_pasted_into_another_open_notebook_stays_there_when_its_cell_is_run_again(desk):
    run, copied = desk.keep(1)
    other = pasted_elsewhere(desk, copied)
    run.replaced()
    desk.keep(2, 10_000)
    await turns()
    assert desk.kept() == {2}
    assert desk.aside.fetch(other.room, copied) == "x" * 1000


class Gone:
    def __init__(self):
        self.answer = True

    async def __call__(self, file_id):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@asynccontextmanager
async def sweeping(folder):
    """Let a notebook with something beside it be closed, and look for it at intervals."""
    gone = Gone()
    desk = Desk(folder, gone)
    desk.keep(1)
    desk.tidying.detach(desk.notebook)
    task = asyncio.create_task(desk.tidying.sweep_now_and_then())
    await turns()
    try:
        yield desk, gone
    finally:
        assert not task.done()
        task.cancel()
        await asyncio.wait([task])


def test_what_is_kept_of_a_notebook_that_was_deleted_goes_after_a_while(tmp_path):
    async def story():
        async with sweeping(tmp_path) as (desk, _):
            await desk.clock.go(MOURNING - SWEEP)
            assert desk.kept() == {1}
            await desk.clock.go(2 * SWEEP)
            await until(lambda: desk.aside.file_ids == [])

    asyncio.run(story())


def test_a_notebook_that_is_back_was_not_gone(tmp_path):
    async def story():
        async with sweeping(tmp_path) as (desk, gone):
            await desk.clock.go(MOURNING - SWEEP)
            gone.answer = False
            await desk.clock.go(SWEEP)
            gone.answer = True
            await desk.clock.go(MOURNING - SWEEP)
            assert desk.kept() == {1}

    asyncio.run(story())


def test_a_server_that_is_started_again_goes_on_waiting(tmp_path):
    async def story():
        async with sweeping(tmp_path) as (desk, _):
            await desk.clock.go(MOURNING - SWEEP)
        again = Desk.closed(tmp_path, Gone())
        again.clock.time = desk.clock.time + 2 * SWEEP
        await again.tidying.sweep()
        assert again.aside.file_ids == []

    asyncio.run(story())


def test_an_open_notebook_is_not_gone_and_where_it_cannot_be_found_out_it_is_not_either(tmp_path, caplog):
    async def story():
        async with sweeping(tmp_path) as (desk, gone):
            desk.tidying.attach(desk.notebook)
            await desk.clock.go(2 * MOURNING)
            desk.tidying.detach(desk.notebook)
            await desk.clock.go(2 * SWEEP)
            assert desk.kept() == {1}
            gone.answer = OSError("the network is down")
            await desk.clock.go(2 * MOURNING)
            assert desk.kept() == {1}

    asyncio.run(story())
    assert caplog.records


def test_a_cell_that_is_run_again_and_again_keeps_a_bounded_part_beside_its_open_notebook(tmp_path):
    async def story():
        async def much(request):
            request.prints("x" * 99 + "\n")
            request.prints(("y" * 99 + "\n") * 50)
            request.reply()
            request.idle()

        notebook, aside = Notebook("much"), LeftAside(tmp_path)
        async with world(notebook, aside=aside, max_stream_bytes=1000) as w, scripted(w.here, much=much):
            for _ in range(20):
                assert await w.ran("a") == ["ok"]
                assert sum(aside.sizes(notebook.room).values()) < 25_000
            assert "left out" in notebook.text("a")

    asyncio.run(story())
