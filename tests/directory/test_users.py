"""Rules of jupyter_rtc.directory.users."""

from jupyter_rtc.directory.users import UserTable
from jupyter_rtc.documents import Visit
from jupyter_rtc.ids import DIRECTORY, GLOBAL_AWARENESS, RoomId, application_room, requests_room
from jupyter_rtc.notices import Notice, NoticeKind

ANA = {"username": "ana", "name": "Ana A", "display_name": "Ana", "initials": "AA", "color": None, "avatar_url": None}
NOTEBOOK, TODO = RoomId("json:notebook:1"), application_room("todo")


async def rows(*visits):
    return await UserTable(lambda: visits).rows()


async def test_a_user_is_one_row_over_all_connections():
    found = await rows(
        Visit(GLOBAL_AWARENESS, ANA, (7,)),
        Visit(NOTEBOOK, ANA, (8, 9)),
        Visit(TODO, ANA, ()),
        Visit(NOTEBOOK, {"username": "bo", "name": 3}, (1,)),
    )
    assert found["ana"] == {
        "name": "Ana A",
        "display_name": "Ana",
        "initials": "AA",
        "color": None,
        "avatar_url": None,
        "sessions": [7, 8, 9],
        "documents": [TODO, NOTEBOOK],
    }
    assert found["bo"]["name"] == "" and found["bo"]["documents"] == [NOTEBOOK]


async def test_rooms_of_the_server_s_own_are_no_documents():
    found = await rows(*(Visit(room, ANA, ()) for room in (DIRECTORY, requests_room("ana"), GLOBAL_AWARENESS)))
    assert found["ana"]["documents"] == []


async def test_a_participant_without_a_name_is_nobody():
    assert await rows(Visit(NOTEBOOK, {}, (1,))) == {}


async def test_who_comes_and_goes_is_seen(here):
    visit = Visit(NOTEBOOK, ANA, (1,))
    here.shelf.visited.append(visit)
    here.directory.hear(Notice(NoticeKind.JOINED, NOTEBOOK, username="ana"))
    await here.row("users", "ana", lambda row: row["sessions"] == [1])
    here.shelf.visited[:] = [Visit(NOTEBOOK, ANA, (1, 2))]
    here.directory.hear(Notice(NoticeKind.MET, NOTEBOOK))
    await here.row("users", "ana", lambda row: row["sessions"] == [1, 2])
    here.shelf.visited.clear()
    here.directory.hear(Notice(NoticeKind.LEFT, NOTEBOOK, username="ana"))
    await here.gone("users", "ana")
