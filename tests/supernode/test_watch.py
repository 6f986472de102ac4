"""Who hears of changes."""

import asyncio

import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

from jupyter_rtc.supernode.folders import listed
from jupyter_rtc.supernode.watch import Watch

from .world import eventually


@pytest.mark.parametrize(
    ("act", "touched", "renamed"),
    [
        (lambda c: c.get("a.txt"), set(), []),
        (lambda c: c.save({"type": "file", "format": "text", "content": "x"}, "a.txt"), {"a.txt"}, []),
        (lambda c: c.rename("a.txt", "b.txt"), {"a.txt"}, [("a.txt", "b.txt")]),
        (lambda c: c.rename("d", "e"), {"d/c.txt"}, [("d", "e")]),
        (lambda c: c.delete("a.txt"), {"a.txt"}, []),
    ],
    ids=["reading is no change", "save", "rename", "rename of a folder", "delete"],
)
def test_what_is_done_through_this_server_is_heard(tmp_path, act, touched, renamed):
    async def run():
        (tmp_path / "d").mkdir()
        (tmp_path / "a.txt").touch()
        (tmp_path / "d" / "c.txt").touch()
        contents = AsyncLargeFileManager(root_dir=str(tmp_path), delete_to_trash=False)
        heard, moves = set(), []
        watch = Watch(None, contents.event_logger, lambda old, new: moves.append((old, new)))
        await watch.start()
        ends = [watch.follow(path, lambda _, path=path: heard.add(path)) for path in ("a.txt", "d/c.txt")]
        await act(contents)
        await contents.save({"type": "directory"}, "last")
        await eventually(lambda: not [t for t in asyncio.all_tasks() if "_listener" in repr(t)])
        assert heard == touched
        assert moves == renamed
        for end in ends:
            end()
        heard.clear()
        await contents.save({"type": "file", "format": "text", "content": "y"}, "a.txt")
        await eventually(lambda: not [t for t in asyncio.all_tasks() if "_listener" in repr(t)])
        assert heard == set()
        await watch.close()

    asyncio.run(run())


def test_on_a_local_disk_other_programs_are_seen_too(tmp_path):
    async def run():
        (tmp_path / "a.txt").touch()
        watch = Watch(tmp_path, None, lambda old, new: None)
        assert watch.sees_outside
        await watch.start()
        heard = []
        watch.follow("a.txt", heard.append)
        async with asyncio.timeout(20):
            while True not in heard:
                (tmp_path / "a.txt").write_text(str(len(heard)))
                await asyncio.sleep(0.02)
        await watch.close()

    asyncio.run(run())


def test_elsewhere_only_polling_is_left():
    assert not Watch(None, None, lambda old, new: None).sees_outside


@pytest.mark.parametrize(
    ("act", "heard"),
    [
        (lambda c: c.save({"type": "file", "format": "text", "content": "x"}, "new.txt"), {""}),
        (lambda c: c.save({"type": "file", "format": "text", "content": "x"}, "d/new.txt"), {"d"}),
        (lambda c: c.rename("a.txt", "d/a.txt"), {"", "d"}),
        (lambda c: c.delete("d/c.txt"), {"d"}),
        (lambda c: c.rename("d", "e"), {"", "d"}),
        (lambda c: c.get("d"), set()),
    ],
    ids=["in the root", "in a folder", "from one to the other", "delete", "rename of a folder", "reading is no change"],
)
def test_what_is_done_in_a_folder_through_this_server_is_heard(tmp_path, act, heard):
    async def run():
        (tmp_path / "d").mkdir()
        (tmp_path / "a.txt").touch()
        (tmp_path / "d" / "c.txt").touch()
        contents = AsyncLargeFileManager(root_dir=str(tmp_path), delete_to_trash=False)
        told = set()
        watch = Watch(None, contents.event_logger, lambda old, new: None)
        await watch.start()
        for folder in ("", "d"):
            watch.follow(listed(folder), lambda _, folder=folder: told.add(folder))
        await act(contents)
        await eventually(lambda: not [t for t in asyncio.all_tasks() if "_listener" in repr(t)])
        assert told == heard
        await watch.close()

    asyncio.run(run())
