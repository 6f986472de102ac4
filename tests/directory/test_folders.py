"""Rules of jupyter_rtc.directory.folders, with a real server and real folders."""

import asyncio
import os

import pytest

from jupyter_rtc.directory import folders
from jupyter_rtc.directory.folders import FolderTable, folder_path
from jupyter_rtc.documents import Visit
from jupyter_rtc.errors import TableError
from jupyter_rtc.ids import RoomId, requests_room
from jupyter_rtc.notices import Notice, NoticeKind
from jupyter_rtc.supernode.clock import SystemClock

from .world import until

NOTEBOOK = RoomId("json:notebook:1")


@pytest.fixture
def looking(here):
    """A server where the folder ``d`` with one file is shown to ana, who is here."""
    (here.root / "d").mkdir()
    (here.root / "d" / "a.txt").write_text("one")
    come(here, "ana")
    return here


def come(here, username):
    here.shelf.visited.append(Visit(requests_room(username), {"username": username}, ()))


def go(here, username):
    here.shelf.visited[:] = [one for one in here.shelf.visited if one.room != requests_room(username)]
    here.directory.hear(Notice(NoticeKind.LEFT, requests_room(username), username=username))


async def test_what_is_in_a_folder_is_there_when_the_request_is_done(looking):
    (looking.root / "d" / "n.ipynb").write_text("{}")
    assert await looking.done("folders.open", path="/d/") == {"path": "d", "count": 2}
    assert looking.rows("folders")["d"] == {"state": "ready", "reason": "", "count": 2, "watched_by": 1}
    assert set(looking.rows("contents")) == {"d/a.txt", "d/n.ipynb"}
    assert looking.rows("contents")["d/a.txt"]["size"] == 3


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda d: (d / "b.txt").touch(), lambda rows: "d/b.txt" in rows),
        (lambda d: (d / "a.txt").unlink(), lambda rows: not rows),
        (lambda d: os.rename(d / "a.txt", d / "c.txt"), lambda rows: set(rows) == {"d/c.txt"}),
        (lambda d: (d / "a.txt").write_text("three"), lambda rows: rows["d/a.txt"]["size"] == 5),
        (lambda d: os.utime(d / "a.txt", (5, 5)), lambda rows: rows["d/a.txt"]["last_modified"] == 5),
        (lambda d: (d / "sub").mkdir(), lambda rows: rows.get("d/sub", {}).get("type") == "directory"),
    ],
    ids=["made", "deleted", "renamed", "written", "touched", "a folder in it"],
)
async def test_what_another_program_does_in_it_is_seen(looking, change, seen):
    await looking.done("folders.open", path="d")
    change(looking.root / "d")
    await until(lambda: seen(looking.rows("contents")))


async def test_what_is_done_through_this_server_is_seen_in_the_root_folder_too(looking):
    await looking.done("folders.open")
    contents = looking.server.contents_manager
    await contents.save({"type": "file", "format": "text", "content": "x"}, "b.txt")
    await looking.row("contents", "b.txt", lambda row: row["size"] == 1)
    await contents.rename("b.txt", "c.txt")
    await looking.row("contents", "c.txt")
    await looking.gone("contents", "b.txt")
    await contents.delete("c.txt")
    await looking.gone("contents", "c.txt")
    assert "d/a.txt" not in looking.rows("contents")


async def test_it_is_shown_until_the_last_who_asked_gives_it_back_as_often(looking):
    for username in ("ana", "ana", "bo"):
        await looking.ask("folders.open", path="d", username=username)
    await looking.row("folders", "d", lambda row: row["watched_by"] == 3)
    for username, left in (("ana", 2), ("bo", 1)):
        await looking.ask("folders.close", path="d", username=username)
        await looking.row("folders", "d", lambda row, left=left: row["watched_by"] == left)
    end = await looking.ask("folders.close", path="d", username="bo")
    assert end["reason"] == "You have not asked for the folder 'd'."
    await looking.done("folders.close", path="d")
    await looking.gone("folders", "d")
    await looking.gone("contents", "d/a.txt")


async def test_once_nobody_looks_nothing_is_watched(looking):
    watched = looking.files._watch._folders
    await looking.done("folders.open", path="d")
    await until(lambda: looking.root.resolve() / "d" in watched._watched)
    await looking.done("folders.close", path="d")
    await until(lambda: not watched._watched and not looking.files._watch._followers)


async def test_who_left_without_giving_it_back_gives_it_back_a_moment_later(looking, monkeypatch):
    monkeypatch.setattr(folders, "GRACE", 0.05)
    await looking.done("folders.open", path="d")
    go(looking, "ana")
    await looking.gone("folders", "d")


async def test_who_comes_back_within_that_moment_keeps_it(looking, monkeypatch):
    monkeypatch.setattr(folders, "GRACE", 0.2)
    await looking.done("folders.open", path="d")
    go(looking, "ana")
    come(looking, "ana")
    table = looking.directory._folders
    await until(lambda: not table._leaving)
    assert looking.rows("folders")["d"]["watched_by"] == 1


