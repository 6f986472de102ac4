"""Rules of jupyter_rtc.directory.folder_requests; what a folder shows is tested with the table."""

import pytest


async def test_a_folder_is_opened_and_closed(here):
    (here.root / "d").mkdir()
    assert await here.done("folders.open", path="d/") == {"path": "d", "count": 0}
    assert await here.done("folders.close", path="/d") is None
    assert not here.rows("folders")


async def test_the_root_folder_is_the_one_without_a_path(here):
    (here.root / "a.txt").touch()
    end = await here.done("folders.open")
    assert end["path"] == "" and end["count"] == len(here.rows("contents")) > 0


@pytest.mark.parametrize("name", ["folders.open", "folders.close"])
async def test_who_may_not_read_contents_sees_no_folder(here, name):
    end = await here.ask(name, path="", allowed={("write", "contents"), ("read", "kernels")})
    assert end["reason"] == "You may not do this: it needs the permission to read contents."
    assert not here.rows("folders")


async def test_a_folder_above_the_root_is_refused(here):
    end = await here.ask("folders.open", path="../..")
    assert end["reason"] == "'../..' is no path of a folder."
