"""Rules of jupyter_rtc.directory.listing, with real folders and contents managers."""

import os

import pytest
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager, LargeFileManager

from jupyter_rtc.directory import listing
from jupyter_rtc.directory.listing import list_folder, media_type
from jupyter_rtc.errors import DocumentMissing, DocumentUnavailable, DocumentUnreadable

from ..supernode.managers import InMemory, Old


def fill(root):
    (root / "d").mkdir(parents=True)
    (root / "d" / "within.txt").touch()
    (root / ".hidden").mkdir()
    (root / "a.txt").write_text("hello")
    (root / "n.ipynb").write_text("{}")
    (root / ".secret").touch()
    (root / "x.pyc").touch()
    (root / "no ending").touch()
    (root / "late\u202fscreen \U0001f469\u200d\U0001f4bb.png").touch()
    (root / "two\nlines").touch()
    (root / "broken").symlink_to(root / "nowhere")
    (root / "loop").symlink_to(root / "loop")
    (root / "link.txt").symlink_to(root / "a.txt")
    (root / "to d").symlink_to(root / "d")
    os.mkfifo(root / "pipe")


async def asked_for(contents_manager, path, monkeypatch):
    """List a folder as it is done with any contents manager."""
    with monkeypatch.context() as patch:
        patch.setattr(listing, "_is_plain", lambda _: False)
        return await list_folder(contents_manager, path)


@pytest.mark.parametrize("manager", [LargeFileManager, AsyncLargeFileManager])
@pytest.mark.parametrize("hidden", [False, True])
async def test_a_folder_that_is_read_is_the_same_as_one_that_is_asked_for(tmp_path, monkeypatch, manager, hidden):
    root = tmp_path / "root"
    fill(root)
    contents = manager(root_dir=str(root), allow_hidden=hidden)
    for path in ("", "d"):
        rows = await list_folder(contents, path)
        asked = await asked_for(contents, path, monkeypatch)
        for one in (rows, asked):
            for name in ("link.txt", "to d"):
                one.get(name, {}).update(size=None, created=None, last_modified=None)
            for row in one.values():
                row.update({key: round(row[key], 3) for key in ("created", "last_modified") if row[key]})
        assert rows == asked
    assert (".secret" in await list_folder(contents, "")) is hidden


async def test_what_is_told_of_a_file(tmp_path):
    fill(tmp_path / "root")
    rows = await list_folder(LargeFileManager(root_dir=str(tmp_path / "root")), "")
    os.utime(tmp_path / "root" / "a.txt", (1e9, 1e9))
    rows = await list_folder(LargeFileManager(root_dir=str(tmp_path / "root")), "")
    assert {key: value for key, value in rows["a.txt"].items() if key != "created"} == {
        "name": "a.txt",
        "folder": "",
        "type": "file",
        "size": 5,
        "mimetype": "text/plain",
        "last_modified": 1e9,
        "writable": True,
        "hash": None,
        "hash_algorithm": None,
        "room": None,
    }
    assert rows["n.ipynb"]["type"] == "notebook" and rows["d"]["type"] == rows["to d"]["type"] == "directory"
    assert rows["link.txt"]["size"] == 5 and rows["d"]["size"] is None and rows["d"]["mimetype"] is None


async def test_what_is_in_a_folder_has_its_path(tmp_path):
    fill(tmp_path / "root")
    rows = await list_folder(LargeFileManager(root_dir=str(tmp_path / "root")), "d")
    assert list(rows) == ["d/within.txt"] and rows["d/within.txt"]["folder"] == "d"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("missing", DocumentMissing),
        (".hidden", DocumentMissing),
        ("../outside", DocumentMissing),
        ("a.txt", DocumentUnreadable),
        ("loop", DocumentUnavailable),
    ],
)
async def test_what_is_no_folder_fails_in_words_without_a_path_of_the_machine(tmp_path, path, error):
    (tmp_path / "outside").mkdir()
    fill(tmp_path / "root")
    with pytest.raises(error) as caught:
        await list_folder(LargeFileManager(root_dir=str(tmp_path / "root")), path)
    assert path in caught.value.words and str(tmp_path) not in caught.value.words


async def test_a_folder_that_may_not_be_read_fails_in_words(tmp_path, monkeypatch):
    def refuse(_path):
        raise PermissionError(13, "no")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DocumentUnavailable, match="The root folder cannot be read: the server is not allowed to"):
        await list_folder(LargeFileManager(root_dir=str(tmp_path)), "")


async def test_a_folder_with_too_many_files_fails_in_words(tmp_path, monkeypatch):
    fill(tmp_path / "root")
    monkeypatch.setattr(listing, "LARGEST", 3)
    contents = LargeFileManager(root_dir=str(tmp_path / "root"))
    for listed in (list_folder(contents, ""), asked_for(contents, "", monkeypatch)):
        with pytest.raises(DocumentUnreadable, match="The root folder has more than 3 files"):
            await listed
    assert len(await list_folder(contents, "d")) == 1


async def test_a_name_that_is_no_text_is_left_out(tmp_path):
    (tmp_path / os.fsdecode(b"bad\xff")).touch()
    (tmp_path / "good").touch()
    assert list(await list_folder(LargeFileManager(root_dir=str(tmp_path)), "")) == ["good"]


async def test_a_manager_that_shows_files_in_its_own_way_is_asked(tmp_path):
    (tmp_path / "a.txt").touch()
    os.utime(tmp_path / "a.txt", (1e9 + 1, 1e9 + 1))

    class Own(Old):
        """One whose times are even."""

    rows = await list_folder(Own(root_dir=str(tmp_path)), "")
    assert rows["a.txt"]["last_modified"] == 1e9


async def test_a_manager_without_files_is_asked():
    contents = InMemory()
    thing = {"name": "a.md", "path": "/a.md", "type": "thing", "writable": None, "size": "big", "created": "soon"}
    contents.models[""] = {"type": "directory", "content": [thing], "format": "json"}
    assert await list_folder(contents, "") == {
        "a.md": {
            "name": "a.md",
            "folder": "",
            "type": "file",
            "size": None,
            "mimetype": "text/markdown",
            "created": None,
            "last_modified": None,
            "writable": False,
            "hash": None,
            "hash_algorithm": None,
            "room": None,
        }
    }
    with pytest.raises(DocumentMissing, match="There is no folder 'd'"):
        await list_folder(contents, "d")


@pytest.mark.parametrize(
    ("name", "type_"),
    [("a.ipynb", "application/x-ipynb+json"), ("a.PNG", "image/png"), ("a", None), ("a.unheard-of", None)],
)
def test_a_media_type_is_known_by_the_name(name, type_):
    assert media_type(name) == type_