async def test_one_connection_of_several_that_ends_gives_nothing_back(looking, monkeypatch):
    monkeypatch.setattr(folders, "GRACE", 0.05)
    await looking.done("folders.open", path="d")
    looking.directory.hear(Notice(NoticeKind.LEFT, requests_room("ana"), username="ana"))
    await until(lambda: not looking.directory._folders._leaving)
    assert looking.rows("folders")["d"]["watched_by"] == 1


async def test_who_left_before_the_folder_was_looked_at_keeps_nothing(looking, monkeypatch):
    monkeypatch.setattr(folders, "GRACE", 0.05)
    await looking.ask("folders.open", path="d", username="nobody here")
    await looking.gone("folders", "d")


async def test_what_is_no_folder_fails_in_words_and_is_not_looked_at(looking):
    for path, words in (("missing", "There is no folder 'missing'."), ("d/a.txt", "d/a.txt is no folder.")):
        end = await looking.ask("folders.open", path=path)
        assert end["status"] == "failed" and end["reason"].startswith(words)
        await until(lambda: not looking.rows("folders"))
    assert not looking.files._watch._followers


async def test_a_folder_that_goes_is_shown_as_failed_until_it_is_there_again(looking):
    await looking.done("folders.open", path="d")
    os.rename(looking.root / "d", looking.root / "e")
    row = await looking.row("folders", "d", lambda row: row["state"] == "failed")
    assert row["reason"].startswith("There is no folder 'd'.") and row["count"] == 0
    assert not looking.rows("contents")
    os.rename(looking.root / "e", looking.root / "d")
    await looking.row("folders", "d", lambda row: row["state"] == "ready")
    assert set(looking.rows("contents")) == {"d/a.txt"}


async def test_the_room_of_an_open_document_is_told(looking, monkeypatch):
    await looking.done("folders.open", path="d")
    monkeypatch.setattr(looking.files, "path", lambda room: "d/a.txt" if room == NOTEBOOK else None)
    await looking.shelf.open(NOTEBOOK)
    looking.directory.hear(Notice(NoticeKind.ROOM_OPENED, NOTEBOOK))
    await looking.row("contents", "d/a.txt", lambda row: row["room"] == NOTEBOOK)
    await looking.shelf.rooms[NOTEBOOK].close()
    looking.directory.hear(Notice(NoticeKind.ROOM_CLOSED, NOTEBOOK))
    await looking.row("contents", "d/a.txt", lambda row: row["room"] is None)


async def test_one_user_looks_at_a_limited_number_of_folders(looking, monkeypatch):
    monkeypatch.setattr(folders, "MOST", 2)
    await looking.done("folders.open", path="d")
    await looking.done("folders.open", path="")
    assert (await looking.ask("folders.open", path="d"))["reason"] == (
        "You look at 2 folders already; give some of them back."
    )
    assert (await looking.ask("folders.open", path="d", username="bo"))["status"] == "done"


async def test_where_nothing_tells_of_changes_the_folder_is_read_every_few_seconds(looking, monkeypatch):
    class Blind:
        sees_outside = False

        def follow_folder(self, path, changed):
            return lambda: None

        def path(self, room):
            return None

    monkeypatch.setattr(folders, "POLL", 0.02)
    table = FolderTable(looking.server.contents_manager, Blind(), lambda: [], lambda: [], SystemClock())
    folder = await table.open("d", "ana")
    assert folder.state == "ready"
    (looking.root / "d" / "b.txt").touch()
    await until(lambda: "d/b.txt" in folder.rows)
    await table.close()


async def test_a_storage_that_does_not_answer_fails_in_words(looking, monkeypatch):
    class Hanging:
        async def get(self, path, **_options):
            await asyncio.Event().wait()

    monkeypatch.setattr(folders, "LONGEST", 0.05)
    table = FolderTable(Hanging(), looking.files, lambda: [], lambda: [], SystemClock())
    folder = await table.open("d", "ana")
    assert folder.state == "failed" and "did not say within 0.05 seconds what is in the folder 'd'" in folder.reason
    await table.close()


async def test_a_link_that_leads_to_itself_is_no_folder(looking):
    (looking.root / "loop").symlink_to(looking.root / "loop")
    end = await looking.ask("folders.open", path="loop")
    assert end["status"] == "failed" and "loop" in end["reason"]


async def test_closing_ends_all(looking):
    await looking.done("folders.open", path="d")
    await looking.directory.close()
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("folder ")]
    assert not looking.files._watch._followers


def test_a_folder_s_path_has_one_form():
    assert folder_path("/") == folder_path("") == folder_path("./") == ""
    assert folder_path("/a//b c/") == "a/b c"
    for path in ("..", "a/../../b", "a\0b", "a\ud800"):
        with pytest.raises(TableError):
            folder_path(path)
