"""Files of contents managers with habits of their own: saved, merged, and asked for no more than is needed."""

import asyncio
import json
from pathlib import Path

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager
from pycrdt import Array

from jupyter_rtc.documents import SaveStatus

from .managers import Hashing, HashingWithContent, InMemory, Now, NowHashing, NowHashingWithContent, Old, Sizing
from .world import add_cell, source, type_in, world

UNSTEADY = [Now, NowHashing, HashingWithContent, NowHashingWithContent]


def notebook(*sources):
    cells = [nbformat.v4.new_markdown_cell(text, id=f"c{n}") for n, text in enumerate(sources)]
    return json.loads(nbformat.writes(nbformat.v4.new_notebook(cells=cells)))


async def each_edit_is_saved(w, contents, document):
    for count in (1, 2):
        type_in(document, "zero\n")
        await w.clock.go(5)
        assert (contents.models["a.txt"]["content"], contents.saves) == ("zero\n" * count + "one\n", count)


def test_where_sizes_are_told_with_the_content_only_edits_are_saved(tmp_path):
    async def run():
        contents = Sizing()
        contents.put("a.txt", "one\n", "file")
        async with world(tmp_path, contents) as w:
            keeper, document = await w.open("a.txt")
            await each_edit_is_saved(w, contents, document)
            assert keeper.status()["standing"] == "fine"

    asyncio.run(run())


@pytest.mark.parametrize("kind", UNSTEADY)
def test_where_no_look_tells_whether_a_file_changed_its_content_does_and_edits_are_saved(tmp_path, kind):
    async def run():
        contents = kind()
        contents.put("a.txt", "one\n", "file")
        async with world(tmp_path, contents) as w:
            keeper, document = await w.open("a.txt")
            await each_edit_is_saved(w, contents, document)
            type_in(document, "zero\n")
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert contents.saves == 3
            assert not {"MERGED", "SAVE_FAILED"} & set(w.kinds())

    asyncio.run(run())


@pytest.mark.parametrize("kind", UNSTEADY)
def test_where_no_look_tells_whether_a_file_changed_notebooks_are_saved_and_changes_outside_are_merged(tmp_path, kind):
    async def run():
        contents = kind()

        def write(*sources):
            contents.saves += 1
            contents.put("n", notebook(*sources), "notebook")

        write("1", "2")
        async with world(tmp_path, contents) as w:
            keeper, document = await w.open("n", kind="json:notebook")
            write("1", "3")
            await w.until(lambda: str(document.ydoc.get("cells", type=Array)[1]["source"]) == "3")
            add_cell(document, "live")
            write("4", "3")
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert [cell["source"] for cell in contents.models["n"]["content"]["cells"]] == ["4", "3", "live"]

    asyncio.run(run())


@pytest.mark.parametrize("kind", UNSTEADY)
def test_where_no_look_tells_whether_a_file_changed_an_idle_one_is_asked_for_ever_more_rarely(tmp_path, kind):
    async def run():
        contents = kind()
        contents.put("a.txt", "one\n", "file")
        async with world(tmp_path, contents) as w:
            _, document = await w.open("a.txt")
            before = document.revision
            asked = []
            get, contents.get = contents.get, lambda *a, **o: asked.append(a) or get(*a, **o)
            await w.clock.go(600)
            assert len(asked) <= 30 * 5
            assert document.revision == before
            assert contents.saves == 0

    asyncio.run(run())


@pytest.mark.parametrize("kind", UNSTEADY)
def test_who_writes_between_the_look_and_the_write_is_merged_also_where_only_the_content_tells(tmp_path, kind):
    async def run():
        contents = kind()
        contents.put("a.txt", "one\ntwo\n", "file")
        async with world(tmp_path, contents) as w:
            keeper, document = await w.open("a.txt")
            type_in(document, "live ")
            intend = document.intend

            async def meanwhile(mark):
                document.intend = intend
                await intend(mark)
                contents.saves += 1
                contents.put("a.txt", "one\ntwo, outside\n", "file")

            document.intend = meanwhile
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert contents.models["a.txt"]["content"] == str(source(document)) == "live one\ntwo, outside\n"

    asyncio.run(run())


@pytest.mark.parametrize("kind", UNSTEADY)
def test_a_save_that_fails_is_tried_ever_more_rarely_also_where_the_file_seems_to_change(tmp_path, kind):
    class Full(kind):
        attempts = 0

        def save(self, model, path=""):
            self.attempts += 1
            raise OSError(28, "No space left on device")

    async def run():
        contents = Full()
        contents.put("a.txt", "one\n", "file")
        async with world(tmp_path, contents) as w:
            keeper, document = await w.open("a.txt")
            type_in(document, "zero ")
            await w.clock.go(300)
            assert keeper.status()["failures"] == contents.attempts
            assert contents.attempts in range(6, 14)
            assert [code for code, _ in document.told] == ["file failing"]

    asyncio.run(run())


