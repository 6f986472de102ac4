"""What goes between a file and its document when something goes wrong in the middle."""

import asyncio
import json
import random

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager

from jupyter_rtc.documents import SaveStatus
from jupyter_rtc.supernode.files import FileSettings

from .managers import Old
from .solo import Past
from .world import add_cell, source, state, type_in, world

ON_DEMAND = FileSettings(autosave=False)


def cut_during(action, keep, kind=LargeFileManager):
    """Return a contents manager that dies in a save, with this part of the new bytes on disk."""

    class Cut(kind):
        armed = False

        def save(self, model, path=""):
            if not self.armed:
                return super().save(model, path)
            content = model["content"]
            whole = content if isinstance(content, str) else json.dumps(content)
            action(self, path, whole[: int(len(whole) * keep)])
            raise OSError(28, "No space left on device")

    return Cut


def leave(manager, path, part):
    with open(manager._get_os_path(path), "w") as file:
        file.write(part)


@pytest.mark.parametrize("keep", [0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["a.txt", "n.ipynb"])
@pytest.mark.parametrize("lives_on", [True, False], ids=["full disk", "crash"])
@pytest.mark.parametrize("kind", [LargeFileManager, Old], ids=["hashes", "no hashes"])
def test_a_torn_write_of_ours_is_no_change_of_somebody_else(tmp_path, keep, name, lives_on, kind):
    cells = [nbformat.v4.new_markdown_cell(f"text {n}", id=f"c{n}") for n in range(5)]
    start = {
        "a.txt": "".join(f"line {n}\n" for n in range(20)),
        "n.ipynb": nbformat.writes(nbformat.v4.new_notebook(cells=cells)),
    }[name]

    def edit(document):
        if name == "a.txt":
            type_in(document, "new ", at=7)
        else:
            add_cell(document, "new ")

    async def run():
        past = Past()
        contents = cut_during(leave, keep, kind)(root_dir=str(tmp_path))
        async with world(tmp_path, contents) as w:
            w.write(name, start)
            keeper, document = await w.open(name, past)
            edit(document)
            contents.armed = True
            assert (await keeper.save()).status is SaveStatus.FAILED
            saving, saved = past.saving, past.saved
            contents.armed = not lives_on
            if lives_on:
                await w.clock.go(30)
        if not lives_on:
            past.saving, past.saved = saving, saved
            contents.armed = False
            leave(contents, name, w.read(name))
            async with world(tmp_path, kind(root_dir=str(tmp_path))) as w:
                _, document = await w.open(name, past)
                await w.clock.go(30)
        written = w.read(name)
        assert "new " in written
        if name == "a.txt":
            assert written == start[:7] + "new " + start[7:]
        else:
            assert len(nbformat.reads(written, 4).cells) == 6
        assert "MERGED" not in w.kinds()

    asyncio.run(run())


def test_a_storage_that_drops_what_it_was_given_is_not_believed(tmp_path):
    class Forgetful(LargeFileManager):
        forgets = True

        def save(self, model, path=""):
            return self.get(path, content=False) if self.forgets else super().save(model, path)

    async def run():
        contents = Forgetful(root_dir=str(tmp_path))
        async with world(tmp_path, contents) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "zero ")
            result = await keeper.save()
            assert result.status is SaveStatus.FAILED
            assert "did not keep" in result.words
            assert str(source(document)) == "zero one\n"
            contents.forgets = False
            await w.clock.go(30)
            assert w.read("a.txt") == "zero one\n"

    asyncio.run(run())


def test_who_writes_right_after_us_is_merged_before_it_counts_as_saved(tmp_path):
    class Race(LargeFileManager):
        races = 1

        def save(self, model, path=""):
            model = super().save(model, path)
            if self.races:
                self.races -= 1
                with open(self._get_os_path(path), "a") as file:
                    file.write("and two\n")
            return model

    async def run():
        async with world(tmp_path, Race(root_dir=str(tmp_path))) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "zero ")
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert w.read("a.txt") == str(source(document)) == "zero one\nand two\n"

    asyncio.run(run())


def test_a_file_that_is_emptied_for_a_moment_takes_nothing_from_the_document(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            before = document.revision
            w.write("a.txt", "")
            await keeper.save()
            assert document.revision == before
            w.write("a.txt", "one\ntwo\n")
            await w.clock.go(5)
            assert str(source(document)) == "one\ntwo\n"
            assert document.told == []

    asyncio.run(run())


def test_a_file_that_stays_empty_was_emptied(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            w.write("a.txt", "")
            await w.clock.go(60)
            assert str(source(document)) == ""

    asyncio.run(run())


def test_a_notebook_that_is_unreadable_outside_is_left_alone_until_it_can_be_read(tmp_path):
    whole = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("a", id="a")]))

    async def run():
        async with world(tmp_path) as w:
            w.write("n.ipynb", whole)
            keeper, document = await w.open("n.ipynb")
            add_cell(document, "live")
            w.write("n.ipynb", "<<<<<<< HEAD\n" + whole)
            await w.clock.go(30)
            assert w.read("n.ipynb").startswith("<<<<<<<")
            assert "git merge" in document.told[0][1]
            w.write("n.ipynb", whole.replace('"a"\n', '"b"\n'))
            await w.clock.go(90)
            assert [c.source for c in nbformat.reads(w.read("n.ipynb"), 4).cells] == ["b", "live"]
            assert document.told[-1][0] == "file fine"

    asyncio.run(run())


