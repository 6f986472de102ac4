"""Rules of jupyter_rtc.directory.status, with a real server."""

from jupyter_rtc.ids import RoomId, application_room
from jupyter_rtc.notices import Notice, NoticeKind


async def test_the_row_is_there_from_the_beginning(here):
    row = await here.row("status", "server")
    assert row["version"] == "0.0" and row["started"] > 1e9 and row["last_activity"] >= row["started"]
    assert (row["connections"], row["kernels"], row["rooms"]) == (0, 0, 0)


async def test_kernels_and_their_connections_are_counted(here):
    manager = here.server.kernel_manager
    kernel_id = await manager.start_kernel(kernel_name="python3")
    await here.row("status", "server", lambda row: row["kernels"] == 1)
    manager.notify_connect(kernel_id)
    await here.row("status", "server", lambda row: row["connections"] == 1)
    await manager.shutdown_kernel(kernel_id, now=True)
    await here.row("status", "server", lambda row: row["kernels"] == row["connections"] == 0)


async def test_open_documents_are_counted_and_no_room_of_the_server_s_own(here):
    for room in (application_room("todo"), RoomId("json:notebook:1"), RoomId("server:requests:ana")):
        await here.shelf.open(room)
    here.directory.hear(Notice(NoticeKind.ROOM_OPENED, application_room("todo")))
    await here.row("status", "server", lambda row: row["rooms"] == 2)
    await here.shelf.rooms[application_room("todo")].close()
    here.directory.hear(Notice(NoticeKind.ROOM_CLOSED, application_room("todo")))
    await here.row("status", "server", lambda row: row["rooms"] == 1)
