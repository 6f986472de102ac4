"""All files that are open: deadlines, other people's contents managers."""

import asyncio

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager

from jupyter_rtc.documents import SaveStatus
from jupyter_rtc.ids import GLOBAL_AWARENESS, RoomId
from jupyter_rtc.supernode.files import Files

from .managers import InMemory, Old, Paired
from .world import add_cell, index_of, source, state, type_in, world


@pytest.mark.parametrize("room", [GLOBAL_AWARENESS, RoomId("app:whiteboard"), RoomId("text:file")])
def test_only_files_have_keepers(tmp_path, room):
    assert Files(LargeFileManager(root_dir=str(tmp_path))).keeper(room) is None


def test_a_file_keeps_its_id_and_is_new_once(tmp_path):
    async def run():
        (tmp_path / "a.txt").touch()
        files = Files(LargeFileManager(root_dir=str(tmp_path)), index_of(tmp_path))
        file_id, created = await files.index("a.txt")
        assert created
        assert await files.index("a.txt") == (file_id, False)

    asyncio.run(run())


def test_a_file_is_gone_when_it_is_nowhere_and_nobody_has_it_open(tmp_path):
    async def run():
        for name in ("a.txt", "b.txt"):
            (tmp_path / name).touch()
        async with world(tmp_path, file_ids=index_of(tmp_path)) as w:
            first, second = [(await w.files.index(name))[0] for name in ("a.txt", "b.txt")]
            assert not await w.files.is_gone(first) and await w.files.is_gone("unknown")
            keeper, _ = await w.open("b.txt")
            (tmp_path / "a.txt").unlink()
            (tmp_path / "b.txt").unlink()
            assert await w.files.is_gone(first)
            assert not await w.files.is_gone(second)
            (tmp_path / "a.txt").touch()
            assert not await w.files.is_gone(first)

    asyncio.run(run())


def test_where_no_index_can_be_asked_no_file_is_gone(tmp_path):
    assert not asyncio.run(Files(LargeFileManager(root_dir=str(tmp_path))).is_gone("unknown"))


def test_a_change_by_another_program_arrives_without_anybody_asking(tmp_path):
    async def run():
        async with world(tmp_path, events=True) as w:
            w.write("a.txt", "one\n")
            _, document = await w.open("a.txt")
            w.write("a.txt", "one\ntwo\n")
            await w.until(lambda: str(source(document)) == "one\ntwo\n")

    asyncio.run(run())


def test_a_change_through_the_contents_api_arrives(tmp_path):
    async def run():
        contents = AsyncLargeFileManager(root_dir=str(tmp_path))
        async with world(tmp_path, contents, events=True) as w:
            w.write("a.txt", "one\n")
            _, document = await w.open("a.txt")
            await contents.save({"type": "file", "format": "text", "content": "one\ntwo\n"}, "a.txt")
            await w.until(lambda: str(source(document)) == "one\ntwo\n")
            assert state(document)["hash"] == (await contents.get("a.txt", require_hash=True))["hash"]

    asyncio.run(run())


def test_where_nothing_is_watched_an_idle_file_is_asked_for_twice_a_minute_and_a_closed_one_never(tmp_path):
    class Counting(InMemory):
        asked = 0

        def get(self, path, content=True, type=None, format=None):
            self.asked += 1
            return super().get(path, content, type, format)

    async def run():
        contents = Counting()
        contents.put("a", "one\n", "file")
        async with world(tmp_path, contents) as w:
            keeper, document = await w.open("a")
            await w.clock.go(600)
            before = contents.asked
            await w.clock.go(600)
            assert 10 <= contents.asked - before <= 21
            contents.saves += 1
            contents.put("a", "one\ntwo\n", "file")
            await w.clock.go(31)
            assert str(source(document)) == "one\ntwo\n"
            await keeper.close()
            before = contents.asked
            await w.clock.go(600)
            assert contents.asked == before

    asyncio.run(run())


@pytest.mark.parametrize("kind", [InMemory, Old, Paired])
def test_every_contents_manager_s_notebooks_are_merged_and_saved(tmp_path, kind):
    async def run():
        contents = kind() if kind is InMemory else kind(root_dir=str(tmp_path))
        path = "n.py" if kind is Paired else "n.ipynb"
        cells = [nbformat.v4.new_code_cell(text, id=f"c{n}") for n, text in enumerate(["1", "2"])]

        def outside(*sources):
            for cell, text in zip(cells, sources, strict=True):
                cell.source = text
            contents.save(
                {"type": "notebook", "format": "json", "content": nbformat.v4.new_notebook(cells=cells)}, path
            )

        async with world(tmp_path, contents) as w:
            outside("1", "2")
            keeper, document = await w.open(path, kind="json:notebook")
            add_cell(document, "live")
            outside("1", "3")
            assert (await keeper.save()).status is SaveStatus.SUCCESS
            saved = contents.get(path, type="notebook")["content"]
            assert [cell["source"] for cell in saved["cells"]] == ["1", "3", "live"]
            revision = document.revision
            await w.clock.go(120)
            assert document.revision == revision

    asyncio.run(run())


def test_at_shutdown_all_that_is_unsaved_is_saved(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            open_ones = []
            for n in range(20):
                w.write(f"{n}.txt", "one\n")
                keeper, document = await w.open(f"{n}.txt")
                type_in(document, "zero ")
                open_ones.append(keeper)
            assert await w.files.save_all(deadline=30) == []
            assert {w.read(f"{n}.txt") for n in range(20)} == {"zero one\n"}

    asyncio.run(run())


def test_at_shutdown_a_storage_that_hangs_is_not_waited_for_longer_than_the_deadline(tmp_path):
    class Slow(AsyncLargeFileManager):
        async def save(self, model, path=""):
            await gate.wait()
            return await super().save(model, path)

    gate = asyncio.Event()

    async def run():
        async with world(tmp_path, Slow(root_dir=str(tmp_path))) as w:
            w.write("a.txt", "one\n")
            keeper, document = await w.open("a.txt")
            type_in(document, "zero ")
            assert await w.files.save_all(deadline=0.05) == ["a.txt"]
            gate.set()

    asyncio.run(run())


def test_status_names_each_open_file_without_its_content(tmp_path):
    async def run():
        async with world(tmp_path) as w:
            w.write("a.txt", "secret\n")
            keeper, document = await w.open("a.txt")
            status = w.files.status()[document.room]
            assert status["path"] == "a.txt"
            assert status["standing"] == "fine"
            assert "secret" not in repr(status)

    asyncio.run(run())


def test_what_happens_in_a_folder_is_told_until_it_is_no_longer_followed(tmp_path):
    async def run():
        files = Files(LargeFileManager(root_dir=str(tmp_path)))
        await files.start()
        assert files.sees_outside
        told = []
        end = files.follow_folder("", lambda: told.append(True))
        async with asyncio.timeout(20):
            while len(told) < 3:
                (tmp_path / "a.txt").write_text(str(len(told)))
                await asyncio.sleep(0.02)
        end()
        told.clear()
        (tmp_path / "b.txt").touch()
        await files.close()
        assert not told

    asyncio.run(run())