def test_outputs_that_a_hook_strips_stay_in_the_document(tmp_path):
    def strip(model, path, contents_manager, **kwargs):
        for cell in model["content"]["cells"]:
            cell["outputs"] = []

    async def run():
        contents = AsyncLargeFileManager(root_dir=str(tmp_path))
        contents.register_pre_save_hook(strip)
        output = nbformat.v4.new_output("stream", text="hello\n")
        cell = nbformat.v4.new_code_cell("1", id="a", outputs=[output])
        past = Past()
        async with world(tmp_path, contents) as w:
            w.write("n.ipynb", nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))
            keeper, document = await w.open("n.ipynb", past)
            with document.typing():
                document.ydoc["cells"][0]["source"] += " + 1"
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert nbformat.reads(w.read("n.ipynb"), 4).cells[0].outputs == []
            await w.clock.go(60)
            assert len(document.ydoc["cells"][0]["outputs"]) == 1
            assert w.kinds().count("SAVED") == 1
        async with world(tmp_path, contents) as w:
            _, document = await w.open("n.ipynb", past)
            assert len(document.ydoc["cells"][0]["outputs"]) == 1
            assert "MERGED" not in w.kinds()

    asyncio.run(run())


async def crash_after_a_merge(root):
    """Leave an edit and a change of the disk in a document that is in no file; return its past."""
    past = Past()
    async with world(root, settings=ON_DEMAND) as w:
        w.write("a.txt", "one\n")
        _, document = await w.open("a.txt", past)
        type_in(document, "zero ")
        w.write("a.txt", "one\ntwo\n")
        await w.until(lambda: str(source(document)) == "zero one\ntwo\n")
    return past


def test_a_change_that_was_merged_and_not_yet_saved_is_not_merged_twice_after_a_crash(tmp_path):
    async def run():
        past = await crash_after_a_merge(tmp_path)
        async with world(tmp_path) as w:
            keeper, document = await w.open("a.txt", past)
            assert str(source(document)) == "zero one\ntwo\n"
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert w.read("a.txt") == "zero one\ntwo\n"

    asyncio.run(run())


def test_nothing_is_lost_when_the_disk_changes_again_after_such_a_crash(tmp_path):
    async def run():
        past = await crash_after_a_merge(tmp_path)
        async with world(tmp_path) as w:
            w.write("a.txt", "one\ntwo\nthree\n")
            _, document = await w.open("a.txt", past)
            assert set(str(source(document)).splitlines()) == {"zero one", "two", "three"}

    asyncio.run(run())


def test_several_changes_outside_are_merged_into_edits_that_are_not_saved(tmp_path):
    async def run():
        async with world(tmp_path, settings=ON_DEMAND) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "zero\n")
            for text in ("one\ntwo\n", "one\ntwo\nthree\n", "one\nthree\n", "one\n"):
                w.write("a.txt", text)
                await w.until(lambda text=text: str(source(document)) == "zero\n" + text)
            assert state(document)["dirty"] is True
            with document.typing():
                del source(document)[:5]
            await w.clock.go(2)
            assert state(document)["dirty"] is False

    asyncio.run(run())


def test_a_history_that_nobody_marked_is_given_up_unless_it_says_what_the_file_says(tmp_path):
    async def run():
        past = Past()
        async with world(tmp_path) as w:
            w.write("a.txt", "one\n")
            await w.open("a.txt", past)
        for text, keeps in (("one\n", True), ("other\n", False)):
            past.saved, before = None, past.epoch
            async with world(tmp_path) as w:
                w.write("a.txt", text)
                _, document = await w.open("a.txt", past)
                assert str(source(document)) == text
                assert (past.epoch == before) is keeps
                assert past.saved is not None

    asyncio.run(run())


def test_random_lives_lose_nothing_that_was_typed(tmp_path):
    """Edits, changes outside, saves, crashes and restarts in any order."""
    seed = random.randrange(10**9)
    chance = random.Random(seed)

    async def life(past, number):
        async with world(tmp_path, settings=chance.choice([ON_DEMAND, FileSettings()])) as w:
            keeper, document = await w.open("a.txt", past)
            for step in range(chance.randrange(1, 8)):
                mark = f"[{number}.{step}]"
                match chance.randrange(4):
                    case 0 | 1:
                        at = chance.choice([0, len(str(source(document)).encode())])
                        type_in(document, mark + "\n", at)
                        typed.append(mark)
                    case 2:
                        lines = w.read("a.txt").split("\n")
                        lines.insert(len(lines) // 2, mark)
                        w.write("a.txt", "\n".join(lines))
                        typed.append(mark)
                    case 3:
                        assert (await keeper.save()).status is SaveStatus.SUCCESS
                await w.clock.go(chance.choice([0, 0.5, 40]))
            keeper._closing = chance.random() < 0.5  # half of them end without a last save
            if keeper._closing:
                keeper._task.cancel()

    async def run():
        past = Past()
        (tmp_path / "a.txt").write_text("".join(f"line {n}\n" for n in range(10)))
        for number in range(15):
            await life(past, number)
        async with world(tmp_path) as w:
            keeper, document = await w.open("a.txt", past)
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            text = w.read("a.txt")
            assert [mark for mark in typed if mark not in text] == [], f"seed {seed}"

    typed: list[str] = []
    asyncio.run(run())
