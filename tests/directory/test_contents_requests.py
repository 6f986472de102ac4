"""Rules of jupyter_rtc.directory.contents_requests, with a real server and real files."""

import json

import pytest

NOTEBOOK = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}


async def test_a_notebook_is_created_saved_fetched_renamed_copied_and_deleted(here):
    made = await here.done("contents.create", type="notebook")
    assert made["path"] == "Untitled.ipynb" and (here.root / made["path"]).exists()
    saved = await here.done("contents.save", path="/a.ipynb", type="notebook", content=NOTEBOOK)
    assert saved["content"] is None and json.loads((here.root / "a.ipynb").read_text())["nbformat"] == 4
    fetched = await here.done("contents.fetch", path="a.ipynb")
    assert fetched["content"]["cells"] == [] and fetched["type"] == "notebook"
    assert (await here.done("contents.fetch", path="a.ipynb", content=False))["content"] is None
    assert (await here.done("contents.rename", path="a.ipynb", new_path="b.ipynb"))["path"] == "b.ipynb"
    assert (await here.done("contents.copy", path="b.ipynb"))["path"] == "b-Copy1.ipynb"
    assert (await here.done("contents.copy", path="b.ipynb", to="c.ipynb"))["path"] == "c.ipynb"
    assert await here.done("contents.delete", path="b.ipynb") is None
    assert sorted(one.name for one in here.root.iterdir() if one.suffix) == [
        "Untitled.ipynb",
        "b-Copy1.ipynb",
        "c.ipynb",
    ]


async def test_files_and_folders_are_made_and_listed(here):
    await here.done("contents.save", path="folder", type="directory")
    await here.done("contents.save", path="folder/a.txt", content="text")
    await here.done("contents.save", path="folder/a.bin", format="base64", content="AAE=")
    made = await here.done("contents.create", path="folder", type="file", ext=".md")
    assert made["path"] == "folder/untitled.md"
    listed = await here.done("contents.fetch", path="folder")
    assert sorted(one["name"] for one in listed["content"]) == ["a.bin", "a.txt", "untitled.md"]
    assert (here.root / "folder" / "a.bin").read_bytes() == b"\0\1"


async def test_a_new_file_without_content_is_empty_and_one_that_is_there_stays_as_it_is(here):
    await here.done("contents.save", path="new.ipynb", type="notebook")
    assert json.loads((here.root / "new.ipynb").read_text())["cells"] == []
    await here.done("contents.save", path="new.txt")
    assert (here.root / "new.txt").read_text() == ""
    (here.root / "new.txt").write_text("as it was")
    end = await here.ask("contents.save", path="new.txt")
    assert end["reason"].startswith("There is a file 'new.txt' already")
    assert (here.root / "new.txt").read_text() == "as it was"


async def test_a_file_goes_back_to_a_checkpoint(here):
    await here.done("contents.save", path="a.txt", content="before")
    checkpoint = await here.done("contents.checkpoint", path="a.txt")
    await here.done("contents.save", path="a.txt", content="after")
    await here.done("contents.restore", path="a.txt", checkpoint_id=checkpoint["id"])
    assert (here.root / "a.txt").read_text() == "before"
    end = await here.ask("contents.restore", path="a.txt", checkpoint_id="other")
    assert end["reason"] == "a.txt has no checkpoint 'other'."


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("contents.fetch", {"path": "no.txt"}, "There is no file or folder 'no.txt' on this server."),
        ("contents.fetch", {"path": "../../etc/passwd"}, None),
        ("contents.fetch", {"path": ".hidden"}, "There is no file or folder '.hidden' on this server."),
        ("contents.save", {"path": ".hidden", "content": "x"}, "There is no file or folder '.hidden' on this server."),
        ("contents.rename", {"path": "no.txt", "new_path": "a"}, "There is no file or folder 'no.txt' on this server."),
        ("contents.rename", {"path": "a.txt", "new_path": ".b"}, "There is no file or folder '.b' on this server."),
        ("contents.rename", {"path": "a.txt"}, "'contents.rename' needs the argument 'new_path'."),
        ("contents.copy", {"path": "no.txt"}, "There is no file or folder 'no.txt' on this server."),
        ("contents.delete", {"path": ""}, "This cannot be done to the root folder."),
        ("contents.delete", {"path": "no.txt"}, "There is no file or folder 'no.txt' on this server."),
        ("contents.checkpoint", {"path": "no.txt"}, "There is no file or folder 'no.txt' on this server."),
        ("contents.create", {"type": "pipe"}, "The argument 'type' is one of 'notebook', 'file', 'directory'."),
        (
            "contents.save",
            {"path": "a.txt", "format": "png"},
            "The argument 'format' is one of 'json', 'text', 'base64'.",
        ),
    ],
)
async def test_what_cannot_be_fails_in_words_and_changes_nothing(here, name, args, words):
    (here.root / "a.txt").write_text("a")
    (here.root / ".hidden").write_text("h")
    end = await here.ask(name, **args)
    assert end["status"] == "failed" and (
        end["reason"] == words or (words is None and "passwd" not in end["reason"][60:])
    )
    assert [(here.root / one).read_text() for one in ("a.txt", ".hidden")] == ["a", "h"]


@pytest.mark.parametrize("name", ["create", "save", "rename", "copy", "delete", "checkpoint", "restore"])
async def test_who_may_only_read_changes_no_file(here, name):
    (here.root / "a.txt").write_text("a")
    args = {
        "create": {},
        "rename": {"path": "a.txt", "new_path": "b"},
        "restore": {"path": "a.txt", "checkpoint_id": "c"},
    }
    end = await here.ask(f"contents.{name}", allowed={("read", "contents")}, **args.get(name, {"path": "a.txt"}))
    assert end["reason"] == "You may not do this: it needs the permission to write contents."
    assert (here.root / "a.txt").read_text() == "a"


async def test_who_may_not_read_gets_no_content(here):
    (here.root / "a.txt").write_text("secret")
    end = await here.ask("contents.fetch", allowed=False, path="a.txt")
    assert end["result"] is None and "read contents" in end["reason"]
