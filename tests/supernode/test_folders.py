"""Changes seen on a local disk."""

import asyncio
import os

from jupyter_rtc.supernode.folders import Folders, listed

from .world import eventually


def watching(root, *paths, then):
    async def run():
        seen = []
        folders = Folders(root, lambda path, sure: seen.append((path, sure)))
        folders.start()
        for path in paths:
            folders.add(path)
        try:
            await eventually(lambda: {path for path, _ in seen} == set(paths))
            await until_it_watches(root, seen, paths[0])
            await then(folders, seen)
        finally:
            await folders.close()

    async def until_it_watches(root, seen, path):
        async with asyncio.timeout(20):
            while (path, True) not in seen:
                (root / path).write_text(str(len(seen)))
                await asyncio.sleep(0.02)
        seen.clear()

    asyncio.run(run())


def test_a_change_is_seen(tmp_path):
    (tmp_path / "a.txt").touch()

    async def then(folders, seen):
        (tmp_path / "a.txt").write_text("changed")
        await eventually(lambda: ("a.txt", True) in seen)

    watching(tmp_path, "a.txt", then=then)


def test_a_moved_folder_is_seen_by_the_files_in_it(tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.txt").touch()

    async def then(folders, seen):
        os.rename(tmp_path / "old", tmp_path / "new")
        await eventually(lambda: ("old/a.txt", True) in seen)

    watching(tmp_path, "old/a.txt", then=then)


def test_a_file_that_a_link_points_to_is_watched(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "real.txt").touch()
    (tmp_path / "near.txt").symlink_to(tmp_path / "far" / "real.txt")

    async def then(folders, seen):
        (tmp_path / "far" / "real.txt").write_text("changed")
        await eventually(lambda: ("near.txt", True) in seen)

    watching(tmp_path, "near.txt", then=then)


def test_when_the_last_file_is_closed_nothing_is_watched(tmp_path):
    (tmp_path / "a.txt").touch()

    async def then(folders, seen):
        folders.add("a.txt")
        folders.remove("a.txt")
        assert folders._watched
        folders.remove("a.txt")
        await eventually(lambda: not folders._watched)

    watching(tmp_path, "a.txt", then=then)


def test_a_folder_that_goes_and_comes_back_is_watched_again(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "a.txt").touch()

    async def then(folders, seen):
        os.remove(tmp_path / "d" / "a.txt")
        os.rmdir(tmp_path / "d")
        await eventually(lambda: seen.count(("d/a.txt", False)) == 1)
        (tmp_path / "d").mkdir()
        await eventually(lambda: seen.count(("d/a.txt", False)) == 2)
        seen.clear()
        async with asyncio.timeout(20):
            while ("d/a.txt", True) not in seen:
                (tmp_path / "d" / "a.txt").write_text(str(len(seen)))
                await asyncio.sleep(0.02)

    watching(tmp_path, "d/a.txt", then=then)


def test_a_folder_that_does_not_exist_does_no_harm(tmp_path):
    async def then(folders, seen):
        folders.add("missing/b.txt")
        (tmp_path / "a.txt").write_text("changed")
        await eventually(lambda: {path for path, _ in seen} == {"a.txt", "missing/b.txt"})
        assert folders.works

    (tmp_path / "a.txt").touch()
    watching(tmp_path, "a.txt", then=then)


def test_what_is_in_a_folder_is_seen(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "a.txt").touch()

    async def then(folders, seen):
        folders.add(listed("d"))
        async with asyncio.timeout(20):
            while ("d/", True) not in seen:
                (tmp_path / "d" / "b.txt").write_text(str(len(seen)))
                await asyncio.sleep(0.02)

    watching(tmp_path, "a.txt", then=then)


def test_what_happens_beside_or_below_a_folder_is_none_of_its_business(tmp_path):
    (tmp_path / "d" / "below").mkdir(parents=True)
    seen = []
    folders = Folders(tmp_path, lambda path, sure: seen.append((path, sure)))
    folders.add(listed("d"))
    for path in ("other.txt", "d/below/c.txt", "da/b.txt"):
        folders._tell({tmp_path / path})
    assert not seen
    for path in ("d/b.txt", "d"):
        folders._tell({tmp_path / path})
    assert seen == [("d/", True)] * 2


def test_the_root_folder_can_be_watched(tmp_path):
    assert listed("") == "./" and listed("d/e") == "d/e/"

    async def then(folders, seen):
        folders.add(listed(""))
        async with asyncio.timeout(20):
            while (listed(""), True) not in seen:
                (tmp_path / "new.txt").write_text(str(len(seen)))
                await asyncio.sleep(0.02)

    (tmp_path / "a.txt").touch()
    watching(tmp_path, "a.txt", then=then)


def test_a_folder_that_nobody_looks_at_any_more_is_let_go_of_at_once(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "a.txt").touch()

    async def then(folders, seen):
        folders.add("d/")
        await eventually(lambda: folders._watched == {tmp_path, tmp_path / "d"})
        folders.remove("d/")
        await eventually(lambda: folders._watched == {tmp_path})

    watching(tmp_path, "a.txt", then=then)