def test_a_storage_of_which_nobody_can_tell_whether_it_changed_is_told_and_asked_ever_more_rarely(tmp_path):
    class Restless(NowHashing):
        def hash_of(self, path):
            return str(self.looks)

    async def run():
        contents = Restless()
        contents.put("a.txt", "one\n", "file")
        async with world(tmp_path, contents) as w:
            keeper, document = await w.open("a.txt")
            type_in(document, "zero\n")
            await w.clock.go(5)
            assert keeper.status()["standing"] == "failing"
            assert "cannot be saved" in keeper.status()["problem"]
            await w.clock.go(300)
            assert keeper.status()["failures"] in range(6, 14)
            assert w.kinds().count("SAVE_FAILED") == 1
            answer = await keeper.save()
            assert (answer.status, answer.words) == (SaveStatus.FAILED, keeper.status()["problem"])
            assert str(source(document)) == "zero\none\n"

    asyncio.run(run())


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("kind", [InMemory, Hashing])
def test_a_file_that_has_something_new_at_each_look_is_told_to_be_so_and_asked_for_no_more_than_others(
    tmp_path, kind, asks
):
    class Restless(kind):
        asked = 0

        def get(self, path, *args, **options):
            self.asked += 1
            assert self.asked < 1500, "It is asked without end."
            self.models[path]["content"] += f"{self.asked}\n"
            return super().get(path, *args, **options)

    async def run():
        contents = Restless()
        contents.put("a.txt", "one\n", "file")
        async with world(tmp_path, contents) as w:
            keeper, document = await w.open("a.txt")
            type_in(document, "live ")
            if asks:
                answer = await keeper.save()
                assert answer.status is SaveStatus.FAILED
                assert "changed each time" in answer.words
            await w.clock.go(300)
            assert str(source(document)).startswith("live one\n1\n2\n")

    asyncio.run(run())


@pytest.mark.parametrize("kind", [LargeFileManager, AsyncLargeFileManager, Old])
@pytest.mark.parametrize("name", ["a.txt", "n.ipynb"])
def test_what_a_hook_makes_of_a_file_that_was_saved_is_taken_in_and_is_there_once(tmp_path, kind, name):
    def hook(os_path, model, contents_manager, **kwargs):
        ran.append(os_path)
        assert len(ran) < 20, "It is written without end."
        path = Path(os_path)
        path.write_text(path.read_text().replace("live", f"live {len(ran)}"))

    ran = []

    async def run():
        contents = kind(root_dir=str(tmp_path))
        contents.register_post_save_hook(hook)
        async with world(tmp_path, contents) as w:
            w.write("a.txt", "one\n")
            w.write("n.ipynb", json.dumps(notebook("one")))
            keeper, document = await w.open(name)
            for count in (1, 2, 3):
                write_live(document, name)
                assert (await keeper.save()).status is SaveStatus.SUCCESS
                assert len(ran) == count
                assert w.read(name).count("live") == count
                assert w.read(name) == str(source(document)) if name == "a.txt" else holds(w.read(name), document)
            await w.clock.go(60)
            assert len(ran) == 3
            assert "CONFLICT" not in w.kinds()

    asyncio.run(run())


@pytest.mark.parametrize("hook", ["looks", "stamps"])
@pytest.mark.parametrize("kind", [LargeFileManager, AsyncLargeFileManager, Old])
@pytest.mark.parametrize("name", ["a.txt", "n.ipynb"])
def test_who_writes_right_after_a_save_that_hooks_were_told_of_overwrites_nobody(tmp_path, kind, name, hook):
    def stamp(os_path, model, contents_manager, **kwargs):
        stamps.append(os_path)
        assert len(stamps) < 20, "It is written without end."
        path = Path(os_path)
        if hook == "stamps":
            path.write_text(path.read_text().replace(f"stamp {len(stamps) - 1}.", f"stamp {len(stamps)}."))
        if len(stamps) == 2:
            assert "live" in path.read_text()
            path.write_text(before[0].replace("three", "three from outside"))

    stamps, before = [], []

    async def run():
        contents = kind(root_dir=str(tmp_path))
        contents.register_post_save_hook(stamp)
        async with world(tmp_path, contents) as w:
            w.write("a.txt", "one\ntwo\nthree\nstamp 0.\n")
            w.write("n.ipynb", json.dumps(notebook("one", "two", "three", "stamp 0."), indent=1))
            keeper, document = await w.open(name)
            type_in(document, "first ") if name == "a.txt" else add_cell(document, "first")
            await keeper.save()
            before.append(w.read(name))
            write_live(document, name)
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            await w.clock.go(60)
            text = w.read(name)
            assert [text.count(word) for word in ("first", "live", "three from outside", "two", "stamp")] == [1] * 5
            assert text == str(source(document)) if name == "a.txt" else holds(text, document)
            assert keeper.status()["standing"] == "fine" and not keeper.status()["unsaved"]

    asyncio.run(run())


def write_live(document, name):
    if name == "a.txt":
        type_in(document, "live\n")
    else:
        add_cell(document, "live")


def holds(text, document):
    """Whether the notebook of this text has the document's sources."""
    sources = [str(cell["source"]) for cell in document.ydoc.get("cells", type=Array)]
    return [cell.source for cell in nbformat.reads(text, 4).cells] == sources


class Fronted:
    """A contents manager in front of another, to which it hands on whatever it is given."""

    def __init__(self, behind):
        self.behind = behind

    def get(self, *args, **options):
        return self.behind.get(*args, **options)

    def save(self, *args, **options):
        return self.behind.save(*args, **options)


@pytest.mark.parametrize("name", ["a.txt", "n.ipynb"])
def test_one_without_hashes_behind_another_is_not_asked_for_them(tmp_path, name):
    async def run():
        async with world(tmp_path, Fronted(Old(root_dir=str(tmp_path)))) as w:
            w.write("a.txt", "one\n")
            w.write("n.ipynb", json.dumps(notebook("one")))
            keeper, document = await w.open(name)
            write_live(document, name)
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            assert "live" in w.read(name)

    asyncio.run(run())
