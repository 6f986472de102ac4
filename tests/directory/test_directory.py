"""Rules of jupyter_rtc.directory.directory."""

from jupyter_rtc.ids import RoomId, requests_room


async def test_behind_a_user_s_room_of_requests_stands_a_keeper_and_behind_no_other(here):
    assert here.directory.keeper(requests_room("ana")) is not None
    for room in ("server:jupyter", "app:requests", "JupyterLab:globalAwareness"):
        assert here.directory.keeper(RoomId(room)) is None


async def test_closing_gives_the_room_back(here):
    await here.directory.close()
    assert not here.shelf.rooms["server:jupyter"].open
